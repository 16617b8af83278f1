/**
 * Reads an instant in any form that the service was seen to send: ISO 8601 with or without milliseconds, with
 * `Z`, with an offset, or without a zone (the API pages' samples; taken as UTC), and RFC 1123 in headers.
 * Anything else is `undefined`; the caller makes it an error.
 */
export function parseServiceDate(text: string): Date | undefined {
  const iso = isoInstant.exec(text);
  if (iso !== null) {
    const [
      ,
      year,
      month,
      day,
      hour,
      minute,
      second,
      fraction = '',
      sign,
      offsetHours = '0',
      offsetMinutes = '0',
    ] = iso;
    const local = instantOf(year, Number(month), day, hour, minute, second);
    if (local === undefined || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
    const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
    return new Date(local.getTime() + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset);
  }
  const http = rfc1123.exec(text);
  if (http === null) return undefined;
  const [, weekday = '', day, month = '', year, hour, minute, second] = http;
  const instant = instantOf(year, months.indexOf(month) + 1, day, hour, minute, second);
  return instant !== undefined && weekdays[instant.getUTCDay()] === weekday ? instant : undefined;
}

const isoInstant = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
/** The one of HTTP's three forms that the service sends. */
const rfc1123 = /^([A-Z][a-z]{2}), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** An instant in UTC; `undefined` for a day or a time that does not exist, which Date would shift. */
function instantOf(
  year: string | undefined,
  month: number,
  ...[day, hour, minute, second]: (string | undefined)[]
): Date | undefined {
  const instant = new Date(0);
  instant.setUTCFullYear(Number(year), month - 1, Number(day));
  instant.setUTCHours(Number(hour), Number(minute), Number(second));
  const exists =
    instant.getUTCMonth() === month - 1 &&
    instant.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60;
  return exists ? instant : undefined;
}
