import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day } from '../../../shared/platform/instant.ts';
import { differenceRange, fewestDays, firstDaysLonger } from '../../../shared/rules/calendar.ts';
import { capDays } from '../../../shared/rules/cap.ts';
import { addDuration } from '../../../shared/rules/duration.ts';
import { duration } from '../../support/arbitrary-rules.ts';

test.each([
  ['1y', 365],
  ['4y', 1460],
  ['6y', 2190],
  ['10y', 3651],
  ['1mo', 28],
  ['1mo1d', 29],
  ['36h', 1],
  ['7d', 7],
  ['70y', 25550],
  ['100y', 25550],
])('a policy under maxRetention %s may have %d days', (text, days) => {
  expect(capDays(duration(text))).toBe(days);
});

const starts = fc
  .integer({ min: 0, max: 146_097 })
  .map((days) => new Date(Date.UTC(2000, 0, 1) + days * day));
const lengths = fc.record({
  months: fc.nat(1200),
  ms: fc.integer({ min: 0, max: 90 }).map((days) => days * day),
});

describe('what holds for every start', () => {
  test('agrees with adding to any start of the cycle', () => {
    fc.assert(
      fc.property(starts, fc.nat(86_399_999), lengths, lengths, (start, ms, a, b) => {
        const instant = new Date(start.getTime() + ms);
        const difference = addDuration(instant, a).getTime() - addDuration(instant, b).getTime();
        const { least, most } = differenceRange(a, b);
        expect(difference).toBeGreaterThanOrEqual(least);
        expect(difference).toBeLessThanOrEqual(most);
        expect(addDuration(instant, a).getTime()).toBeGreaterThanOrEqual(
          instant.getTime() + fewestDays(a) * day,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('the first days are the first: none before them is longer, each of them is', () => {
    const cases = fc.constantFrom(
      ['2192d', '6y'],
      ['366d', '1y'],
      ['31d', '1mo'],
      ['1y', '365d'],
      ['61d', '2mo'],
    );
    const from = fc.date({ min: new Date('2024-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(cases, from, ([one = '', other = ''], now) => {
        const [a, b] = [duration(one), duration(other)];
        const found = firstDaysLonger(a, b, now);
        if (found === undefined) throw new Error('there are such days');
        const isLonger = (at: number) => addDuration(new Date(at), a) > addDuration(new Date(at), b);
        const today = Math.floor(now.getTime() / day) * day;
        for (let at = today; at < found.first.getTime(); at += day) expect(isLonger(at)).toBe(false);
        for (let at = found.first.getTime(); at <= found.last.getTime(); at += 30 * day) {
          expect(isLonger(at)).toBe(true);
        }
        expect(isLonger(found.last.getTime() + day)).toBe(false);
      }),
      { numRuns: 25 },
    );
  });

  test('there are none where there can be none', () => {
    expect(firstDaysLonger(duration('365d'), duration('1y'), new Date('2026-11-28'))).toBeUndefined();
  });
});
