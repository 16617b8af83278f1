import * as z from 'zod';
import { fileBlocks } from '../backfill/inventory/file.ts';
import type { Manifest } from '../backfill/inventory/manifest.ts';
import { type Grain, grain, grainCutter, pieceOf } from '../backfill/inventory/piece.ts';
import type { StorageReads } from '../storage/port.ts';
import { mostShards, shardSize } from './plan.ts';
import type { InventoryRange } from './task.ts';

/** The grains of each file, for the first so many files. */
export const inventorySurvey = z.strictObject({ grain: z.int().positive(), files: z.array(z.array(grain)) });
export type InventorySurvey = z.infer<typeof inventorySurvey>;

/**
 * Goes through the rows of an inventory, file by file, and notes where every so many of them begin and what they hash to.
 * That finds damaged files before anything is begun, and lets a shard find its rows again and prove that they are the same.
 * @param known of the first files, from before
 * @param check throws when time is over
 * @returns what is known after each further file
 * @throws INVENTORY_INVALID, what reading throws, and what `check` throws
 */
export async function* surveyInventory(
  storage: StorageReads,
  bucket: string,
  { files }: Manifest,
  known: InventorySurvey,
  check: () => void = () => undefined,
): AsyncIterable<InventorySurvey> {
  let surveyed = known;
  for (const file of files.slice(known.files.length)) {
    const cutter = grainCutter(known.grain);
    const grains: Grain[] = [];
    const at = { bucket, key: file.key };
    for await (const { bytes, ends } of fileBlocks(storage, at, file, { from: 0, verifyFirst: false })) {
      check();
      let begin = 0;
      for (const end of ends) {
        const complete = cutter.add(bytes.subarray(begin, end));
        if (complete !== undefined) grains.push(complete);
        begin = end;
      }
    }
    const rest = cutter.rest();
    if (rest !== undefined) grains.push(rest);
    surveyed = { ...surveyed, files: [...surveyed.files, grains] };
    yield surveyed;
  }
}

/** Nothing of an inventory is known yet. @param size rows in a shard */
export const beginSurvey = (size = shardSize): InventorySurvey => ({ grain: size, files: [] });

/** Tells how many rows an inventory has. */
export const countRows = ({ files }: InventorySurvey): number =>
  files.flat().reduce((sum, { rows }) => sum + rows, 0);

/**
 * Cuts the rows of all files into shards of about the same size; one may span files. Pure. A shard has at least as many
 * rows as were asked for and less than twice as many, but for the last; more where there would be too many shards.
 */
export function planInventory({ grain: size, files }: InventorySurvey): InventoryRange[] {
  const each = Math.max(size, Math.ceil(countRows({ grain: size, files }) / mostShards));
  const shards: InventoryRange[] = [];
  let pieces: InventoryRange['pieces'] = [];
  let rows = 0;
  for (const [file, grains] of files.entries()) {
    let row = 0;
    let byte = 0;
    let from = 0;
    for (const [index, next] of grains.entries()) {
      rows += next.rows;
      const full = rows >= each;
      if (!full && index < grains.length - 1) continue;
      const joined = pieceOf(file, row, byte, grains.slice(from, index + 1), size);
      pieces.push(joined);
      from = index + 1;
      row += joined.rows;
      byte += joined.bytes;
      if (!full) continue;
      shards.push({ kind: 'inventory', pieces });
      pieces = [];
      rows = 0;
    }
  }
  if (pieces.length > 0 || shards.length === 0) shards.push({ kind: 'inventory', pieces });
  return shards;
}
