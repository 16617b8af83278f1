/*
 * The documented form is ISO 8601 in UTC with milliseconds. Other forms come from EventBridge rules, from proxies and
 * from people who replay events. The time helps to tell versions apart and decides no date: a form that is not read
 * here costs a look at the list of versions, not the event.
 */

const iso =
  /^(\d{4})-?(\d\d)-?(\d\d)[Tt _](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/;
const rfc1123 = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

/** Numbers from here on are milliseconds, below are seconds: the year 1973 in the one and 5138 in the other. */
const firstMilliseconds = 100_000_000_000;

/**
 * Reads the time of an event. A time without a zone is taken as UTC; a number counts from 1970 in seconds or milliseconds.
 * @returns undefined for everything else
 */
export function parseEventTime(value: unknown): Date | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{9,14}(?:\.\d+)?$/.test(text)) return fromNumber(Number(text));
  if (rfc1123.test(text)) return valid(new Date(text));
  const parts = iso.exec(text);
  return parts === null ? undefined : fromParts(parts);
}

function fromNumber(value: number): Date | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  return valid(new Date(value < firstMilliseconds ? value * 1000 : value));
}

function fromParts([, year, month, day, hour, minute, seconds = '0', fraction = '0', zone]: string[]):
  | Date
  | undefined {
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, seconds].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = new Date(Date.UTC(y, mo - 1, d, h, mi, s, Math.floor(Number(`0.${fraction}`) * 1000)));
  const asWritten =
    local.getUTCMonth() === mo - 1 &&
    local.getUTCDate() === d &&
    local.getUTCHours() === h &&
    mi < 60 &&
    s < 60;
  const offset = offsetMs(zone);
  return asWritten && offset !== undefined ? valid(new Date(local.getTime() - offset)) : undefined;
}

/** The offset of a zone from UTC; undefined when no place on earth has it. */
function offsetMs(zone = 'Z'): number | undefined {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Dates far from now are no times of events; a Date that cannot be written as text is none either. */
function valid(date: Date): Date | undefined {
  const year = date.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? date : undefined;
}
