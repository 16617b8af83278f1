import { type Clock, startStopwatch } from '../platform/clock.ts';
import { mostMattersAgeMs } from './age.ts';
import { type KnownRecords, type MattersSource, readMatters } from './read.ts';
import type { Matters } from './state.ts';

/** Matters as they are known to an instance of a function. */
export interface CurrentMatters {
  /**
   * Returns the matters as they were when this was called, or up to {@link mostMattersAgeMs} before. A read that is under way and
   * not older is shared.
   * @throws what reading throws; the next call reads again
   */
  current(source: MattersSource): Promise<Matters>;
}

interface Reading {
  readonly place: string;
  readonly startedAt: Date;
  readonly elapsedMs: () => number;
  readonly matters: Promise<Matters>;
}

/**
 * Remembers what was read. The age is measured by two clocks, and the older age counts: the wall clock may be set back, and the
 * other one stands still while the platform has frozen the instance.
 */
export function createCurrentMatters(clock: Pick<Clock, 'now'>): CurrentMatters {
  const known: KnownRecords = new Map();
  let last: Reading | undefined;
  const isFresh = ({ startedAt, elapsedMs }: Reading): boolean => {
    const wallMs = clock.now().getTime() - startedAt.getTime();
    return wallMs >= 0 && Math.max(wallMs, elapsedMs()) <= mostMattersAgeMs;
  };
  return {
    async current(source) {
      const place = `${source.folder.bucket}/${source.folder.prefix}`;
      if (last !== undefined && (last.place !== place || !isFresh(last))) last = undefined;
      const reading = last ?? {
        place,
        startedAt: clock.now(),
        elapsedMs: startStopwatch(),
        matters: readMatters({ ...source, known }),
      };
      last = reading;
      try {
        return await reading.matters;
      } catch (error) {
        if (last === reading) last = undefined;
        throw error;
      }
    },
  };
}
