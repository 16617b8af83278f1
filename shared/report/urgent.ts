import { standings } from './standings.ts';
import type { VersionPosture } from './types.ts';

/**
 * Which of two versions somebody has to look at first, as a sort order: what is not protected, then what cannot be told,
 * then what becomes deletable soonest, then the rest.
 */
export function moreUrgent(a: VersionPosture, b: VersionPosture): number {
  return (
    rank(a) - rank(b) ||
    time(a) - time(b) ||
    compare(a.bucket, b.bucket) ||
    compare(a.key, b.key) ||
    compare(a.versionId ?? '', b.versionId ?? '')
  );
}

/** Held and expected versions are one group, in which the date counts. */
const rank = ({ standing }: VersionPosture): number =>
  standings.indexOf(standing === 'expected' ? 'protected' : standing);

const time = ({ until }: VersionPosture): number => until?.getTime() ?? 0;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Returns the most urgent versions in order, and how many there were in all. Never holds more than twice `limit`. */
export async function mostUrgent(
  versions: AsyncIterable<VersionPosture>,
  limit: number,
): Promise<{ readonly urgent: readonly VersionPosture[]; readonly total: number }> {
  let kept: VersionPosture[] = [];
  let total = 0;
  for await (const version of versions) {
    total += 1;
    kept.push(version);
    if (kept.length >= 2 * limit) kept = kept.sort(moreUrgent).slice(0, limit);
  }
  return { urgent: kept.sort(moreUrgent).slice(0, limit), total };
}
