import { InvalidArgumentError } from 'commander';

/** Returns an option's value that is the id of a version. */
export function readVersionId(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected the id of a version.');
  return text;
}
