import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBucket } from '../../../shared/buckets/decide.ts';
import type { BucketDecision } from '../../../shared/buckets/types.ts';
import { day, hour } from '../../../shared/platform/instant.ts';
import { capDays } from '../../../shared/rules/cap.ts';
import type { BucketRule } from '../../../shared/rules/types.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';
import { duration, pattern } from '../../support/arbitrary-rules.ts';

const now = new Date('2026-11-21T12:00:00Z');
const tenYears = duration('10y');

type RulePart = Partial<BucketRule['policy']>;
const rule = (policy: RulePart = {}): BucketRule => ({
  name: 'archive',
  match: { bucket: pattern('text', 'archive-*') },
  policy: {
    days: { atLeast: 180, atMost: 3650 },
    initiate: undefined,
    lockAfterMs: 20 * hour,
    mismatch: 'report',
    extend: undefined,
    ...policy,
  },
});

const policy = (state: string, ageMs: number, days = 365): BucketPolicy => ({
  id: wormId('W1'),
  state,
  days,
  createdAt: new Date(now.getTime() - ageMs),
});

/** A decision as the tables name it. */
function inShort(decision: BucketDecision): string {
  switch (decision.action) {
    case 'report':
      return `report ${decision.problem}`;
    case 'extend':
      return `extend ${decision.fromDays} -> ${decision.days}`;
    case 'initiate':
    case 'renew':
    case 'lock':
      return `${decision.action} ${decision.days}`;
    default:
      return decision.action;
  }
}

const exactly = (days: number) => ({ atLeast: days, atMost: days });
const initiating: RulePart = { days: exactly(365), initiate: 365 };
const watching: RulePart = { lockAfterMs: undefined };
const aborting: RulePart = { mismatch: 'abort' };
const rolling = (withinDays: number, byDays: number, upToDays: number): RulePart => ({
  extend: { kind: 'rolling', withinMs: withinDays * day, byDays, upToDays, measure: 'policy' },
});
const keepUntil = (date: string, upToDays: number): RulePart => ({
  extend: { kind: 'keep-until', keepUntil: new Date(date), upToDays },
});

type Row = readonly [
  situation: string,
  policy: BucketPolicy | undefined,
  options: RulePart,
  expected: string,
];

const none = undefined;
const young = policy('InProgress', 2 * hour);
const due = policy('InProgress', 20 * hour);
const lastMoment = policy('InProgress', day - 1);
const overdue = policy('InProgress', day);
const expired = policy('Expired', 30 * hour);
const short = policy('InProgress', 2 * hour, 30);
const shortDue = policy('InProgress', 22 * hour, 30);
const shortOverdue = policy('InProgress', 25 * hour, 30);
const tooLong = policy('InProgress', 22 * hour, 3651);
const room = policy('Locked', 100 * day);
const near = policy('Locked', 340 * day);
const past = policy('Locked', 400 * day);
const lockedShort = policy('Locked', 10 * day, 30);
const strange = policy('Suspended', 2 * hour);

