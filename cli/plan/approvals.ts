import { decideApproval } from '../../shared/approvals/decide.ts';
import { subjectInWords } from '../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { approvalsNeededBy } from '../../shared/buckets/approval.ts';
import type { PolicyPlan } from '../../shared/buckets/plan.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { color, note, prose } from '../terminal/output.ts';
import { type ApprovingWorld, currentApprovals } from '../world/approvals.ts';

/** An act of a plan that needs an approval, and how that stands. The key in use counts as anybody else's here. */
export interface PlannedApproval {
  readonly subject: ApprovalSubject;
  readonly approved: boolean;
  readonly approvedBy?: string;
  readonly until?: string;
}

/**
 * Returns how the approvals of a plan stand; undefined when nothing in it needs one. While they cannot be read nothing counts as
 * approved, and standard error says so: the plan depends on none.
 */
export async function plannedApprovals(
  world: ApprovingWorld,
  plan: PolicyPlan,
): Promise<readonly PlannedApproval[] | undefined> {
  const now = world.clock.now();
  const needed = approvalsNeededBy(world.rules, plan.steps, now);
  if (needed.length === 0) return undefined;
  const approvals = await currentApprovals(world).catch((error: unknown) => {
    if (!(error instanceof HoldfastError)) throw error;
    note(`approvals are not known: ${error.code}: ${error.message}`);
    return [];
  });
  return needed.map((subject) => {
    const verdict = decideApproval(subject, approvals, { own: new Set(), now });
    if (!verdict.approved) return { subject, approved: false };
    const { caller, until } = verdict.approval;
    return { subject, approved: true, approvedBy: caller, until: formatInstant(until) };
  });
}

/** Returns a line for each. @param file where the plan is kept, if it is */
export const approvalLines = (
  planned: readonly PlannedApproval[] | undefined,
  file: string | undefined,
  cloud: CloudName,
): readonly string[] =>
  (planned ?? []).map(({ subject, approvedBy, until }) =>
    prose(
      approvedBy === undefined
        ? `${color.yellow('needs the approval of somebody else')}: ${subjectInWords(subject, cloud)}: holdfast approve ${file ?? 'plan.json (plan --out plan.json)'}`
        : `approved by ${approvedBy} until ${until}: ${subjectInWords(subject, cloud)}`,
    ),
  );
