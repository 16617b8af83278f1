import { day } from '../platform/instant.ts';
import { canBeLonger } from '../rules/duration.ts';
import type { DefaultRule, Duration } from '../rules/types.ts';
import type { ObjectWormConfiguration } from '../storage/port.ts';

/** It is what a bucket with object lock gives each upload by itself. */
export type BucketDefault = NonNullable<ObjectWormConfiguration['defaultRetention']>;

/**
 * Says what a rule leads to for the default retention of one bucket. `set-default` puts the wished one, since there is none or a
 * shorter one; `default-in-place` leaves it. What is reported waits for a person:
 * - `object-lock-off`: the bucket takes no retention at all;
 * - `default-longer`: the stored one may be longer, and nothing is shortened by itself;
 * - `default-governance`: so may one under GOVERNANCE, under which each upload fails;
 * - `default-over-cap`: the wished one may be longer than `limits.maxRetention`.
 */
export type DefaultDecision =
  | { readonly action: 'set-default'; readonly retention: BucketDefault; readonly before?: BucketDefault }
  | { readonly action: 'default-in-place'; readonly before: BucketDefault }
  | {
      readonly action: 'report';
      readonly problem: 'object-lock-off' | 'default-longer' | 'default-governance' | 'default-over-cap';
      readonly before?: BucketDefault;
    };

/** A bucket's default retention as the rules wish it, and as it was found. */
export interface FoundDefault {
  readonly rule: Pick<DefaultRule, 'retain'>;
  /** Undefined: object lock is off. */
  readonly worm: ObjectWormConfiguration | undefined;
  readonly limit: Duration;
}

/**
 * Decides about the default retention of a bucket. Pure.
 *
 * OBS counts a year as 365 days ("Configuring a Default WORM Policy for a Bucket"), and OSS does not say how it counts one. So what is
 * longer in either reading counts as longer.
 */
export function decideDefault({ rule, worm, limit }: FoundDefault): DefaultDecision {
  if (canBeLonger(rule.retain, limit)) return { action: 'report', problem: 'default-over-cap' };
  if (worm === undefined) return { action: 'report', problem: 'object-lock-off' };
  const retention = wishedDefault(rule);
  const { defaultRetention: before } = worm;
  if (before === undefined) return { action: 'set-default', retention };
  if (mayBeLonger(before, retention)) {
    const problem = before.mode === 'GOVERNANCE' ? 'default-governance' : 'default-longer';
    return { action: 'report', problem, before };
  }
  if (isSameDefault(before, retention)) return { action: 'default-in-place', before };
  return { action: 'set-default', retention, before };
}

/** Returns the default retention that a rule wishes, in the unit that it is written in. */
export const wishedDefault = ({ retain: { months, ms } }: FoundDefault['rule']): BucketDefault =>
  months > 0 ? { mode: 'COMPLIANCE', years: months / 12 } : { mode: 'COMPLIANCE', days: ms / day };

function isSameDefault(one: BucketDefault, other: BucketDefault): boolean {
  if (one.mode !== other.mode) return false;
  if ('days' in one) return 'days' in other && one.days === other.days;
  return 'years' in other && one.years === other.years;
}

const mayBeLonger = (one: BucketDefault, other: BucketDefault): boolean =>
  in365Days(one) > in365Days(other) || canBeLonger(inCalendar(one), inCalendar(other));

const in365Days = (retention: BucketDefault): number =>
  'days' in retention ? retention.days : retention.years * 365;

const inCalendar = (retention: BucketDefault): Pick<Duration, 'months' | 'ms'> =>
  'days' in retention ? { months: 0, ms: retention.days * day } : { months: retention.years * 12, ms: 0 };
