import { hour, minute, second } from '../platform/instant.ts';
import { ordinalDay, utcInstant, weekDay } from '../platform/utc.ts';
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
 * Reads a date in the forms that docs/rules-values.md lists: an ISO 8601 day (calendar, week or ordinal; extended or basic), or
 * such a day with `T` and a time to the minute or finer; UTC unless an offset is given. A day that does not exist, an
 * offset that no zone has and a leap second are refused, never moved to the next that exists. What is finer than a
 * millisecond is rounded up, since retention must never end early.
 * @example
 * parseTagDate('2033-01-31'); // that day, in UTC
 * parseTagDate('2033-02-30'); // { problem: '…' }
 */
export function parseTagDate(text: string): TagDate | Unparsed {
  const [day = '', clock, ...more] = text.split('T');
  if (!date.test(day) || more.length > 0) return { problem: whyNoDate(text) };
  const start = dayOf(day);
  const quoted = JSON.stringify(text);
  if (start === undefined) return { problem: `there is no day such as ${quoted}` };
  if (clock === undefined) return { at: start, wholeDay: true };

  const zoneAt = clock.search(/[Z+-]/);
  const [local, zone] = zoneAt < 0 ? [clock, 'Z'] : [clock.slice(0, zoneAt), clock.slice(zoneAt)];
  const offsetMs = offsetOf(zone);
  if (!time.test(local) || offsetMs === undefined)
    return { problem: `expected ${dateForm}, found ${quoted}` };
  if (offsetMs < westmost || offsetMs > eastmost)
    return { problem: `no time zone is that far from UTC: ${quoted}` };
  const timeMs = timeOf(local);
  if (timeMs === undefined) return { problem: `there is no time such as ${quoted}` };
  const finer = finerThanMs.test(local) ? 1 : 0;
  return { at: new Date(start.getTime() + timeMs + finer - offsetMs), wholeDay: false };
}

/** The midnight at which the day begins; undefined for a day that does not exist, and before the year 1. */
function dayOf(text: string): Date | undefined {
  const [year = 0, ...parts] = (date.exec(text) ?? []).slice(1).map((part) => Number(part ?? 0));
  const [month = 0, dayOfMonth = 0, basicMonth = 0, basicDay = 0, ordinal = 0, week = 0, weekday = 0] = parts;
  if (year < 1) return undefined;
  if (/W/.test(text)) return weekDay(year, week, weekday);
  if (/^\d{4}-?\d{3}$/.test(text)) return ordinal < 1 ? undefined : ordinalDay(year, ordinal);
  return utcInstant({ year, month: month || basicMonth, date: dayOfMonth || basicDay });
}

/** Milliseconds since midnight, without what is finer; midnight at the end of the day is hour 24. */
function timeOf(text: string): number | undefined {
  const [hours = '', m1 = '0', s1 = '0', f1, m2 = '0', s2 = '0', f2] = (time.exec(text) ?? []).slice(1);
  const [minutes, seconds] = [Number(m1) || Number(m2), Number(s1) || Number(s2)];
  const ms = Number((f1 ?? f2 ?? '').slice(1, 4).padEnd(3, '0'));
  const total = Number(hours) * hour + minutes * minute + seconds * second + ms;
  return minutes > 59 || seconds > 59 || total > 24 * hour ? undefined : total;
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

/** Returns the instant at which what is kept until the date ends: the day's end, or the instant itself. */
export const endOfDate = (date: TagDate): Date => addToDate(date, { months: 0, ms: 0 });

/**
 * Returns the end of a period that starts at the date. The calendar comes first and the end of the day last: the
 * period is added to the bare date, and then the whole of the resulting day is kept (2024-02-28 + 6y ends
 * 2030-03-01T00:00Z).
 */
export function addToDate({ at, wholeDay }: TagDate, period: Pick<Duration, 'months' | 'ms'>): Date {
  const end = addDuration(at, period);
  return wholeDay ? addDuration(end, { months: 0, ms: 24 * hour }) : end;
}

/** The start of periods, where that is not the Last-Modified of a version. */
export interface PeriodStart {
  /** The instant from which on it is past. */
  readonly at: Date;
  /** Returns the end of a period that starts here. */
  readonly plus: (period: Pick<Duration, 'months' | 'ms'>) => Date;
}

/** Returns the start of periods at a date. */
export const periodFromDate = (date: TagDate): PeriodStart => ({
  at: date.at,
  plus: (period) => addToDate(date, period),
});
