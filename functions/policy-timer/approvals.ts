import type { FoundApprovals } from '../../shared/approvals/read.ts';
import { approvalNeededFor } from '../../shared/buckets/approval.ts';
import type { ApprovalGate } from '../../shared/buckets/run.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { Invocation } from '../invocation.ts';

type Deps = Pick<Invocation, 'rules' | 'clock' | 'storage' | 'log'>;

/** The errors of this file's own class, for what is loaded apart. */
const errors = { failure, hasCode };

const loadApart = () => import('../rules-loader.ts');

/**
 * Makes what tells whether somebody has approved a change, where the rules ask for that. The approvals are read once a run, when the
 * first change needs one; no function has an access key of its own, so no approval is its own.
 * @returns undefined where the rules ask for none
 */
export function approvalGate(deps: Deps): ApprovalGate | undefined {
  const { rules, clock } = deps;
  if (rules.approvals === undefined) return undefined;
  let reading: Promise<FoundApprovals> | undefined;
  return async (bucket, change) => {
    const now = clock.now();
    const subject = approvalNeededFor(rules, bucket, change, now);
    if (subject === undefined) return { kind: 'free' };
    reading ??= readAll(deps);
    const { approvals } = await reading;
    const { decideApproval, approvalRefusal } = await loadApart();
    const verdict = decideApproval(subject, approvals, { own: new Set(), now });
    if (verdict.approved) return { kind: 'approved', approval: verdict.approval };
    const error = approvalRefusal(
      subject,
      verdict,
      { cloud: rules.cloud, make: 'holdfast plan --out plan.json', option: '' },
      errors,
    );
    return { kind: 'refused', why: verdict.because, error };
  };
}

/** @throws EVIDENCE_UNSET, and what reading throws: then no change that needs an approval is made */
async function readAll({ rules, clock, storage, log }: Deps): Promise<FoundApprovals> {
  const { audit: folder, cloud } = rules;
  if (folder === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'approvals' });
  const { readApprovals } = await loadApart();
  const found = await readApprovals({ storage, folder, errors }, clock);
  for (const error of found.unreadable) log.warn(errorFields(error), 'not counted as an approval');
  return found;
}
