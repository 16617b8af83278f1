import { day, formatInstant } from '../platform/instant.ts';
import type { BucketRule, Extend } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import type { BucketDecision } from './types.ts';

/** The end of a locked policy, as far as it has one: when objects as old as the policy become deletable. */
export const naturalEnd = ({ createdAt, days }: BucketPolicy): Date =>
  new Date(createdAt.getTime() + days * day);

/**
 * Decides about a locked policy, which can only be extended.
 *
 * @param cap the most days that limits.maxRetention and the service allow now
 */
export function decideLocked(
  rule: BucketRule['policy'],
  policy: BucketPolicy,
  cap: number,
  now: Date,
): BucketDecision {
  const end = naturalEnd(policy);
  const short = policy.days < rule.days.atLeast ? `; the rule asks for ${rule.days.atLeast} days` : '';
  const leave = (why: string): BucketDecision => ({ action: 'leave', reason: `${why}${short}` });
  if (rule.extend === undefined) return leave(`locked with ${policy.days} days`);

  const wanted = wantedDays(rule.extend, policy, end, now);
  if (wanted === undefined) return leave(`locked until ${formatInstant(end)}, not near its end`);
  const days = Math.min(wanted, rule.extend.upToDays, cap);
  if (days > policy.days) {
    const reason =
      days < wanted
        ? `ends ${formatInstant(end)}; ${wanted} days cut to the cap`
        : `ends ${formatInstant(end)}`;
    return { action: 'extend', id: policy.id, fromDays: policy.days, days, reason };
  }
  return days < wanted ? atCap(end, policy.days) : leave(`locked with ${policy.days} days, as long as asked`);
}

/** The total of days that the rule asks for now; undefined when the end is not near. */
function wantedDays(extend: Extend, policy: BucketPolicy, end: Date, now: Date): number | undefined {
  if (extend.kind === 'keep-until') {
    return Math.ceil((extend.keepUntil.getTime() - policy.createdAt.getTime()) / day);
  }
  return end.getTime() - now.getTime() <= extend.withinMs ? policy.days + extend.byDays : undefined;
}

function atCap(end: Date, days: number): BucketDecision {
  const reason = `ends ${formatInstant(end)} and cannot be extended: ${days} days is the cap`;
  return { action: 'report', problem: 'at-cap', reason };
}
