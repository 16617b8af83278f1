import { policyNeedsApproval } from '../approvals/needed.ts';
import type { ApprovalSubject } from '../approvals/types.ts';
import { day, hour } from '../platform/instant.ts';
import type { Rules } from '../rules/types.ts';
import { endFrom } from './extend.ts';
import type { ObservedBucket } from './observe.ts';
import type { PlanStep } from './plan.ts';
import type { BucketDecision } from './types.ts';

/** An act on a bucket policy that may need an approval. */
export type PolicyActSubject = Extract<ApprovalSubject, { act: 'lock' | 'extend' }>;

/**
 * Returns what somebody else has to approve before a change of a bucket policy is made; undefined when the rules ask for nothing.
 * Pure.
 */
export function approvalNeededFor(
  rules: Pick<Rules, 'approvals'>,
  bucket: string,
  decision: BucketDecision,
  now: Date,
): PolicyActSubject | undefined {
  if (decision.action !== 'lock' && decision.action !== 'extend') return undefined;
  const { action: act, id: wormId, days } = decision;
  return policyNeedsApproval(rules, { act, days }, now) ? { act, bucket, wormId, days } : undefined;
}

/**
 * Returns the acts of the steps of a plan that somebody else has to approve, those that are not due yet included: a policy that
 * waits for its lock can be approved before. Pure.
 */
export const approvalsNeededBy = (
  rules: Pick<Rules, 'approvals'>,
  steps: readonly PlanStep[],
  now: Date,
): readonly PolicyActSubject[] =>
  steps.flatMap((step) => {
    const subject = subjectOfStep(step);
    return subject !== undefined && policyNeedsApproval(rules, subject, now) ? [subject] : [];
  });

function subjectOfStep({ bucket, observed, decision }: PlanStep): PolicyActSubject | undefined {
  if (observed === null) return undefined;
  const { id: wormId, days } = observed;
  if (decision.action === 'lock' || decision.action === 'wait') return { act: 'lock', bucket, wormId, days };
  if (decision.action !== 'extend' || decision.days === undefined) return undefined;
  return { act: 'extend', bucket, wormId, days: decision.days };
}

/** Returns the act that comes next for a policy and that somebody else has to approve; undefined: none does. Pure. */
export function nextActToApprove(
  rules: Pick<Rules, 'approvals'>,
  { bucket, policy, decision }: Pick<ObservedBucket, 'bucket' | 'policy' | 'decision'>,
  now: Date,
): PolicyActSubject['act'] | undefined {
  if (decision.action !== 'wait' || policy === undefined)
    return approvalNeededFor(rules, bucket, decision, now)?.act;
  return policyNeedsApproval(rules, { act: 'lock', days: policy.days }, now) ? 'lock' : undefined;
}

/** Somebody is woken when a policy that nobody has approved lapses, or when a locked one ends, sooner than this. */
const urgentMs = { lock: 12 * hour, extend: 7 * day };

/**
 * Tells whether a change that is not approved has to be told as an error: the policy lapses, or the first objects become deletable,
 * so soon that somebody has to act. Objects count as old as the policy where the rule does not measure by the oldest one; where it
 * does and that could not be found, nobody knows how soon it is. Pure.
 */
export function isUrgentUnapproved(
  { policy, decision, oldest }: Pick<ObservedBucket, 'policy' | 'decision' | 'oldest'>,
  now: Date,
): boolean {
  if (decision.action === 'lock') return decision.deadline.getTime() - now.getTime() < urgentMs.lock;
  if (decision.action !== 'extend' || policy === undefined) return false;
  if (oldest?.kind === 'unknown') return true;
  const end = endFrom(oldest?.kind === 'version' ? oldest.lastModified : policy.createdAt, policy);
  return end.getTime() - now.getTime() < urgentMs.extend;
}
