import { day } from './instant.ts';

/** The parts of an instant in UTC, each as a clock shows it: months and days from 1. */
export interface UtcParts {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
}

/**
 * Returns the instant with these parts; `undefined` for a day or a time that does not exist, which Date would move to
 * the next that does. A leap second and hour 24 do not exist.
 */
export function utcInstant({
  year,
  month,
  date,
  hour = 0,
  minute = 0,
  second = 0,
}: UtcParts): Date | undefined {
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, date);
  instant.setUTCHours(hour, minute, second);
  const exists =
    instant.getUTCMonth() === month - 1 &&
    instant.getUTCDate() === date &&
    instant.getUTCHours() === hour &&
    instant.getUTCMinutes() === minute &&
    instant.getUTCSeconds() === second;
  return exists ? instant : undefined;
}

/** Returns the midnight at which a day of the year begins, in UTC; `undefined` when the year has no such day. */
export function ordinalDay(year: number, ordinal: number): Date | undefined {
  const start = utcInstant({ year, month: 1, date: 1 });
  const instant = start && new Date(start.getTime() + (ordinal - 1) * day);
  return instant?.getUTCFullYear() === year ? instant : undefined;
}

/**
 * Returns the midnight at which a day of an ISO 8601 week begins, in UTC; `undefined` when the year has no such week
 * or the week no such day. The first week of a year is the one with 4 January.
 * @param weekday from 1, Monday
 */
export function weekDay(year: number, week: number, weekday: number): Date | undefined {
  if (week < 1 || weekday < 1 || weekday > 7) return undefined;
  const fourth = utcInstant({ year, month: 1, date: 4 });
  if (fourth === undefined) return undefined;
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * day + (week - 1) * 7 * day;
  const thursday = new Date(monday + 3 * day); // it tells the year that a week belongs to
  return thursday.getUTCFullYear() === year ? new Date(monday + (weekday - 1) * day) : undefined;
}

/** Returns an instant some months later or earlier, in UTC; a day that the month does not have becomes its last. */
export function addMonths(instant: Date, months: number): Date {
  const moved = new Date(instant);
  moved.setUTCMonth(instant.getUTCMonth() + months);
  // A day that does not exist was moved on into the next month; its date says by how much.
  if (moved.getUTCDate() !== instant.getUTCDate()) moved.setUTCDate(0);
  return moved;
}
