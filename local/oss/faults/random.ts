import { createHash } from 'node:crypto';
import type { FaultOf } from './rules.ts';

/** Returns a number from 0 up to 1 that depends on these values and on nothing else, so that a run can be repeated. */
export function draw(...values: readonly (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify(values)).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * Returns the milliseconds of one delay.
 * @param chance gives a number from 0 up to 1 for each name
 */
export function delayOf(delay: FaultOf<'delayMs'>['delayMs'], chance: (name: string) => number): number {
  if (typeof delay === 'number') return delay;
  if ('uniform' in delay) {
    const [from, to] = delay.uniform;
    return from + chance('delay') * (to - from);
  }
  const { mean } = 'normal' in delay ? delay.normal : delay.exponential;
  if ('exponential' in delay) return -mean * Math.log(1 - chance('delay'));
  // Box and Muller's way to a normal distribution; nothing takes less than no time.
  const spread = Math.sqrt(-2 * Math.log(1 - chance('length'))) * Math.cos(2 * Math.PI * chance('angle'));
  return Math.max(0, mean + delay.normal.deviation * spread);
}
