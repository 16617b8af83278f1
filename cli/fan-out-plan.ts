import { createHash } from 'node:crypto';
import { hashRules } from '../shared/buckets/plan.ts';
import { openInventory } from '../shared/existing/inventory/source.ts';
import { fanOutFolder } from '../shared/fan-out/places.ts';
import { asShards, keepPlan, loadPlan, type Plan } from '../shared/fan-out/plan.ts';
import { countRows, planInventory, type RowCounts } from '../shared/fan-out/plan-inventory.ts';
import { planListing } from '../shared/fan-out/plan-listing.ts';
import type { Run } from '../shared/fan-out/task.ts';
import type { ObjectPrefix, Rules } from '../shared/rules/types.ts';
import type { Storage } from '../shared/storage/port.ts';
import type { FanOutOptions } from './fan-out-options.ts';
import type { ProtectOptions, Target } from './protect-options.ts';

type Options = ProtectOptions & FanOutOptions;

/** Runs of one kind: begun with the same. The same command finds its run again, from any machine. */
export function kindOf(
  { bucket, prefix }: Target,
  place: ObjectPrefix,
  rules: Rules,
  options: Options,
): ObjectPrefix {
  const { inventory, dryRun, decodeKeys } = options;
  const about = JSON.stringify([prefix, inventory ?? '', dryRun === true, decodeKeys, hashRules(rules)]);
  const hash = createHash('sha256').update(about).digest('hex').slice(0, 16);
  return fanOutFolder(place, `${bucket}-${hash}`);
}

/** The plan of a run: the one that is kept, or a new one, kept before any shard is begun. */
export async function planOf(
  storage: Storage,
  { bucket, prefix }: Target,
  rules: Rules,
  folder: ObjectPrefix,
  { inventory, decodeKeys, dryRun, shardSize }: Options,
): Promise<Plan> {
  const kept = await loadPlan(storage, folder);
  if (kept !== undefined) return kept;
  const run: Run = {
    bucket,
    prefix,
    source: inventory ?? 'listing',
    keysEncoded: decodeKeys,
    rules: hashRules(rules),
    dryRun: dryRun === true,
    repair: false,
    folder,
  };
  const ranges =
    inventory === undefined
      ? await planListing(storage, bucket, prefix, shardSize)
      : await inventoryRanges(storage, inventory, bucket, shardSize);
  const shards = asShards(ranges);
  await keepPlan(storage, run, shards);
  return { version: 1, run, shards };
}

async function inventoryRanges(storage: Storage, url: string, bucket: string, size: number) {
  const { at, manifest } = await openInventory(storage, url, bucket);
  let counts: RowCounts = [];
  for await (const counted of countRows(storage, at.bucket, manifest)) counts = counted;
  return planInventory(counts, size);
}
