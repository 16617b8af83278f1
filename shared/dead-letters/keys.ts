import type { ObjectPrefix } from '../rules/types.ts';
import { parseServiceDate } from '../storage/dates.ts';
import type { ObjectAt } from '../storage/port.ts';

/*
 * Where dead letters and their marks are, below the folder that the rules name:
 *
 *   letters/2026/11/21/20261121T100000.123Z-ID.json      a failure, by its time; never changed, never deleted
 *   marks/ID/20261121T103000.456Z-replayed.json          a replay of it, and how it ended
 *   marks/ID.ETAG/20261121T103000.456Z-replayed.json     a replay of one of several letters that claim this id
 *
 * A letter may be under retention, so a mark is an object of its own. Both keys say all that a list needs.
 */

/**
 * This is how a replay ended. `repeat`: the letter is no failure of its own, but that of a replay of another letter,
 * which is open still.
 */
export type MarkOutcome = 'replayed' | 'failed' | 'repeat';

const outcomes: readonly MarkOutcome[] = ['replayed', 'failed', 'repeat'];

const lettersFolder = 'letters/';
const marksFolder = 'marks/';

export const lettersOf = ({ bucket, prefix }: ObjectPrefix): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}${lettersFolder}`,
});

export const marksOf = ({ bucket, prefix }: ObjectPrefix): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}${marksFolder}`,
});

/** Tells where a letter is kept. */
export function letterAt(place: ObjectPrefix, id: string, failedAt: Date): ObjectAt {
  const day = failedAt.toISOString().slice(0, 10).replaceAll('-', '/');
  const { bucket, prefix } = lettersOf(place);
  return { bucket, key: `${prefix}${day}/${compact(failedAt)}-${id}.json` };
}

/**
 * Tells where the mark of a replay is kept.
 * @param id of the letter, or its full name where several claim the id
 */
export function markAt(place: ObjectPrefix, id: string, outcome: MarkOutcome, at: Date): ObjectAt {
  const { bucket, prefix } = marksOf(place);
  return { bucket, key: `${prefix}${id}/${compact(at)}-${outcome}.json` };
}

/** Reads the key of a letter; undefined for anything else in the folder, also for a key that `letterAt` would not make. */
export function parseLetterKey(place: ObjectPrefix, key: string): { id: string; failedAt: Date } | undefined {
  const [, time, id] = /\/(\d{8}T\d{6}\.\d{3}Z)-([0-9a-f]{16})\.json$/.exec(key) ?? [];
  const failedAt = instantOf(time);
  if (id === undefined || failedAt === undefined) return undefined;
  return letterAt(place, id, failedAt).key === key ? { id, failedAt } : undefined;
}

/** Reads the key of a mark; undefined for anything else in the folder, also for a key that `markAt` would not make. */
export function parseMarkKey(
  place: ObjectPrefix,
  key: string,
): { id: string; outcome: MarkOutcome; at: Date } | undefined {
  const [, id, time, word] =
    /\/([0-9a-f]{16}(?:\.[0-9a-f]+)?)\/(\d{8}T\d{6}\.\d{3}Z)-([a-z]+)\.json$/.exec(key) ?? [];
  const at = instantOf(time);
  const outcome = outcomes.find((each) => each === word);
  if (id === undefined || at === undefined || outcome === undefined) return undefined;
  return markAt(place, id, outcome, at).key === key ? { id, outcome, at } : undefined;
}

/** `20261121T100000.123Z`: ISO 8601 without what file systems do not like, to the millisecond. */
const compact = (instant: Date): string => instant.toISOString().replace(/[-:]/g, '');

function instantOf(text: string | undefined): Date | undefined {
  const [, day = '', hours, minutes, rest] = /^(\d{8})T(\d\d)(\d\d)(\d\d\.\d{3}Z)$/.exec(text ?? '') ?? [];
  return parseServiceDate(
    `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${hours}:${minutes}:${rest}`,
  );
}
