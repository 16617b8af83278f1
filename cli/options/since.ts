import { DateTime } from 'luxon';
import { parseDuration } from '../../shared/rules/duration.ts';
import { instantIn, isNoDay, noSuchDay } from './read-instant.ts';
import { usage } from './usage.ts';

/**
 * Tells what --since says: an instant (UTC unless it says otherwise), or how long ago.
 * @throws USAGE
 */
export function readSince(text: string, now: Date): Date {
  const ago = parseDuration(text);
  if (!('problem' in ago)) {
    return DateTime.fromJSDate(now, { zone: 'utc' })
      .minus({ months: ago.months, milliseconds: ago.ms })
      .toJSDate();
  }
  const instant = instantIn(text);
  if (instant !== undefined) return instant;
  if (isNoDay(text)) throw usage(`--since ${text}: ${noSuchDay}`);
  const reason = `--since ${text}: expected ISO 8601 such as 2026-11-20T10:00:00Z, or a duration such as 7d`;
  throw usage(reason);
}
