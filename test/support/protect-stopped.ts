import type { ProtectWorld } from './protect-world.ts';
import { stopWhenSeen } from './stop-when-seen.ts';

/** Uploads so many versions that rules protect, and one that fails; @returns their keys and ids, in order. */
export async function fillWithOneBad(world: ProtectWorld, count: number): Promise<[string, string][]> {
  const uploaded: [string, string][] = [];
  for (let from = 0; from < count; from += 50) {
    const keys = Array.from({ length: Math.min(50, count - from) }, (_, index) => keyOf(from + index));
    const ids = await Promise.all(keys.map((key) => world.upload(key, { class: 'finance' })));
    uploaded.push(...keys.map((key, index): [string, string] => [key, ids[index] ?? '']));
  }
  uploaded.push(['until/bad', await world.upload('until/bad', { until: 'soon' })]);
  world.requests();
  return uploaded;
}

const keyOf = (number: number) =>
  `${number % 2 === 0 ? 'plain' : 'tagged'}/${String(number).padStart(5, '0')}`;

/** Runs the command until the server has seen so many requests more, then ends it. */
export const stopAfter = (
  world: ProtectWorld,
  requests: number,
  signal: NodeJS.Signals,
  args: readonly string[],
) => stopWhenSeen(world.cloud.oss.requests, () => world.start(...args), { requests, signal });
