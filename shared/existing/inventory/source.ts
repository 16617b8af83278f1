import * as z from 'zod';
import { failure } from '../../platform/errors.ts';
import { parseObjectUrl } from '../../rules/source.ts';
import type { ETag, ObjectAt, StorageReads } from '../../storage/port.ts';
import type { KnownVersion, Shard, Source } from '../source.ts';
import { inventoryRows, type Row } from './file.ts';
import { type InventoryFile, invalid, type Manifest, readManifest } from './manifest.ts';
import { BadRow, rowReader } from './rows.ts';

export interface InventoryOptions {
  /** `oss://…/manifest.json` */
  readonly url: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly keysEncoded: boolean;
  /** Only the rows from one position up to another. */
  readonly range?: RowRange | undefined;
}

/** The next row: rows count from 0 in each file. */
export const rowPosition = z.strictObject({ file: z.int().nonnegative(), row: z.int().nonnegative() });
export type RowPosition = z.infer<typeof rowPosition>;

/** `to` is the first row that does not belong to it. */
export interface RowRange {
  readonly from: RowPosition;
  readonly to: RowPosition;
}

const shardSize = 1000;

/**
 * The versions that an OSS bucket inventory names. Memory stays flat: one shard of rows at a time.
 * @throws INVENTORY_INVALID, USAGE, and what reading the manifest throws
 */
export async function inventorySource(storage: StorageReads, options: InventoryOptions): Promise<Source> {
  const { url, bucket, range } = options;
  const { at, manifest } = await openInventory(storage, url, bucket);
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);

  const inFile = async function* (index: number, file: InventoryFile, rows: Rows): AsyncIterable<Shard> {
    const before = manifest.files.slice(0, index).reduce((sum, { size }) => sum + size, 0);
    const all = inventoryRows(storage, { bucket: at.bucket, key: file.key }, file);
    for await (const shard of cut(all, rows, file.key, manifest, options)) {
      const end = shard.last ? { file: index + 1, row: 0 } : { file: index, row: shard.next };
      const done = Math.min(1, (before + shard.done * file.size) / Math.max(1, total));
      yield { versions: shard.versions, end: JSON.stringify(end), done };
    }
  };

  return {
    async *shards(from) {
      const start = from === undefined ? (range?.from ?? beginning) : rowPosition.parse(JSON.parse(from));
      for (const [index, file] of manifest.files.entries()) {
        const rows = rowsOf(index, start, range?.to);
        if (rows.from < rows.to) yield* inFile(index, file, rows);
      }
    },
  };
}

/** An inventory whose manifest has been read. */
export interface Inventory {
  readonly url: string;
  readonly at: ObjectAt;
  readonly manifest: Manifest;
  /** Of the manifest. */
  readonly etag: ETag;
}

const beginning: RowPosition = { file: 0, row: 0 };

/**
 * Reads an inventory's manifest.
 * @param bucket whose inventory it must be; any without it
 * @throws INVENTORY_INVALID, USAGE, and what reading it throws
 */
export async function openInventory(storage: StorageReads, url: string, bucket?: string): Promise<Inventory> {
  const at = parseObjectUrl(url);
  if (at === undefined) {
    throw failure('USAGE', { reason: `"${url}" is not oss://bucket/key`, command: 'holdfast protect' });
  }
  const found = await storage.readText(at);
  if (found === 'unchanged') throw invalid(url, 'the manifest has no text');
  return { url, at, manifest: readManifest(found.text, url, bucket), etag: found.etag };
}

/** The rows of one file from the first up to one that does not belong to it. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

/** The rows of a file that lie between two positions; none where `from` is not below `to`. */
function rowsOf(file: number, start: RowPosition, end: RowPosition | undefined): Rows {
  const all = Number.POSITIVE_INFINITY;
  const from = file < start.file ? all : file === start.file ? start.row : 0;
  const to = end === undefined || file < end.file ? all : file === end.file ? end.row : 0;
  return { from, to };
}

interface Cut {
  readonly versions: readonly KnownVersion[];
  readonly next: number;
  readonly done: number;
  readonly last: boolean;
}

/** Cuts a file's rows into shards; the last one may be empty, and says that the file is done. */
async function* cut(
  rows: AsyncIterable<Row>,
  { from, to }: Rows,
  key: string,
  { columns }: Manifest,
  { bucket, prefix, keysEncoded, url }: InventoryOptions,
): AsyncIterable<Cut> {
  const read = rowReader({ bucket, columns, keysEncoded });
  let versions: KnownVersion[] = [];
  let next = 0;
  for await (const { cells, done } of rows) {
    if (next >= to) break;
    next += 1;
    if (next <= from) continue;
    try {
      const version = read(cells);
      if (version.key.startsWith(prefix)) versions.push(version);
    } catch (error) {
      if (!(error instanceof BadRow)) throw error;
      throw invalid(url, `${key}, row ${next}: ${error.message}`);
    }
    if (versions.length < shardSize) continue;
    yield { versions, next, done, last: false };
    versions = [];
  }
  yield { versions, next, done: 1, last: true };
}
