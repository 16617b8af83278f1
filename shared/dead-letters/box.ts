import { formatAddress } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type {
  ListedVersion,
  MaybeVersionAt,
  ObjectAt,
  StorageReads,
  StorageWrites,
} from '../storage/port.ts';
import { lettersOf, type MarkOutcome, markAt, marksOf, parseLetterKey, parseMarkKey } from './keys.ts';
import { type DeadLetter, maxLetterBytes } from './letter.ts';
import { readLetter } from './read-letter.ts';

/** A replay that was made. */
export interface Mark extends ObjectAt {
  readonly outcome: MarkOutcome;
  readonly markedAt: Date;
}

/** A dead letter as its key tells it, before it is read. */
export interface LetterEntry extends MaybeVersionAt {
  readonly id: string;
  /**
   * The id; where several objects of different content claim it, the id and the ETag, since each may be the real one.
   */
  readonly name: string;
  readonly failedAt: Date;
  /** In bytes. */
  readonly size: number;
  /** True when its key has a delete marker on top. The letter is there all the same, and open until a replay succeeds. */
  readonly isDeleted: boolean;
  /** Oldest first. */
  readonly marks: readonly Mark[];
}

/** Lists the versions of a folder in the order of keys; a storage port is one. */
export interface VersionLists {
  listVersions(bucket: string, prefix: string): AsyncIterable<ListedVersion> | Iterable<ListedVersion>;
}

/** Tells whether no replay of it has succeeded yet. */
export const isOpen = ({ marks }: LetterEntry): boolean => marks.every(({ outcome }) => outcome === 'failed');

/**
 * Returns all dead letters of the folder, oldest first, each content once. An id is made of public facts, so whoever
 * may write letters can claim that of another one, or write over it where versions are kept: then each is listed by
 * its full name, and marks that have the id alone close none of them, because they do not say which they mean. A delete
 * marker hides no letter, and takes the mark away that it is on.
 */
export async function listLetters(storage: VersionLists, place: ObjectPrefix): Promise<LetterEntry[]> {
  const [letters, marks] = await Promise.all([
    allVersions(storage, lettersOf(place)),
    allVersions(storage, marksOf(place)),
  ]);
  const marksByName = grouped(
    marks.versions.flatMap(({ key, isLatest }) => {
      const mark = isLatest ? parseMarkKey(place, key) : undefined;
      if (mark === undefined) return [];
      const { id: name, outcome, at: markedAt } = mark;
      return [{ name, mark: { bucket: place.bucket, key, outcome, markedAt } }];
    }),
    ({ name }) => name,
  );
  const marksOfName = (name: string) => (marksByName.get(name) ?? []).map(({ mark }) => mark);
  const found = letters.versions.flatMap((version) => {
    const letter = parseLetterKey(place, version.key);
    return letter === undefined ? [] : [{ ...version, ...letter }];
  });
  const entries = [...grouped(found, ({ id }) => id).values()].flatMap((claims): LetterEntry[] => {
    const distinct = [...new Map(claims.toReversed().map((claim) => [claim.etag, claim])).values()];
    return distinct.map(({ id, key, versionId, isLatest, etag, size, failedAt }) => {
      const full = `${id}.${etag.toLowerCase().replace(/[^0-9a-f]/g, '')}`;
      const names = distinct.length === 1 ? [id, full] : [full];
      const own = names.flatMap(marksOfName);
      return {
        bucket: place.bucket,
        key,
        versionId: isLatest ? undefined : versionId,
        id,
        name: names[0] ?? full,
        size,
        failedAt,
        isDeleted: letters.deleted.has(key),
        marks: own.toSorted((one, other) => one.markedAt.getTime() - other.markedAt.getTime()),
      };
    });
  });
  return entries.sort((one, other) => compareTexts(one.key, other.key) || compareTexts(one.name, other.name));
}

const compareTexts = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

function grouped<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item)) ?? [];
    groups.set(nameOf(item), group);
    group.push(item);
  }
  return groups;
}

type Version = Extract<ListedVersion, { kind: 'version' }>;

/**
 * Lists every version of all keys, and the keys with a delete marker on top. By versions, because that list has all keys of
 * any bucket; keys come in order, and so by time.
 */
async function allVersions(
  storage: VersionLists,
  { bucket, prefix }: ObjectPrefix,
): Promise<{ readonly versions: readonly Version[]; readonly deleted: ReadonlySet<string> }> {
  const versions: Version[] = [];
  const deleted = new Set<string>();
  for await (const entry of storage.listVersions(bucket, prefix)) {
    if (entry.kind === 'version') versions.push(entry);
    else if (entry.isLatest) deleted.add(entry.key);
  }
  return { versions, deleted };
}

/** Returns the letter behind an entry. @throws DEAD_LETTER_BROKEN, and what reading throws */
export async function openLetter(
  storage: StorageReads,
  { bucket, key, versionId, id, size }: Omit<LetterEntry, 'name' | 'failedAt' | 'isDeleted' | 'marks'>,
): Promise<DeadLetter> {
  const target = formatAddress(storage.cloud, { bucket, key });
  if (size > maxLetterBytes) {
    const reason = `it has ${size} bytes, and a letter has ${maxLetterBytes} at most`;
    throw failure('DEAD_LETTER_BROKEN', { target, reason });
  }
  const found = await storage.readText({ bucket, key, versionId }).catch((cause: unknown) => {
    if (!hasCode(cause, 'TEXT_ENCODING')) throw cause;
    throw failure('DEAD_LETTER_BROKEN', { target, reason: 'it is no text' }, { cause });
  });
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
  { id, name }: Pick<LetterEntry, 'id' | 'name'>,
  outcome: MarkOutcome,
  detail: unknown,
  at: Date,
): Promise<Mark> {
  const where = markAt(place, name, outcome, at);
  const mark = { version: 1, id, outcome, at: formatInstant(at), detail };
  await storage.writeText(where, `${JSON.stringify(mark, null, 2)}\n`);
  return { ...where, outcome, markedAt: at };
}