const table: Row[] = [
  // no policy
  ['no policy', none, {}, 'report absent'],
  ['no policy, initiate', none, initiating, 'initiate 365'],
  ['no policy, watch only', none, watching, 'report absent'],
  ['no policy, initiate beyond the cap', none, { initiate: 4000, days: exactly(4000) }, 'report over-cap'],

  // InProgress, acceptable
  ['young', young, {}, 'wait'],
  ['young, watch only', young, watching, 'watch'],
  ['young, abort mismatches', young, aborting, 'wait'],
  ['old enough', due, {}, 'lock 365'],
  ['old enough, by another lock.after', young, { lockAfterMs: hour }, 'lock 365'],
  ['lock at once', policy('InProgress', 0), { lockAfterMs: 0 }, 'lock 365'],
  ['old enough, watch only', due, watching, 'watch'],
  ['old enough, initiate too', due, initiating, 'lock 365'],
  ['old enough, extend too', due, rolling(30, 365, 3650), 'lock 365'],
  ['a millisecond before lock.after', policy('InProgress', 20 * hour - 1), {}, 'wait'],
  ['a millisecond before the deadline', lastMoment, {}, 'lock 365'],
  ['created in the future (clocks differ)', policy('InProgress', -hour), {}, 'wait'],
  ['exactly as long as the rule allows', policy('InProgress', 22 * hour, 3650), {}, 'lock 3650'],
  ['exactly as short as the rule allows', policy('InProgress', 22 * hour, 180), {}, 'lock 180'],

  // InProgress, not acceptable
  ['too short', short, {}, 'report mismatch'],
  ['too short and due', shortDue, {}, 'report mismatch'],
  ['too short, abort', short, aborting, 'abort'],
  ['too short and due, abort', shortDue, aborting, 'abort'],
  ['too short, watch only', short, watching, 'report mismatch'],
  ['too long', tooLong, {}, 'report mismatch'],
  ['one day short', policy('InProgress', 22 * hour, 179), {}, 'report mismatch'],
  ['not exactly', policy('InProgress', 22 * hour, 364), initiating, 'report mismatch'],
  [
    'accepted by the rule and beyond the cap',
    policy('InProgress', 22 * hour, 3700),
    { days: { atLeast: 1, atMost: 9000 } },
    'report mismatch',
  ],

  // lapsed
  ['past the deadline, still InProgress', overdue, {}, 'report lapsed'],
  ['past the deadline, initiate', overdue, initiating, 'renew 365'],
  ['past the deadline, watch only', overdue, watching, 'report lapsed'],
  ['too short and past the deadline', shortOverdue, {}, 'report lapsed'],
  ['too short and past the deadline, abort', shortOverdue, aborting, 'report lapsed'],
  ['Expired', expired, {}, 'report lapsed'],
  ['Expired, initiate', expired, initiating, 'renew 365'],
  ['Expired although young (clocks differ)', policy('Expired', hour), {}, 'report lapsed'],
  ['Expired, initiate beyond the cap', expired, { initiate: 4000, days: exactly(4000) }, 'report over-cap'],

  // Locked
  ['locked, no extend', room, {}, 'leave'],
  ['locked and past its end, no extend', past, {}, 'leave'],
  ['locked, room', room, rolling(30, 365, 3650), 'leave'],
  ['locked, near its end', near, rolling(30, 365, 3650), 'extend 365 -> 730'],
  ['locked, exactly at the edge', policy('Locked', 335 * day), rolling(30, 365, 3650), 'extend 365 -> 730'],
  ['locked, a millisecond before the edge', policy('Locked', 335 * day - 1), rolling(30, 365, 3650), 'leave'],
  ['locked, past its end', past, rolling(30, 365, 3650), 'extend 365 -> 730'],
  ['locked, near its end, cut to upTo', near, rolling(30, 365, 500), 'extend 365 -> 500'],
  ['locked, near its end, at upTo', near, rolling(30, 365, 365), 'report at-cap'],
  ['locked, near its end, beyond upTo', near, rolling(30, 365, 200), 'report at-cap'],
  [
    'locked, near its end, cut to limits.maxRetention',
    policy('Locked', 3480 * day, 3500),
    rolling(30, 365, 9000),
    'extend 3500 -> 3651',
  ],
  [
    'locked, near its end, at limits.maxRetention',
    policy('Locked', 3640 * day, 3651),
    rolling(30, 365, 9000),
    'report at-cap',
  ],
  ['locked, keep until later', room, keepUntil('2036-01-01T00:00:00Z', 3650), 'extend 365 -> 3428'],
  ['locked, keep until, cut to upTo', room, keepUntil('2036-12-31T00:00:00Z', 3000), 'extend 365 -> 3000'],
  ['locked, keep until reached', room, keepUntil('2026-12-31T00:00:00Z', 3650), 'leave'],
  ['locked, keep until in the past', room, keepUntil('2020-01-01T00:00:00Z', 3650), 'leave'],
  ['locked, keep until, at upTo', room, keepUntil('2036-12-31T00:00:00Z', 365), 'report at-cap'],
  // 1000 days from 100 days ago: longer than the date asks for, and longer than upTo allows
  [
    'locked, keep until, past upTo already',
    policy('Locked', 100 * day, 1000),
    keepUntil('2027-11-20T00:00:00Z', 365),
    'leave',
  ],
  [
    'locked, keep until, one day short',
    policy('Locked', 100 * day, 364),
    keepUntil('2027-08-13T12:00:00Z', 3650),
    'extend 364 -> 365',
  ],
  [
    'locked, keep until to the day',
    policy('Locked', 100 * day, 365),
    keepUntil('2027-08-13T12:00:00Z', 200),
    'leave',
  ],
  [
    'locked, keep until the moment after',
    policy('Locked', 100 * day, 365),
    keepUntil('2027-08-13T12:00:00.001Z', 200),
    'report at-cap',
  ],
  ['locked, keep until now', policy('Locked', 300 * day, 200), keepUntil(now.toISOString(), 3650), 'leave'],
  ['locked shorter than the rule asks, no extend', lockedShort, {}, 'report too-short'],
  ['locked shorter than the rule asks', lockedShort, rolling(1, 30, 3650), 'extend 30 -> 180'],
  ['locked shorter than the rule asks, upTo between', lockedShort, rolling(1, 30, 100), 'extend 30 -> 100'],
  ['locked shorter than the rule asks, at upTo', lockedShort, rolling(1, 30, 30), 'report too-short'],
  ['locked shorter than the rule asks, past upTo', lockedShort, rolling(1, 30, 10), 'report too-short'],
  [
    'locked shorter than the rule asks, near its end',
    policy('Locked', 29 * day, 30),
    rolling(10, 365, 3650),
    'extend 30 -> 395',
  ],
  [
    'locked shorter than the rule asks, near its end, by little',
    policy('Locked', 29 * day, 30),
    rolling(10, 10, 3650),
    'extend 30 -> 180',
  ],
  [
    'locked shorter than the rule asks, kept until',
    lockedShort,
    keepUntil('2026-12-31T00:00:00Z', 3650),
    'extend 30 -> 180',
  ],
  [
    'locked shorter than the rule asks, kept until later',
    lockedShort,
    keepUntil('2027-11-21T12:00:00Z', 3650),
    'extend 30 -> 375',
  ],
  [
    'locked shorter than the rule asks and than the cap',
    policy('Locked', day, 3000),
    { days: { atLeast: 4000, atMost: 9000 }, ...rolling(1, 1, 9000) },
    'extend 3000 -> 3651',
  ],
  [
    'locked at the cap, the rule asks for more',
    policy('Locked', day, 3651),
    { days: { atLeast: 4000, atMost: 9000 }, ...rolling(1, 1, 9000) },
    'report too-short',
  ],
  ['locked, one day short', policy('Locked', 10 * day, 179), rolling(1, 30, 3650), 'extend 179 -> 180'],
  ['locked, initiate and abort change nothing', room, { ...initiating, ...aborting }, 'leave'],

  // unknown
  ['an unknown state', strange, {}, 'report unknown-state'],
  [
    'an unknown state, everything allowed',
    strange,
    { ...initiating, ...aborting, ...rolling(9999, 1, 9999) },
    'report unknown-state',
  ],
  [
    'a known state in other letters',
    policy('locked', 400 * day),
    rolling(30, 365, 3650),
    'report unknown-state',
  ],
];

