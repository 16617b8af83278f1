import { day as dayMs, hour, minute } from '../platform/instant.ts';
import { utcInstant } from '../platform/utc.ts';
import { formatDuration, type Unparsed } from './duration.ts';
import { addToDate, type PeriodStart, type TagDate } from './tag-date.ts';
import type { Duration, YearEnd } from './types.ts';

/*
 * Periods that start when a year ends, as accounting law counts them. A year has a last day and a zone: 31 December and UTC
 * unless the rule says otherwise.
 */

/** The last day of the year in which a date lies, as the midnight UTC of that calendar day. */
function lastDayOf({ at, wholeDay }: TagDate, { month, date, offsetMs }: YearEnd): Date {
  // A day without a time is a day of the calendar in every zone.
  const local = new Date(wholeDay ? at.getTime() : at.getTime() + offsetMs);
  const lastIn = (year: number) => new Date(Date.UTC(year, month - 1, date));
  const sameYear = lastIn(local.getUTCFullYear());
  return local.getTime() < sameYear.getTime() + dayMs ? sameYear : lastIn(local.getUTCFullYear() + 1);
}

/**
 * Returns the end of a period that starts at the end of the year in which the date lies. The period is added to the last day of the
 * year, and then the whole of the resulting day is kept, in the zone of the year: 2026-03-05 and 10y end when 2036-12-31 does.
 */
export function addFromYearEnd(start: TagDate, end: YearEnd, period: Pick<Duration, 'months' | 'ms'>): Date {
  const local = addToDate({ at: lastDayOf(start, end), wholeDay: true }, period);
  return new Date(local.getTime() - end.offsetMs);
}

/** Returns the start of periods at the end of the year in which the date lies: from the instant at which the year is over. */
export const periodFromYearEnd = (date: TagDate, end: YearEnd): PeriodStart => ({
  at: addFromYearEnd(date, end, { months: 0, ms: 0 }),
  plus: (period) => addFromYearEnd(date, end, period),
});

/** Returns the longest that a period from the end of a year lasts, counted from a date in that year: a year more. */
export function untilYearEnd({ months, ms, text }: Duration): Duration {
  const length = { months: months + 12, ms };
  return { ...length, text: `${text} from the end of a year, up to ${formatDuration(length)} in all` };
}

/** Reads the last day of a year, as `MM-DD`. 29 February is refused: most years do not have it. */
export function parseLastDay(text: string): Pick<YearEnd, 'month' | 'date'> | Unparsed {
  const quoted = JSON.stringify(text);
  const found = /^(\d\d)-(\d\d)$/.exec(text);
  if (found === null) {
    return { problem: `expected the last day of the year as MM-DD, such as 12-31 or 06-30, found ${quoted}` };
  }
  const [, month = Number.NaN, date = Number.NaN] = found.map(Number);
  if (month === 2 && date === 29) {
    return {
      problem: 'most years have no 29 February: write 02-28, which is then the last day in every year',
    };
  }
  // Any year will do: 29 February is the only day that some years lack.
  if (utcInstant({ year: 2001, month, date }) === undefined) {
    return { problem: `there is no day such as ${quoted}` };
  }
  return { month, date };
}

/** Reads an offset from UTC, as `+08:00` or `Z`, in milliseconds. Zones with daylight saving time have no one offset. */
export function parseZone(text: string): number | Unparsed {
  if (text === 'Z' || text === 'UTC') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const ms = Number(hours) * hour + Number(minutes) * minute;
  if (sign === undefined || Number(minutes) > 59 || ms > (sign === '-' ? 12 : 14) * hour) {
    return {
      problem: `expected an offset from UTC such as +08:00, from -12:00 to +14:00, or Z, found ${JSON.stringify(text)}`,
    };
  }
  return sign === '-' ? -ms : ms;
}
