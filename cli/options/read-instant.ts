import { DateTime } from 'luxon';
import { usage } from './usage.ts';

/** Returns an option's value that is an instant. @throws USAGE */
export function readInstant(option: string, text: string): Date {
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  if (instant.isValid) return instant.toJSDate();
  const reason = `${option} ${text}: expected ISO 8601, such as 2026-11-20T10:00:00Z`;
  throw usage(reason);
}
