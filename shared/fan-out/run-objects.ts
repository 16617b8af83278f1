import { formatAddress } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import type { ObjectAt, ObjectStore } from '../storage/port.ts';

/**
 * Reads JSON that a run has kept.
 * @param parse throws for what is something else
 * @returns undefined when there is no such object
 * @throws CHECKPOINT_UNUSABLE for what is something else, and what reading throws
 */
export async function readRunObject<Output>(
  storage: Pick<ObjectStore, 'cloud' | 'readText'>,
  at: ObjectAt,
  parse: (json: unknown) => Output,
): Promise<Output | undefined> {
  const text = await readTextIfThere(storage, at);
  return text === undefined ? undefined : parseRunObject(storage, text, at, parse);
}

/** Returns the text of an object; undefined when there is none. */
export async function readTextIfThere(
  storage: Pick<ObjectStore, 'readText'>,
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
export function parseRunObject<Output>(
  { cloud }: Pick<ObjectStore, 'cloud'>,
  text: string,
  at: ObjectAt,
  parse: (json: unknown) => Output,
): Output {
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    const reason = 'it is not what this version of Holdfast writes there';
    throw failure('CHECKPOINT_UNUSABLE', { file: formatAddress(cloud, at), reason }, { cause });
  }
}
