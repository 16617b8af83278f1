import { createHash } from 'node:crypto';
import * as z from 'zod';
import { piece } from '../backfill/inventory/piece.ts';
import { type CloudName, formatAddress, parseObjectAddress } from '../platform/address.ts';

/** A part of a bucket's list of versions: the keys after one, through another. */
const listingRange = z.strictObject({
  kind: z.literal('listing'),
  /** This is where the list is entered, as the storage port gave it; at its beginning without it. */
  cursor: z.string().optional(),
  /** Keys up to this one belong to the shards before. */
  after: z.string().optional(),
  /** The last key; without it all keys to the end. */
  through: z.string().optional(),
});
export type ListingRange = z.infer<typeof listingRange>;

/** A part of an inventory: rows of one file or of several. */
const inventoryRange = z.strictObject({ kind: z.literal('inventory'), pieces: z.array(piece) });
export type InventoryRange = z.infer<typeof inventoryRange>;

export const shardRange = z.discriminatedUnion('kind', [listingRange, inventoryRange]);
export type ShardRange = z.infer<typeof shardRange>;

/** A folder of a bucket; its prefix ends with `/`. */
const folder = z.strictObject({ bucket: z.string().min(1), prefix: z.string().endsWith('/') });

const count = z.int().nonnegative();

const hexHash = z.string().regex(/^[0-9a-f]{64}$/);

/** This is what all shards of a run have in common. */
export const runOf = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string(),
  /** The address of the inventory's manifest.json, or `listing`. */
  source: z.string().min(1),
  /** SHA-256 of the manifest, which has the checksums of its files; absent for a listing. */
  manifest: hexHash.optional(),
  /** The instant that the source describes: when the inventory's scan, or the listing, began. */
  sourceAt: z.iso.datetime().optional(),
  /** Tells whether keys in the inventory are URL-encoded. */
  keysEncoded: z.boolean(),
  /** The hash of the rules that must be in force; without it whatever rules the function has. */
  rules: z.string().optional(),
  dryRun: z.boolean(),
  /** False: versions may be written before anybody looked at them. */
  lookFirst: z.boolean().optional(),
  /** Tells whether the record of a repair is kept when the last shard is done. */
  repair: z.boolean(),
  /** Why the run is no repair of its bucket; absent when it is one. */
  unrecorded: z.string().optional(),
  /** This is where plan, progress and results are kept; nothing else is in it. */
  folder,
});
export type FanOutRun = z.infer<typeof runOf>;

/**
 * The event of `protect-existing`: one shard of a run. It names the shard and says nothing about it: what is to be done is
 * in the plan, which must be the one with this hash.
 */
export const shardTask = z.strictObject({
  task: z.literal('protect-shard'),
  version: z.literal(2),
  /** The run's folder. */
  folder,
  /** SHA-256 of the run's plan. */
  plan: hexHash,
  /** Its place in the plan, from 0. */
  number: count,
  /** Requests a second, at most: this task's share. */
  qps: z.int().positive().optional(),
  /** Requests under way at once, at most. */
  concurrency: z.int().positive(),
  /** This is how often the shards that failed to the end were begun anew. */
  attempt: count,
  /** This is how often the time limit ended an invocation, and the next one went on. */
  leg: count,
});
export type ShardTask = z.infer<typeof shardTask>;

/** The event of `protect-existing`: what the arrival of a manifest means, gone on with when its time was over. */
export const repairTask = z.strictObject({
  task: z.literal('repair'),
  version: z.literal(1),
  manifest: z
    .string()
    .refine((text) => parseObjectAddress(text) !== undefined, 'expected the address of a manifest'),
  leg: count,
});
export type RepairTask = z.infer<typeof repairTask>;

/** The event of `protect-existing` that asks whether it could work on a run, before anything is begun. */
export const checkTask = z.strictObject({
  task: z.literal('check'),
  version: z.literal(1),
  rules: z.string(),
});
export type CheckTask = z.infer<typeof checkTask>;

/**
 * Makes the beginning of the ids of a run's tasks; the same run has the same. Function Compute takes a letter first,
 * then letters, digits, _ and -, 128 at most.
 */
export const taskPrefix = (
  { folder: { bucket, prefix }, plan }: Pick<ShardTask, 'folder' | 'plan'>,
  attempt: number,
): string => `holdfast-${hash([bucket, prefix, plan])}-${attempt}-`;

/**
 * Returns the id of a task: the hash of its run's folder and plan, and its number in it, so that starting it again
 * starts nothing. The plan has the hash of the source, so another source makes other ids. Each leg has its own.
 */
export function taskId(task: ShardTask): string {
  return legId(`${taskPrefix(task, task.attempt)}${task.number}`, task.leg);
}

/**
 * Returns the hash of a range. What was kept and read back has its keys in another order, so the order is fixed here.
 */
export function hashRange(range: ShardRange): string {
  if (range.kind === 'listing') {
    return hash([range.cursor, range.after, range.through].map((part) => part ?? null));
  }
  return hash(
    range.pieces.map(({ file, row, rows, byte, bytes, sha256 }) => [file, row, rows, byte, bytes, sha256]),
  );
}

/** Returns the id of a further leg of planning a repair. */
export const planId = (manifest: string, leg: number): string =>
  legId(`holdfast-plan-${hash(manifest)}`, leg);

/** The first leg's id has no number. */
const legId = (first: string, leg: number): string => (leg === 0 ? first : `${first}-${leg}`);

/** Returns a shard in words. */
export const nameOfShard = (
  cloud: CloudName,
  { number, folder: { bucket, prefix } }: Pick<ShardTask, 'number' | 'folder'>,
): string => `shard ${number} of ${formatAddress(cloud, { bucket, key: prefix })}`;

const hash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
