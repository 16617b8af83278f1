import { approvalByAnother } from './another.ts';
import { subjectTarget, subjectText } from './subject.ts';
import type { Approval, ApprovalSubject } from './types.ts';

/** It says whether an act may be done, and why not. */
export type ApprovalVerdict =
  | { readonly approved: true; readonly approval: Approval }
  /** Nobody has approved anything of the kind. */
  | { readonly approved: false; readonly because: 'absent' }
  /** Only those who act have approved it. */
  | { readonly approved: false; readonly because: 'own'; readonly approval: Approval }
  /** The approval that counted has ended. */
  | { readonly approved: false; readonly because: 'expired'; readonly approval: Approval }
  /** Something else was approved for the same thing: another plan, or what has changed since. */
  | {
      readonly approved: false;
      readonly because: 'other';
      readonly approval: Approval;
      readonly subject: ApprovalSubject;
    };

/** The words for why there is no approval, as the log and the evidence have them. */
export type UnapprovedReason = Extract<ApprovalVerdict, { approved: false }>['because'];

/** Who acts, and when. */
export interface ActingNow {
  /** The access keys of those who act; none for a function. */
  readonly own: ReadonlySet<string>;
  readonly now: Date;
}

/**
 * Decides whether an act was approved by somebody else: this very act, and until later than now. Pure.
 * @param approvals all that can be read
 */
export function decideApproval(
  subject: ApprovalSubject,
  approvals: readonly Approval[],
  { own, now }: ActingNow,
): ApprovalVerdict {
  const text = subjectText(subject);
  const exact = approvals.filter(({ subjects }) => subjects.some((each) => subjectText(each) === text));
  const counting = approvalByAnother(exact, own);
  if (counting !== undefined) {
    return counting.until > now
      ? { approved: true, approval: counting }
      : { approved: false, because: 'expired', approval: counting };
  }
  const [mine] = exact;
  if (mine !== undefined) return { approved: false, because: 'own', approval: mine };
  const target = subjectTarget(subject);
  const others = approvals.flatMap((approval) =>
    approval.subjects
      .filter((each) => approval.until > now && subjectTarget(each) === target)
      .map((each) => ({ caller: approval.caller, until: approval.until, approval, subject: each })),
  );
  const other = approvalByAnother(others, own);
  return other === undefined
    ? { approved: false, because: 'absent' }
    : { approved: false, because: 'other', approval: other.approval, subject: other.subject };
}
