import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBucket } from '../../../shared/buckets/decide.ts';
import { asksForOldest } from '../../../shared/buckets/extend.ts';
import type { Oldest } from '../../../shared/buckets/oldest.ts';
import { day } from '../../../shared/platform/instant.ts';
import type { BucketRule, Extend } from '../../../shared/rules/types.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';
import { duration, pattern } from '../../support/arbitrary-rules.ts';

// How many days a locked policy gets, by its own age or by that of the oldest object (docs/extension-policies.md).

const now = new Date('2026-11-21T12:00:00Z');
const ago = (days: number) => new Date(now.getTime() - Math.round(days * day));

type Rolling = Extract<Extend, { kind: 'rolling' }>;

const ruleOf = (part: Partial<Rolling>): BucketRule => ({
  name: 'archive',
  match: { bucket: pattern('text', '*') },
  policy: {
    days: { atLeast: 1, atMost: 3650 },
    initiate: undefined,
    lockAfterMs: 0,
    mismatch: 'report',
    extend: {
      kind: 'rolling',
      withinMs: 30 * day,
      byDays: 100,
      upToDays: 3650,
      measure: 'oldest-object',
      ...part,
    },
  },
});
const locked = (ageDays: number, days = 365): BucketPolicy => ({
  id: wormId('W1'),
  state: 'Locked',
  days,
  createdAt: ago(ageDays),
});
const tenYears = duration('10y');
const objectOf = (ageDays: number): Oldest => ({ kind: 'version', lastModified: ago(ageDays) });
const unknown: Oldest = { kind: 'unknown', why: 'it is long' };

function decide(policy: BucketPolicy, oldest?: Oldest, part: Partial<Rolling> = {}): string {
  const decision = decideBucket(ruleOf(part), policy, tenYears, now, oldest);
  return `${decision.action}${decision.action === 'extend' ? ` to ${decision.days}` : ''}: ${decision.reason}`;
}

describe('a policy of 365 days that is 340 days old, extended by 100 within 30', () => {
  const old = locked(340);
  it.each<[string, Oldest | undefined, string]>([
    [
      'its oldest object is old too',
      objectOf(340),
      'extend to 465: ends 2026-12-16T12:00:00Z; the oldest object is of 2025-12-16T12:00:00Z',
    ],
    [
      'its oldest object is exactly at the edge',
      objectOf(335),
      'extend to 465: ends 2026-12-21T12:00:00Z; the oldest object is of 2025-12-21T12:00:00Z',
    ],
    [
      'its oldest object is a moment younger',
      objectOf(335 - 1 / day),
      'leave: locked until 2026-12-21T12:00:00.001Z, not near its end; the oldest object is of 2025-12-21T12:00:00.001Z',
    ],
    [
      'an object older than the policy',
      objectOf(360),
      'extend to 465: ends 2026-11-26T12:00:00Z; the oldest object is of 2025-11-26T12:00:00Z',
    ],
    [
      'an object so old that its protection has ended: it gets it back',
      objectOf(700),
      'extend to 765: ends 2025-12-21T12:00:00Z; the oldest object is of 2024-12-21T12:00:00Z',
    ],
    ['no object', { kind: 'none' }, 'leave: locked with 365 days, and no object is stored'],
    [
      'objects that could not be listed',
      unknown,
      "extend to 465: ends 2026-12-16T12:00:00Z; by the policy's age, as its oldest object is unknown: it is long",
    ],
    ['nobody looked', undefined, 'extend to 465: ends 2026-12-16T12:00:00Z'],
  ])('%s', (_, oldest, expected) => {
    expect(decide(old, oldest)).toBe(expected);
  });

  it('is at its cap by the oldest object', () => {
    expect(decide(old, objectOf(350), { upToDays: 365 })).toBe(
      'report: ends 2026-12-06T12:00:00Z and cannot be extended: 365 days is the cap; the oldest object is of 2025-12-06T12:00:00Z',
    );
  });
});

it('one call is enough, even if many runs were missed', () => {
  expect(decide(locked(365), undefined, { byDays: 7 })).toMatch(/^extend to 400:/);
  expect(decide(locked(1000), undefined, { byDays: 100 })).toMatch(/^extend to 1065:/);
});

describe('the oldest object is asked for', () => {
  const asked = (policy: BucketPolicy, part: Partial<Rolling> = {}) =>
    asksForOldest(ruleOf(part).policy, policy, now);

  it.each([
    ['when an extension is due by the age of the policy', locked(335), {}, true],
    ['not before', locked(335 - 1 / day), {}, false],
    ['not when the rule measures by the policy', locked(340), { measure: 'policy' as const }, false],
    ['not while the policy is not locked', { ...locked(340), state: 'InProgress' }, {}, false],
  ])('%s', (_, policy, part, expected) => {
    expect(asked(policy, part)).toBe(expected);
  });

  it('until its date when the rule keeps until a date, and not when it does not extend', () => {
    const { policy } = ruleOf({});
    const extend: Extend = { kind: 'keep-until', keepUntil: now, upToDays: 3650 };
    expect(asksForOldest({ ...policy, extend }, locked(1), new Date(now.getTime() - 1))).toBe(true);
    expect(asksForOldest({ ...policy, extend }, locked(999), now)).toBe(false);
    expect(asksForOldest({ ...policy, extend: undefined }, locked(999), now)).toBe(false);
  });
});

