import { keepRepair, type Repair } from '../existing/repairs.ts';
import type { Clock } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { Receipt, Storage } from '../storage/port.ts';
import { planAt } from './places.ts';
import { loadPlan } from './plan.ts';
import { listResults, readResults } from './result.ts';

/** What a repair has come to, and whether its record was written: a dry run writes none. */
export interface Completed {
  readonly repair: Repair;
  readonly receipt: Receipt;
}

/**
 * Keeps the record of a repair if all its shards are done. Nobody watches over a run: each worker asks this after it has
 * kept its own result. A list shows every result that was kept before it (OSS is strongly consistent), so whoever is last
 * sees them all; two who are last at the same time write the same.
 * @param run its folder
 * @param place the rules' `deadLetters`
 * @returns undefined while there is something to do
 * @throws CHECKPOINT_UNUSABLE, and what reading and writing throw
 */
export async function completeRepair(
  { storage, clock }: { readonly storage: Storage; readonly clock: Clock },
  run: ObjectPrefix,
  place: ObjectPrefix,
): Promise<Completed | undefined> {
  const plan = await loadPlan(storage, run);
  if (plan === undefined) {
    const { bucket, key } = planAt(run);
    throw failure('CHECKPOINT_UNUSABLE', { file: `oss://${bucket}/${key}`, reason: 'it is not there' });
  }
  const done = await listResults(storage, run);
  if (done.size < plan.shards.length) return undefined;
  const results = await readResults(storage, run, plan.shards.length);
  const sum = (name: 'versions' | 'changed' | 'failed') =>
    results.reduce((total, result) => total + (result?.tally[name] ?? 0), 0);
  const { bucket, source } = plan.run;
  const repair: Repair = {
    bucket,
    source,
    completedAt: clock.now(),
    versions: sum('versions'),
    changed: sum('changed'),
    failed: sum('failed'),
  };
  return { repair, receipt: await keepRepair(storage, place, repair) };
}
