import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { pipeline as pipelineDone } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { HoldfastError } from '../../platform/errors.ts';
import type { ObjectAt, StorageReads } from '../../storage/port.ts';
import { type InventoryFile, invalid } from './manifest.ts';

/** A row of an inventory's file, and how much of the file is read with it, 0 to 1. */
export interface Row {
  readonly cells: readonly string[];
  readonly done: number;
}

/** A download that breaks midway begins anew so many times. */
const attempts = 5;

/**
 * The rows of one file, after its checksum was found right. The file goes to the disk first: handling its rows may
 * take hours, and no connection lives so long; and nothing is done by a file that turns out to be damaged.
 * @throws INVENTORY_INVALID, and what reading an object throws
 */
export async function* inventoryRows(
  storage: StorageReads,
  at: ObjectAt,
  file: InventoryFile,
): AsyncIterable<Row> {
  const source = `oss://${at.bucket}/${at.key}`;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-inventory-'));
  try {
    const copy = join(folder, 'data.csv.gz');
    const md5 = await download(storage, at, copy);
    if (md5 !== file.md5) throw invalid(source, `its MD5 is ${md5}, and the manifest says ${file.md5}`);
    const bytes = createReadStream(copy);
    // Errors of any part end the last one, which is where they are seen.
    const rows = pipeline(bytes, createGunzip(), utf8, parse({ relax_column_count: true }), () => undefined);
    try {
      for await (const cells of rows) yield { cells, done: bytes.bytesRead / Math.max(1, file.size) };
    } catch (cause) {
      if (cause instanceof HoldfastError) throw cause;
      throw invalid(source, cause instanceof Error ? cause.message : 'it is unreadable', cause);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(storage: StorageReads, at: ObjectAt, copy: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const hash = createHash('md5');
    try {
      const bytes = await storage.readObject(at);
      await pipelineDone(
        bytes,
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(copy),
      );
      return hash.digest('hex').toUpperCase();
    } catch (error) {
      const transient = error instanceof HoldfastError && error.transient;
      if (!transient || attempt >= attempts) throw error;
    }
  }
}

/** Text from bytes that must be UTF-8, whatever their cut into chunks. */
async function* utf8(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof TypeError) throw new Error('it is not valid UTF-8', { cause });
    throw cause;
  }
}
