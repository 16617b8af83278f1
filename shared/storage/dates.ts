import { DateTime } from 'luxon';

/**
 * Reads an instant in any form that the service was seen to send: ISO 8601 with or without milliseconds, with
 * `Z`, with an offset, or without a zone (the API pages' samples; taken as UTC), and RFC 1123 in headers.
 * Anything else is `undefined`; the caller makes it an error.
 */
export function parseServiceDate(text: string): Date | undefined {
  const parsed = isoInstant.test(text)
    ? DateTime.fromISO(text, { zone: 'utc' })
    : rfc1123.test(text)
      ? DateTime.fromHTTP(text, { zone: 'utc' })
      : undefined;
  return parsed?.isValid ? parsed.toJSDate() : undefined;
}

/** luxon's ISO reading takes years, weeks and bare times too: only a full date with a time is an instant. */
const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;
/** Of the three forms that luxon takes as HTTP's, the one that the service sends. */
const rfc1123 = /^[A-Z][a-z]{2}, .* GMT$/;
