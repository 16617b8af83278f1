import type { CloudName } from '../platform/address.ts';
import type { ErrorTools, HoldfastError } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { ApprovalVerdict } from './decide.ts';
import { subjectInWords } from './subject.ts';
import type { ApprovalSubject } from './types.ts';

/**
 * Returns the error of an act that nobody else has approved.
 * @param told its cloud, and what to run: the command that makes a plan of it, such as `holdfast plan --out plan.json`, and the option that
 * names the cloud
 */
export function approvalRefusal(
  subject: ApprovalSubject,
  verdict: Extract<ApprovalVerdict, { approved: false }>,
  { cloud, ...run }: { readonly cloud: CloudName; readonly make: string; readonly option: string },
  { failure }: Pick<ErrorTools, 'failure'>,
): HoldfastError {
  const what = subjectInWords(subject, cloud);
  if (verdict.because === 'absent') return failure('APPROVAL_MISSING', { what, ...run });
  const { caller, until } = verdict.approval;
  switch (verdict.because) {
    case 'own':
      return failure('APPROVAL_OWN', { caller, what: `it has approved the ${what}, and nobody else has` });
    case 'expired':
      return failure('APPROVAL_EXPIRED', { what, caller, until: formatInstant(until), ...run });
    case 'other':
      return failure('APPROVAL_OTHER', {
        what,
        caller,
        other: subjectInWords(verdict.subject, cloud),
        ...run,
      });
  }
}
