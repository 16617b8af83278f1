import { DateTime } from 'luxon';

const calendarDate = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?$/;
const finerThanMs = /\.\d{3}\d*[1-9]/;

/**
 * The instant that a date in a tag or in the rules means, or undefined if it is none.
 *
 * ISO 8601 calendar dates and date-times; UTC unless an offset is given. A bare date means midnight UTC at its
 * end, so that `2033-01-01` keeps all of that day. Years, weeks and ordinal days alone are not taken.
 */
export function parseTagDate(text: string): Date | undefined {
  const bare = calendarDate.test(text);
  if (!bare && !dateTime.test(text)) return undefined;
  const parsed = DateTime.fromISO(text, { zone: 'utc' });
  if (!parsed.isValid) return undefined;
  if (bare) return parsed.plus({ days: 1 }).toJSDate();
  // A Date holds milliseconds; what is finer is rounded up, since retention must never end early.
  return parsed.plus({ milliseconds: finerThanMs.test(text) ? 1 : 0 }).toJSDate();
}
