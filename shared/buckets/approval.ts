import { policyNeedsApproval } from '../approvals/needed.ts';
import type { ApprovalSubject } from '../approvals/types.ts';
import type { Rules } from '../rules/types.ts';
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
