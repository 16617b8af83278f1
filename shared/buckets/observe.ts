import { decideBucket } from './decide.ts';
import { asksForOldest } from './extend.ts';
import { findOldest } from './oldest.ts';
import type { BucketDeps, Surveyed } from './run.ts';
import type { Subject } from './subjects.ts';

/**
 * Reads one bucket's policy, and its oldest version where the decision asks for it, and decides. Writes nothing.
 * @param until the end of the time for it; half of what is left may go into listing
 * @throws what reading the policy throws
 */
export async function observeBucket(
  { storage, rules, clock }: Pick<BucketDeps, 'storage' | 'rules' | 'clock'>,
  { bucket, rule }: Subject,
  until?: Date,
): Promise<Surveyed> {
  const policy = await storage.getPolicy(bucket);
  const asked = policy !== undefined && asksForOldest(rule.policy, policy, clock.now());
  const now = clock.now().getTime();
  const half = until && new Date((now + Math.max(now, until.getTime())) / 2);
  const oldest = asked ? await findOldest({ storage, clock }, bucket, half) : undefined;
  const decision = decideBucket(rule, policy, rules.limits.maxRetention, clock.now(), oldest);
  return { bucket, rule, policy, decision, ...(oldest && { oldest }) };
}
