import { second } from '../../platform/instant.ts';

/**
 * Reads LastModifiedDate in the forms that inventories were seen with: `2025-04-14T07-06-00Z` (the page "Bucket
 * inventory", and files of production), ISO 8601 with colons, a blank for the `T`, fractions of a second, an offset for the
 * `Z` or none (UTC), and Unix time in seconds or milliseconds. Fractions are dropped: Last-Modified has whole seconds.
 * @returns undefined for anything else, and for a date that no calendar has
 */
export function readInventoryDate(text: string): Date | undefined {
  const usual = text.length === 20 && text.charCodeAt(19) === capitalZ ? readUsual(text) : Number.NaN;
  const ms = Number.isNaN(usual) ? readOther(text) : usual;
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

const capitalZ = 0x5a;
const zero = 0x30;

/** `2025-04-14T07-06-00Z` or `2025-04-14T07:06:00Z`, without a regular expression: there are millions of rows. */
function readUsual(text: string): number {
  const colon = text[13];
  const shape =
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    (colon === '-' || colon === ':') &&
    text[16] === colon;
  if (!shape) return Number.NaN;
  const year = digits(text, 0, 4);
  return instantOf(
    year,
    digits(text, 5, 2),
    digits(text, 8, 2),
    digits(text, 11, 2),
    digits(text, 14, 2),
    digits(text, 17, 2),
  );
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index += 1) {
    const digit = text.charCodeAt(index) - zero;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const other =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2})([:-])(\d{2})\5(\d{2})(?:[.,]\d{1,9}|-\d{3}(?=Z))?(Z|[+-]\d{2}:?\d{2})?$/;

function readOther(text: string): number {
  if (/^\d{10}$/.test(text)) return Number(text) * second;
  if (/^\d{13}$/.test(text)) return Math.floor(Number(text) / second) * second;
  const [, year, month, date, hours, , minutes, seconds, zone = 'Z'] = other.exec(text) ?? [];
  if (year === undefined) return Number.NaN;
  const local = instantOf(
    Number(year),
    Number(month),
    Number(date),
    Number(hours),
    Number(minutes),
    Number(seconds),
  );
  return local - offsetMs(zone);
}

function instantOf(
  year: number,
  month: number,
  date: number,
  hours: number,
  minutes: number,
  seconds: number,
): number {
  if (!(hours < 24 && minutes < 60 && seconds < 60 && month >= 1 && month <= 12 && date >= 1))
    return Number.NaN;
  // The last day of a month is the day before the first of the next.
  if (date > 28 && date > new Date(Date.UTC(year, month, 0)).getUTCDate()) return Number.NaN;
  return Date.UTC(year, month - 1, date, hours, minutes, seconds);
}

function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return Number.NaN;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60 * second;
}
