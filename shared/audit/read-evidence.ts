import { hasCode } from '../platform/errors.ts';
import type { StorageReads, VersionAt } from '../storage/port.ts';

/**
 * Reads the text of an object in the folder of the evidence.
 * @returns undefined for what is no text, or is gone: anybody who may write there can put it there, and verifying names it
 * @throws what reading throws otherwise
 */
export async function readEvidenceText(
  storage: Pick<StorageReads, 'readText'>,
  { bucket, key, versionId }: VersionAt,
): Promise<string | undefined> {
  try {
    const found = await storage.readText({ bucket, key, versionId });
    return found === 'unchanged' ? undefined : found.text;
  } catch (error) {
    if (!hasCode(error, 'UNEXPECTED_REPLY', 'NO_SUCH_OBJECT')) throw error;
    return undefined;
  }
}
