import { createHash } from 'node:crypto';
import * as z from 'zod';
import { rowPosition } from '../existing/inventory/source.ts';

/** A part of a bucket's list of versions: the keys after one, through another. */
const listingRange = z.strictObject({
  kind: z.literal('listing'),
  /** Where the list is entered, as the storage port gave it; at its beginning without it. */
  cursor: z.string().optional(),
  /** Keys up to this one belong to the shards before. */
  after: z.string().optional(),
  /** The last key; without it all keys to the end. */
  through: z.string().optional(),
});
export type ListingRange = z.infer<typeof listingRange>;

/** A part of an inventory: the rows from one position up to another. */
const inventoryRange = z.strictObject({
  kind: z.literal('inventory'),
  from: rowPosition,
  to: rowPosition,
});
export type InventoryRange = z.infer<typeof inventoryRange>;

export const shardRange = z.discriminatedUnion('kind', [listingRange, inventoryRange]);
export type ShardRange = z.infer<typeof shardRange>;

/** A folder of a bucket; its prefix ends with `/`. */
const folder = z.strictObject({ bucket: z.string().min(1), prefix: z.string().endsWith('/') });

const count = z.int().nonnegative();

/** What all shards of a run have in common. */
export const runOf = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string(),
  /** The inventory's `oss://…/manifest.json`, or `listing`. */
  source: z.string().min(1),
  /** Whether keys in the inventory are URL-encoded. */
  keysEncoded: z.boolean(),
  /** The hash of the rules that must be in force; without it whatever rules the function has. */
  rules: z.string().optional(),
  dryRun: z.boolean(),
  /** Whether the record of a repair is kept when the last shard is done. */
  repair: z.boolean(),
  /** Where plan, progress and results are kept; nothing else is in it. */
  folder,
});
export type Run = z.infer<typeof runOf>;

/** The event of `protect-existing`: one shard of a run. */
export const shardTask = z.strictObject({
  task: z.literal('protect-shard'),
  version: z.literal(1),
  run: runOf,
  /** Its place in the plan, from 0. */
  number: count,
  range: shardRange,
  /** Requests a second, at most: this task's share. */
  qps: z.int().positive().optional(),
  /** Requests under way at once, at most. */
  concurrency: z.int().positive(),
  /** How often the shards that failed to the end were begun anew. */
  attempt: count,
  /** How often the time limit ended an invocation, and the next one went on. */
  leg: count,
});
export type ShardTask = z.infer<typeof shardTask>;

/** The event of `protect-existing`: what the arrival of a manifest means, gone on with when its time was over. */
export const repairTask = z.strictObject({
  task: z.literal('repair'),
  version: z.literal(1),
  manifest: z.string().startsWith('oss://'),
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
 * The ids of a run's tasks begin with this; the same run has the same. Function Compute takes a letter first, then
 * letters, digits, _ and -, 128 at most.
 */
export const taskPrefix = ({ folder: { bucket, prefix } }: Pick<Run, 'folder'>, attempt: number): string =>
  `holdfast-${hash([bucket, prefix])}-${attempt}-`;

/**
 * The id of a task: the hashes of its run's folder and of its shard, so that starting it again starts nothing. Each leg
 * has its own.
 */
export function taskId({ run, range, attempt, leg }: ShardTask): string {
  return legId(`${taskPrefix(run, attempt)}${hash(partsOf(range))}`, leg);
}

/** A range in a fixed order: what was kept and read back has its keys in another. */
function partsOf(range: ShardRange): unknown[] {
  if (range.kind === 'listing') return [range.cursor, range.after, range.through].map((part) => part ?? null);
  const { from, to } = range;
  return [from.file, from.row, to.file, to.row];
}

/** The id of a further leg of planning a repair. */
export const planId = (manifest: string, leg: number): string =>
  legId(`holdfast-plan-${hash(manifest)}`, leg);

/** The first leg's id has no number. */
const legId = (first: string, leg: number): string => (leg === 0 ? first : `${first}-${leg}`);

/** A shard in words. */
export const nameOf = ({ number, run }: Pick<ShardTask, 'number' | 'run'>): string =>
  `shard ${number} of bucket ${run.bucket}`;

const hash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
