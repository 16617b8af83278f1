import { day, hour, minute } from '../platform/instant.ts';
import { addMonths } from '../platform/utc.ts';
import { differenceRange } from './calendar.ts';
import type { Duration } from './types.ts';

/** Why a text was not understood, as a sentence part: "expected …, found …". */
export interface Unparsed {
  readonly problem: string;
}

/** The units of a duration in descending order, each as calendar months or as a fixed length. */
const units = [
  { unit: 'y', months: 12, ms: 0 },
  { unit: 'mo', months: 1, ms: 0 },
  { unit: 'w', months: 0, ms: 7 * day },
  { unit: 'd', months: 0, ms: day },
  { unit: 'h', months: 0, ms: hour },
  { unit: 'min', months: 0, ms: minute },
] as const;

/** The longest bucket policy OSS takes: 70 years (documented: InitiateBucketWorm, EC 0027-00000002). */
export const maxPolicyDays = 25550;

/** The form that messages about tags name. */
export const durationForm = 'a duration such as 7y';

const form = 'a number and a unit, such as 90d, 26w, 18mo, 7y, 20h or 30min';
const averageMonth = (400 * 365 + 97) * (day / (400 * 12));

/**
 * Reads `90d`, `26w`, `18mo`, `7y`, `20h`, `30min`, combinations in descending order (`1y6mo`), and the ISO
 * 8601 form (`P7Y`, `P1Y6M`, `PT20H`). Whole numbers only, above zero.
 * @param maxYears longer ones are refused: 100 years is the most that OSS takes as a default retention
 * @example
 * parseDuration('1y6mo'); // { months: 18, ms: 0, text: '1y6mo' }
 * parseDuration('soon'); // { problem: '…' }
 */
export function parseDuration(text: string, maxYears = 100): Duration | Unparsed {
  const parts = text.startsWith('P') ? isoParts(text) : ownParts(text);
  if ('problem' in parts) return parts;
  const quoted = JSON.stringify(text);
  const tooLong = { problem: `expected at most ${maxYears} years, found ${quoted}` };
  const duration = { months: 0, ms: 0 };
  for (const { unit, months, ms } of units) {
    const count = parts.counts.get(unit) ?? 0;
    // Hundreds of digits are Infinity, and Infinity times 0 is no number, which every comparison lets pass.
    if (!Number.isSafeInteger(count)) return tooLong;
    duration.months += count * months;
    duration.ms += count * ms;
  }
  if (duration.months === 0 && duration.ms === 0) {
    return { problem: `expected more than zero, found ${quoted}` };
  }
  if (averageLength(duration) > maxYears * 12 * averageMonth) return tooLong;
  return { ...duration, text };
}

interface Parts {
  readonly counts: ReadonlyMap<string, number>;
}

function ownParts(text: string): Parts | Unparsed {
  if (!/^(\d+(y|mo|w|d|h|min))+$/.test(text)) return { problem: whyNot(text) };
  const counts = new Map<string, number>();
  let last = -1;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([a-z]+)/g)) {
    const rank = units.findIndex((known) => known.unit === unit);
    if (rank <= last) {
      const order = units.map((known) => known.unit).join(', ');
      return { problem: `expected each unit once, in the order ${order}, found ${JSON.stringify(text)}` };
    }
    last = rank;
    counts.set(unit, Number(count));
  }
  return { counts };
}

function whyNot(text: string): string {
  const quoted = JSON.stringify(text);
  if (/^\d+$/.test(text)) return `${quoted} has no unit: write ${text}d for days, ${text}mo or ${text}y`;
  if (/^[-+]/.test(text)) return `expected a duration without sign, found ${quoted}`;
  if (/\d[.,]\d/.test(text)) return `expected whole numbers (18mo, not 1.5y), found ${quoted}`;
  if (/\dm(?!o|in)/i.test(text)) return `"m" is ambiguous in ${quoted}: write mo for months, min for minutes`;
  return `expected ${form}, found ${quoted}`;
}

