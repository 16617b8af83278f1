import { DateTime } from 'luxon';
import { hour, minute } from '../platform/instant.ts';
import { addDuration, type Unparsed } from './duration.ts';
import type { Duration } from './types.ts';

/** A date as a tag or the rules give it: an instant, or a whole day in UTC. */
export interface TagDate {
  /** The instant, or the midnight UTC at which the day begins. */
  readonly at: Date;
  readonly wholeDay: boolean;
}

const date = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d)|-?(\d{3})|-?W(\d\d)-?(\d))$/;
const time = /^(\d\d)(?::(\d\d)(?::(\d\d)([.,]\d+)?)?|(\d\d)(?:(\d\d)([.,]\d+)?)?)$/;
const offset = /^(?:Z|([+-])(\d\d)(?::?(\d\d))?)$/;
const finerThanMs = /[.,]\d{3}\d*[1-9]/;

/** The zones of the world lie between these. */
const [westmost, eastmost] = [-12 * hour, 14 * hour];

/**
 * Reads a date in the forms that docs/rules.md lists: an ISO 8601 day (calendar, week or ordinal; extended or basic), or
 * such a day with `T` and a time to the minute or finer; UTC unless an offset is given. A day that does not exist, an
 * offset that no zone has and a leap second are refused, never moved to the next that exists. What is finer than a
 * millisecond is rounded up, since retention must never end early.
 */
export function parseTagDate(text: string): TagDate | Unparsed {
  const [day = '', clock, ...more] = text.split('T');
  if (!date.test(day) || more.length > 0) return { problem: whyNoDate(text) };
  const start = DateTime.fromISO(day, { zone: 'utc' });
  const quoted = JSON.stringify(text);
  if (!start.isValid || start.year < 1) return { problem: `there is no day such as ${quoted}` };
  if (clock === undefined) return { at: start.toJSDate(), wholeDay: true };

  const zoneAt = clock.search(/[Z+-]/);
  const [local, zone] = zoneAt < 0 ? [clock, 'Z'] : [clock.slice(0, zoneAt), clock.slice(zoneAt)];
  const offsetMs = offsetOf(zone);
  if (!time.test(local) || offsetMs === undefined)
    return { problem: `expected ${dateForm}, found ${quoted}` };
  if (offsetMs < westmost || offsetMs > eastmost)
    return { problem: `no time zone is that far from UTC: ${quoted}` };
  const instant = DateTime.fromISO(`${start.toISODate()}T${local}`, { zone: 'utc' });
  if (!instant.isValid) return { problem: `there is no time such as ${quoted}` };
  const finer = finerThanMs.test(local) ? 1 : 0;
  return { at: new Date(instant.toMillis() + finer - offsetMs), wholeDay: false };
}

function offsetOf(text: string): number | undefined {
  const found = offset.exec(text);
  if (found === null) return undefined;
  const [, sign = '+', hours = '0', minutes = '0'] = found;
  if (Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * hour + Number(minutes) * minute);
}

/** The commonest ways to write a date that can be read in two ways, or not to the day. */
function whyNoDate(text: string): string {
  const quoted = JSON.stringify(text);
  if (/^\d{1,4}[/.]\d{1,2}[/.]\d{1,4}$/.test(text)) {
    return `which part of ${quoted} is the day and which the month is unclear: write it as in 2033-01-31`;
  }
  if (/^\d{4}(-\d\d|-?W\d\d)?$/.test(text)) return `${quoted} names no day: write it as in 2033-01-31`;
  return `expected ${dateForm}, found ${quoted}`;
}

/** The form that messages name first. */
export const dateForm = 'a date such as 2033-01-01';

/** The instant at which what is kept until the date ends: the day's end, or the instant itself. */
export const endOfDate = (date: TagDate): Date => addToDate(date, { months: 0, ms: 0 });

/**
 * The end of a period that starts at the date. The calendar comes first and the end of the day last: the period is added
 * to the bare date, and then the whole of the resulting day is kept (2024-02-28 + 6y ends 2030-03-01T00:00Z).
 */
export function addToDate({ at, wholeDay }: TagDate, period: Pick<Duration, 'months' | 'ms'>): Date {
  const end = addDuration(at, period);
  return wholeDay ? addDuration(end, { months: 0, ms: 24 * hour }) : end;
}
