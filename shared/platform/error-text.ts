import { HoldfastError } from './errors.ts';

/*
 * Function Compute passes on one text of an error. Both parts of ours go into it, and are found in it again where the
 * failure arrives.
 */

const between = '. What to do: ';

/** Returns message and remedy in one text. */
export const inOneText = ({ message, remedy }: Pick<HoldfastError, 'message' | 'remedy'>): string =>
  `${message}${between}${remedy}`;

/** Code and message of any error, for lists of failures. */
export const inOneLine = (error: unknown): string =>
  error instanceof HoldfastError ? `${error.code}: ${error.message}` : String(error);

/** Returns the parts of such a text; the remedy of any other text is empty. */
export function partsOf(text: string): { message: string; remedy: string } {
  const at = text.lastIndexOf(between);
  if (at < 0) return { message: text, remedy: '' };
  return { message: text.slice(0, at), remedy: text.slice(at + between.length) };
}
