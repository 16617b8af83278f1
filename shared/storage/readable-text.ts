import type { ErrorTools } from '../platform/errors.ts';
import type { MaybeVersionAt, StorageReads } from './port.ts';

/**
 * Reads the text of an object in a folder in which others may write: what is no text, or is gone, stops nobody.
 * @param hasCode the caller's own: a bundle that is loaded apart has another class of errors
 * @returns undefined for what is no text (TEXT_ENCODING, or UNEXPECTED_REPLY for what is too long), or is gone; verifying the evidence names it
 * @throws what reading throws otherwise
 */
export async function readableText(
  storage: Pick<StorageReads, 'readText'>,
  { bucket, key, versionId }: MaybeVersionAt,
  { hasCode }: Pick<ErrorTools, 'hasCode'>,
): Promise<string | undefined> {
  try {
    const found = await storage.readText({ bucket, key, versionId });
    return found === 'unchanged' ? undefined : found.text;
  } catch (error) {
    if (!hasCode(error, 'UNEXPECTED_REPLY', 'TEXT_ENCODING', 'NO_SUCH_OBJECT')) throw error;
    return undefined;
  }
}
