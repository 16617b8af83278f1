import { describe, expect, it } from 'vitest';
import { decideBucket } from '../../../shared/buckets/decide.ts';
import { policyPosture, standingByPolicy } from '../../../shared/report/policy.ts';
import type { BucketRule } from '../../../shared/rules/types.ts';
import { type BucketPolicy, type PolicyState, wormId } from '../../../shared/storage/port.ts';
import { duration, pattern } from '../../support/arbitrary-rules.ts';

const at = new Date('2026-11-20T10:00:00Z');
const rule: BucketRule = {
  name: 'archive',
  match: { bucket: pattern('text', 'archive-*') },
  policy: {
    days: { atLeast: 180, atMost: 3650 },
    initiate: undefined,
    lockAfterMs: 20 * 60 * 60 * 1000,
    mismatch: 'report',
    extend: undefined,
  },
};

const policyOf = (state: PolicyState, days: number, createdAt: string): BucketPolicy => ({
  id: wormId('w'),
  state,
  days,
  createdAt: new Date(createdAt),
});

const surveyed = (policy: BucketPolicy | undefined) => ({
  bucket: 'archive-1',
  rule,
  policy,
  decision: decideBucket(rule, policy, duration('10y'), at),
});

const locked = policyOf('Locked', 180, '2026-01-01T00:00:00Z');
const open = policyOf('InProgress', 180, '2026-11-20T04:00:00Z');

describe('a version in a bucket with a WORM policy', () => {
  const written = new Date('2026-11-01T00:00:00Z');
  const long = new Date('2020-01-01T00:00:00Z');

  it.each([
    ['held by a locked policy', locked, written, 'protected', '2027-04-30T00:00:00.000Z'],
    ['let go by a locked policy', locked, long, 'elapsed', undefined],
    [
      'held by a locked policy that is short',
      policyOf('Locked', 30, '2026-01-01T00:00:00Z'),
      written,
      'too-short',
      '2026-12-01T00:00:00.000Z',
    ],
    ['let go too soon', policyOf('Locked', 5, '2026-01-01T00:00:00Z'), written, 'unprotected', undefined],
    ['held by an open policy until it lapses', open, written, 'too-short', '2026-11-21T04:00:00.000Z'],
    ['old, under an open policy', open, long, 'elapsed', undefined],
    [
      'not held by a policy that lapsed',
      policyOf('InProgress', 180, '2026-11-19T09:00:00Z'),
      written,
      'unprotected',
      undefined,
    ],
    [
      'not held by a policy that is called expired',
      policyOf('Expired', 180, '2026-11-20T09:00:00Z'),
      written,
      'unprotected',
      undefined,
    ],
    ['not held without a policy', undefined, written, 'unprotected', undefined],
    ['unknown without a date', locked, undefined, 'unknown', undefined],
  ] as const)('is %s', (_name, policy, lastModified, standing, until) => {
    const judged = standingByPolicy(surveyed(policy), { lastModified, type: 'Normal' }, at);
    expect(judged.standing).toBe(standing);
    expect(judged.until?.toISOString()).toBe(until);
    expect(judged.rule).toBe('archive');
  });

  it('is nothing when it is a delete marker', () => {
    expect(
      standingByPolicy(surveyed(undefined), { lastModified: written, type: 'delete-marker' }, at),
    ).toEqual({
      standing: 'delete-marker',
    });
  });
});

describe('a WORM policy', () => {
  it.each([
    ['a locked one', locked, { state: 'Locked', holds: true, end: new Date('2026-06-30T00:00:00Z') }],
    [
      'a locked one that is short',
      policyOf('Locked', 30, '2026-11-01T00:00:00Z'),
      { state: 'Locked', holds: false },
    ],
    ['an open one', open, { state: 'InProgress', holds: false, hoursLeft: 18, action: 'wait' }],
    [
      'a lapsed one',
      policyOf('InProgress', 180, '2026-11-19T04:00:00Z'),
      { holds: false, hoursLeft: -6, action: 'report' },
    ],
    ['none', undefined, { state: 'none', holds: false, action: 'report' }],
  ] as const)('holds or not, with hours to its deadline: %s', (_name, policy, expected) => {
    expect(policyPosture(surveyed(policy), at)).toMatchObject({
      bucket: 'archive-1',
      rule: 'archive',
      ...expected,
    });
  });
});
