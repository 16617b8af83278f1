import { createHash } from 'node:crypto';
import { type RepairAge, repairEveryMs } from '../backfill/repair-age.ts';
import { seenUpTo } from '../backfill/repairs.ts';
import { formatInstant, hour } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import { type Completed, completeRepair } from './complete.ts';
import { fanOutFolder, runFolder } from './places.ts';
import { type FanOutPlan, keepPlan, loadPlan } from './plan.ts';
import type { FanOutRun } from './task.ts';
import { type WorkDeps, workShard } from './work.ts';

/** This is what a repair by listing has come to. */
export type ListingRepair =
  | ({ readonly action: 'repair-done' } & Completed)
  /** A dry run, which records nothing. */
  | { readonly action: 'looked' }
  /** Time was over; the next call goes on. */
  | { readonly action: 'goes-on' };

/** Tells whether a bucket has to be repaired: its last repair is a day old, or there is none. */
export const isRepairDue = ({ repair, ageHours }: RepairAge): boolean =>
  repair === undefined || ageHours === undefined || ageHours * hour >= repairEveryMs;

/**
 * Repairs a bucket by the list of its versions: each is looked at, and protected or extended as the rules say. The progress is
 * kept, in a folder that is named after the last repair: calls go on with the same pass until it is done, however many
 * that takes, and then the next pass begins in a folder of its own.
 * @param place the rules' `deadLetters`
 * @throws as {@link workShard}, what is not known of open matters, once the rules are carried out, and what reading and writing throw
 */
export async function repairByListing(
  deps: WorkDeps,
  place: ObjectPrefix,
  { bucket, repair }: Pick<RepairAge, 'bucket' | 'repair'>,
  dryRun: boolean,
): Promise<ListingRepair> {
  const after = repair === undefined ? 'none' : formatInstant(seenUpTo(repair));
  const name = createHash('sha256').update(`listing\n${bucket}\n${after}`).digest('hex').slice(0, 16);
  const folder = runFolder(fanOutFolder(place, `${bucket}-${name}`), 1);
  const plan = await planOf(deps, bucket, folder, dryRun);
  for (const [number, range] of plan.shards.entries()) {
    const worked = await workShard(deps, { plan, number, range });
    if ('unfinished' in worked) return { action: 'goes-on' };
    if ('unknown' in worked) throw worked.unknown;
  }
  const completed = dryRun ? undefined : await completeRepair(deps.kept, plan, place);
  return completed === undefined ? { action: 'looked' } : { action: 'repair-done', ...completed };
}

/** The plan that is kept already, or a new one that is kept now: one shard with all of the list. */
async function planOf(
  deps: WorkDeps,
  bucket: string,
  folder: ObjectPrefix,
  dryRun: boolean,
): Promise<FanOutPlan> {
  const kept = await loadPlan(deps.kept, folder);
  if (kept !== undefined) return kept;
  const run: FanOutRun = {
    bucket,
    prefix: '',
    source: 'listing',
    sourceAt: formatInstant(deps.clock.now()),
    keysEncoded: false,
    dryRun,
    // Most versions are protected already.
    lookFirst: true,
    repair: true,
    folder,
  };
  return await keepPlan(deps.kept, run, [{ kind: 'listing' }]);
}
