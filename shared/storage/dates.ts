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
  return writtenAsDateIs(text) ?? parseOtherForm(text);
}

/** The lengths of the two forms that a Date writes itself. With a year of more than four digits both are longer. */
const isoLength = 24;
const utcLength = 29;

/** Reads those two forms, which nearly all dates are in. What a Date writes in the same way again it has understood. */
function writtenAsDateIs(text: string): Date | undefined {
  if (text.length !== isoLength && text.length !== utcLength) return undefined;
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) return undefined;
  return instant.toISOString() === text || instant.toUTCString() === text ? instant : undefined;
}

function parseOtherForm(text: string): Date | undefined {
  const iso = isoInstant.exec(text);
  if (iso === null) return undefined;
  const [year = 0, month = 0, date = 0, hour = 0, minutes = 0, second = 0] = iso.slice(1, 7).map(Number);
  const local = utcInstant({ year, month, date, hour, minute: minutes, second });
  const [, sign, offsetHours = '0', offsetMinutes = '0'] = iso.slice(7);
  if (local === undefined || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * minute * (sign === '-' ? -1 : 1);
  const fraction = Number((iso[7] ?? '').padEnd(3, '0').slice(0, 3));
  return new Date(local.getTime() + fraction - offset);
}

const isoInstant = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
