import { day, formatInstant } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import type { BucketRule, Extend } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import type { Oldest } from './oldest.ts';
import type { BucketDecision, ReportedProblem } from './types.ts';

/** Returns the end of a locked policy, as far as it has one: when objects as old as the policy become deletable. */
export const naturalEnd = (policy: BucketPolicy): Date => endFrom(policy.createdAt, policy);

/** Tells when an object of that age becomes deletable: Last-Modified + days, also if it is older than the policy. */
export const endFrom = (start: Date, { days }: Pick<BucketPolicy, 'days'>): Date =>
  new Date(start.getTime() + days * day);

/**
 * Tells whether the decision depends on the oldest version stored. `keepUntil` always measures by it until its date has
 * come. `within` measures by it where the rule says so, and only once an extension is due by the policy's age.
 */
export function asksForOldest({ extend }: BucketRule['policy'], policy: BucketPolicy, now: Date): boolean {
  if (policy.state !== 'Locked' || extend === undefined) return false;
  if (extend.kind === 'keep-until') return now < extend.keepUntil;
  return extend.measure === 'oldest-object' && isNear(naturalEnd(policy), extend, now);
}

/**
 * Decides about a locked policy, which can only be extended: to the days that the rule demands of every policy, or to
 * what its `extend` asks for, whichever is more.
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
  const { extend } = rule;
  const isShort = policy.days < rule.days.atLeast;
  const locked = `locked with ${quantity(policy.days, 'day')}`;
  const short = `${locked}; the rule asks for ${quantity(rule.days.atLeast, 'day')}`;
  if (extend === undefined) {
    if (!isShort) return { action: 'leave', reason: locked };
    return report('too-short', `${short} and does not say how to extend`);
  }

  const asked = askOf(extend, policy, now, oldest);
  const wanted = Math.max(rule.days.atLeast, asked.days);
  if (wanted <= policy.days) {
    return asked.unknown === undefined
      ? { action: 'leave', reason: asked.reason }
      : report('oldest-unknown', asked.unknown);
  }
  const because = asked.days > policy.days || !isShort ? asked.reason : short;
  const days = Math.min(wanted, extend.upToDays, cap);
  if (days > policy.days) {
    const cut = days < wanted ? `; ${quantity(wanted, 'day')} cut to the cap` : '';
    const reason = `${because}${cut}${asked.note}`;
    return { action: 'extend', id: policy.id, fromDays: policy.days, days, reason };
  }
  const reason = `${because} and cannot be extended: ${quantity(policy.days, 'day')} is the cap${asked.note}`;
  return report(isShort ? 'too-short' : 'at-cap', reason);
}

const report = (problem: ReportedProblem, reason: string): BucketDecision => ({
  action: 'report',
  problem,
  reason,
});

/** This is what `extend` asks for now. */
interface Ask {
  /** In all; no more than the policy has when nothing is asked for. */
  readonly days: number;
  readonly reason: string;
  /** Says by which object it was measured; empty by the policy's age. */
  readonly note: string;
  /** Set when the promise of the rule cannot be checked, with the reason. */
  readonly unknown?: string;
}

function askOf(extend: Extend, policy: BucketPolicy, now: Date, oldest: Oldest | undefined): Ask {
  const { days } = policy;
  if (extend.kind === 'keep-until') return askUntil(extend.keepUntil, policy, now, oldest);
  if (oldest?.kind === 'none') {
    return { days, reason: `locked with ${quantity(days, 'day')}, and no object is stored`, note: '' };
  }
  const end = endFrom(startOf(policy, oldest), policy);
  const note = noteOf(oldest);
  const ends = formatInstant(end);
  if (!isNear(end, extend, now)) {
    return { days, reason: `locked until ${ends}, not near its end${note}`, note };
  }
  // As often as needed, so that one call is enough even if many runs were missed.
  const lacking = now.getTime() + extend.withinMs - end.getTime();
  const times = Math.floor(lacking / (extend.byDays * day)) + 1;
  return { days: days + times * extend.byDays, reason: `ends ${ends}`, note };
}

/** The days that keep every object stored until the date: an object is held until its Last-Modified + days. */
function askUntil(keepUntil: Date, policy: BucketPolicy, now: Date, oldest: Oldest | undefined): Ask {
  const { days } = policy;
  const locked = `locked with ${quantity(days, 'day')}`;
  const start = startOf(policy, oldest);
  const needed = Math.ceil((keepUntil.getTime() - start.getTime()) / day);
  if (now >= keepUntil) {
    const past = `${locked}, and the date of keepUntil is past`;
    return { days, reason: needed > days ? past : `${locked}, as long as asked`, note: '' };
  }
  if (oldest?.kind === 'none') return { days, reason: `${locked}, and no object is stored`, note: '' };
  const note = noteOf(oldest);
  const until = formatInstant(keepUntil);
  if (needed > days) {
    return { days: needed, reason: `keeping objects until ${until} takes ${quantity(needed, 'day')}`, note };
  }
  const asked = { days, reason: `${locked}, as long as asked${note}`, note };
  if (oldest?.kind !== 'unknown') return asked;
  return { ...asked, unknown: `${locked}; nobody knows whether all objects are kept until ${until}${note}` };
}

const startOf = (policy: BucketPolicy, oldest: Oldest | undefined): Date =>
  oldest?.kind === 'version' ? oldest.lastModified : policy.createdAt;

function noteOf(oldest: Oldest | undefined): string {
  if (oldest?.kind === 'version') return `; the oldest object is of ${formatInstant(oldest.lastModified)}`;
  if (oldest?.kind !== 'unknown') return '';
  return `; by the policy's age, as its oldest object is unknown: ${oldest.why}`;
}

const isNear = (end: Date, { withinMs }: Pick<Rolling, 'withinMs'>, now: Date): boolean =>
  end.getTime() - now.getTime() <= withinMs;

type Rolling = Extract<Extend, { kind: 'rolling' }>;
