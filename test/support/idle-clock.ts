import type { Clock } from '../../shared/platform/clock.ts';

/**
 * A clock for many who sleep at once: when nothing else can go on, time moves to the one who wakes first. So what takes
 * time overlaps as on a real clock, and no test waits.
 */
export function idleClock(start: string | Date): Clock & { readonly elapsedMs: () => number } {
  const begin = new Date(start).getTime();
  let time = begin;
  let moving = false;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const move = () => {
    sleepers.sort((one, other) => one.at - other.at);
    const next = sleepers.shift();
    moving = next !== undefined;
    if (next === undefined) return;
    time = Math.max(time, next.at);
    next.wake();
    setImmediate(move);
  };
  return {
    now: () => new Date(time),
    elapsedMs: () => time - begin,
    sleep: (ms) =>
      new Promise((wake) => {
        sleepers.push({ at: time + ms, wake });
        if (!moving) setImmediate(move);
        moving = true;
      }),
  };
}
