import * as z from 'zod';
import { inventoryRows } from '../existing/inventory/file.ts';
import type { Manifest } from '../existing/inventory/manifest.ts';
import type { RowPosition } from '../existing/inventory/source.ts';
import type { StorageReads } from '../storage/port.ts';
import { mostShards, shardSize } from './plan.ts';
import type { InventoryRange } from './task.ts';

/** How many rows each file has, for the first so many files. */
export const rowCounts = z.array(z.int().nonnegative());
export type RowCounts = readonly number[];

/**
 * Counts the rows of an inventory, file by file, which finds damaged ones before anything is begun.
 * @param known of the first files, from before
 * @param check throws when time is over
 * @returns what is known after each further file
 * @throws INVENTORY_INVALID, what reading throws, and what `check` throws
 */
export async function* countRows(
  storage: StorageReads,
  bucket: string,
  { files }: Manifest,
  known: RowCounts = [],
  check: () => void = () => undefined,
): AsyncIterable<RowCounts> {
  let counts = known;
  for (const file of files.slice(known.length)) {
    let rows = 0;
    for await (const _row of inventoryRows(storage, { bucket, key: file.key }, file)) {
      if (rows % 1000 === 0) check();
      rows += 1;
    }
    counts = [...counts, rows];
    yield counts;
  }
}

/**
 * Cuts the rows of all files into shards of the same size; one may span files. Pure.
 * @param size rows in a shard; more where there would be too many shards
 */
export function planInventory(counts: RowCounts, size = shardSize): InventoryRange[] {
  const total = counts.reduce((sum, rows) => sum + rows, 0);
  const each = Math.max(size, Math.ceil(total / mostShards));
  const shards = Math.max(1, Math.ceil(total / each));
  return Array.from({ length: shards }, (_, index) => ({
    kind: 'inventory',
    from: positionOf(counts, index * each),
    to: positionOf(counts, Math.min(total, (index + 1) * each)),
  }));
}

/** Where the row with this number lies, counted through all files; after the last row, the end of the last file. */
function positionOf(counts: RowCounts, number: number): RowPosition {
  let row = number;
  for (const [file, rows] of counts.entries()) {
    if (row < rows || file === counts.length - 1) return { file, row };
    row -= rows;
  }
  return { file: 0, row: 0 };
}