describe('a policy of 2026-10-28 that keeps objects until 2028-12-31', () => {
  const keepUntil = new Date('2029-01-01T00:00:00Z');
  const policy: BucketPolicy = { ...locked(0, 795), createdAt: new Date('2026-10-28T00:00:00Z') };
  const of = (date: string): Oldest => ({ kind: 'version', lastModified: new Date(date) });
  const keep = (seen: BucketPolicy, oldest?: Oldest, upToDays = 3650, at = now): string => {
    const rule = ruleOf({});
    const extend: Extend = { kind: 'keep-until', keepUntil, upToDays };
    const decision = decideBucket(
      { ...rule, policy: { ...rule.policy, extend } },
      seen,
      tenYears,
      at,
      oldest,
    );
    const what = decision.action === 'report' ? `report ${decision.problem}` : decision.action;
    return `${what}${decision.action === 'extend' ? ` to ${decision.days}` : ''}: ${decision.reason}`;
  };

  it.each<[string, Oldest | undefined, string]>([
    [
      'an object older than the policy counts',
      of('2026-01-01T00:00:00Z'),
      'extend to 1096: keeping objects until 2029-01-01T00:00:00Z takes 1096 days; the oldest object is of 2026-01-01T00:00:00Z',
    ],
    [
      'part of a day counts as a day',
      of('2025-12-31T23:59:59Z'),
      'extend to 1097: keeping objects until 2029-01-01T00:00:00Z takes 1097 days; the oldest object is of 2025-12-31T23:59:59Z',
    ],
    [
      'an object younger than the policy needs less',
      of('2026-11-01T00:00:00Z'),
      'leave: locked with 795 days, as long as asked; the oldest object is of 2026-11-01T00:00:00Z',
    ],
    [
      'without objects nothing has to be kept',
      { kind: 'none' },
      'leave: locked with 795 days, and no object is stored',
    ],
    ['nobody looked', undefined, 'extend to 796: keeping objects until 2029-01-01T00:00:00Z takes 796 days'],
    [
      'what is unknown is first extended by the age of the policy',
      unknown,
      "extend to 796: keeping objects until 2029-01-01T00:00:00Z takes 796 days; by the policy's age, as its oldest object is unknown: it is long",
    ],
  ])('%s', (_, oldest, expected) => {
    expect(keep(policy, oldest)).toBe(expected);
  });

  it('is reported when nobody knows whether it is long enough', () => {
    expect(keep({ ...policy, days: 796 }, unknown)).toBe(
      'report oldest-unknown: locked with 796 days; nobody knows whether all objects are kept until 2029-01-01T00:00:00Z' +
        "; by the policy's age, as its oldest object is unknown: it is long",
    );
  });

  it('is extended as far as upTo, and then reported', () => {
    const old = of('2026-01-01T00:00:00Z');
    expect(keep(policy, old, 1000)).toMatch(/^extend to 1000: .*; 1096 days cut to the cap; the oldest/);
    expect(keep({ ...policy, days: 1000 }, old, 1000)).toMatch(
      /^report at-cap: .* takes 1096 days and cannot be extended: 1000 days is the cap; the oldest object/,
    );
  });

  it('is left alone once the date has come, whatever is stored', () => {
    for (const oldest of [of('2020-01-01T00:00:00Z'), unknown, undefined]) {
      expect(keep({ ...policy, days: 10 }, oldest, 3650, keepUntil)).toBe(
        'leave: locked with 10 days, and the date of keepUntil is past',
      );
    }
  });

  it('keeps every object until the date, and no day longer than the oldest one needs', () => {
    fc.assert(
      fc.property(fc.nat(800 * day), fc.integer({ min: 1, max: 3000 }), (age, days) => {
        const oldest = objectOf(age / day);
        const decision = keep({ ...policy, days }, oldest);
        const total = Number(/^extend to (\d+)/.exec(decision)?.[1] ?? days);
        const end = now.getTime() - age + total * day;
        expect(end).toBeGreaterThanOrEqual(keepUntil.getTime());
        if (total > days) expect(end - day).toBeLessThan(keepUntil.getTime());
      }),
    );
  });
});

describe('for all locked policies and objects', () => {
  const days = fc.integer({ min: 1, max: 4000 });
  const part = fc.record({
    withinMs: fc.integer({ min: 0, max: 900 * day }),
    byDays: fc.integer({ min: 1, max: 900 }),
    upToDays: days,
  });
  const ages = fc.integer({ min: 0, max: 5000 });
  const daysOf = (policy: BucketPolicy, options: Partial<Rolling>, oldest?: Oldest): number => {
    const decision = decideBucket(ruleOf(options), policy, tenYears, now, oldest);
    return decision.action === 'extend' ? decision.days : policy.days;
  };

  it('what is unknown is decided about as the policy measure does', () => {
    fc.assert(
      fc.property(part, ages, days, (options, age, total) => {
        const policy = locked(age, total);
        expect(daysOf(policy, options, unknown)).toBe(daysOf(policy, { ...options, measure: 'policy' }));
      }),
      { numRuns: 1000 },
    );
  });

  it('an oldest object that is younger than the policy never gives it more days', () => {
    fc.assert(
      fc.property(part, ages, days, fc.nat(100), (options, age, total, younger) => {
        const policy = locked(age, total);
        const oldest = objectOf((age * younger) / 100);
        expect(daysOf(policy, options, oldest)).toBeLessThanOrEqual(daysOf(policy, options));
      }),
      { numRuns: 1000 },
    );
  });

  it('after an extension that no cap has cut, the end is further than `within`, and by less than one more', () => {
    fc.assert(
      fc.property(part, ages, days, ages, (options, age, total, objectAge) => {
        const extended = daysOf(locked(age, total), options, objectOf(objectAge));
        if (extended === total || extended === options.upToDays || extended === 3651) return;
        const left = (extended - objectAge) * day - options.withinMs;
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(options.byDays * day);
      }),
      { numRuns: 2000 },
    );
  });
});
