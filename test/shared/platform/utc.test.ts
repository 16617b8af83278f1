import fc from 'fast-check';
import { DateTime, Duration } from 'luxon';
import { expect, test } from 'vitest';
import { addMonths, ordinalDay, utcInstant, weekDay } from '../../../shared/platform/utc.ts';
import { parseDuration } from '../../../shared/rules/duration.ts';

/** The small calendar against luxon, which counts the same calendar with another code. */

const year = fc.integer({ min: 1, max: 9999 });
const toDate = (time: DateTime) => (time.isValid ? time.toJSDate() : undefined);

test('the instant of parts, and none for parts that do not exist', () => {
  const part = (most: number) => fc.integer({ min: 0, max: most + 2 });
  fc.assert(
    fc.property(
      year,
      part(12),
      part(31),
      part(22),
      part(59),
      part(59),
      (y, month, day, h, minute, second) => {
        const hour = h > 23 ? 25 : h; // luxon takes hour 24 for the next midnight, we do not
        const theirs = DateTime.fromObject({ year: y, month, day, hour, minute, second }, { zone: 'utc' });
        expect(utcInstant({ year: y, month, date: day, hour, minute, second })).toEqual(toDate(theirs));
      },
    ),
    { numRuns: 500 },
  );
  expect(utcInstant({ year: 2026, month: 1, date: 1, hour: 24 })).toBeUndefined();
  expect(utcInstant({ year: 2023, month: 2, date: 29 })).toBeUndefined();
});

test('days of the year and of weeks', () => {
  fc.assert(
    fc.property(year, fc.integer({ min: 0, max: 368 }), (y, ordinal) => {
      expect(ordinalDay(y, ordinal)).toEqual(
        toDate(DateTime.fromObject({ year: y, ordinal }, { zone: 'utc' })),
      );
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(
      year,
      fc.integer({ min: 0, max: 54 }),
      fc.integer({ min: 0, max: 8 }),
      (weekYear, week, weekday) => {
        const [y, w] = [String(weekYear).padStart(4, '0'), String(week).padStart(2, '0')];
        const theirs = DateTime.fromISO(`${y}-W${w}-${weekday}`, { zone: 'utc' });
        expect(weekDay(weekYear, week, weekday)).toEqual(toDate(theirs));
      },
    ),
    { numRuns: 500 },
  );
});

test('months later and earlier', () => {
  const instant = fc.date({
    min: new Date('1990-01-01T00:00:00Z'),
    max: new Date('2200-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instant, fc.integer({ min: -1200, max: 1200 }), (start, months) => {
      const theirs = DateTime.fromJSDate(start, { zone: 'utc' }).plus({ months });
      expect(addMonths(start, months)).toEqual(theirs.toJSDate());
    }),
    { numRuns: 500 },
  );
  expect(addMonths(new Date('2024-02-29T12:00:00Z'), 12)).toEqual(new Date('2025-02-28T12:00:00Z'));
  expect(addMonths(new Date('2026-01-31T00:00:00Z'), 1)).toEqual(new Date('2026-02-28T00:00:00Z'));
});

test('ISO durations of whole parts', () => {
  const count = fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined });
  const parts = fc.tuple(count, count, count, count, count, count);
  fc.assert(
    fc.property(parts, ([y, mo, w, d, h, min]) => {
      const write = (value: number | undefined, unit: string) =>
        value === undefined ? '' : `${value}${unit}`;
      const time = write(h, 'H') + write(min, 'M');
      const text = `P${write(y, 'Y')}${write(mo, 'M')}${write(w, 'W')}${write(d, 'D')}${time === '' ? '' : `T${time}`}`;
      const theirs = Duration.fromISO(text);
      const ours = parseDuration(text, 1000);
      if (!theirs.isValid || theirs.toMillis() === 0) {
        expect(ours).toHaveProperty('problem');
        return;
      }
      const { years = 0, months = 0, ...fixed } = theirs.toObject();
      expect(ours).toMatchObject({ months: years * 12 + months, ms: Duration.fromObject(fixed).toMillis() });
    }),
  );
});
