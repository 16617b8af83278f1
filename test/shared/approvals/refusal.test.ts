import { expect, it } from 'vitest';
import type { ApprovalVerdict } from '../../../shared/approvals/decide.ts';
import { approvalRefusal } from '../../../shared/approvals/refusal.ts';
import type { Approval, ApprovalSubject } from '../../../shared/approvals/types.ts';
import { failure } from '../../../shared/platform/errors.ts';

const lock: ApprovalSubject = { act: 'lock', bucket: 'b', wormId: 'W1', days: 365 };
const approval: Approval = {
  ...{ caller: 'ann', at: new Date('2026-11-28T10:00:00Z'), until: new Date('2026-11-29T10:00:00Z') },
  ...{ subjects: [lock], plan: 'sha256:0', note: undefined, file: 'f' },
};
const run = { cloud: 'obs', make: 'holdfast hold release a --cloud obs', option: ' --cloud obs' } as const;

it.each<[Extract<ApprovalVerdict, { approved: false }>, code: string, message: string]>([
  [
    { approved: false, because: 'absent' },
    'APPROVAL_MISSING',
    'the rules ask that somebody else approves this first, and nobody has: lock of b (policy W1, 365 days)',
  ],
  [
    { approved: false, because: 'own', approval },
    'APPROVAL_OWN',
    "one's own approval does not count, and the access key in use is ann: it has approved the lock of b (policy W1, 365 days), and nobody else has",
  ],
  [
    { approved: false, because: 'expired', approval },
    'APPROVAL_EXPIRED',
    'the approval by ann ended at 2026-11-29T10:00:00Z: lock of b (policy W1, 365 days)',
  ],
  [
    { approved: false, because: 'other', approval, subject: { ...lock, days: 30 } },
    'APPROVAL_OTHER',
    'this was not approved: lock of b (policy W1, 365 days). The approval by ann is of another plan: lock of b (policy W1, 30 days)',
  ],
])(
  'an act that nobody else has approved is refused with why, and with what to do: %j',
  (verdict, code, message) => {
    const error = approvalRefusal(lock, verdict, run, { failure });
    expect(error).toMatchObject({ code, message });
    if (code === 'APPROVAL_OWN') return;
    expect(error.remedy).toContain(`\`${run.make}\``);
    expect(error.remedy).toContain('`holdfast approve plan.json --cloud obs`');
  },
);
