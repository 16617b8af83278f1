import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideManualPolicy,
  type FoundPolicy,
  type ManualPolicyRequest,
} from '../../../shared/buckets/manual-policy.ts';
import { hour } from '../../../shared/platform/instant.ts';
import { capDays } from '../../../shared/rules/cap.ts';
import { wormId } from '../../../shared/storage/port.ts';
import { validRules } from '../../support/rules-file.ts';

const now = new Date('2026-11-21T12:00:00Z');
const rules = validRules(`version: 1
limits: { maxRetention: 5y }
objects:
  - { name: fin, match: { bucket: fin-* }, retain: 30d }
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy:
      days: { atLeast: 180, atMost: 1000 }
      lock: false
      extend: { within: 30d, by: 365d, upTo: 1500d }
  - { name: fixed, match: { bucket: fixed-* }, policy: { days: 365 } }
  - { name: long, match: { bucket: long-* }, policy: { days: { atMost: 3650 } } }
  - { name: one, match: { bucket: both }, policy: { days: 365 } }
  - { name: two, match: { bucket: bot* }, policy: { days: 365 } }
`);

const policy = (state: string, days = 365, ageMs = hour): FoundPolicy['policy'] => ({
  id: wormId('W1'),
  state,
  days,
  createdAt: new Date(now.getTime() - ageMs),
});

function found(bucket: string, part: Partial<FoundPolicy> = {}): FoundPolicy {
  return { bucket, policy: undefined, objectWorm: undefined, ...part };
}

/** What becomes of a wish, in few words; a refusal by its code. */
function outcome(wish: ManualPolicyRequest, at: FoundPolicy): string {
  const decided = decideManualPolicy(rules, wish, at, now);
  if (decided.kind === 'refuse') return decided.error.code;
  if (decided.kind === 'leave') return 'nothing';
  const { change } = decided;
  return 'days' in change ? `${change.action} ${change.days}` : change.action;
}

const initiate = (days: number): ManualPolicyRequest => ({ action: 'initiate', days });
const lock: ManualPolicyRequest = { action: 'lock' };
const extend = (days: number): ManualPolicyRequest => ({ action: 'extend', days });
const abort: ManualPolicyRequest = { action: 'abort' };
const open = policy('InProgress');
const lapsed = policy('InProgress', 365, 24 * hour);
const locked = policy('Locked');

