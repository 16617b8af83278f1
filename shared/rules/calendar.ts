import { day } from '../platform/instant.ts';
import type { Duration } from './types.ts';

/*
 * What is true of durations for every start. The calendar repeats after 400 years, and within a month the start matters
 * only where the end falls on a day that its month does not have, so few starts stand for all.
 */

type Length = Pick<Duration, 'months' | 'ms'>;

/** The least and the most of a difference between two durations, over all starts, in milliseconds. */
export interface DifferenceRange {
  readonly least: number;
  readonly most: number;
}

/** The months and the days of 400 years, after which the calendar begins again. */
const cycleMonths = 400 * 12;
const cycleDays = 400 * 365 + 97;
let cycle: Int32Array | undefined;

/** Days from 1970-01-01 to the first day of a month. @param month months since January of the year 0 */
function firstOfMonth(month: number): number {
  cycle ??= Int32Array.from({ length: cycleMonths }, (_, index) => Date.UTC(2000, index, 1) / day);
  const since = month - 2000 * 12;
  const rounds = Math.floor(since / cycleMonths);
  return (cycle[since - rounds * cycleMonths] ?? 0) + rounds * cycleDays;
}

/** Days from 1970-01-01 to the day that lies `months` after the given one; a day that is missing becomes the last. */
function dayAfter(year: number, month: number, date: number, months: number): number {
  const at = 12 * year + month + months;
  const first = firstOfMonth(at);
  return first + Math.min(date, firstOfMonth(at + 1) - first) - 1;
}

const known = new Map<string, DifferenceRange>();

/** Returns the range of `(start + a) - (start + b)` over all starts of the calendar's 400 years, in UTC. */
export function differenceRange(a: Length, b: Length): DifferenceRange {
  const pair = `${a.months}/${b.months}`;
  const months = known.get(pair) ?? rangeOfMonths(a.months, b.months);
  known.set(pair, months);
  return { least: months.least + a.ms - b.ms, most: months.most + a.ms - b.ms };
}

function rangeOfMonths(a: number, b: number): DifferenceRange {
  if (a === b) return { least: 0, most: 0 };
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let month = 0; month < cycleMonths; month += 1) {
    for (const date of datesThatDiffer) {
      if (date > dayAfter(2000, month, 31, 0) - dayAfter(2000, month, 1, 0) + 1) continue;
      const days = dayAfter(2000, month, date, a) - dayAfter(2000, month, date, b);
      least = Math.min(least, days);
      most = Math.max(most, days);
    }
  }
  return { least: least * day, most: most * day };
}

/** Up to the 28th every month has the day, so the first stands for them all. */
const datesThatDiffer = [1, 29, 30, 31];

/**
 * Returns the fewest whole days that the duration has, whenever it begins: 365 for a year, 2190 for six (2097 to
 * 2103).
 */
export const fewestDays = (length: Length): number =>
  Math.floor(differenceRange(length, { months: 0, ms: 0 }).least / day);

/** A run of days in UTC, each given by the midnight at which it begins. */
export interface DayRange {
  readonly first: Date;
  readonly last: Date;
}

/**
 * Returns the first run of days, in UTC, on which `start + a` is later than `start + b`; undefined when there is no
 * such day in the 400 years to come.
 * @param from the day of this instant is the first that is looked at
 */
export function firstDaysLonger(a: Length, b: Length, from: Date): DayRange | undefined {
  if (differenceRange(a, b).most <= 0) return undefined;
  const isLonger = (start: number): boolean => {
    const instant = new Date(start * day);
    const [year, month, date] = [instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate()];
    const days = dayAfter(year, month, date, a.months) - dayAfter(year, month, date, b.months);
    return days * day + a.ms - b.ms > 0;
  };
  const start = Math.floor(from.getTime() / day);
  const end = start + cycleDays;
  let first = start;
  while (first < end && !isLonger(first)) first += 1;
  if (first === end) return undefined;
  let last = first;
  while (last + 1 < end && isLonger(last + 1)) last += 1;
  return { first: new Date(first * day), last: new Date(last * day) };
}
