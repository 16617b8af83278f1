import pLimit from 'p-limit';
import { isOpen, type LetterEntry, listLetters, openLetter } from '../../shared/dead-letters/box.ts';
import { type DeadLetter, objectsOf } from '../../shared/dead-letters/letter.ts';
import { isNamed } from '../../shared/dead-letters/own-functions.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { type Clock, systemClock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import type { StorageReads } from '../../shared/storage/port.ts';
import type { RulesOptions } from '../options/cloud-options.ts';
import { readSince } from '../options/since.ts';
import { describeError, objectUrl } from '../terminal/output.ts';

/** Which dead letters are meant. */
export interface Filter {
  /** Ids, or their beginnings. */
  readonly id?: readonly string[];
  readonly function?: string;
  readonly code?: string;
  readonly since?: string;
  readonly all?: boolean;
}

export interface LetterOptions extends RulesOptions, Filter {}

/** A dead letter, or why it cannot be read. */
export type FoundLetter = { readonly entry: LetterEntry } & (
  | { readonly letter: DeadLetter }
  | { readonly error: unknown }
);

export interface FoundLetters {
  /** Oldest first. */
  readonly letters: readonly FoundLetter[];
  /** This is how many are open in all, whatever the filter. */
  readonly open: number;
}

const concurrency = 16;

/**
 * Lists the dead letters and reads those that the filter means. One that cannot be read is never filtered out by what
 * it would say.
 * @throws DEAD_LETTER_UNKNOWN for an id that is not there, DEAD_LETTER_AMBIGUOUS for one that several claim, USAGE, and what listing throws
 */
export async function findLetters(
  { storage, clock = systemClock }: { readonly storage: StorageReads; readonly clock?: Clock },
  place: ObjectPrefix,
  filter: Filter,
): Promise<FoundLetters> {
  const since = filter.since === undefined ? undefined : readSince(filter.since, clock.now());
  const entries = await listLetters(storage, place);
  const wanted = new Set<string>();
  for (const given of filter.id ?? []) {
    const [only, ...more] = namesOf(entries, given);
    if (only !== undefined && more.length === 0) {
      wanted.add(only);
      continue;
    }
    const names = only === undefined ? [] : [only, ...more];
    throw names.length > 0
      ? failure('DEAD_LETTER_AMBIGUOUS', { id: given, names: names.join(', ') })
      : failure('DEAD_LETTER_UNKNOWN', {
          id: given,
          place: formatAddress(storage.cloud, { bucket: place.bucket, key: place.prefix }),
        });
  }
  const meant = entries.filter(
    (entry) =>
      (filter.all === true || isOpen(entry)) &&
      (filter.id === undefined || wanted.has(entry.name)) &&
      (since === undefined || entry.failedAt >= since),
  );
  const limit = pLimit(concurrency);
  const letters = await Promise.all(meant.map((entry) => limit(read, storage, entry)));
  return {
    letters: letters.filter((found) => 'error' in found || says(found.letter, filter)),
    open: entries.filter(isOpen).length,
  };
}

/** The full names that an id, a name, or the beginning of one may mean; whole ones count before beginnings. */
function namesOf(entries: readonly LetterEntry[], given: string): readonly string[] {
  const named = entries.filter(({ name }) => name === given);
  const called = named.length > 0 ? named : entries.filter(({ id }) => id === given);
  const meant =
    called.length > 0 || given === '' ? called : entries.filter(({ name }) => name.startsWith(given));
  return meant.map(({ name }) => name);
}

async function read(storage: StorageReads, entry: LetterEntry): Promise<FoundLetter> {
  try {
    return { entry, letter: await openLetter(storage, entry) };
  } catch (error) {
    return { entry, error };
  }
}

const says = (letter: DeadLetter, { function: name, code }: Filter): boolean =>
  (name === undefined || isNamed(letter.function, name)) &&
  (code === undefined || letter.error.code === code);

/** Tells what the failed event is about, in few words. */
export function subject(cloud: CloudName, payload: string): string {
  const [first, ...more] = objectsOf(payload).map(({ bucket, key }) => objectUrl(cloud, { bucket, key }));
  if (first === undefined) return '-';
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

/** Returns a dead letter for machines. */
export function asJson(cloud: CloudName, found: FoundLetter): Record<string, unknown> {
  const { id, name: fullName, bucket, key, versionId, failedAt, isDeleted, marks } = found.entry;
  const entry = {
    id,
    name: fullName,
    failedAt,
    open: isOpen(found.entry),
    at: formatAddress(cloud, { bucket, key }),
    ...(versionId === undefined ? {} : { versionId }),
    ...(isDeleted && { deleted: true }),
    marks: marks.map(({ outcome, markedAt }) => ({ outcome, at: markedAt })),
  };
  if ('error' in found) return { ...entry, unreadable: describeError(found.error) };
  const { function: name, requestId, attempts, error, payload } = found.letter;
  return { ...entry, function: name, requestId, attempts, error, objects: objectsOf(payload) };
}
