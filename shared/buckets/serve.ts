import { minute } from '../platform/instant.ts';
import type { BucketSummary } from '../storage/port.ts';
import { type BucketDeps, type BucketOutcome, carryOut, listSubjects, observe, timeRanOut } from './run.ts';
import type { Subject, Trouble } from './subjects.ts';

/** One run over all buckets: each that a bucket rule matches is in exactly one of the first two lists. */
export interface Run {
  readonly outcomes: readonly BucketOutcome[];
  readonly troubles: readonly Trouble[];
  /** All buckets of the account. */
  readonly buckets: readonly BucketSummary[];
}

/**
 * Serves every bucket that a bucket rule matches, within a time limit.
 *
 * How urgent a policy is shows only when it has been read. So at most half of the time that is left goes into reading,
 * then what was found is done, the least time left first, and then the rest is read in the same way. Where time does not
 * suffice, what was not reached is told as TIME_RAN_OUT, and the next run begins with other buckets.
 *
 * @throws what listing the buckets throws: without the list nothing can be said
 */
export async function serveBuckets(deps: BucketDeps, until: Date): Promise<Run> {
  const { clock } = deps;
  const found = await listSubjects(deps);
  const outcomes: BucketOutcome[] = [];
  const troubles: Trouble[] = [...found.troubles];
  let unseen: readonly Subject[] = rotate(found.subjects, clock.now());
  while (unseen.length > 0 && clock.now() < until) {
    const seen = await observe(deps, unseen, halfway(clock.now(), until));
    outcomes.push(...(await carryOut(deps, seen, until)));
    troubles.push(...seen.troubles);
    unseen = seen.unseen;
  }
  const unreached = unseen.map(({ bucket, rule }) => ({
    bucket,
    rule: rule.name,
    error: timeRanOut(bucket),
  }));
  return { outcomes, troubles: [...troubles, ...unreached], buckets: found.buckets };
}

/** At least a moment from now, so that every pass begins something. */
const halfway = (now: Date, until: Date): Date =>
  new Date(now.getTime() + Math.ceil((until.getTime() - now.getTime()) / 2));

/**
 * The same buckets from another place on for every minute. Steps of the golden ratio spread the places evenly, however
 * often the timer fires, so that runs which are too short do not leave out the same buckets each time.
 */
export function rotate<Item>(items: readonly Item[], now: Date): Item[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  const part = (Math.floor(now.getTime() / minute) * golden) % 1;
  const start = Math.floor(part * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
