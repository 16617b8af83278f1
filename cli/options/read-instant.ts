import { DateTime } from 'luxon';
import { usage } from './usage.ts';

/** Returns an option's value that is an instant. @throws USAGE */
export function readInstant(option: string, text: string): Date {
  const instant = instantIn(text);
  if (instant !== undefined) return instant;
  const reason = `${option} ${text}: expected ISO 8601, such as 2026-11-20T10:00:00Z`;
  throw usage(reason);
}

/** Returns the instant that a text in ISO 8601 names, in UTC unless it says otherwise; none outside of the years 1 to 9999, which other programs cannot read. */
export function instantIn(text: string): Date | undefined {
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  return instant.isValid && instant.year >= 1 && instant.year <= 9999 ? instant.toJSDate() : undefined;
}
