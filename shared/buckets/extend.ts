import { day, formatInstant } from '../platform/instant.ts';
import type { BucketRule, Extend } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import type { Oldest } from './oldest.ts';
import type { BucketDecision } from './types.ts';

/** The end of a locked policy, as far as it has one: when objects as old as the policy become deletable. */
export const naturalEnd = (policy: BucketPolicy): Date => endFrom(policy.createdAt, policy);

/** When an object of that age becomes deletable: Last-Modified + days, also if it is older than the policy. */
export const endFrom = (start: Date, { days }: Pick<BucketPolicy, 'days'>): Date =>
  new Date(start.getTime() + days * day);

/**
 * Whether the decision depends on the oldest version stored: the rule measures by it, and by the policy's age an
 * extension is due. Until then nothing needs to be listed.
 */
export function asksForOldest({ extend }: BucketRule['policy'], policy: BucketPolicy, now: Date): boolean {
  if (policy.state !== 'Locked' || extend?.kind !== 'rolling' || extend.measure === 'policy') return false;
  return isNear(naturalEnd(policy), extend, now);
}

/**
 * Decides about a locked policy, which can only be extended.
 *
 * @param cap the most days that limits.maxRetention and the service allow now
 * @param oldest undefined: nobody looked, and the policy's age counts
 */
export function decideLocked(
  rule: BucketRule['policy'],
  policy: BucketPolicy,
  cap: number,
  now: Date,
  oldest?: Oldest,
): BucketDecision {
  const short = policy.days < rule.days.atLeast ? `; the rule asks for ${rule.days.atLeast} days` : '';
  const leave = (why: string): BucketDecision => ({ action: 'leave', reason: `${why}${short}` });
  if (rule.extend === undefined) return leave(`locked with ${policy.days} days`);
  if (oldest?.kind === 'none') return leave(`locked with ${policy.days} days, and no object is stored`);

  const measure = measureOf(policy, oldest);
  const end = formatInstant(measure.end);
  const wanted = wantedDays(rule.extend, policy, measure.end, now);
  if (wanted === undefined) return leave(`locked until ${end}, not near its end${measure.note}`);
  const days = Math.min(wanted, rule.extend.upToDays, cap);
  if (days > policy.days) {
    const cut = days < wanted ? `; ${wanted} days cut to the cap` : '';
    const reason = `ends ${end}${cut}${measure.note}`;
    return { action: 'extend', id: policy.id, fromDays: policy.days, days, reason };
  }
  if (days === wanted) return leave(`locked with ${policy.days} days, as long as asked`);
  const reason = `ends ${end} and cannot be extended: ${policy.days} days is the cap${measure.note}`;
  return { action: 'report', problem: 'at-cap', reason };
}

/** The end that counts, and how it was found if not by the policy's age alone. */
function measureOf(policy: BucketPolicy, oldest: Oldest | undefined): { end: Date; note: string } {
  if (oldest?.kind === 'version') {
    const { lastModified } = oldest;
    return {
      end: endFrom(lastModified, policy),
      note: `; the oldest object is of ${formatInstant(lastModified)}`,
    };
  }
  const note =
    oldest?.kind === 'unknown' ? `; by the policy's age, as its oldest object is unknown: ${oldest.why}` : '';
  return { end: naturalEnd(policy), note };
}

/** The total of days that the rule asks for now; undefined when the end is not near. */
function wantedDays(extend: Extend, policy: BucketPolicy, end: Date, now: Date): number | undefined {
  if (extend.kind === 'keep-until') {
    return Math.ceil((extend.keepUntil.getTime() - policy.createdAt.getTime()) / day);
  }
  if (!isNear(end, extend, now)) return undefined;
  // As often as needed, so that one call is enough even if many runs were missed.
  const lacking = now.getTime() + extend.withinMs - end.getTime();
  const times = Math.floor(lacking / (extend.byDays * day)) + 1;
  return policy.days + times * extend.byDays;
}

const isNear = (end: Date, { withinMs }: Pick<Rolling, 'withinMs'>, now: Date): boolean =>
  end.getTime() - now.getTime() <= withinMs;

type Rolling = Extract<Extend, { kind: 'rolling' }>;
