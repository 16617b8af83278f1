import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day, hour, minute } from '../../../shared/platform/instant.ts';
import {
  addDuration,
  alwaysLonger,
  canBeLonger,
  formatDuration,
  parseDuration,
  wholeDays,
} from '../../../shared/rules/duration.ts';
import type { Duration } from '../../../shared/rules/types.ts';

function duration(text: string): Duration {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

describe('parseDuration', () => {
  test.each([
    ['90d', 0, 90 * day],
    ['26w', 0, 26 * 7 * day],
    ['18mo', 18, 0],
    ['7y', 84, 0],
    ['20h', 0, 20 * hour],
    ['30min', 0, 30 * minute],
    ['1y6mo', 18, 0],
    ['1y6mo2w3d4h5min', 18, 17 * day + 4 * hour + 5 * minute],
    ['100y', 1200, 0],
    ['P7Y', 84, 0],
    ['P1Y6M', 18, 0],
    ['PT20H', 0, 20 * hour],
    ['P26W', 0, 182 * day],
    ['P1DT30M', 0, day + 30 * minute],
  ])('reads %s', (text, months, ms) => {
    expect(parseDuration(text)).toEqual({ months, ms, text });
  });

  test.each([
    ['90', '"90" has no unit: write 90d for days, 90mo or 90y'],
    ['6m', '"m" is ambiguous in "6m": write mo for months, min for minutes'],
    ['1y6m', '"m" is ambiguous in "1y6m": write mo for months, min for minutes'],
    ['0d', 'expected more than zero, found "0d"'],
    ['P0D', 'expected more than zero, found "P0D"'],
    ['-7y', 'expected a duration without sign, found "-7y"'],
    ['1.5y', 'expected whole numbers (18mo, not 1.5y), found "1.5y"'],
    ['101y', 'expected at most 100 years, found "101y"'],
    ['99999999999999999999999d', 'expected at most 100 years, found "99999999999999999999999d"'],
    ['6mo1y', 'expected each unit once, in the order y, mo, w, d, h, min, found "6mo1y"'],
    ['1y1y', 'expected each unit once, in the order y, mo, w, d, h, min, found "1y1y"'],
    ['', 'expected a number and a unit, such as 90d, 26w, 18mo, 7y, 20h or 30min, found ""'],
    ['7 years', 'expected a number and a unit, such as 90d, 26w, 18mo, 7y, 20h or 30min, found "7 years"'],
  ])('refuses %j and says why', (text, problem) => {
    expect(parseDuration(text)).toEqual({ problem });
  });

  test.each(['P', 'PT', 'P1.5Y', '-P1Y', 'P-1Y', 'PT1S', 'p7y', 'P7Y7Y', 'P1Y junk'])(
    'refuses the ISO form %s',
    (text) => {
      expect(parseDuration(text)).toHaveProperty('problem');
    },
  );

  test('reads what formatDuration writes', () => {
    const lengths = fc.record({
      months: fc.integer({ min: 0, max: 1100 }),
      ms: fc.integer({ min: 0, max: 2000 * 24 * 60 }).map((minutes) => minutes * minute),
    });
    fc.assert(
      fc.property(lengths, (length) => {
        fc.pre(length.months + length.ms > 0);
        expect(parseDuration(formatDuration(length))).toMatchObject(length);
      }),
    );
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDuration(text)));
    fc.assert(
      fc.property(fc.stringMatching(/^P?[0-9YMWDTHymodhinw.-]{0,12}$/), (text) => void parseDuration(text)),
    );
  });
});

describe('addDuration', () => {
  test.each([
    ['2024-02-29T12:00:00Z', '1y', '2025-02-28T12:00:00Z'],
    ['2024-02-29T12:00:00Z', '4y', '2028-02-29T12:00:00Z'],
    ['2026-01-31T00:00:00Z', '1mo', '2026-02-28T00:00:00Z'],
    ['2026-11-20T10:00:00Z', '7y', '2033-11-20T10:00:00Z'],
    ['2026-11-20T10:00:00Z', '90d', '2027-02-18T10:00:00Z'],
    ['2026-01-31T23:30:00Z', '1mo1d30min', '2026-03-02T00:00:00Z'],
    // Europe and America change their clocks in these weeks; UTC does not.
    ['2026-03-28T12:00:00Z', '24h', '2026-03-29T12:00:00Z'],
    ['2026-10-31T12:00:00Z', '1w', '2026-11-07T12:00:00Z'],
  ])('%s + %s = %s', (start, text, end) => {
    expect(addDuration(new Date(start), duration(text))).toEqual(new Date(end));
  });

  const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  const lengths = fc.record({ months: fc.nat(1200), ms: fc.nat(1e6).map((minutes) => minutes * minute) });

  test('a later start never ends earlier', () => {
    fc.assert(
      fc.property(instants, instants, lengths, (one, other, length) => {
        const [early, late] = one <= other ? [one, other] : [other, one];
        expect(addDuration(early, length) <= addDuration(late, length)).toBe(true);
      }),
    );
  });

  test('a longer duration never ends earlier', () => {
    fc.assert(
      fc.property(instants, lengths, lengths, (start, length, more) => {
        const longer = { months: length.months + more.months, ms: length.ms + more.ms };
        expect(addDuration(start, longer) >= addDuration(start, length)).toBe(true);
      }),
    );
  });
});

describe('comparing durations over all starts', () => {
  test.each([
    ['8y', '7y', true, true],
    ['7y', '7y', false, false],
    ['7y', '8y', false, false],
    ['12mo', '1y', false, false],
    ['366d', '1y', false, true],
    ['367d', '1y', true, true],
    ['365d', '1y', false, false],
    ['1y', '365d', false, true],
    ['1y', '364d', true, true],
    ['30d', '1mo', false, true],
    ['32d', '1mo', true, true],
    ['1mo', '27d', true, true],
    ['3653d', '10y', false, true],
    ['3654d', '10y', true, true],
    ['1y1d', '366d', false, true],
  ])('%s against %s: always longer %s, can be longer %s', (a, b, always, sometimes) => {
    expect(alwaysLonger(duration(a), duration(b))).toBe(always);
    expect(canBeLonger(duration(a), duration(b))).toBe(sometimes);
  });

  test('agree with adding both to any start before 2100', () => {
    const starts = fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
    const days = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 240 }), days, (start, months, more) => {
        const a = { months, ms: 0 };
        const b = { months: 0, ms: (Math.round(months * 30.4375) + more) * day };
        fc.pre(b.ms > 0);
        const longer = addDuration(start, a) > addDuration(start, b);
        expect(longer || !alwaysLonger(a, b)).toBe(true);
        expect(!longer || canBeLonger(a, b)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});

describe('wholeDays', () => {
  test.each([
    ['365d', 365],
    ['52w', 364],
    ['48h', 2],
    ['25550d', 25550],
  ])('%s is %d days', (text, days) => {
    expect(wholeDays(text)).toBe(days);
  });

  test.each([
    ['1y', 'bucket policies count days only: write 365d instead of 1y'],
    ['6mo', 'bucket policies count days only: write 183d instead of 6mo'],
    ['36h', 'expected whole days, such as 365d, found "36h"'],
    ['25551d', 'expected at most 25550d (70 years), found 25551d'],
    ['365', '"365" has no unit: write 365d for days, 365mo or 365y'],
  ])('refuses %s', (text, problem) => {
    expect(wholeDays(text)).toEqual({ problem });
  });
});
