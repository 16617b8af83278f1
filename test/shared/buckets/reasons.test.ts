import { expect, test } from 'vitest';
import { decideBucket } from '../../../shared/buckets/decide.ts';
import type { BucketRule } from '../../../shared/rules/types.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';
import { duration, pattern } from '../../support/arbitrary-rules.ts';

// What people read in plans and logs: each decision says why, with its days and dates. The decisions themselves are in
// decide.test.ts; added here are those exactly at the cap.

const day = 24 * 3_600_000;
const now = new Date('2026-11-21T12:00:00Z');
const cap = 3651; // the fewest days that 10 years have: those from 2099 to 2109

type Part = Partial<BucketRule['policy']>;

function reasonOf(part: Part, state?: string, ageMs = 0, days = 365): string {
  const rule: BucketRule = {
    name: 'archive',
    match: { bucket: pattern('text', 'archive-*') },
    policy: {
      days: { atLeast: 180, atMost: 3650 },
      initiate: undefined,
      lockAfterMs: 20 * 3_600_000,
      mismatch: 'report',
      extend: undefined,
      ...part,
    },
  };
  const createdAt = new Date(now.getTime() - ageMs);
  const policy: BucketPolicy | undefined =
    state === undefined ? undefined : { id: wormId('W1'), state, days, createdAt };
  const decision = decideBucket(rule, policy, duration('10y'), now);
  return `${decision.action}: ${decision.reason}`;
}

const hour = 3_600_000;
const exactly = (days: number) => ({ atLeast: days, atMost: days });
const rolling = (upToDays: number, byDays = 365): Part => ({
  extend: { kind: 'rolling', withinMs: 30 * day, byDays, upToDays, measure: 'policy' },
});

test.each([
  [{}, undefined, 0, 0, 'report: no policy, and the rule does not initiate one'],
  [{ initiate: 365 }, undefined, 0, 0, 'initiate: no policy'],
  [{ initiate: cap }, undefined, 0, 0, 'initiate: no policy'],
  [{ initiate: cap + 1 }, undefined, 0, 0, 'report: 3652 days are beyond limits.maxRetention (3651 days)'],
  [{}, 'Odd', 0, 365, 'report: state Odd is unknown to Holdfast'],
  [
    { lockAfterMs: undefined },
    'InProgress',
    hour,
    365,
    'watch: the rule only watches; it lapses at 2026-11-22T11:00:00Z',
  ],
  [{}, 'InProgress', hour, 365, 'wait: acceptable; to be locked from 2026-11-22T07:00:00Z'],
  [{}, 'InProgress', 21 * hour, 365, 'lock: acceptable and old enough'],
  [{ days: exactly(cap) }, 'InProgress', 21 * hour, cap, 'lock: acceptable and old enough'],
  [
    { days: exactly(cap + 1) },
    'InProgress',
    hour,
    cap + 1,
    'report: 3652 days are beyond limits.maxRetention (3651 days); it lapses at 2026-11-22T11:00:00Z',
  ],
  [
    {},
    'InProgress',
    hour,
    30,
    'report: 30 days, the rule accepts 180 to 3650; it lapses at 2026-11-22T11:00:00Z',
  ],
  [
    { days: exactly(31), mismatch: 'abort' },
    'InProgress',
    hour,
    30,
    'abort: 30 days, the rule accepts exactly 31',
  ],
  [
    {},
    'Expired',
    25 * hour,
    365,
    'report: nobody locked it; the data is unprotected since 2026-11-21T11:00:00Z',
  ],
  [
    { initiate: cap },
    'Expired',
    25 * hour,
    365,
    'renew: lapsed at 2026-11-21T11:00:00Z: abort, initiate anew',
  ],
  [{}, 'Locked', day, 365, 'leave: locked with 365 days'],
  [{}, 'Locked', day, 180, 'leave: locked with 180 days'],
  [
    {},
    'Locked',
    day,
    30,
    'report: locked with 30 days; the rule asks for 180 days and does not say how to extend',
  ],
  [rolling(3650), 'Locked', 100 * day, 365, 'leave: locked until 2027-08-13T12:00:00Z, not near its end'],
  [rolling(3650), 'Locked', 340 * day, 365, 'extend: ends 2026-12-16T12:00:00Z'],
  [rolling(730), 'Locked', 340 * day, 365, 'extend: ends 2026-12-16T12:00:00Z'],
  [rolling(500), 'Locked', 340 * day, 365, 'extend: ends 2026-12-16T12:00:00Z; 730 days cut to the cap'],
  [
    rolling(365),
    'Locked',
    340 * day,
    365,
    'report: ends 2026-12-16T12:00:00Z and cannot be extended: 365 days is the cap',
  ],
  [
    { extend: { kind: 'keep-until', keepUntil: now, upToDays: 3650 } },
    'Locked',
    10 * day,
    365,
    'leave: locked with 365 days, as long as asked',
  ],
] as [Part, string | undefined, number, number, string][])(
  '%j, %s, %i ms old, %i days: %s',
  (part, state, age, days, expected) => {
    expect(reasonOf(part, state, age, days)).toBe(expected);
  },
);
