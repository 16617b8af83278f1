import { day } from '../platform/instant.ts';
import { fewestDays } from './calendar.ts';
import type { Duration, EventHold } from './types.ts';

/*
 * Event holds: until the date that a period counts from is known, a version is kept by generations of retention. Their length follows
 * from the period, so that no generation reaches further than the period itself would.
 */

/** The longest generation, in days. */
const mostDays = 90;

/** The shortest generation, in days: runs come once a day, and half of it is the time that is left for them. */
const leastDays = 2;

/** The shortest period that can have an event hold, in days. */
export const shortestHeldDays = 2 * leastDays;

/**
 * Returns the generations of an event hold: 90 days, or half the shortest that the period can be where that is less. They are renewed when
 * half of one is left. At the moment of a write at most two generations lie ahead, and so never more than the period.
 */
export function eventHoldOf(period: Pick<Duration, 'months' | 'ms'>): EventHold {
  const days = Math.max(leastDays, Math.min(mostDays, Math.floor(fewestDays(period) / 2)));
  return { withinMs: (days * day) / 2, byMs: days * day };
}
