import { releaseSubject } from '../../shared/approvals/release.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { recordFile } from '../../shared/matters/name.ts';
import {
  findMatter,
  isCarriedOut,
  type Matter,
  type Matters,
  openPartOf,
} from '../../shared/matters/state.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';

/** This is what a release has to end. */
export interface ToRelease {
  readonly matter: Matter | undefined;
  /** Records of `opened` that cannot be read, and nobody has released. */
  readonly unreadable: number;
  /** Names of the records of `opened` that are to be released; empty when that was done before. */
  readonly ends: readonly string[];
}

/**
 * Finds what a release of a matter would end; nothing when that was done before, and its holds are not all off.
 * @throws MATTER_UNKNOWN, MATTER_RELEASED
 */
export function findToRelease(matters: Matters, id: string): ToRelease {
  const { matter, unreadable, ends } = openRecordsOf(matters, id);
  const isLifted = matter !== undefined && isCarriedOut(matter, matter.openings, 'lifted');
  const released = matter?.openings.at(-1)?.released;
  if (ends.length === 0 && isLifted && released !== undefined) {
    const { at, by } = released;
    throw failure('MATTER_RELEASED', { matter: id, time: formatInstant(at), who: by.caller });
  }
  return { matter, unreadable, ends };
}

/**
 * Finds a released matter whose versions are to be gone over again.
 * @throws MATTER_UNKNOWN, MATTER_OPEN
 */
export function findReleased(matters: Matters, id: string): ToRelease {
  const found = openRecordsOf(matters, id);
  if (found.ends.length > 0) throw failure('MATTER_OPEN', { matter: id });
  return found;
}

/** @throws MATTER_UNKNOWN */
function openRecordsOf(matters: Matters, id: string): ToRelease {
  const matter = findMatter(matters, id);
  const broken = matters.unreadable.filter(({ name, mayHold }) => name.id === id && mayHold);
  if (matter === undefined && broken.length === 0) throw failure('MATTER_UNKNOWN', { matter: id });
  const open = matter === undefined ? [] : openPartOf(matter).map(({ file }) => file);
  const ends = [...open, ...broken.map(({ name }) => recordFile(name))];
  return { matter, unreadable: broken.length, ends };
}

/** Returns the release that was found as it is approved; undefined for one that is only gone on with. */
export function actOfRelease(
  id: string,
  { matter, ends }: ToRelease,
  again: boolean,
): Extract<ApprovalSubject, { act: 'release' }> | undefined {
  if (!again) return ends.length === 0 ? undefined : releaseSubject(id, ends);
  const { openings = [], passes = [] } = matter ?? {};
  // A pass that is on record makes the next one another act, also where it was not complete. One that was interrupted has no record.
  const ended = passes.filter(({ kind }) => kind === 'lifted');
  const records = [
    ...openings.map(({ file }) => file),
    ...ended.map(({ at }) => `lifted ${formatInstant(at)}`),
  ];
  return releaseSubject(id, records, true);
}

/**
 * Refuses to take holds off while a record that may hold cannot be read: nobody knows which versions it holds.
 * @param except the matter that is released
 * @throws MATTER_MALFORMED
 */
export function refuseUnknownHolds({ unreadable }: Matters, except: string | undefined): void {
  const unknown = unreadable.find(({ name, mayHold }) => mayHold && name.id !== except);
  if (unknown !== undefined) throw unknown.error;
}
