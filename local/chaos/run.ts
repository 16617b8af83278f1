import { hour, second } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { type Comparison, compare } from './compare.ts';
import { createDraw } from './draw.ts';
import { lettersOf } from './letters.ts';
import type { ChaosOptions } from './options.ts';
import { repair, type Workshop } from './repair.ts';
import { passInSteps, raise } from './storm.ts';
import type { Watch } from './watch.ts';
import { faultsOf, weatherOf } from './weather.ts';

/** Before 29 February, so that calendar arithmetic meets it. */
export const begin = new Date('2028-02-27T21:00:00Z');

/** Longer than a policy's 24 hours, and than all attempts at an event and its dead letter together. */
const calmMs = 26 * hour;

/** The longest and the shortest storm, in virtual time. */
const longestMs = 66 * hour;
const shortestMs = 3 * hour;

/** Raises the storm, lets it calm down, repairs what it left, and compares. The cloud has just begun. */
export async function runChaos(
  cloud: Cloud,
  workshop: Omit<Workshop, 'url'>,
  options: ChaosOptions,
  watch: Watch,
): Promise<{ comparison: Comparison; letters: number }> {
  cloud.oss.faults.add(faultsOf(options));
  for (const rule of weatherOf(options)) cloud.fc.weather.add(rule);
  const spanMs = Math.min(Math.max(options.events * 20 * second, shortestMs), longestMs);
  const storm = await raise(cloud, createDraw(options.seed), options, spanMs, watch);

  cloud.oss.faults.clear();
  cloud.fc.weather.clear();
  for (let passed = 0; passed < calmMs; passed += hour) {
    await passInSteps(cloud, hour);
    watch.takeRequests(cloud);
    watch.progress(() => `${passed / hour} of ${calmMs / hour} hours of calm`);
  }
  const reported = options.repair ? await repair({ ...workshop, url: cloud.url }) : new Set<string>();
  watch.takeRequests(cloud);
  const { count, subjects } = await lettersOf(cloud.url);
  const comparison = await compare(cloud, storm, { letters: subjects, reported }, watch);
  watch.takeRequests(cloud);
  return { comparison, letters: count };
}
