import { DateTime } from 'luxon';
import type { OssErrorCode } from './errors.ts';
import type { Bucket, DefaultRetention, Retention, Version, WormPolicy } from './state.ts';

/**
 * The rules of protection: who may do what, given the time. Pure functions; operations ask them before they
 * change anything. Sources are in reference/oss-retention.md, sections 1.2, 1.3, 2.1 and 2.3.
 */
const DAY_MS = 24 * 60 * 60 * 1000;

export type PolicyState = 'InProgress' | 'Locked' | 'Expired';

/** Returns a policy that nobody locks within 24 hours of its creation lapses: it reads Expired and protects nothing. */
export function policyState(policy: WormPolicy, now: Date): PolicyState {
  if (policy.locked) return 'Locked';
  return now.getTime() < policy.createdAt.getTime() + DAY_MS ? 'InProgress' : 'Expired';
}

/**
 * Tells whether deleting or overwriting a version is refused. A delete marker holds no data and is never protected; a
 * legal hold protects until it is lifted, whoever may bypass GOVERNANCE.
 */
export function isImmutable(bucket: Bucket, version: Version, now: Date, bypassGovernance = false): boolean {
  if (version.kind === 'delete marker') return false;
  return (
    version.legalHold === 'ON' ||
    isUnderPolicy(bucket.policy, version.lastModified, now) ||
    isRetained(version.retention, now, bypassGovernance)
  );
}

/** A policy covers every object, old or new, until its Last-Modified + the policy's present days. */
function isUnderPolicy(policy: WormPolicy | undefined, lastModified: Date, now: Date): boolean {
  if (!policy || policyState(policy, now) === 'Expired') return false;
  return now.getTime() < lastModified.getTime() + policy.days * DAY_MS;
}

function isRetained(retention: Retention | undefined, now: Date, bypassGovernance: boolean): boolean {
  if (!retention || now >= retention.retainUntil) return false;
  return retention.mode === 'COMPLIANCE' || !bypassGovernance;
}

/**
 * Tells what PutObjectRetention does to a version: `apply` it, `keep` what is stored (the same date again: nothing is
 * documented, so neither a refusal nor a change), or refuse with a code.
 */
export function judgeRetention(
  stored: Retention | undefined,
  wanted: Retention,
  now: Date,
  bypassGovernance: boolean,
): 'apply' | 'keep' | OssErrorCode {
  if (wanted.retainUntil <= now) return 'InvalidArgument';
  if (!stored || stored.retainUntil <= now) return 'apply';
  if (stored.mode !== wanted.mode) return 'FileImmutable';
  const change = wanted.retainUntil.getTime() - stored.retainUntil.getTime();
  if (change === 0) return 'keep';
  if (change > 0 || isBypassed(stored, bypassGovernance)) return 'apply';
  return 'AccessDenied';
}

function isBypassed(stored: Retention, bypassGovernance: boolean): boolean {
  return stored.mode === 'GOVERNANCE' && bypassGovernance;
}

/** Returns the retention that a bucket's default gives an object created at that instant. */
export function defaultRetention(rule: DefaultRetention, createdAt: Date): Retention {
  const start = DateTime.fromJSDate(createdAt, { zone: 'utc' });
  const retainUntil =
    'years' in rule.period
      ? start.plus({ years: rule.period.years }).toJSDate()
      : new Date(createdAt.getTime() + rule.period.days * DAY_MS);
  return { mode: rule.mode, retainUntil };
}
