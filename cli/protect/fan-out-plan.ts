import { createHash } from 'node:crypto';
import { openInventory } from '../../shared/backfill/inventory/source.ts';
import { whyNoRepair } from '../../shared/backfill/repairs.ts';
import { fanOutFolder } from '../../shared/fan-out/places.ts';
import { type FanOutPlan, keepPlan, loadPlan } from '../../shared/fan-out/plan.ts';
import { beginSurvey, planInventory, surveyInventory } from '../../shared/fan-out/plan-inventory.ts';
import { planListing } from '../../shared/fan-out/plan-listing.ts';
import type { FanOutRun, ShardRange } from '../../shared/fan-out/task.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { ObjectPrefix, Rules } from '../../shared/rules/types.ts';
import type { Storage } from '../../shared/storage/port.ts';
import type { FanOutOptions } from './fan-out-options.ts';
import type { ProtectOptions, Target } from './options.ts';

type Options = ProtectOptions & FanOutOptions;

/** Runs of one kind: begun with the same. The same command finds its run again, from any machine. */
export function kindOf(
  { bucket, prefix }: Target,
  place: ObjectPrefix,
  rules: Rules,
  options: Options,
): ObjectPrefix {
  const { inventory, dryRun, decodeKeys, lookFirst } = options;
  const kind = [prefix, inventory ?? '', dryRun === true, decodeKeys, lookFirst === true, hashRules(rules)];
  const about = JSON.stringify(kind);
  const hash = createHash('sha256').update(about).digest('hex').slice(0, 16);
  return fanOutFolder(place, `${bucket}-${hash}`);
}

/** Returns the plan of a run: the one that is kept, or a new one, kept before any shard is begun. */
export async function planOf(
  { storage, clock }: { readonly storage: Storage; readonly clock: Clock },
  { bucket, prefix }: Target,
  rules: Rules,
  folder: ObjectPrefix,
  { inventory, decodeKeys, dryRun, lookFirst, shardSize }: Options,
): Promise<FanOutPlan> {
  const kept = await loadPlan(storage, folder);
  if (kept !== undefined) return kept;
  const begun = clock.now();
  const source =
    inventory === undefined
      ? {
          ranges: await planListing(storage, bucket, prefix, shardSize),
          about: { sourceAt: begun.toISOString() },
        }
      : await inventoryRanges(storage, inventory, bucket, shardSize, begun);
  const run: FanOutRun = {
    bucket,
    prefix,
    source: inventory ?? 'listing',
    ...source.about,
    keysEncoded: decodeKeys,
    rules: hashRules(rules),
    dryRun: dryRun === true,
    lookFirst: lookFirst === true,
    repair: false,
    folder,
  };
  return await keepPlan(storage, run, source.ranges);
}

async function inventoryRanges(
  storage: Storage,
  url: string,
  bucket: string,
  size: number,
  now: Date,
): Promise<{ ranges: ShardRange[]; about: Pick<FanOutRun, 'manifest' | 'sourceAt' | 'unrecorded'> }> {
  const { at, manifest } = await openInventory(storage, url, bucket);
  let surveyed = beginSurvey(size);
  for await (const next of surveyInventory(storage, at.bucket, manifest, surveyed)) surveyed = next;
  const { hash, takenAt } = manifest;
  const about = { manifest: hash, sourceAt: takenAt?.toISOString(), unrecorded: whyNoRepair(manifest, now) };
  return { ranges: planInventory(surveyed), about };
}
