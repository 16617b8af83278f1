import type { Clock } from '../../shared/platform/clock.ts';

/** A clock that only moves when something sleeps on it, and remembers how long each sleep was. */
export function manualClock(start: string | Date): Clock & { readonly sleeps: readonly number[] } {
  let time = new Date(start).getTime();
  const sleeps: number[] = [];
  return {
    now: () => new Date(time),
    sleep(ms) {
      sleeps.push(ms);
      time += ms;
      return Promise.resolve();
    },
    sleeps,
  };
}
