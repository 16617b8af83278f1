import { finishBy } from '../platform/finish-by.ts';
import { minute } from '../platform/instant.ts';
import type { BucketSummary } from '../storage/port.ts';
import { runPipeline } from './pipeline.ts';
import { type BucketDeps, type BucketOutcome, listSubjects } from './run.ts';
import type { FailedBucket } from './subjects.ts';

/** One run over all buckets: each that a bucket rule matches is in exactly one of the first two lists. */
export interface TimerRun {
  readonly outcomes: readonly BucketOutcome[];
  readonly troubles: readonly FailedBucket[];
  /** All buckets of the account. */
  readonly buckets: readonly BucketSummary[];
}

/**
 * Serves every bucket that a bucket rule matches, within a time limit that holds also when the service is silent. Where
 * time does not suffice, what was not reached is told as TIME_RAN_OUT, and the next run begins with other buckets.
 *
 * @throws what listing the buckets throws, and STEP_UNFINISHED when that takes too long: without the list nothing can be said
 */
export async function serveBuckets(deps: BucketDeps, until: Date): Promise<TimerRun> {
  const { clock } = deps;
  const found = await finishBy(clock, until, 'the list of buckets', () => listSubjects(deps));
  const { outcomes, troubles } = await runPipeline(deps, rotate(found.subjects, clock.now()), until);
  return { outcomes, troubles: [...found.troubles, ...troubles], buckets: found.buckets };
}

/**
 * Returns the buckets from another place on for every minute. Steps of the golden ratio spread the places evenly,
 * however often the timer fires, so that runs which are too short do not leave out the same buckets each time.
 */
export function rotate<Item>(items: readonly Item[], now: Date): Item[] {
  const place = Math.imul(Math.floor(now.getTime() / minute), golden) >>> 0;
  const start = Math.floor((place / 2 ** 32) * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The golden ratio, less 1, in parts of 2 ** 32: multiples of it, modulo 2 ** 32, spread evenly. */
const golden = 0x9e3779b9;
