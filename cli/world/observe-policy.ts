import { decideBucket } from '../../shared/buckets/decide.ts';
import type { ObservedBucket } from '../../shared/buckets/observe.ts';
import { observeBucket } from '../../shared/buckets/observe.ts';
import type { BucketSubject } from '../../shared/buckets/subjects.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { type BucketPolicy, wormId } from '../../shared/storage/port.ts';
import { type CloudOptions, connect } from '../options/cloud-options.ts';
import { readInstant } from '../options/read-instant.ts';
import { usage } from '../options/usage.ts';

/** A policy in words: `--policy-state`, `--days` and `--created`, and the instant by which it is judged. */
export interface DescribedPolicy {
  readonly policyState?: 'none' | 'InProgress' | 'Locked' | 'Expired';
  readonly days?: number;
  readonly created?: string;
  readonly at?: string;
}

/** A bucket that one rule matches, what is decided about it, and the instant of that. */
export interface SeenPolicy {
  readonly surveyed: ObservedBucket;
  /** It exists in words only, so its id means nothing. */
  readonly described: boolean;
  readonly now: Date;
}

export const isDescribed = ({ policyState, days, created }: DescribedPolicy): boolean =>
  [policyState, days, created].some((given) => given !== undefined);

/** Reads the policy as the service shows it. @throws what the service refuses */
export async function livePolicy(
  rules: Rules,
  subject: BucketSubject,
  options: CloudOptions,
): Promise<SeenPolicy> {
  const { storage, clock } = await connect(options);
  const surveyed = await observeBucket({ storage, rules, clock }, subject);
  return { surveyed, described: false, now: clock.now() };
}

/** Takes the policy as it is described; the service is not asked. @throws USAGE */
export function describedPolicy(rules: Rules, subject: BucketSubject, words: DescribedPolicy): SeenPolicy {
  const now = words.at === undefined ? systemClock.now() : readInstant('--at', words.at);
  const policy = policyOf(words, now);
  const decision = decideBucket(subject.rule, policy, rules.limits.maxRetention, now);
  return { surveyed: { ...subject, policy, decision }, described: true, now };
}

function policyOf(
  { policyState = 'InProgress', days, created }: DescribedPolicy,
  now: Date,
): BucketPolicy | undefined {
  if (policyState === 'none') {
    if (days === undefined && created === undefined) return undefined;
    throw usage('--policy-state none has neither --days nor --created');
  }
  if (days === undefined) throw usage('a described policy needs --days, such as --days 365');
  const createdAt = created === undefined ? now : readInstant('--created', created);
  if (createdAt > now)
    throw usage('--created is later than the instant by which it is judged; give --at too');
  return { id: wormId('described'), state: policyState, days, createdAt };
}
