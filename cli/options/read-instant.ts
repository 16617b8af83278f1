import { DateTime } from 'luxon';
import { usage } from './usage.ts';

/** Returns an option's value that is an instant. @throws USAGE */
export function readInstant(option: string, text: string): Date {
  const instant = instantIn(text);
  if (instant !== undefined) return instant;
  const why = isNoDay(text) ? noSuchDay : 'expected ISO 8601, such as 2026-11-20T10:00:00Z';
  throw usage(`${option} ${text}: ${why}`);
}

/** Tells whether a text has the form of an instant, of a day or an hour that there is not, such as 30 February. */
export const isNoDay = (text: string): boolean =>
  DateTime.fromISO(text, { zone: 'utc' }).invalidReason === 'unit out of range';

/** These are the words for {@link isNoDay}. */
export const noSuchDay = 'there is no such day or time';

/** Returns the instant that a text in ISO 8601 names, in UTC unless it says otherwise; none outside of the years 1 to 9999, which other programs cannot read. */
export function instantIn(text: string): Date | undefined {
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  return instant.isValid && instant.year >= 1 && instant.year <= 9999 ? instant.toJSDate() : undefined;
}
