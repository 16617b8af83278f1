import { describe, expect, it } from 'vitest';
import {
  approvalNeededFor,
  approvalsNeededBy,
  isUrgentUnapproved,
  nextActToApprove,
} from '../../../shared/buckets/approval.ts';
import type { PlanStep } from '../../../shared/buckets/plan.ts';
import type { BucketDecision } from '../../../shared/buckets/types.ts';
import { day, hour } from '../../../shared/platform/instant.ts';
import type { ApprovalNeeds, Rules } from '../../../shared/rules/types.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';

const now = new Date('2026-11-29T10:00:00Z');
const id = wormId('W1');
const none: ApprovalNeeds = {
  ...{ lock: false, extend: false, release: false },
  ...{ retainLongerThan: undefined, protectMoreThan: undefined },
};
const asking = (given: Partial<ApprovalNeeds>) => ({ approvals: { ...none, ...given } });
const both = asking({ lock: true, extend: true });

const lock = (deadline = now): BucketDecision => ({ action: 'lock', id, days: 30, deadline, reason: '' });
const extend: BucketDecision = { action: 'extend', id, fromDays: 30, days: 120, reason: '' };

describe('a change of a policy', () => {
  it('is approved with its policy and the days that it leads to', () => {
    expect(approvalNeededFor(both, 'b', lock(), now)).toEqual({
      act: 'lock',
      bucket: 'b',
      wormId: id,
      days: 30,
    });
    expect(approvalNeededFor(both, 'b', extend, now)).toEqual({
      act: 'extend',
      bucket: 'b',
      wormId: id,
      days: 120,
    });
  });

  it('needs nothing that the rules do not ask for, nor when it can be undone', () => {
    expect(approvalNeededFor({}, 'b', lock(), now)).toBeUndefined();
    expect(approvalNeededFor(asking({ extend: true }), 'b', lock(), now)).toBeUndefined();
    expect(approvalNeededFor(asking({ lock: true }), 'b', extend, now)).toBeUndefined();
    expect(approvalNeededFor(both, 'b', { action: 'initiate', days: 30, reason: '' }, now)).toBeUndefined();
  });
});

describe('what comes next for a policy', () => {
  const policy: BucketPolicy = { id, state: 'InProgress', days: 30, createdAt: now };
  const wait: BucketDecision = { action: 'wait', until: now, deadline: now, reason: '' };
  const next = (
    rules: Pick<Rules, 'approvals'>,
    decision: BucketDecision,
    seen: BucketPolicy | undefined = policy,
  ) => nextActToApprove(rules, { bucket: 'b', policy: seen, decision }, now);

  it('is a lock also while it waits, and an extension when it is due', () => {
    expect(next(both, wait)).toBe('lock');
    expect(next(both, lock())).toBe('lock');
    expect(next(both, extend)).toBe('extend');
  });

  it('is nothing to approve where the rules do not ask, and where there is nothing to lock', () => {
    expect(next({}, wait)).toBeUndefined();
    expect(next(asking({ extend: true }), wait)).toBeUndefined();
    expect(next(both, { action: 'leave', reason: '' })).toBeUndefined();
    const long = asking({ retainLongerThan: { months: 0, ms: 29 * day, text: '29d' } });
    expect(next(long, wait)).toBe('lock');
    expect(next(long, wait, { ...policy, days: 29 })).toBeUndefined();
    expect(nextActToApprove(both, { bucket: 'b', policy: undefined, decision: wait }, now)).toBeUndefined();
    expect(next(long, { action: 'initiate', days: 30, reason: '' })).toBeUndefined();
  });
});

describe('the steps of a plan', () => {
  const observed = { id: 'W1', state: 'InProgress', days: 30, createdAt: '2026-11-29T09:00:00Z' };
  const step = (
    decision: Partial<PlanStep['decision']>,
    seen: PlanStep['observed'] = observed,
  ): PlanStep => ({
    ...{ bucket: 'b', rule: 'r', observed: seen },
    decision: { action: 'leave', reason: '', ...decision },
  });
  const acts = (...steps: PlanStep[]) => approvalsNeededBy(both, steps, now);

  it('are approved when they lock, now or later, and when they extend', () => {
    const locked = { act: 'lock', bucket: 'b', wormId: 'W1', days: 30 };
    expect(acts(step({ action: 'lock', id: 'W1', days: 30 }))).toEqual([locked]);
    expect(acts(step({ action: 'wait' }))).toEqual([locked]);
    expect(acts(step({ action: 'extend', id: 'W1', fromDays: 30, days: 120 }))).toEqual([
      { act: 'extend', bucket: 'b', wormId: 'W1', days: 120 },
    ]);
  });

  it('need nothing when they do neither, or the rules do not ask', () => {
    expect(acts(step({ action: 'leave', days: 120 }), step({ action: 'initiate', days: 30 }, null))).toEqual(
      [],
    );
    expect(acts(step({ action: 'lock' }, null), step({ action: 'extend' }))).toEqual([]);
    expect(approvalsNeededBy({}, [step({ action: 'lock' })], now)).toEqual([]);
    expect(approvalsNeededBy(asking({ extend: true }), [step({ action: 'wait' })], now)).toEqual([]);
  });
});

describe('a change that nobody has approved', () => {
  const at = (ms: number): Date => new Date(now.getTime() + ms);
  const policy = (createdAt: Date): BucketPolicy => ({ id, state: 'Locked', days: 30, createdAt });

  it('wakes somebody when the policy lapses in less than 12 hours', () => {
    expect(isUrgentUnapproved({ policy: undefined, decision: lock(at(12 * hour)) }, now)).toBe(false);
    expect(isUrgentUnapproved({ policy: undefined, decision: lock(at(12 * hour - 1)) }, now)).toBe(true);
  });

  it('wakes somebody when the first objects become deletable in less than 7 days', () => {
    const [early, late] = [policy(at(-23 * day)), policy(at(-23 * day - 1))];
    expect(isUrgentUnapproved({ policy: early, decision: extend }, now)).toBe(false);
    expect(isUrgentUnapproved({ policy: late, decision: extend }, now)).toBe(true);
    // Where the rule measures by the oldest object, that one counts.
    const oldest = { kind: 'version' as const, lastModified: at(0) };
    expect(isUrgentUnapproved({ policy: late, decision: extend, oldest }, now)).toBe(false);
    expect(isUrgentUnapproved({ policy: late, decision: extend, oldest: { kind: 'none' } }, now)).toBe(true);
  });

  it('wakes somebody where the oldest object is not known: nobody can say how soon it ends', () => {
    const oldest = { kind: 'unknown' as const, why: 'the list failed' };
    const fresh = policy(at(0));
    expect(isUrgentUnapproved({ policy: fresh, decision: extend, oldest }, now)).toBe(true);
    expect(isUrgentUnapproved({ policy: fresh, decision: extend }, now)).toBe(false);
  });

  it('wakes nobody where nothing ends', () => {
    expect(isUrgentUnapproved({ policy: undefined, decision: extend }, now)).toBe(false);
    const decision: BucketDecision = { action: 'initiate', days: 30, reason: '' };
    expect(isUrgentUnapproved({ policy: policy(at(-29 * day)), decision }, now)).toBe(false);
  });
});
