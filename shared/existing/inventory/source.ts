import * as z from 'zod';
import { failure } from '../../platform/errors.ts';
import { parseObjectUrl } from '../../rules/source.ts';
import type { StorageReads } from '../../storage/port.ts';
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
}

/** The next row: rows count from 0 in each file. */
const position = z.strictObject({ file: z.int().nonnegative(), row: z.int().nonnegative() });

const shardSize = 1000;

/**
 * The versions that an OSS bucket inventory names. Memory stays flat: one shard of rows at a time.
 * @throws INVENTORY_INVALID, USAGE, and what reading the manifest throws
 */
export async function inventorySource(storage: StorageReads, options: InventoryOptions): Promise<Source> {
  const { url } = options;
  const at = parseObjectUrl(url);
  if (at === undefined) {
    throw failure('USAGE', { reason: `"${url}" is not oss://bucket/key`, command: 'holdfast protect' });
  }
  const found = await storage.readText(at);
  if (found === 'unchanged') throw invalid(url, 'the manifest has no text');
  const manifest = readManifest(found.text, url, options.bucket);
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);

  const inFile = async function* (index: number, file: InventoryFile, first: number): AsyncIterable<Shard> {
    const before = manifest.files.slice(0, index).reduce((sum, { size }) => sum + size, 0);
    const rows = inventoryRows(storage, { bucket: at.bucket, key: file.key }, file);
    for await (const shard of cut(rows, first, file.key, manifest, options)) {
      const end = shard.last ? { file: index + 1, row: 0 } : { file: index, row: shard.next };
      const done = Math.min(1, (before + shard.done * file.size) / Math.max(1, total));
      yield { versions: shard.versions, end: JSON.stringify(end), done };
    }
  };

  return {
    async *shards(from) {
      const start = from === undefined ? { file: 0, row: 0 } : position.parse(JSON.parse(from));
      for (const [index, file] of manifest.files.entries()) {
        if (index >= start.file) yield* inFile(index, file, index === start.file ? start.row : 0);
      }
    },
  };
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
  first: number,
  key: string,
  { columns }: Manifest,
  { bucket, prefix, keysEncoded, url }: InventoryOptions,
): AsyncIterable<Cut> {
  const read = rowReader({ bucket, columns, keysEncoded });
  let versions: KnownVersion[] = [];
  let next = 0;
  for await (const { cells, done } of rows) {
    next += 1;
    if (next <= first) continue;
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
