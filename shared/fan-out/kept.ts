import { failure, hasCode } from '../platform/errors.ts';
import type { ObjectAt, StorageReads } from '../storage/port.ts';

/**
 * Reads JSON that a run has kept.
 * @param parse throws for what is something else
 * @returns undefined when there is no such object
 * @throws CHECKPOINT_UNUSABLE for what is something else, and what reading throws
 */
export async function readKept<Output>(
  storage: Pick<StorageReads, 'readText'>,
  at: ObjectAt,
  parse: (json: unknown) => Output,
): Promise<Output | undefined> {
  const text = await readTextIfThere(storage, at);
  return text === undefined ? undefined : parseKept(text, at, parse);
}

/** The text of an object; undefined when there is none. */
export async function readTextIfThere(
  storage: Pick<StorageReads, 'readText'>,
  at: ObjectAt,
): Promise<string | undefined> {
  try {
    const found = await storage.readText(at);
    return found === 'unchanged' ? undefined : found.text;
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_OBJECT')) return undefined;
    throw error;
  }
}

/** Reads the JSON of a text that a run has kept. @throws CHECKPOINT_UNUSABLE for what is something else */
export function parseKept<Output>(
  text: string,
  { bucket, key }: ObjectAt,
  parse: (json: unknown) => Output,
): Output {
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    const reason = 'it is not what this version of Holdfast writes there';
    throw failure('CHECKPOINT_UNUSABLE', { file: `oss://${bucket}/${key}`, reason }, { cause });
  }
}
