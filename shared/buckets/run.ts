import pLimit from 'p-limit';
import type { Clock } from '../platform/clock.ts';
import type { Rules } from '../rules/types.ts';
import type { BucketPolicy, BucketSummary, Storage } from '../storage/port.ts';
import { type Applied, applyChange } from './apply.ts';
import { decideBucket, lockDeadline } from './decide.ts';
import { findSubjects, type Subject, type Trouble } from './subjects.ts';
import { type BucketDecision, isChange } from './types.ts';

export interface BucketDeps {
  readonly storage: Storage;
  readonly rules: Rules;
  readonly clock: Clock;
  /** The region that is served. */
  readonly region: string;
}

/** One bucket as it was seen, and what is to be done about it. */
export interface Surveyed extends Subject {
  readonly policy: BucketPolicy | undefined;
  readonly decision: BucketDecision;
}

export interface Survey {
  readonly surveyed: readonly Surveyed[];
  readonly troubles: readonly Trouble[];
}

/** What became of one bucket in a run. */
export type BucketOutcome =
  | (Surveyed & { readonly applied?: Applied; readonly error?: undefined })
  | (Surveyed & { readonly error: unknown });

const concurrency = 8;

/**
 * Observes every bucket that a bucket rule matches and decides about each. Writes nothing. One bucket's
 * failure is that bucket's trouble and stops no other.
 *
 * @throws what listing the buckets throws: without the list nothing can be said
 */
export async function survey({ storage, rules, clock, region }: BucketDeps): Promise<Survey> {
  const buckets: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  const { subjects, troubles } = findSubjects(rules, buckets, region);

  const surveyed: Surveyed[] = [];
  const failed: Trouble[] = [];
  const observe = async ({ bucket, rule }: Subject) => {
    try {
      const policy = await storage.getPolicy(bucket);
      const decision = decideBucket(rule, policy, rules.limits.maxRetention, clock.now());
      surveyed.push({ bucket, rule, policy, decision });
    } catch (error) {
      failed.push({ bucket, rule: rule.name, error });
    }
  };
  await each(subjects, observe);
  return { surveyed: surveyed.sort(mostUrgentFirst), troubles: [...troubles, ...failed] };
}

/** Does what the survey decided, the policy with the least time left first; every bucket is tried. */
export async function carryOut(
  { storage, clock }: BucketDeps,
  { surveyed }: Survey,
): Promise<BucketOutcome[]> {
  const outcomes: BucketOutcome[] = [];
  await each(surveyed, async (bucket) => {
    if (!isChange(bucket.decision)) {
      outcomes.push(bucket);
      return;
    }
    try {
      const applied = await applyChange(storage, clock, bucket.bucket, bucket.decision);
      outcomes.push({ ...bucket, applied });
    } catch (error) {
      outcomes.push({ ...bucket, error });
    }
  });
  return outcomes;
}

const each = async <Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  const limit = pLimit(concurrency);
  await Promise.all(items.map((item) => limit(work, item)));
};

/** Unlocked policies by their deadline, then the rest by name. */
function mostUrgentFirst(a: Surveyed, b: Surveyed): number {
  const left = (s: Surveyed) =>
    s.policy?.state === 'InProgress' ? lockDeadline(s.policy).getTime() : Number.MAX_SAFE_INTEGER;
  return left(a) - left(b) || (a.bucket < b.bucket ? -1 : 1);
}
