import { decideApproval } from '../../shared/approvals/decide.ts';
import { subjectInWords } from '../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { approvalsNeededBy } from '../../shared/buckets/approval.ts';
import type { PolicyPlan } from '../../shared/buckets/plan.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { visible } from '../../shared/platform/visible.ts';
import { color, describeError, prose } from '../terminal/output.ts';
import { type ApprovingWorld, currentApprovals } from '../world/approvals.ts';

/** An act of a plan that needs an approval, and how that stands. The key in use counts as anybody else's here. */
export interface PlannedApproval {
  readonly subject: ApprovalSubject;
  readonly approved: boolean;
  readonly approvedBy?: string;
  readonly until?: string;
}

/** Tells how the approvals of a plan stand. */
export interface PlannedApprovals {
  readonly acts: readonly PlannedApproval[];
  /** Why nobody knows what is approved, so that nothing counts as it; undefined when that is known. */
  readonly unknown: HoldfastError | undefined;
}

/**
 * Returns how the approvals of a plan stand; undefined when nothing in it needs one. Where they cannot be read, that is part of the result: such
 * a plan can be kept and approved, and the command fails.
 */
export async function plannedApprovals(
  world: ApprovingWorld,
  plan: PolicyPlan,
): Promise<PlannedApprovals | undefined> {
  const now = world.clock.now();
  const needed = approvalsNeededBy(world.rules, plan.steps, now);
  if (needed.length === 0) return undefined;
  let unknown: HoldfastError | undefined;
  const approvals = await currentApprovals(world).catch((error: unknown) => {
    if (!(error instanceof HoldfastError)) throw error;
    unknown = error;
    return [];
  });
  const acts = needed.map((subject): PlannedApproval => {
    const verdict = decideApproval(subject, approvals, { own: new Set(), now });
    if (!verdict.approved) return { subject, approved: false };
    const { caller, until } = verdict.approval;
    return { subject, approved: true, approvedBy: caller, until: formatInstant(until) };
  });
  return { acts, unknown };
}

/** Returns what the document of a plan has of them. */
export const approvalsJson = (planned: PlannedApprovals | undefined) =>
  planned && {
    approvals: planned.acts,
    ...(planned.unknown && { approvalsUnknown: describeError(planned.unknown) }),
  };

/** Returns a line for each, and why none is known. @param file where the plan is kept, if it is */
export const approvalLines = (
  planned: PlannedApprovals | undefined,
  file: string | undefined,
  cloud: CloudName,
): readonly string[] => {
  if (planned === undefined) return [];
  const { acts, unknown } = planned;
  return [...acts.map((act) => approvalLine(act, file, cloud)), ...(unknown ? unknownLines(unknown) : [])];
};

const approvalLine = (
  { subject, approvedBy, until }: PlannedApproval,
  file: string | undefined,
  cloud: CloudName,
): string =>
  prose(
    approvedBy === undefined
      ? `${color.yellow('needs the approval of somebody else')}: ${subjectInWords(subject, cloud)}: holdfast approve ${file ?? 'plan.json (plan --out plan.json)'}`
      : `approved by ${approvedBy} until ${until}: ${subjectInWords(subject, cloud)}`,
  );

const unknownLines = ({ code, message, remedy }: HoldfastError): readonly string[] => [
  prose(`${color.red(code)} what is approved is not known: ${visible(message)}`),
  prose(`what to do: ${remedy}`),
];
