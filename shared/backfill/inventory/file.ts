import { createHash, type Hash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { formatAddress } from '../../platform/address.ts';
import { HoldfastError } from '../../platform/errors.ts';
import type { InCloud, ObjectAt, StorageReads } from '../../storage/port.ts';
import { BadCsv, type Block, csvBlocks } from './csv.ts';
import { type InventoryFile, invalid } from './manifest.ts';

/** Whole rows of a file, and how much of the file is read with them, 0 to 1. */
export interface FileBlock extends Block {
  readonly done: number;
}

/** The object that a file of an inventory is. */
type FileAt = ObjectAt & InCloud;

/** A connection that breaks is made anew so many times without any progress. */
const attempts = 5;

/** A file up to so many bytes is read once and kept in memory while its rows are used. */
const smallFile = 4 * 1024 * 1024;

export interface FileReading {
  /** The first byte (uncompressed) that is wanted; it must be the beginning of a row. */
  readonly from: number;
  /** Tells whether the checksum of a large file is compared before any of its rows is used: then it is read twice. */
  readonly verifyFirst: boolean;
}

/**
 * Streams a file of an inventory, gzip or plain, as blocks of whole rows. No more than a small file is kept, and nothing
 * on the disk: a connection that breaks midway, as one that lives for hours may, is made anew and read up to the same
 * place. A file that is read to its end has its checksum compared there too.
 * @throws INVENTORY_INVALID, and what reading an object throws
 */
export async function* fileBlocks(
  storage: Pick<StorageReads, 'cloud' | 'readObject'>,
  object: ObjectAt,
  file: InventoryFile,
  { from, verifyFirst }: FileReading,
): AsyncIterable<FileBlock> {
  const at: FileAt = { ...object, cloud: storage.cloud };
  const small = file.size > smallFile ? undefined : await again(() => readSmall(storage, at, file));
  if (small !== undefined) return yield* blocksFrom(() => Promise.resolve(small), at, file, from);
  if (verifyFirst) await again(() => verifyFile(storage, at, file));
  let next = from;
  for (let attempt = 1; ; attempt += 1) {
    const reached = next;
    try {
      for await (const block of blocksFrom(() => storage.readObject(at), at, file, next)) {
        yield block;
        next = block.offset + block.bytes.length;
      }
      return;
    } catch (error) {
      if (next > reached) attempt = 0;
      if (!isTransient(error) || attempt >= attempts) throw error;
    }
  }
}

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || attempt >= attempts) throw error;
    }
  }
}

/** @returns undefined for one that is larger than the manifest says */
async function readSmall(
  storage: Pick<StorageReads, 'readObject'>,
  at: FileAt,
  file: InventoryFile,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const hash = createHash('md5');
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await storage.readObject(at)) {
    length += chunk.length;
    if (length > smallFile) return undefined;
    hash.update(chunk);
    kept.push(chunk);
  }
  compare(at, file, { hash, bytes: length });
  return (async function* () {
    yield* kept;
  })();
}

async function verifyFile(
  storage: Pick<StorageReads, 'readObject'>,
  at: FileAt,
  file: InventoryFile,
): Promise<void> {
  const hash = createHash('md5');
  let bytes = 0;
  for await (const chunk of await storage.readObject(at)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  compare(at, file, { hash, bytes });
}

async function* blocksFrom(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  at: FileAt,
  file: InventoryFile,
  from: number,
): AsyncIterable<FileBlock> {
  const md5 = createHash('md5');
  let read = 0;
  let rows = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      md5.update(chunk);
      read += chunk.length;
      yield chunk;
    }
  };
  const bytes = skip(await unpacked(counted(await open()), at.key.endsWith('.gz')), from);
  try {
    for await (const block of csvBlocks(bytes)) {
      rows += block.ends.length;
      yield { ...block, offset: from + block.offset, done: Math.min(1, read / Math.max(1, file.size)) };
    }
  } catch (error) {
    throw isUnreadable(error) ? invalid(urlOf(at), error.message, error) : error;
  }
  compare(at, file, { hash: md5, bytes: read, rows: from === 0 ? rows : undefined });
}

/** Full inventories are gzip, incremental ones plain: the name tells, or the first two bytes. */
async function unpacked(
  chunks: AsyncGenerator<Uint8Array>,
  named: boolean,
): Promise<AsyncIterable<Uint8Array>> {
  let head: Uint8Array = new Uint8Array();
  while (head.length < 2) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const whole = async function* () {
    if (head.length > 0) yield head;
    yield* chunks;
  };
  if (!named && !(head[0] === 0x1f && head[1] === 0x8b)) return whole();
  // Errors of any part end the last one, which is where they are seen.
  return pipeline(Readable.from(whole()), createGunzip({ chunkSize: 65_536 }), () => undefined);
}

async function* skip(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncIterable<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield left === 0 ? chunk : chunk.subarray(left);
      left = 0;
    }
  }
}

/** The facts of a file that was read to its end. */
interface ReadFile {
  readonly hash: Hash;
  /** The stored bytes, not those that were unpacked. */
  readonly bytes: number;
  /** Absent where it was not read as rows from its beginning. */
  readonly rows?: number | undefined;
}

/** Compares a file with its manifest: its checksum, or its size and rows if there is none. @throws INVENTORY_INVALID */
function compare(at: FileAt, file: InventoryFile, { hash, bytes, rows }: ReadFile): void {
  const md5 = hash.digest('hex').toUpperCase();
  if (file.md5 !== undefined) {
    if (md5 !== file.md5) throw invalid(urlOf(at), `its MD5 is ${md5}, and the manifest says ${file.md5}`);
    return;
  }
  if (bytes !== file.size)
    throw invalid(urlOf(at), `it has ${bytes} bytes, and the manifest says ${file.size}`);
  if (rows !== undefined && file.rows !== undefined && rows !== file.rows) {
    throw invalid(urlOf(at), `it has ${rows} rows, and the manifest says ${file.rows}`);
  }
}

const isTransient = (error: unknown): boolean => error instanceof HoldfastError && error.transient;

const urlOf = ({ cloud, ...object }: FileAt): string => formatAddress(cloud, object);

/** The file is to blame, not the way to it: it is no CSV, or zlib cannot unpack it (its codes begin with Z_). */
function isUnreadable(error: unknown): error is Error {
  if (error instanceof BadCsv) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

/** Text from whole rows, whose bytes must be UTF-8. @throws BadCsv for others */
export function textOfRows({ bytes }: Block): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new BadCsv('it is not valid UTF-8', { cause });
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
