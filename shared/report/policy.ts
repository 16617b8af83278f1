import type { KnownVersion } from '../backfill/source.ts';
import { lockDeadline } from '../buckets/decide.ts';
import { naturalEnd } from '../buckets/extend.ts';
import type { ObservedBucket } from '../buckets/observe.ts';
import { day, formatInstant, hour } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import type { Extend } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import { ownReason } from './remedies.ts';
import type { Judgement } from './types.ts';

/** The WORM policy of one bucket in the report. Instants are UTC. */
export interface PolicyPosture {
  readonly bucket: string;
  readonly rule: string;
  /** It is the state as the service says it; `none` without a policy. */
  readonly state: string;
  readonly days?: number;
  /** It says when a policy that is not locked lapses, and the hours until then (negative: since then). */
  readonly lockDeadline?: Date;
  readonly hoursLeft?: number;
  /** It says when objects as old as a locked policy become deletable. */
  readonly end?: Date;
  /** This is what the timer would do, and why. */
  readonly action: string;
  readonly reason: string;
  /** Tells whether it is locked, as long as the rule asks, and nothing about it has to be reported. */
  readonly holds: boolean;
}

/** @param at the instant that the report is about */
export function policyPosture({ bucket, rule, policy, decision }: ObservedBucket, at: Date): PolicyPosture {
  const said = { bucket, rule: rule.name, action: decision.action, reason: decision.reason };
  if (policy === undefined) return { ...said, state: 'none', holds: false };
  const { state, days } = policy;
  if (state === 'Locked') {
    // An extension by `within` is upkeep; any other is due because the days are too few for what the rule asks.
    const lacks = decision.action === 'extend' && rule.policy.extend?.kind === 'keep-until';
    const holds = days >= rule.policy.days.atLeast && decision.action !== 'report' && !lacks;
    return { ...said, state, days, end: naturalEnd(policy), holds };
  }
  const deadline = lockDeadline(policy);
  const hoursLeft = (deadline.getTime() - at.getTime()) / hour;
  return { ...said, state, days, lockDeadline: deadline, hoursLeft, holds: false };
}

/** A bucket rule, and the WORM policy that its bucket has: what the standing of a version depends on. */
export interface PolicySeen extends Pick<ObservedBucket, 'rule'> {
  readonly policy: Pick<BucketPolicy, 'state' | 'days' | 'createdAt'> | undefined;
}

/**
 * Tells how a version of a bucket with a bucket rule stands. A locked policy holds each version until its
 * Last-Modified + days; an open one holds them as well, but only until it lapses (OSS, "Retention policies";
 * reference 1.4). Pure and total.
 */
export function standingByPolicy(
  { rule, policy }: PolicySeen,
  { lastModified, type }: Pick<KnownVersion, 'lastModified' | 'type'>,
  at: Date,
): Judgement {
  if (type === 'delete-marker') return { standing: 'delete-marker' };
  if (lastModified === undefined) {
    const reason = 'the inventory does not say when it was last modified';
    return { standing: 'unknown', rule: rule.name, ...ownReason('LAST_MODIFIED_UNKNOWN', reason) };
  }
  const after = (days: number) => new Date(lastModified.getTime() + days * day);
  const wanted = later(after(rule.policy.days.atLeast), rule.policy.extend);
  const ruled = { rule: rule.name, wanted };
  if (policy?.state === 'Locked') return byLocked(ruled, after(policy.days), policy.days, at);
  if (wanted <= at) return { standing: 'elapsed', ...ruled };
  if (policy?.state === 'InProgress' && lockDeadline(policy) > at) {
    const until = lockDeadline(policy);
    const reason = `the policy is not locked yet; it lapses at ${formatInstant(until)}`;
    return { standing: 'too-short', ...ruled, until, ...ownReason('POLICY_OPEN', reason) };
  }
  const reason =
    policy === undefined ? 'the bucket has no policy' : `nobody locked the policy (${policy.state})`;
  return { standing: 'unprotected', ...ruled, ...ownReason('NO_POLICY', reason) };
}

/** A rule with `keepUntil` asks to keep each object until that date at least. */
function later(wanted: Date, extend: Extend | undefined): Date {
  return extend?.kind === 'keep-until' && extend.keepUntil > wanted ? extend.keepUntil : wanted;
}

/** @param until when the policy lets the version go */
function byLocked(ruled: { rule: string; wanted: Date }, until: Date, days: number, at: Date): Judgement {
  const { wanted } = ruled;
  if (until >= wanted) {
    return until > at ? { standing: 'protected', ...ruled, until } : { standing: 'elapsed', ...ruled };
  }
  if (wanted <= at) return { standing: 'elapsed', ...ruled };
  const reason = `the policy has ${quantity(days, 'day')}, fewer than the rule asks for`;
  const short = { ...ruled, ...ownReason('POLICY_SHORT', reason) };
  return until > at ? { standing: 'too-short', ...short, until } : { standing: 'unprotected', ...short };
}
