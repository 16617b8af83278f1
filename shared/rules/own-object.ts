import type { Rules } from './types.ts';

/** Tells whether an object is evidence or a dead letter of Holdfast. */
export const isOwnObject = (
  { audit, deadLetters }: Pick<Rules, 'audit' | 'deadLetters'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): boolean =>
  [audit, deadLetters].some((folder) => folder?.bucket === bucket && key.startsWith(folder.prefix));
