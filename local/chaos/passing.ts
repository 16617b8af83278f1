import { hour, minute } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import type { Draw } from './draw.ts';

/** The period of the timer in s.yaml, none of whose runs is to be skipped. */
const stepMs = 15 * minute;

/** Lets what falls due in one step run side by side: much faster than one after the other. */
export async function passInSteps(cloud: Cloud, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await cloud.time.leap(Math.min(left, stepMs));
}

/** About `ms` pass; now and then one jump skips what would have happened on the way. */
export async function passTime(cloud: Cloud, draw: Draw, ms: number): Promise<void> {
  if (draw.chance(0.05)) return await cloud.time.leap(draw.between(minute, 2 * hour));
  await passInSteps(cloud, Math.ceil(ms * (draw.between(5, 15) / 10)));
}
