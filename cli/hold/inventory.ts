import { refuseEmptyInventory } from '../../shared/backfill/inventory/empty.ts';
import { invalid, type Manifest } from '../../shared/backfill/inventory/manifest.ts';
import { inventoryRows, openInventory } from '../../shared/backfill/inventory/source.ts';
import { whyNoRepair } from '../../shared/backfill/repairs.ts';
import type { Source } from '../../shared/backfill/source.ts';
import type { MatterScopes } from '../../shared/holds/deps.ts';
import { findHoldTargets } from '../../shared/holds/targets.ts';
import { mattersSettleMs } from '../../shared/matters/age.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { formatInstant, hour } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import { prose } from '../terminal/output.ts';
import type { HoldOpenOptions } from './options.ts';
import type { HoldWorld } from './world.ts';

/** An inventory that names the versions of one bucket of a matter. */
export interface HoldInventory {
  /** The address of its manifest.json. */
  readonly url: string;
  readonly bucket: string;
  readonly takenAt: Date;
  readonly keysEncoded: boolean;
  readonly source: Source;
}

/** This is what a pass says of the inventory that it was made from. */
export interface HoldInventoryAbout extends Pick<HoldInventory, 'url' | 'bucket' | 'takenAt'> {
  /** Whole hours. */
  readonly ageHours: number;
  /** An inventory from then on has all that no function holds; undefined while the matter is not open. */
  readonly enoughFrom: Date | undefined;
  /** It names every version that was uploaded before the functions knew of the matter. */
  readonly isEnough: boolean;
}

/**
 * Opens the inventory that the options name, if they do.
 * @throws INVENTORY_INVALID also when its bucket is not one of the matter, or it does not name every version; and what reading throws
 */
export async function openHoldInventory(
  { storage, clock, region }: HoldWorld,
  { inventory: url, decodeKeys: keysEncoded }: Pick<HoldOpenOptions, 'inventory' | 'decodeKeys'>,
  { id: matter, scopes }: { readonly id: string; readonly scopes: MatterScopes },
): Promise<HoldInventory | undefined> {
  if (url === undefined) return undefined;
  const opened = await openInventory(storage, url);
  const { bucket, takenAt } = opened.manifest;
  const { buckets } = await findHoldTargets(storage, scopes, { matter, region });
  if (!buckets.some((target) => target.bucket === bucket))
    throw invalid(url, `it is of bucket ${bucket}, which is not one that matter ${matter} has here`);
  // Without a prefix: two people may open a matter in one moment, and then it has the places of both.
  const { manifest, ...source } = inventoryRows(storage, opened, { bucket, prefix: '', keysEncoded });
  const unfit = whyNoRepair(manifest, clock.now());
  if (unfit !== undefined || takenAt === undefined) throw invalid(url, unfit ?? 'its age is not known');
  return { url, bucket, takenAt, keysEncoded, source: neverEmpty(storage, url, manifest, source) };
}

/** Refuses an inventory without a row of a bucket that was not empty. */
const neverEmpty = (storage: ObjectStore, url: string, manifest: Manifest, source: Source): Source => ({
  async *shards(from) {
    let rows = 0;
    for await (const shard of source.shards(from)) {
      rows += shard.rows ?? 0;
      if (shard.rows !== 0) yield shard; // no place behind an empty inventory is kept, since a resumed pass would not refuse it
    }
    if (rows === 0 && from === undefined) await refuseEmptyInventory(storage, url, manifest);
  },
});

/** @param opened when people opened the matter; none when it is not open yet */
export function aboutInventory(
  { url, bucket, takenAt }: Pick<HoldInventory, 'url' | 'bucket' | 'takenAt'>,
  opened: readonly Date[],
  now: Date,
): HoldInventoryAbout {
  const last = Math.max(...opened.map((at) => at.getTime()));
  const enoughFrom = opened.length === 0 ? undefined : new Date(last + mattersSettleMs);
  return {
    ...{ url, bucket, takenAt, enoughFrom },
    ageHours: Math.max(0, Math.floor((now.getTime() - takenAt.getTime()) / hour)),
    isEnough: enoughFrom !== undefined && takenAt >= enoughFrom,
  };
}

/** Says how old the inventory is, and what holds the versions that came after it. */
export function inventoryLines(
  cloud: ObjectStore['cloud'],
  id: string,
  { bucket, takenAt, ageHours, enoughFrom, isEnough }: HoldInventoryAbout,
): string[] {
  const taken = `${formatAddress(cloud, { bucket })} by its inventory of ${formatInstant(takenAt)}, ${quantity(ageHours, 'hour')} old`;
  if (isEnough) return [`${taken}: what was uploaded since is held by the function as it comes`];
  const fresh = enoughFrom === undefined ? '' : `, or with an inventory from ${formatInstant(enoughFrom)} on`;
  return [
    `${taken}: what was uploaded after it and before the matter was opened is not held`,
    prose(`  what to do: run \`holdfast hold open ${id} …\` again without --inventory${fresh}`),
  ];
}
