import { policiesOf } from '../storage/policies.ts';
import { decideBucket } from './decide.ts';
import { asksForOldest } from './extend.ts';
import { findOldest, type Oldest } from './oldest.ts';
import type { BucketDeps, ObservedBucket } from './run.ts';
import type { BucketSubject } from './subjects.ts';
import { isChange } from './types.ts';

/**
 * Reads one bucket's policy, and its oldest version where the decision asks for it, and decides. Writes nothing.
 * @param until the end of the time for it; half of what is left may go into listing
 * @throws what reading the policy throws
 */
export async function observeBucket(
  { storage, rules, clock, memory }: Pick<BucketDeps, 'storage' | 'rules' | 'clock' | 'memory'>,
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
