import { formatInstant, hour } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { capDays } from '../rules/cap.ts';
import type { BucketRule, Duration } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import { decideLocked } from './extend.ts';
import type { Oldest } from './oldest.ts';
import type { BucketDecision } from './types.ts';

/** OSS drops an unlocked policy this long after its CreationDate (documented: InitiateBucketWorm). */
export const lockWindowMs = 24 * hour;

/** Tells when the policy lapses unless it is locked. ExpirationDate is not used: its meaning is unsettled. */
export const lockDeadline = (policy: Pick<BucketPolicy, 'createdAt'>): Date =>
  new Date(policy.createdAt.getTime() + lockWindowMs);

/**
 * Decides what is to be done about one bucket's WORM policy. Pure and total. A state that Holdfast does not
 * know is reported and never acted on.
 * @param oldest where the rule measures by it and {@link asksForOldest} says that it counts
 */
export function decideBucket(
  rule: BucketRule,
  policy: BucketPolicy | undefined,
  maxRetention: Duration,
  now: Date,
  oldest?: Oldest,
): BucketDecision {
  const cap = capDays(maxRetention);
  if (policy === undefined) return decideAbsent(rule, cap);
  switch (policy.state) {
    case 'InProgress':
      return now < lockDeadline(policy)
        ? decideOpen(rule, policy, cap, now)
        : decideLapsed(rule, policy, cap);
    case 'Expired':
      return decideLapsed(rule, policy, cap);
    case 'Locked':
      return decideLocked(rule.policy, policy, cap, now, oldest);
    default:
      return {
        action: 'report',
        problem: 'unknown-state',
        reason: `state ${policy.state} is unknown to Holdfast`,
      };
  }
}

function decideAbsent({ policy }: BucketRule, cap: number): BucketDecision {
  if (policy.initiate === undefined) {
    return { action: 'report', problem: 'absent', reason: 'no policy, and the rule does not initiate one' };
  }
  if (policy.initiate > cap) return overCap(policy.initiate, cap);
  return { action: 'initiate', days: policy.initiate, reason: 'no policy' };
}

/** An unlocked policy within its 24 hours. */
function decideOpen(
  { policy: rule }: BucketRule,
  policy: BucketPolicy,
  cap: number,
  now: Date,
): BucketDecision {
  const deadline = lockDeadline(policy);
  const refusal = whyNot(rule.days, policy.days, cap);
  if (refusal !== undefined) {
    return rule.mismatch === 'abort'
      ? { action: 'abort', id: policy.id, state: policy.state, reason: refusal }
      : {
          action: 'report',
          problem: 'mismatch',
          reason: `${refusal}; it lapses at ${formatInstant(deadline)}`,
          deadline,
        };
  }
  if (rule.lockAfterMs === undefined) {
    return {
      action: 'watch',
      deadline,
      reason: `the rule only watches; it lapses at ${formatInstant(deadline)}`,
    };
  }
  const due = new Date(policy.createdAt.getTime() + rule.lockAfterMs);
  return now < due
    ? { action: 'wait', until: due, deadline, reason: `acceptable; to be locked from ${formatInstant(due)}` }
    : { action: 'lock', id: policy.id, days: policy.days, deadline, reason: 'acceptable and old enough' };
}

/** Why the rule does not accept the policy; undefined when it does. */
function whyNot(days: BucketRule['policy']['days'], actual: number, cap: number): string | undefined {
  const wanted =
    days.atLeast === days.atMost ? `exactly ${days.atLeast}` : `${days.atLeast} to ${days.atMost}`;
  if (actual < days.atLeast || actual > days.atMost)
    return `${quantity(actual, 'day')}, the rule accepts ${wanted}`;
  if (actual > cap) return `${actual} days are beyond limits.maxRetention (${quantity(cap, 'day')})`;
  return undefined;
}

/** Nobody locked it in time: the data is unprotected although a policy still shows. */
function decideLapsed({ policy: rule }: BucketRule, policy: BucketPolicy, cap: number): BucketDecision {
  const since = formatInstant(lockDeadline(policy));
  if (rule.initiate === undefined) {
    return {
      action: 'report',
      problem: 'lapsed',
      reason: `nobody locked it; the data is unprotected since ${since}`,
    };
  }
  if (rule.initiate > cap) return overCap(rule.initiate, cap);
  return {
    action: 'renew',
    id: policy.id,
    state: policy.state,
    days: rule.initiate,
    reason: `lapsed at ${since}: abort, initiate anew`,
  };
}

function overCap(days: number, cap: number): BucketDecision {
  const reason = `${days} days are beyond limits.maxRetention (${quantity(cap, 'day')})`;
  return { action: 'report', problem: 'over-cap', reason };
}
