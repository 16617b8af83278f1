import { describe, expect, it } from 'vitest';
import { approvalByAnother } from '../../../shared/approvals/another.ts';

const approval = (caller: string, until: string) => ({ caller, until: new Date(until) });

describe('the approval that counts', () => {
  const [mine, short, long] = [
    approval('me', '2027-03-01'),
    approval('ann', '2027-01-01'),
    approval('bob', '2027-02-01'),
  ];

  it("is of somebody else, and of these the one that lasts longest; one's own never is", () => {
    expect(approvalByAnother([mine, short, long], new Set(['me']))).toBe(long);
    expect(approvalByAnother([long, short, mine], new Set(['me', 'bob']))).toBe(short);
    expect(approvalByAnother([mine], new Set(['me']))).toBeUndefined();
    expect(approvalByAnother([], new Set())).toBeUndefined();
  });
});
