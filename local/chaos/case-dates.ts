import { day, formatInstant } from '../../shared/platform/instant.ts';
import type { HeldRetention } from '../plain-client.ts';
import type { Difference } from './compare.ts';
import { caseDays, caseEnd } from './expected.ts';
import type { Sent } from './send.ts';

/** This is what may have moved the date of a case since it was last looked at. */
interface Before {
  readonly seen: Date | undefined;
  /** A matter may have renewed it. */
  readonly renewed: boolean;
}

/**
 * Tells what is wrong with the date of a case. One that is open has one or two generations ahead; one that is closed is kept to the end of its
 * period, and no longer than it was, or than a matter may have renewed it.
 */
export function wrongDates(
  sent: Sent,
  held: HeldRetention | undefined,
  { seen, renewed }: Before,
  now: Date,
): (readonly [Difference['kind'], Sent, string])[] {
  const closedOn = sent.tags['closed-on'];
  const is =
    held === undefined ? 'it is under no retention' : `it is kept until ${formatInstant(held.until)}`;
  const until = held?.until.getTime() ?? 0;
  const generations = now.getTime() + 2 * caseDays.generation * day;
  if (closedOn === undefined) {
    if (until <= now.getTime()) return [['released early', sent, `it is open, and ${is}`]];
    return until > generations ? [['held too long', sent, `it is open, and ${is}`]] : [];
  }
  const end = caseEnd(closedOn);
  if (now < end && until < end.getTime())
    return [['released early', sent, `it was closed on ${closedOn}, and ${is}`]];
  const most = Math.max(end.getTime(), seen?.getTime() ?? 0, renewed ? generations : 0);
  return until > most ? [['held too long', sent, `it was closed on ${closedOn}, and ${is}`]] : [];
}
