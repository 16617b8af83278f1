import { createHash } from 'node:crypto';
import { openInventory } from '../existing/inventory/source.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { Storage } from '../storage/port.ts';
import { readKept } from './kept.ts';
import { fanOutFolder, rowCountsAt, runFolder } from './places.ts';
import { asShards, keepPlan, loadPlan, type Plan } from './plan.ts';
import { countRows, planInventory, rowCounts } from './plan-inventory.ts';
import type { Run } from './task.ts';

/**
 * The plan of the repair by an inventory: the one that is kept already, or a new one that is kept now. The same inventory
 * always has the same plan, so that an event that comes twice begins nothing twice.
 * @param place the rules' `deadLetters`
 * @throws INVENTORY_INVALID, what reading and writing throw, and the signal's reason: then the same call goes on
 */
export async function planRepair(
  storage: Storage,
  url: string,
  place: ObjectPrefix,
  signal: AbortSignal,
): Promise<Plan> {
  const { at, manifest, etag } = await openInventory(storage, url);
  const { bucket } = manifest;
  const name = createHash('sha256').update(`${url}\n${etag}`).digest('hex').slice(0, 16);
  const folder = runFolder(fanOutFolder(place, `${bucket}-${name}`), 1);
  const known = await loadPlan(storage, folder);
  if (known !== undefined) return known;
  const counts = await countRows(storage, at.bucket, manifest, {
    known: (await readKept(storage, rowCountsAt(folder), (json) => rowCounts.parse(json))) ?? [],
    signal,
    async onFile(counted) {
      if (manifest.files.length > 1) await storage.writeText(rowCountsAt(folder), JSON.stringify(counted));
    },
  });
  const run: Run = {
    bucket,
    prefix: '',
    source: url,
    keysEncoded: true,
    dryRun: false,
    repair: true,
    folder,
  };
  const shards = asShards(planInventory(counts));
  await keepPlan(storage, run, shards);
  return { version: 1, run, shards };
}
