import { minute } from '../platform/instant.ts';
import { utcInstant } from '../platform/utc.ts';

/**
 * Returns an instant rounded down to the second: HEAD has no finer Last-Modified, and every date is computed from one
 * of the two.
 */
export const wholeSeconds = (instant: Date): Date => new Date(Math.floor(instant.getTime() / 1000) * 1000);

/**
 * Reads an instant in any form that the service was seen to send: ISO 8601 with or without milliseconds, with
 * `Z`, with an offset, or without a zone (the API pages' samples; taken as UTC), and RFC 1123 in headers.
 * Anything else is `undefined`; the caller makes it an error.
 */
export function parseServiceDate(text: string): Date | undefined {
  const iso = isoInstant.exec(text);
  if (iso !== null) {
    const [, sign, offsetHours = '0', offsetMinutes = '0'] = iso.slice(7);
    const local = instantOf(iso[1], Number(iso[2]), ...iso.slice(3, 7));
    if (local === undefined || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
    const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * minute * (sign === '-' ? -1 : 1);
    const fraction = Number((iso[7] ?? '').padEnd(3, '0').slice(0, 3));
    return new Date(local.getTime() + fraction - offset);
  }
  const http = rfc1123.exec(text);
  if (http === null) return undefined;
  const [, weekday = '', date, month = '', year, ...time] = http;
  const instant = instantOf(year, months.indexOf(month) + 1, date, ...time);
  return instant !== undefined && weekdays[instant.getUTCDay()] === weekday ? instant : undefined;
}

const isoInstant = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
/** The one of HTTP's three forms that the service sends. */
const rfc1123 = /^([A-Z][a-z]{2}), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function instantOf(
  year: string | undefined,
  month: number,
  ...rest: (string | undefined)[]
): Date | undefined {
  const [date = 0, hour = 0, minutes = 0, second = 0] = rest.map(Number);
  return utcInstant({ year: Number(year), month, date, hour, minute: minutes, second });
}
