import pLimit from 'p-limit';
import type { UnapprovedReason } from '../approvals/decide.ts';
import type { Approval } from '../approvals/types.ts';
import type { HoldfastError } from '../platform/errors.ts';
import type { BucketSummary } from '../storage/port.ts';
import { type Applied, applyChange } from './apply.ts';
import { lockDeadline } from './decide.ts';
import { type ObservedBucket, type ObservingDeps, observeBucket } from './observe.ts';
import { type BucketSubject, type FailedBucket, findSubjects } from './subjects.ts';
import { type BucketChange, isChange } from './types.ts';

export interface BucketDeps extends ObservingDeps {
  /** The region that is served. */
  readonly region: string;
  /** Tells whether a change may be made; without it none needs an approval here. */
  readonly gate?: ApprovalGate | undefined;
}

/** Tells how a change stands: nothing needs an approval, it has one, or why it is not made. */
export type ApprovalGate = (bucket: string, change: BucketChange) => Promise<GateAnswer>;

/** Says how a change stands. */
export type GateAnswer =
  | { readonly kind: 'free' }
  | { readonly kind: 'approved'; readonly approval: Approval }
  | { readonly kind: 'refused'; readonly why: UnapprovedReason; readonly error: HoldfastError };

export interface BucketSurvey {
  readonly surveyed: readonly ObservedBucket[];
  readonly troubles: readonly FailedBucket[];
}

/** A change that was not made, because nobody else has approved it. */
export interface Unapproved {
  readonly why: UnapprovedReason;
  /** It lapses or ends soon, so that somebody has to be woken. */
  readonly isUrgent: boolean;
}

/** This is what became of one bucket in a run. */
export type BucketOutcome =
  | (ObservedBucket & {
      readonly applied?: Applied;
      readonly approval?: Approval;
      readonly error?: undefined;
    })
  | (ObservedBucket & { readonly error: unknown; readonly unapproved?: Unapproved });

const concurrency = 8;

/**
 * Observes every bucket that a bucket rule matches and decides about each. Writes nothing. One bucket's
 * failure is that bucket's trouble and stops no other.
 *
 * @throws what listing the buckets throws: without the list nothing can be said
 */
export async function surveyBuckets(deps: BucketDeps): Promise<BucketSurvey> {
  const { subjects, troubles } = await listSubjects(deps);
  const seen = await observeBuckets(deps, subjects);
  return { surveyed: seen.surveyed, troubles: [...troubles, ...seen.troubles] };
}

/** Returns all buckets of the account, and those that bucket rules match. @throws what listing the buckets throws */
export async function listSubjects({ storage, rules, region }: BucketDeps) {
  const buckets: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  return { buckets, ...findSubjects(rules, buckets, region) };
}

/** Reads the policies of these buckets and decides about each; what has to be locked soonest comes first. */
export async function observeBuckets(
  deps: BucketDeps,
  subjects: readonly BucketSubject[],
): Promise<BucketSurvey> {
  const found = await each(subjects, async (subject): Promise<ObservedBucket | FailedBucket> => {
    try {
      return await observeBucket(deps, subject);
    } catch (error) {
      return { bucket: subject.bucket, rule: subject.rule.name, error };
    }
  });
  return {
    surveyed: found.filter((one) => 'decision' in one).sort(mostUrgentFirst),
    troubles: found.filter((one) => 'error' in one),
  };
}

/** Does what the survey decided, the policy with the least time left first; every bucket is tried. */
export async function carryOutSurvey(
  deps: BucketDeps,
  { surveyed }: Pick<BucketSurvey, 'surveyed'>,
): Promise<BucketOutcome[]> {
  return await each(surveyed, async (bucket): Promise<BucketOutcome> => {
    if (!isChange(bucket.decision)) return bucket;
    try {
      const applied = await applyChange(deps.storage, deps.clock, bucket.bucket, bucket.decision);
      return { ...bucket, applied };
    } catch (error) {
      return { ...bucket, error };
    }
  });
}

/** Works on all items in their order, a few at a time. @param work never rejects */
async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit(concurrency);
  return await Promise.all(items.map((item) => limit(work, item)));
}

/** Sorts unlocked policies by their deadline, then the rest by name. */
export function mostUrgentFirst(a: ObservedBucket, b: ObservedBucket): number {
  const left = (s: ObservedBucket) =>
    s.policy?.state === 'InProgress' ? lockDeadline(s.policy).getTime() : Number.MAX_SAFE_INTEGER;
  return left(a) - left(b) || (a.bucket < b.bucket ? -1 : 1);
}
