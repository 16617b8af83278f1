import { formatInstant } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { formatDuration } from '../rules/duration.ts';
import type { Extend } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import { decideBucket, lockDeadline } from './decide.ts';
import { asksForOldest, endFrom, naturalEnd } from './extend.ts';
import type { ObservedBucket } from './observe.ts';
import type { Oldest } from './oldest.ts';
import { type BucketDecision, isIrreversible } from './types.ts';

/** This is what will happen to a bucket's policy next if nobody does anything. */
export interface Outlook {
  /** undefined: Holdfast will do nothing. */
  readonly action: BucketDecision['action'] | undefined;
  /** Not before this instant; the timer's next run after it does it. undefined: there is no such instant. */
  readonly at: Date | undefined;
  readonly irreversible: boolean;
  /** It says this in words, with what happens if nothing is done. */
  readonly says: string;
}

type Seen = Pick<ObservedBucket, 'rule' | 'policy' | 'decision' | 'oldest'>;
type Limit = Parameters<typeof decideBucket>[2];

/**
 * Looks ahead from a decision to the next one that does something. Pure; what comes later is decided by the same
 * function, at a later instant, so it is what the timer will do unless somebody changes the policy or the rules.
 */
export function outlook(seen: Seen, limit: Limit, now: Date): Outlook {
  const { rule, decision } = seen;
  const locked = rule.policy.lockAfterMs;
  const later = locked === undefined ? '' : `, and locked ${inHours(locked)} later unless aborted`;
  const comes = (says: string, at = now, action = decision.action): Outlook => {
    const irreversible = isIrreversible({ action });
    return { action, at, irreversible, says: irreversible ? `${says} (irreversible)` : says };
  };
  switch (decision.action) {
    case 'initiate':
      return comes(`initiated at the next run with ${quantity(decision.days, 'day')}${later}`);
    case 'renew':
      return comes(
        `aborted at the next run and initiated anew with ${quantity(decision.days, 'day')}${later}`,
      );
    case 'abort':
      return comes('aborted at the next run');
    case 'lock':
      return comes(
        `locked at the next run unless aborted before; lapses at ${formatInstant(decision.deadline)}`,
      );
    case 'wait':
      return comes(
        `locked at ${formatInstant(decision.until)} unless aborted before`,
        decision.until,
        'lock',
      );
    case 'extend':
      return comes(`extended at the next run from ${decision.fromDays} to ${quantity(decision.days, 'day')}`);
    case 'watch':
      return nothing(`lapses at ${formatInstant(decision.deadline)} unless a person locks it before`);
    case 'report':
      return nothing(whileReported(decision, seen.policy));
    case 'leave':
      return extension(seen, limit, now);
  }
}

const nothing = (says: string): Outlook => ({ action: undefined, at: undefined, irreversible: false, says });

function whileReported(
  { problem, deadline }: Extract<BucketDecision, { action: 'report' }>,
  policy: BucketPolicy | undefined,
): string {
  const told = 'every run reports it until a person decides';
  if (problem === 'lapsed' && policy) return `lapsed since ${formatInstant(lockDeadline(policy))}; ${told}`;
  return deadline === undefined
    ? told
    : `lapses at ${formatInstant(deadline)} unless a person locks it; ${told}`;
}

/** Tells when a locked policy that is left alone will be extended, and by how much. */
function extension({ rule, policy, oldest }: Seen, limit: Limit, now: Date): Outlook {
  const { extend } = rule.policy;
  if (policy === undefined || extend === undefined)
    return nothing('stays as it is: the rule does not extend');
  if (extend.kind === 'keep-until') return keeping(extend.keepUntil, oldest, now);
  if (oldest?.kind === 'none') return nothing('stays as it is while no object is stored');
  const end = oldest?.kind === 'version' ? endFrom(oldest.lastModified, policy) : naturalEnd(policy);
  const at = firstNear(end, extend);
  if (at < now) return nothing('stays as it is');
  if (oldest === undefined && asksForOldest(rule.policy, policy, at)) {
    return nothing(`from ${formatInstant(at)} on its oldest object decides when it is extended`);
  }
  const then = decideBucket(rule, policy, limit, at, oldest);
  if (then.action !== 'extend') {
    return nothing(
      `from ${formatInstant(at)} on every run reports that it cannot be extended: ${quantity(policy.days, 'day')} is the cap`,
    );
  }
  const says = `extended at ${formatInstant(at)} from ${then.fromDays} to ${quantity(then.days, 'day')} (irreversible)`;
  return { action: 'extend', at, irreversible: true, says };
}

function keeping(keepUntil: Date, oldest: Oldest | undefined, now: Date): Outlook {
  if (now >= keepUntil) return nothing('stays as it is: the date of keepUntil is past');
  if (oldest?.kind === 'none') return nothing('stays as it is until an object is stored');
  return nothing(
    oldest?.kind === 'version'
      ? 'stays as it is: it keeps the objects as long as asked'
      : 'stays as it is: it keeps objects that are not older than the policy as long as asked',
  );
}

const firstNear = (end: Date, { withinMs }: Extract<Extend, { kind: 'rolling' }>): Date =>
  new Date(end.getTime() - withinMs);

const inHours = (ms: number): string => formatDuration({ months: 0, ms });