describe('what is decided about a bucket policy', () => {
  it.each(table)('%s', (_situation, observed, options, expected) => {
    expect(inShort(decideBucket(rule(options), observed, tenYears, now))).toBe(expected);
  });

  it('says when a policy lapses and why it is not locked', () => {
    expect(decideBucket(rule(), short, tenYears, now)).toMatchObject({
      reason: '30 days, the rule accepts 180 to 3650; it lapses at 2026-11-22T10:00:00Z',
      deadline: new Date('2026-11-22T10:00:00Z'),
    });
  });

  it('mentions a locked policy that is shorter than asked', () => {
    expect(decideBucket(rule(), lockedShort, tenYears, now)).toMatchObject({
      reason: 'locked with 30 days; the rule asks for 180 days and does not say how to extend',
    });
  });
});

describe('for all rules and policies', () => {
  const days = fc.integer({ min: 1, max: 26000 });
  const options: fc.Arbitrary<RulePart> = fc.record({
    days: fc.tuple(days, days).map(([a, b]) => ({ atLeast: Math.min(a, b), atMost: Math.max(a, b) })),
    initiate: fc.option(days, { nil: undefined }),
    lockAfterMs: fc.option(fc.integer({ min: 0, max: day }), { nil: undefined }),
    mismatch: fc.constantFrom('report' as const, 'abort' as const),
    extend: fc.oneof(
      fc.constant(undefined),
      fc.record({
        kind: fc.constant('rolling' as const),
        withinMs: fc.integer({ min: 0, max: 9000 * day }),
        byDays: days,
        upToDays: days,
        measure: fc.constantFrom('policy' as const, 'oldest-object' as const),
      }),
    ),
  });
  const policies = fc.option(
    fc
      .record({
        state: fc.oneof(fc.constantFrom('InProgress', 'Locked', 'Expired'), fc.string()),
        age: fc.integer({ min: -day, max: 9000 * day }),
        days,
      })
      .map(({ state, age, days: total }) => policy(state, age, total)),
    { nil: undefined },
  );

  it('never commits to more days than the cap, upTo and the service allow', () => {
    fc.assert(
      fc.property(options, policies, (part, observed) => {
        const decision = decideBucket(rule(part), observed, tenYears, now);
        if (!('days' in decision)) return;
        expect(decision.days).toBeLessThanOrEqual(capDays(tenYears));
        expect(decision.days).toBeLessThanOrEqual(25550);
        if (decision.action === 'extend') {
          expect(decision.days).toBeGreaterThan(observed?.days ?? Number.POSITIVE_INFINITY);
          expect(part.extend?.upToDays).toBeGreaterThanOrEqual(decision.days);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('locks only what the rule accepts, within its 24 hours, and only when it is asked to lock', () => {
    fc.assert(
      fc.property(options, policies, (part, observed) => {
        const decision = decideBucket(rule(part), observed, tenYears, now);
        if (decision.action !== 'lock') return;
        const full = rule(part).policy;
        expect(full.lockAfterMs).toBeDefined();
        expect(observed?.state).toBe('InProgress');
        expect(decision.days).toBeGreaterThanOrEqual(full.days.atLeast);
        expect(decision.days).toBeLessThanOrEqual(full.days.atMost);
        expect(now.getTime() - (observed?.createdAt.getTime() ?? 0)).toBeLessThan(day);
      }),
      { numRuns: 3000 },
    );
  });

  it('acts on no state it does not know', () => {
    fc.assert(
      fc.property(options, policies, (part, observed) => {
        if (observed === undefined || ['InProgress', 'Locked', 'Expired'].includes(observed.state)) return;
        expect(inShort(decideBucket(rule(part), observed, tenYears, now))).toBe('report unknown-state');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a policy initiated at any minute of a day, with the timer every 15 minutes', () => {
  const period = 15 * 60_000;
  const minutes = Array.from({ length: 24 * 60 }, (_, minute) => minute);

  it.each([0, 1, 2])('is locked before its 24 hours with %i runs in a row missed at any point', (missed) => {
    for (const minute of minutes) {
      const createdAt = minute * 60_000;
      // Missing runs before the policy is due changes nothing; the worst gap begins at the first due run.
      const firstDue = Math.ceil((createdAt + 20 * hour) / period) * period;
      const before = [3, 2, 1].map((count) => firstDue - count * period);
      const after = Array.from({ length: 20 }, (_, index) => firstDue + (index + missed) * period);
      const seen = [...before, ...after];
      const lockedAt = seen.find((at) => {
        const observed = { id: wormId('W1'), state: 'InProgress', days: 365, createdAt: new Date(createdAt) };
        return decideBucket(rule(), observed, tenYears, new Date(at)).action === 'lock';
      });
      expect(lockedAt, `initiated at minute ${minute}`).toBeDefined();
      expect(lockedAt).toBeLessThan(createdAt + day);
    }
  });
});
