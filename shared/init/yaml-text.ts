import { stringify } from 'yaml';

/** Returns a value as it stands in a line of YAML, quoted if it needs to be: a bucket may be called `null` or `007`. */
export const inline = (value: string | readonly string[]): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
