import { createHash } from 'node:crypto';
import type { Inventory } from '../existing/inventory/source.ts';
import { failure } from '../platform/errors.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { Storage } from '../storage/port.ts';
import { readKept } from './kept.ts';
import { fanOutFolder, rowCountsAt, runFolder } from './places.ts';
import { asShards, keepPlan, loadPlan, type Plan } from './plan.ts';
import { countRows, planInventory, type RowCounts, rowCounts } from './plan-inventory.ts';
import type { Run } from './task.ts';

/**
 * The plan of the repair by an inventory: the one that is kept already, or a new one that is kept now. The same inventory
 * always has the same plan, so that an event that comes twice begins nothing twice.
 * @param place the rules' `deadLetters`
 * @returns undefined when time was over; the same call goes on later
 * @throws INVENTORY_INVALID, TOO_SLOW, and what reading and writing throw
 */
export async function planRepair(
  storage: Storage,
  { url, at, manifest, etag }: Inventory,
  place: ObjectPrefix,
  time: { readonly signal: AbortSignal; check(): void },
): Promise<Plan | undefined> {
  const { bucket } = manifest;
  const name = createHash('sha256').update(`${url}\n${etag}`).digest('hex').slice(0, 16);
  const folder = runFolder(fanOutFolder(place, `${bucket}-${name}`), 1);
  const kept = await loadPlan(storage, folder);
  if (kept !== undefined) return kept;

  const known: RowCounts =
    (await readKept(storage, rowCountsAt(folder), (json) => rowCounts.parse(json))) ?? [];
  let counts = known;
  try {
    for await (const counted of countRows(storage, at.bucket, manifest, known, time.check)) {
      counts = counted;
      if (counts.length < manifest.files.length) {
        await storage.writeText(rowCountsAt(folder), JSON.stringify(counts));
      }
    }
  } catch (error) {
    if (!time.signal.aborted) throw error;
    if (counts === known)
      throw failure('TOO_SLOW', { what: `counting the rows of ${url}` }, { cause: error });
    return undefined;
  }
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
