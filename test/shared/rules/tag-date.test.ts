import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day } from '../../../shared/platform/instant.ts';
import { addDuration } from '../../../shared/rules/duration.ts';
import { addToDate, endOfDate, parseTagDate, type TagDate } from '../../../shared/rules/tag-date.ts';

function date(text: string): TagDate {
  const parsed = parseTagDate(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

describe('what is kept until a date ends', () => {
  test.each([
    ['2033-01-01', '2033-01-02T00:00:00.000Z'],
    ['2033-12-31', '2034-01-01T00:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['20330101', '2033-01-02T00:00:00.000Z'],
    ['2033-001', '2033-01-02T00:00:00.000Z'],
    ['2033001', '2033-01-02T00:00:00.000Z'],
    ['2028-366', '2029-01-01T00:00:00.000Z'],
    ['2033-W01-1', '2033-01-04T00:00:00.000Z'],
    ['2033W011', '2033-01-04T00:00:00.000Z'],
    ['2032-W53-7', '2033-01-03T00:00:00.000Z'],
    ['2033-01-01T10:00:00Z', '2033-01-01T10:00:00.000Z'],
    ['2033-01-01T10:00Z', '2033-01-01T10:00:00.000Z'],
    ['2033-01-01T10:00:00', '2033-01-01T10:00:00.000Z'],
    ['20330101T100000Z', '2033-01-01T10:00:00.000Z'],
    ['20330101T1000', '2033-01-01T10:00:00.000Z'],
    ['2033-W01-1T10:00', '2033-01-03T10:00:00.000Z'],
    ['2033-001T10:00+08', '2033-01-01T02:00:00.000Z'],
    ['2033-01-01T10:00:00+08:00', '2033-01-01T02:00:00.000Z'],
    ['2033-01-01T10:00:00-0530', '2033-01-01T15:30:00.000Z'],
    ['2033-01-01T10:00:00+14:00', '2032-12-31T20:00:00.000Z'],
    ['2033-01-01T10:00:00-00:00', '2033-01-01T10:00:00.000Z'],
    ['2033-01-01T24:00', '2033-01-02T00:00:00.000Z'],
    ['2033-12-31T24:00:00+08:00', '2033-12-31T16:00:00.000Z'],
    ['2033-01-01T10:00:00.250Z', '2033-01-01T10:00:00.250Z'],
    ['2033-01-01T10:00:00,250Z', '2033-01-01T10:00:00.250Z'],
    ['2033-01-01T10:00:00.0001Z', '2033-01-01T10:00:00.001Z'],
    ['2033-01-01T23:59:59.9999+08:00', '2033-01-01T16:00:00.000Z'],
    ['0001-01-01', '0001-01-02T00:00:00.000Z'],
  ])('%s: %s', (text, instant) => {
    expect(endOfDate(date(text)).toISOString()).toBe(instant);
  });
});

describe('what is no date, and why', () => {
  test.each([
    ['2033-02-30', /^there is no day such as "2033-02-30"$/],
    ['2033-02-29', /^there is no day/],
    ['2033-13-01', /^there is no day/],
    ['2033-00-01', /^there is no day/],
    ['2033-366', /^there is no day/],
    ['2033-000', /^there is no day/],
    ['2033-W53-1', /^there is no day/],
    ['2033-W01-8', /^there is no day/],
    ['0000-01-01', /^there is no day/],
    ['20330230T1000', /^there is no day/],
    ['2033-01-01T25:00:00Z', /^there is no time/],
    ['2033-01-01T24:01Z', /^there is no time/],
    ['2033-01-01T10:61:00Z', /^there is no time/],
    ['2033-06-30T23:59:60Z', /^there is no time/],
    ['2033-01-01T10:00:00+25:00', /^no time zone is that far from UTC/],
    ['2033-01-01T10:00:00+14:01', /^no time zone is that far from UTC/],
    ['2033-01-01T10:00:00-12:30', /^no time zone is that far from UTC/],
    ['2033-01-01T10:00:00+05:60', /^expected a date such as/],
    ['2033-01-01T10:00:00+8', /^expected a date such as/],
    ['2033', /^"2033" names no day: write it as in 2033-01-31$/],
    ['2033-01', /names no day/],
    ['2033-W05', /names no day/],
    ['2033W05', /names no day/],
    ['01/02/2033', /^which part of "01\/02\/2033" is the day and which the month is unclear/],
    ['1.2.2033', /is unclear/],
    ['33-01-01', /^expected a date such as 2033-01-01, found "33-01-01"$/],
    ['+002033-01-01', /^expected a date/],
    ['-2033-01-01', /^expected a date/],
    ['2033-0101', /^expected a date/],
    ['203301-01', /^expected a date/],
    [' 2033-01-01', /^expected a date/],
    ['2033-01-01Z', /^expected a date/],
    ['2033-01-01 10:00:00', /^expected a date/],
    ['2033-01-01t10:00:00z', /^expected a date/],
    ['2033-01-01T', /^expected a date/],
    ['2033-01-01T10', /^expected a date/],
    ['2033-01-01T10Z', /^expected a date/],
    ['2033-01-01T10:0000', /^expected a date/],
    ['2033-01-01T10:00T11:00', /^expected a date/],
    ['2033-01-01T10:00.5Z', /^expected a date/],
    ['tomorrow', /^expected a date/],
    ['7y', /^expected a date/],
    ['', /^expected a date/],
    ['\uFF12\uFF10\uFF13\uFF13-01-01', /^expected a date/],
  ])('%j', (text, problem) => {
    expect(parseTagDate(text)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

test('a date-time means itself, whatever its offset', () => {
  const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, fc.integer({ min: -12 * 60, max: 14 * 60 }), (instant, offset) => {
      const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
      const pad = (value: number) => String(value).padStart(2, '0');
      const text = `${local}${offset < 0 ? '-' : '+'}${pad(hours)}:${pad(minutes)}`;
      expect(parseTagDate(text)).toEqual({ at: instant, wholeDay: false });
    }),
  );
});

test('any text is read or refused in words, and never throws', () => {
  const likely = fc.stringMatching(/^[0-9]{3,5}[-W0-9]{0,7}([T ][0-9:.,]{0,9}[Z+-]?[0-9:]{0,6})?$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), likely), (text) => {
      const parsed = parseTagDate(text);
      if ('problem' in parsed) expect(parsed.problem).toContain(JSON.stringify(text));
      else expect(Number.isFinite(endOfDate(parsed).getTime())).toBe(true);
    }),
  );
});

describe('a period from a date', () => {
  const sixYears = { months: 72, ms: 0 };
  test.each([
    ['2024-02-28', sixYears, '2030-03-01T00:00:00.000Z'],
    ['2024-02-29', sixYears, '2030-03-01T00:00:00.000Z'],
    ['2024-02-27', sixYears, '2030-02-28T00:00:00.000Z'],
    ['2026-02-28', { months: 24, ms: 0 }, '2028-02-29T00:00:00.000Z'],
    ['2026-08-31', { months: 6, ms: 0 }, '2027-03-01T00:00:00.000Z'],
    ['2026-01-31', { months: 1, ms: 0 }, '2026-03-01T00:00:00.000Z'],
    ['2026-12-31', { months: 12, ms: 0 }, '2028-01-01T00:00:00.000Z'],
    ['2026-01-31', { months: 1, ms: day }, '2026-03-02T00:00:00.000Z'],
    ['2024-02-28T00:00:00Z', sixYears, '2030-02-28T00:00:00.000Z'],
  ])('%s + %j ends %s', (text, period, end) => {
    expect(addToDate(date(text), period).toISOString()).toBe(end);
  });

  test('keeps the whole of the day on which the period ends, and a later start never ends earlier', () => {
    const days = fc.integer({ min: 0, max: 60_000 }).map((count) => new Date(count * day));
    const periods = fc.record({ months: fc.nat(240), ms: fc.nat(4000).map((count) => count * day) });
    fc.assert(
      fc.property(days, fc.nat(40), periods, (start, later, period) => {
        const [one, other] = [0, later].map((count) => ({
          at: new Date(start.getTime() + count * day),
          wholeDay: true,
        }));
        if (one === undefined || other === undefined) return;
        const end = addToDate(one, period);
        expect(end.getTime() - addDuration(one.at, period).getTime()).toBe(day);
        expect(addToDate(other, period) >= end).toBe(true);
      }),
    );
  });
});
