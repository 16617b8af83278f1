import { createHash } from 'node:crypto';
import { refuseEmptyInventory } from '../backfill/inventory/empty.ts';
import type { Inventory } from '../backfill/inventory/source.ts';
import { failure } from '../platform/errors.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectStore } from '../storage/port.ts';
import { fanOutFolder, runFolder, surveyAt } from './places.ts';
import { type FanOutPlan, keepPlan, loadPlan } from './plan.ts';
import {
  beginSurvey,
  countRows,
  type InventorySurvey,
  inventorySurvey,
  planInventory,
  surveyInventory,
} from './plan-inventory.ts';
import { readRunObject } from './run-objects.ts';
import type { FanOutRun } from './task.ts';

/**
 * Returns the plan of the repair by an inventory: the one that is kept already, or a new one that is kept now. The
 * same inventory always has the same plan, so that an event that comes twice begins nothing twice.
 * @param place the rules' `deadLetters`
 * @param unrecorded why going through it is no repair of the bucket; undefined when it is one
 * @returns undefined when time was over; the same call goes on later
 * @throws INVENTORY_INVALID, TOO_SLOW, and what reading and writing throw
 */
export async function planRepair(
  storage: ObjectStore,
  { url, at, manifest }: Inventory,
  place: ObjectPrefix,
  time: { readonly signal: AbortSignal; check(): void },
  unrecorded: string | undefined,
): Promise<FanOutPlan | undefined> {
  const { bucket, hash, takenAt } = manifest;
  const name = createHash('sha256').update(`${url}\n${hash}`).digest('hex').slice(0, 16);
  const folder = runFolder(fanOutFolder(place, `${bucket}-${name}`), 1);
  const kept = await loadPlan(storage, folder);
  if (kept !== undefined) return kept;

  const known: InventorySurvey =
    (await readRunObject(storage, surveyAt(folder), (json) => inventorySurvey.parse(json))) ?? beginSurvey();
  let surveyed = known;
  try {
    for await (const next of surveyInventory(storage, at.bucket, manifest, known, time.check)) {
      surveyed = next;
      if (surveyed.files.length < manifest.files.length) {
        await storage.writeText(surveyAt(folder), JSON.stringify(surveyed));
      }
    }
  } catch (error) {
    if (!time.signal.aborted) throw error;
    if (surveyed === known)
      throw failure('TOO_SLOW', { what: `counting the rows of ${url}` }, { cause: error });
    return undefined;
  }
  if (unrecorded === undefined && countRows(surveyed) === 0)
    await refuseEmptyInventory(storage, url, { bucket, takenAt });
  const run: FanOutRun = {
    bucket,
    prefix: '',
    source: url,
    manifest: hash,
    sourceAt: takenAt?.toISOString(),
    keysEncoded: true,
    dryRun: false,
    // Most versions are protected already, and HEAD, not whoever wrote the inventory, decides from which date on.
    lookFirst: true,
    repair: unrecorded === undefined,
    unrecorded,
    folder,
  };
  return await keepPlan(storage, run, planInventory(surveyed));
}
