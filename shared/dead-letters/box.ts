import { failure } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectAt, StorageReads, StorageWrites } from '../storage/port.ts';
import { lettersOf, type MarkOutcome, markAt, marksOf, parseLetterKey, parseMarkKey } from './keys.ts';
import { type DeadLetter, maxLetterBytes, readLetter } from './letter.ts';

/** A replay that was made. */
export interface Mark extends ObjectAt {
  readonly outcome: MarkOutcome;
  readonly markedAt: Date;
}

/** A dead letter as its keys tell it, before it is read. */
export interface Entry extends ObjectAt {
  readonly id: string;
  readonly failedAt: Date;
  /** In bytes. */
  readonly size: number;
  /** Oldest first. */
  readonly marks: readonly Mark[];
}

/** Whether no replay of it has succeeded yet. */
export const isOpen = ({ marks }: Entry): boolean => marks.every(({ outcome }) => outcome !== 'replayed');

/** All dead letters of the folder, oldest first, each once. */
export async function listLetters(storage: StorageReads, place: ObjectPrefix): Promise<Entry[]> {
  const [letters, marks] = await Promise.all([
    currentKeys(storage, lettersOf(place)),
    currentKeys(storage, marksOf(place)),
  ]);
  const marksById = new Map<string, Mark[]>();
  for (const { key } of marks) {
    const mark = parseMarkKey(place, key);
    if (mark === undefined) continue;
    const all = marksById.get(mark.id) ?? [];
    marksById.set(mark.id, all);
    all.push({ bucket: place.bucket, key, outcome: mark.outcome, markedAt: mark.at });
  }
  const entries = new Map<string, Entry>();
  for (const { key, size } of letters) {
    const letter = parseLetterKey(place, key);
    if (letter === undefined || entries.has(letter.id)) continue;
    entries.set(letter.id, {
      bucket: place.bucket,
      key,
      size,
      ...letter,
      marks: marksById.get(letter.id) ?? [],
    });
  }
  return [...entries.values()];
}

/** By versions, because that list has all keys of any bucket; keys come in order, and so by time. */
async function currentKeys(
  storage: StorageReads,
  { bucket, prefix }: ObjectPrefix,
): Promise<{ key: string; size: number }[]> {
  const keys: { key: string; size: number }[] = [];
  for await (const entry of storage.listVersions(bucket, prefix)) {
    if (entry.kind === 'version' && entry.isLatest) keys.push({ key: entry.key, size: entry.size });
  }
  return keys;
}

/** The letter behind an entry. @throws DEAD_LETTER_BROKEN, and what reading throws */
export async function openLetter(
  storage: StorageReads,
  { bucket, key, id, size }: Pick<Entry, 'bucket' | 'key' | 'id' | 'size'>,
): Promise<DeadLetter> {
  const target = `oss://${bucket}/${key}`;
  if (size > maxLetterBytes) {
    const reason = `it has ${size} bytes, and a letter has ${maxLetterBytes} at most`;
    throw failure('DEAD_LETTER_BROKEN', { target, reason });
  }
  const found = await storage.readText({ bucket, key });
  if (found === 'unchanged') throw failure('DEAD_LETTER_BROKEN', { target, reason: 'it has no text' });
  const letter = readLetter(found.text, target);
  if (letter.id === id) return letter;
  throw failure('DEAD_LETTER_BROKEN', { target, reason: `it is the letter ${letter.id}` });
}

/**
 * Notes beside a letter how a replay of it ended.
 * @param detail the function's result, or the new error
 * @param at when it ended
 */
export async function markLetter(
  storage: StorageWrites,
  place: ObjectPrefix,
  { id }: Pick<Entry, 'id'>,
  outcome: MarkOutcome,
  detail: unknown,
  at: Date,
): Promise<Mark> {
  const where = markAt(place, id, outcome, at);
  const mark = { version: 1, id, outcome, at: formatInstant(at), detail };
  await storage.writeText(where, `${JSON.stringify(mark, null, 2)}\n`);
  return { ...where, outcome, markedAt: at };
}
