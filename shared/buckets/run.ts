import pLimit from 'p-limit';
import type { Clock } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import type { BucketPolicy, BucketSummary, Storage } from '../storage/port.ts';
import { type Applied, applyChange } from './apply.ts';
import { lockDeadline } from './decide.ts';
import { observeBucket } from './observe.ts';
import type { Oldest, OldestMemory } from './oldest.ts';
import { findSubjects, type Subject, type Trouble } from './subjects.ts';
import { type BucketDecision, isChange } from './types.ts';

export interface BucketDeps {
  readonly storage: Storage;
  readonly rules: Rules;
  readonly clock: Clock;
  /** The region that is served. */
  readonly region: string;
  /** Of an instance that runs again and again; without it each look lists. */
  readonly memory?: OldestMemory;
}

/** One bucket as it was seen, and what is to be done about it. */
export interface Surveyed extends Subject {
  readonly policy: BucketPolicy | undefined;
  readonly decision: BucketDecision;
  /** Where the decision depended on it. */
  readonly oldest?: Oldest;
}

export interface Survey {
  readonly surveyed: readonly Surveyed[];
  readonly troubles: readonly Trouble[];
}

/** What became of one bucket in a run. */
export type BucketOutcome =
  | (Surveyed & { readonly applied?: Applied; readonly error?: undefined })
  | (Surveyed & { readonly error: unknown });

/** What was seen until time was over, and what was not. */
export interface Sight extends Survey {
  readonly unseen: readonly Subject[];
}

const concurrency = 8;

/**
 * Observes every bucket that a bucket rule matches and decides about each. Writes nothing. One bucket's
 * failure is that bucket's trouble and stops no other.
 *
 * @throws what listing the buckets throws: without the list nothing can be said
 */
export async function survey(deps: BucketDeps): Promise<Survey> {
  const { subjects, troubles } = await listSubjects(deps);
  const seen = await observe(deps, subjects);
  return { surveyed: seen.surveyed, troubles: [...troubles, ...seen.troubles] };
}

/** All buckets of the account, and those that bucket rules speak of. @throws what listing the buckets throws */
export async function listSubjects({ storage, rules, region }: BucketDeps) {
  const buckets: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  return { buckets, ...findSubjects(rules, buckets, region) };
}

/**
 * Reads the policies of these buckets, in this order, and decides about each.
 * @param until the end of the time for it; a bucket that has not answered by then is unseen
 */
export async function observe(deps: BucketDeps, subjects: readonly Subject[], until?: Date): Promise<Sight> {
  const seen = await each(deps, subjects, until, async (subject): Promise<Surveyed | Trouble> => {
    try {
      return await observeBucket(deps, subject, until);
    } catch (error) {
      return { bucket: subject.bucket, rule: subject.rule.name, error };
    }
  });
  const found = [...seen.values()];
  return {
    surveyed: found.filter((one) => 'decision' in one).sort(mostUrgentFirst),
    troubles: found.filter((one) => 'error' in one),
    unseen: subjects.filter((subject) => !seen.has(subject)),
  };
}

/**
 * Does what the survey decided, the policy with the least time left first; every bucket is tried.
 * @param until the end of the time for it; what has not come about by then fails as TIME_RAN_OUT
 */
export async function carryOut(
  deps: BucketDeps,
  { surveyed }: Pick<Survey, 'surveyed'>,
  until?: Date,
): Promise<BucketOutcome[]> {
  const changed = await each(deps, surveyed, until, async (bucket): Promise<BucketOutcome> => {
    if (!isChange(bucket.decision)) return bucket;
    try {
      const applied = await applyChange(deps.storage, deps.clock, bucket.bucket, bucket.decision);
      return { ...bucket, applied };
    } catch (error) {
      return { ...bucket, error };
    }
  });
  return surveyed.map((bucket) => {
    const outcome = changed.get(bucket);
    if (outcome !== undefined) return outcome;
    return isChange(bucket.decision) ? { ...bucket, error: timeRanOut(bucket.bucket) } : bucket;
  });
}

export const timeRanOut = (bucket: string): Error => failure('TIME_RAN_OUT', { bucket });

/**
 * Works on all items, a few at a time, in their order, and waits for none beyond `until`.
 * @param work never rejects
 * @returns the results that there are by then
 */
async function each<Item, Result>(
  { clock }: BucketDeps,
  items: readonly Item[],
  until: Date | undefined,
  work: (item: Item) => Promise<Result>,
): Promise<ReadonlyMap<Item, Result>> {
  const limit = pLimit(concurrency);
  const results = new Map<Item, Result>();
  const begin = async (item: Item) => {
    if (until !== undefined && clock.now() >= until) return;
    results.set(item, await work(item));
  };
  const all = Promise.all(items.map((item) => limit(begin, item)));
  if (until === undefined) await all;
  else await Promise.race([all, clock.sleep(Math.max(0, until.getTime() - clock.now().getTime()))]);
  return new Map(results); // what comes late changes nothing that was reported
}

/** Unlocked policies by their deadline, then the rest by name. */
function mostUrgentFirst(a: Surveyed, b: Surveyed): number {
  const left = (s: Surveyed) =>
    s.policy?.state === 'InProgress' ? lockDeadline(s.policy).getTime() : Number.MAX_SAFE_INTEGER;
  return left(a) - left(b) || (a.bucket < b.bucket ? -1 : 1);
}
