import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type BucketDefault, decideDefault, wishedDefault } from '../../../shared/defaults/decide.ts';
import { addDuration, canBeLonger } from '../../../shared/rules/duration.ts';
import { duration } from '../../support/arbitrary-rules.ts';

const limit = duration('10y');
const compliance = (period: { days: number } | { years: number }): BucketDefault => ({
  mode: 'COMPLIANCE',
  ...period,
});
const governance = (period: { days: number } | { years: number }): BucketDefault => ({
  mode: 'GOVERNANCE',
  ...period,
});
const decide = (retain: string, before: BucketDefault | undefined, cap = limit) =>
  decideDefault({
    rule: { retain: duration(retain) },
    worm: before === undefined ? {} : { defaultRetention: before },
    limit: cap,
  });

describe('the default retention of a bucket', () => {
  it.each<[retain: string, before: BucketDefault | undefined, action: string]>([
    ['30d', undefined, 'set-default'],
    ['30d', compliance({ days: 29 }), 'set-default'],
    ['30d', compliance({ days: 30 }), 'default-in-place'],
    ['30d', compliance({ days: 31 }), 'default-longer'],
    ['4w', compliance({ days: 28 }), 'default-in-place'],
    ['1y', compliance({ years: 1 }), 'default-in-place'],
    // A year is 365 days on OBS, and may be 366 elsewhere: what is longer in either reading is left.
    ['1y', compliance({ days: 365 }), 'set-default'],
    ['1y', compliance({ days: 366 }), 'default-longer'],
    ['365d', compliance({ years: 1 }), 'default-longer'],
    ['366d', compliance({ years: 1 }), 'set-default'],
    ['7y', compliance({ days: 2555 }), 'set-default'],
    ['7y', compliance({ days: 2556 }), 'default-longer'],
    ['30d', governance({ days: 30 }), 'set-default'],
    ['30d', governance({ days: 7 }), 'set-default'],
    ['30d', governance({ days: 31 }), 'default-governance'],
    ['11y', undefined, 'default-over-cap'],
    ['10y', undefined, 'set-default'],
    ['3653d', undefined, 'default-over-cap'],
  ])('%s where it is %o: %s', (retain, before, expected) => {
    const decision = decide(retain, before);
    expect(decision.action === 'report' ? decision.problem : decision.action).toBe(expected);
  });

  it('is reported where object lock is off', () => {
    expect(decideDefault({ rule: { retain: duration('30d') }, worm: undefined, limit })).toEqual({
      action: 'report',
      problem: 'object-lock-off',
    });
  });
});

const periods = fc.oneof(
  fc.integer({ min: 1, max: 36_500 }).map((days) => ({ days })),
  fc.integer({ min: 1, max: 100 }).map((years) => ({ years })),
  fc
    .integer({ min: 1, max: 30 })
    .chain((years) => fc.integer({ min: -2, max: 9 }).map((more) => ({ days: years * 365 + more }))),
);
const texts = periods.map((period) => ('days' in period ? `${period.days}d` : `${period.years}y`));
const stored = fc.option(
  fc.record({ mode: fc.constantFrom('COMPLIANCE' as const, 'GOVERNANCE' as const), period: periods }),
  { nil: undefined },
);
const starts = fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });

/** The ends of a retention that begins then, in each reading of a year. */
const ends = (retention: BucketDefault, start: Date): number[] =>
  'days' in retention
    ? [start.getTime() + retention.days * 86_400_000]
    : [
        start.getTime() + retention.years * 365 * 86_400_000,
        addDuration(start, { months: 12 * retention.years, ms: 0 }).getTime(),
      ];

test('what is put is COMPLIANCE, within the limit, never shorter than what was there, and then in place', () => {
  fc.assert(
    fc.property(texts, stored, texts, starts, (retain, found, cap, start) => {
      const before = found && { mode: found.mode, ...found.period };
      const decision = decide(retain, before, duration(cap));
      if (decision.action !== 'set-default') return;
      const { retention } = decision;
      expect(retention).toEqual(wishedDefault({ retain: duration(retain) }));
      expect(retention.mode).toBe('COMPLIANCE');
      expect(canBeLonger(duration(retain), duration(cap))).toBe(false);
      const capped = addDuration(start, duration(cap)).getTime();
      expect(Math.max(...ends(retention, start))).toBeLessThanOrEqual(capped);
      if (before !== undefined) {
        expect(Math.min(...ends(retention, start))).toBeGreaterThanOrEqual(Math.min(...ends(before, start)));
        expect(Math.max(...ends(retention, start))).toBeGreaterThanOrEqual(Math.max(...ends(before, start)));
      }
      expect(decide(retain, retention, duration(cap)).action).toBe('default-in-place');
    }),
    { numRuns: 2000 },
  );
});