/** An ISO 8601 duration of whole parts; seconds only as none. */
const isoDuration =
  /^P(?=\d|T)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:0+S)?)?$/;

function isoParts(text: string): Parts | Unparsed {
  const found = isoDuration.exec(text);
  if (found === null) {
    const example = 'an ISO 8601 duration of whole years to minutes, such as P7Y, P1Y6M or PT20H';
    return { problem: `expected ${example}, found ${JSON.stringify(text)}` };
  }
  return { counts: new Map(units.map(({ unit }, index) => [unit, Number(found[index + 1] ?? 0)])) };
}

type Length = Pick<Duration, 'months' | 'ms'>;

/** Returns the duration in this file's own notation: `1y6mo`, `90d`, `20h`. */
export function formatDuration(duration: Length): string {
  let { months, ms } = duration;
  let text = '';
  for (const { unit, ...size } of units.filter((known) => known.unit !== 'w')) {
    const count = Math.floor(size.months > 0 ? months / size.months : ms / size.ms);
    months -= count * size.months;
    ms -= count * size.ms;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}

/**
 * Adds a duration to an instant, in UTC: first the calendar months, clamped to the end of the month
 * (29 February + 1y = 28 February), then the fixed length.
 * @example
 * addDuration(new Date('2028-02-29T00:00:00Z'), { months: 12, ms: 0 }); // 2029-02-28T00:00:00Z
 */
export function addDuration(instant: Date, duration: Length): Date {
  return new Date(addMonths(instant, duration.months).getTime() + duration.ms);
}

/** Tells whether `start + a` is later than `start + b` for every start. */
export function alwaysLonger(a: Length, b: Length): boolean {
  return (clearDifference(a, b) || differenceRange(a, b).least) > 0;
}

/** Tells whether `start + a` is later than `start + b` for at least one start. */
export function canBeLonger(a: Length, b: Length): boolean {
  return (clearDifference(a, b) || differenceRange(a, b).most) > 0;
}

const averageLength = (duration: Length) => duration.months * averageMonth + duration.ms;

/** No count of months strays further than this from its average length. */
const calendarSlack = 4 * day;

/** The sign of `a - b` where no calendar can reverse it, else 0. */
function clearDifference(a: Length, b: Length): number {
  const difference = averageLength(a) - averageLength(b);
  return Math.abs(difference) > 2 * calendarSlack ? Math.sign(difference) : 0;
}

/**
 * Reads the length of a default retention: whole days or whole years, since the services count it so (reference: Days 1 to
 * 36500, or Years 1 to 100, never both).
 */
export function daysOrYears(text: string): Duration | Unparsed {
  const duration = parseDuration(text);
  if ('problem' in duration) return duration;
  const { months, ms } = duration;
  const isWhole = months === 0 ? ms % day === 0 : ms === 0 && months % 12 === 0;
  if (!isWhole)
    return {
      problem: `expected whole days or whole years, such as 30d or 1y, found ${JSON.stringify(text)}`,
    };
  if (months === 0 && ms > maxDefaultDays * day)
    return { problem: `expected at most ${maxDefaultDays}d, found ${text}` };
  return duration;
}

/** The most days of a default retention that both services take; in years it is 100. */
const maxDefaultDays = 36500;

/**
 * Reads a number of days for a bucket policy (`365d`, `52w`). OSS counts policies in days only, so months and
 * years, which have no fixed number of days, are refused; so is more than 25550 days.
 */
export function wholeDays(text: string): number | Unparsed {
  const duration = parseDuration(text);
  if ('problem' in duration) return duration;
  const days = duration.ms / day;
  if (duration.months > 0) {
    const about = Math.round(averageLength(duration) / day);
    return { problem: `bucket policies count days only: write ${about}d instead of ${text}` };
  }
  if (!Number.isInteger(days))
    return { problem: `expected whole days, such as 365d, found ${JSON.stringify(text)}` };
  if (days > maxPolicyDays)
    return { problem: `expected at most ${maxPolicyDays}d (70 years), found ${text}` };
  return days;
}
