import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError, hasCode } from '../platform/errors.ts';
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

/** Reads a text that a run has kept; undefined when there is none. @throws CHECKPOINT_UNUSABLE, and what reading throws */
export async function readTextIfThere(
  storage: Pick<ObjectStore, 'cloud' | 'readText'>,
  at: ObjectAt,
): Promise<string | undefined> {
  try {
    return await readRunText(storage, at);
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_OBJECT')) return undefined;
    throw error;
  }
}

/** Reads a text that a run has kept. @throws CHECKPOINT_UNUSABLE for what is no text, and what reading throws */
export async function readRunText(
  storage: Pick<ObjectStore, 'cloud' | 'readText'>,
  at: ObjectAt,
): Promise<string> {
  try {
    const found = await storage.readText(at);
    return found === 'unchanged' ? '' : found.text;
  } catch (error) {
    throw hasCode(error, 'TEXT_ENCODING') ? unusable(storage.cloud, at, error) : error;
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
    throw unusable(cloud, at, cause);
  }
}

function unusable(cloud: CloudName, at: ObjectAt, cause: unknown): HoldfastError {
  const reason = 'it is not what this version of Holdfast writes there';
  return failure('CHECKPOINT_UNUSABLE', { file: formatAddress(cloud, at), reason }, { cause });
}
