import type { Clock } from '../platform/clock.ts';
import type { Rules } from '../rules/types.ts';
import { policiesOf } from '../storage/policies.ts';
import type { BucketPolicy, Storage } from '../storage/port.ts';
import { decideBucket } from './decide.ts';
import { asksForOldest } from './extend.ts';
import { findOldest, type Oldest, type OldestMemory } from './oldest.ts';
import type { BucketSubject } from './subjects.ts';
import { type BucketDecision, isChange } from './types.ts';

/** This is what looking at a bucket takes. */
export interface ObservingDeps {
  readonly storage: Storage;
  readonly rules: Rules;
  readonly clock: Clock;
  /** It belongs to an instance that runs again and again; without it each look lists. */
  readonly memory?: OldestMemory;
}

/** One bucket as it was seen, and what is to be done about it. */
export interface ObservedBucket extends BucketSubject {
  readonly policy: BucketPolicy | undefined;
  readonly decision: BucketDecision;
  /** It is there when the decision depended on it. */
  readonly oldest?: Oldest;
}

/**
 * Reads one bucket's policy, and its oldest version where the decision asks for it, and decides. Writes nothing.
 * @param until the end of the time for it; half of what is left may go into listing
 * @throws what reading the policy throws
 */
export async function observeBucket(
  { storage, rules, clock, memory }: ObservingDeps,
  { bucket, rule }: BucketSubject,
  until?: Date,
): Promise<ObservedBucket> {
  const policy = await policiesOf(storage, bucket).getPolicy(bucket);
  const decide = (oldest?: Oldest): ObservedBucket => {
    const decision = decideBucket(rule, policy, rules.limits.maxRetention, clock.now(), oldest);
    return { bucket, rule, policy, decision, ...(oldest && { oldest }) };
  };
  if (policy === undefined || !asksForOldest(rule.policy, policy, clock.now())) return decide();
  const remembered = memory?.recall(bucket, clock.now());
  if (remembered !== undefined) {
    const seen = decide(remembered);
    if (!isChange(seen.decision)) return seen;
  }
  const now = clock.now().getTime();
  const half = until && new Date((now + Math.max(now, until.getTime())) / 2);
  const oldest = await findOldest({ storage, clock }, bucket, half);
  memory?.note(bucket, oldest, clock.now());
  return decide(oldest);
}
