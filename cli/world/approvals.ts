import { decideApproval } from '../../shared/approvals/decide.ts';
import { readApprovals } from '../../shared/approvals/read.ts';
import { approvalRefusal } from '../../shared/approvals/refusal.ts';
import type { Approval, ApprovalSubject } from '../../shared/approvals/types.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import type { ObjectPrefix, Rules } from '../../shared/rules/types.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';
import { refuseTemporaryCaller } from './caller.ts';

/** This is what approvals are read and judged with. */
export interface ApprovingWorld extends Pick<Cloud, 'storage' | 'clock' | 'caller' | 'isTemporaryCaller'> {
  readonly rules: Rules;
}

/** Returns the folder of the evidence, in which approvals are. @throws EVIDENCE_UNSET */
export function approvalsPlace({ audit, cloud }: Rules): ObjectPrefix {
  if (audit === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'approvals' });
  return audit;
}

/**
 * Reads all approvals; what is none is named on standard error.
 * @throws EVIDENCE_UNSET, and what reading throws
 */
export async function currentApprovals({
  storage,
  rules,
  clock,
}: ApprovingWorld): Promise<readonly Approval[]> {
  const source = { storage, folder: approvalsPlace(rules), errors: { failure, hasCode } };
  const { approvals, unreadable } = await readApprovals(source, clock);
  for (const { code, message } of unreadable) note(`${code}: ${message}`);
  return approvals;
}

/**
 * Refuses acts that nobody but the caller has approved, before anything is done.
 * @param make the command that makes a plan of them
 * @returns the approval of each act
 * @throws CALLER_TEMPORARY, APPROVAL_MISSING, APPROVAL_OWN, APPROVAL_EXPIRED, APPROVAL_OTHER, EVIDENCE_UNSET, and what reading throws
 */
export async function requireApprovals(
  world: ApprovingWorld,
  subjects: readonly ApprovalSubject[],
  make: string,
): Promise<ReadonlyMap<ApprovalSubject, Approval>> {
  const approved = new Map<ApprovalSubject, Approval>();
  if (subjects.length === 0) return approved;
  refuseTemporaryCaller(world);
  const approvals = await currentApprovals(world);
  const { cloud } = world.rules;
  const told = { cloud, make, option: cloudWords[cloud].option };
  const acting = { own: new Set([world.caller().caller]), now: world.clock.now() };
  for (const subject of subjects) {
    const verdict = decideApproval(subject, approvals, acting);
    if (!verdict.approved) throw approvalRefusal(subject, verdict, told, { failure });
    approved.set(subject, verdict.approval);
  }
  return approved;
}
