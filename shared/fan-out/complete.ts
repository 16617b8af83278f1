import { keepRepair, type Repair } from '../backfill/repairs.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectStore, Receipt } from '../storage/port.ts';
import type { FanOutPlan } from './plan.ts';
import { listResults, readResults, type ShardResult } from './result.ts';

/**
 * This is what a repair has come to, and whether its record was written: a dry run writes none, and a later one is
 * not replaced.
 */
export interface Completed {
  readonly repair: Repair;
  readonly receipt: Receipt;
}

/**
 * Keeps the record of a repair if all its shards are done. Nobody watches over a run: each worker asks this after it has
 * kept its own result. A list shows every result that was kept before it (OSS is strongly consistent), so whoever is last
 * sees them all; two who are last at the same time write the same. All that is recorded comes from plan and results, so
 * that an event that is repeated later records nothing new.
 * @param place the rules' `deadLetters`
 * @returns undefined while there is something to do
 * @throws what reading and writing throw
 */
export async function completeRepair(
  storage: ObjectStore,
  plan: FanOutPlan,
  place: ObjectPrefix,
): Promise<Completed | undefined> {
  const { bucket, source, sourceAt, folder } = plan.run;
  const done = await listResults(storage, folder);
  if (plan.shards.some((_, number) => !done.has(number))) return undefined;
  const results = (await readResults(storage, plan)).filter((result) => result !== undefined);
  if (results.length < plan.shards.length) return undefined;
  const sum = (name: 'versions' | 'changed' | 'failed' | 'gone') =>
    results.reduce((total, { tally }) => total + tally[name], 0);
  const repair: Repair = {
    bucket,
    source,
    ...(sourceAt !== undefined && { sourceAt: new Date(sourceAt) }),
    completedAt: latest(results),
    versions: sum('versions'),
    changed: sum('changed'),
    failed: sum('failed'),
    gone: sum('gone'),
  };
  return { repair, receipt: await keepRepair(storage, place, repair) };
}

const latest = (results: readonly ShardResult[]): Date =>
  new Date(Math.max(...results.map(({ finishedAt }) => finishedAt.getTime())));
