import { DateTime } from 'luxon';
import { addDuration, parseDuration, type Unparsed } from '../rules/duration.ts';
import { parseTagDate } from '../rules/tag-date.ts';
import type { Duration } from '../rules/types.ts';

/** An instant, or one counted from the case's own `now`. */
export type Moment = Date | { readonly from: 'past' | 'future'; readonly duration: Duration };

/** ISO 8601, UTC unless it says otherwise. A bare date is refused: in a tag it would mean the end of that day. */
export function parseInstant(text: string): Date | Unparsed {
  const instant = parseTagDate(text);
  if (!('problem' in instant) && !instant.wholeDay) return instant.at;
  return { problem: `expected ${instantForm}, found ${JSON.stringify(text)}` };
}

/** Reads an instant, `20h ago` or `in 7y`. */
export function parseMoment(text: string): Moment | Unparsed {
  const [, ago] = /^(\S+) ago$/.exec(text) ?? [];
  const [, ahead] = /^in (\S+)$/.exec(text) ?? [];
  const length = ago ?? ahead;
  if (length !== undefined) {
    const duration = parseDuration(length);
    return 'problem' in duration ? duration : { from: ago === undefined ? 'future' : 'past', duration };
  }
  const instant = parseInstant(text);
  if ('problem' in instant) return { problem: `expected ${momentForm}, found ${JSON.stringify(text)}` };
  return instant;
}

/** Returns the instant that is meant: months and years are calendar, in UTC. */
export function resolveMoment(moment: Moment, now: Date): Date {
  if (moment instanceof Date) return moment;
  const { from, duration } = moment;
  if (from === 'future') return addDuration(now, duration);
  const start = DateTime.fromJSDate(now, { zone: 'utc' });
  return start.minus({ months: duration.months }).minus({ milliseconds: duration.ms }).toJSDate();
}

export const instantForm = 'a date and time such as 2026-11-20T10:00:00Z';
export const momentForm = `${instantForm}, "20h ago" or "in 7y"`;