describe('a wish about a bucket policy', () => {
  it.each<[string, ManualPolicyRequest, FoundPolicy, string]>([
    ['begins a policy that the rule accepts', initiate(365), found('archive-1'), 'initiate 365'],
    ['begins none that is too short for the rule', initiate(179), found('archive-1'), 'BEYOND_RULES'],
    ['begins none that is too long for the rule', initiate(1001), found('archive-1'), 'BEYOND_RULES'],
    ['begins one without a rule, within the limit', initiate(1825), found('other'), 'initiate 1825'],
    ['begins none beyond the limit', initiate(1826), found('other'), 'BEYOND_RULES'],
    ['begins none beyond the limit that the rule accepts', initiate(1826), found('long-1'), 'BEYOND_RULES'],
    [
      'begins none beside an open one',
      initiate(365),
      found('archive-1', { policy: open }),
      'NOT_POSSIBLE_NOW',
    ],
    [
      'begins none beside a lapsed one',
      initiate(365),
      found('archive-1', { policy: lapsed }),
      'NOT_POSSIBLE_NOW',
    ],
    [
      'begins none beside a locked one',
      initiate(365),
      found('archive-1', { policy: locked }),
      'NOT_POSSIBLE_NOW',
    ],
    [
      'begins none where ObjectWorm is on',
      initiate(30),
      found('other', { objectWorm: {} }),
      'POLICY_EXCLUDED',
    ],
    ['begins none where object rules speak', initiate(30), found('fin-1'), 'BEYOND_RULES'],
    ['begins none where two rules speak', initiate(365), found('both'), 'BUCKET_RULES_OVERLAP'],

    [
      'locks at any age, though the rule only watches',
      lock,
      found('archive-1', { policy: open }),
      'lock 365',
    ],
    ['locks none that is not there', lock, found('archive-1'), 'NO_POLICY'],
    [
      'locks none that the rule does not accept',
      lock,
      found('archive-1', { policy: policy('InProgress', 30) }),
      'BEYOND_RULES',
    ],
    [
      'locks none beyond the limit',
      lock,
      found('other', { policy: policy('InProgress', 1826) }),
      'BEYOND_RULES',
    ],
    ['locks none that has lapsed', lock, found('archive-1', { policy: lapsed }), 'NOT_POSSIBLE_NOW'],
    ['locks none that has expired', lock, found('other', { policy: policy('Expired') }), 'NOT_POSSIBLE_NOW'],
    [
      'locks none in a state it does not know',
      lock,
      found('other', { policy: policy('Odd') }),
      'NOT_POSSIBLE_NOW',
    ],
    ['leaves a locked one', lock, found('archive-1', { policy: locked }), 'nothing'],
    ['locks none where object rules speak', lock, found('fin-1', { policy: open }), 'BEYOND_RULES'],

    [
      'extends up to what the rule extends to',
      extend(1500),
      found('archive-1', { policy: locked }),
      'extend 1500',
    ],
    ['extends no further', extend(1501), found('archive-1', { policy: locked }), 'BEYOND_RULES'],
    [
      'extends nothing that the rule fixes',
      extend(366),
      found('fixed-1', { policy: locked }),
      'BEYOND_RULES',
    ],
    [
      'extends without a rule, within the limit',
      extend(1825),
      found('other', { policy: locked }),
      'extend 1825',
    ],
    ['extends nothing beyond the limit', extend(1826), found('long-1', { policy: locked }), 'BEYOND_RULES'],
    ['never shortens', extend(364), found('archive-1', { policy: locked }), 'WOULD_SHORTEN'],
    ['leaves what has just these days', extend(365), found('archive-1', { policy: locked }), 'nothing'],
    ['extends nothing unlocked', extend(400), found('archive-1', { policy: open }), 'NOT_POSSIBLE_NOW'],
    ['extends nothing that is not there', extend(400), found('archive-1'), 'NO_POLICY'],

    ['aborts an open one', abort, found('archive-1', { policy: open }), 'abort'],
    ['aborts a lapsed one', abort, found('archive-1', { policy: lapsed }), 'abort'],
    ['aborts where object rules speak', abort, found('fin-1', { policy: open }), 'abort'],
    ['aborts no locked one', abort, found('archive-1', { policy: locked }), 'POLICY_LOCKED'],
    ['has nothing to abort', abort, found('archive-1'), 'nothing'],
  ])('%s', (_, wish, at, expected) => {
    expect(outcome(wish, at)).toBe(expected);
  });

  it.each<ManualPolicyRequest>([
    { action: 'lock', id: wormId('W2') },
    { action: 'extend', days: 400, id: wormId('W2') },
    { action: 'abort', id: wormId('W2') },
  ])('that names another policy touches none ($action)', (wish) => {
    for (const current of [open, locked, undefined]) {
      expect(outcome(wish, found('archive-1', { policy: current }))).toBe('NOT_POSSIBLE_NOW');
    }
  });

  it('never leads to more days than the limit, nor to fewer than there are', () => {
    const cap = capDays(rules.limits.maxRetention);
    const states = fc.constantFrom('InProgress', 'Locked', 'Expired', 'Odd');
    const policies = fc.option(
      fc.tuple(states, fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 60 })),
      { nil: undefined },
    );
    const wishes = fc.oneof(
      fc.integer({ min: 1, max: 3000 }).map(initiate),
      fc.integer({ min: 1, max: 3000 }).map(extend),
      fc.constant(lock),
    );
    const buckets = fc.constantFrom('archive-1', 'fixed-1', 'long-1', 'other', 'fin-1');
    fc.assert(
      fc.property(policies, wishes, buckets, (drawn, wish, bucket) => {
        const current = drawn && policy(drawn[0], drawn[1], drawn[2] * hour);
        const granted = decideManualPolicy(rules, wish, found(bucket, { policy: current }), now);
        if (granted.kind !== 'do' || !('days' in granted.change)) return;
        expect(granted.change.days).toBeLessThanOrEqual(cap);
        expect(granted.change.days).toBeGreaterThanOrEqual(current?.days ?? 0);
      }),
    );
  });
});
