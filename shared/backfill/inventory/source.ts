import * as z from 'zod';
import { objectIn } from '../../platform/address.ts';
import type { Clock } from '../../platform/clock.ts';
import { failure } from '../../platform/errors.ts';
import { day } from '../../platform/instant.ts';
import type { ObjectAt, StorageReads } from '../../storage/port.ts';
import type { KnownVersion, Shard, Source } from '../source.ts';
import { BadCsv, type Block, readRow } from './csv.ts';
import { fileBlocks, textOfRows } from './file.ts';
import { type InventoryFile, invalid, type Manifest, readManifest } from './manifest.ts';
import { type Grain, grainCutter, type Piece, pieceOf } from './piece.ts';
import { BadRow, rowReader } from './rows.ts';

export interface InventoryOptions {
  /** The address of its manifest.json. */
  readonly url: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly keysEncoded: boolean;
  /** For the age of the inventory; without it none of its tag counts is believed. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /** Only these parts of the files, as a plan has them. Without them all files are read, each after its checksum was compared. */
  readonly planned?: { readonly hash: string | undefined; readonly pieces: readonly Piece[] } | undefined;
}

/** The next row: rows count from 0 in each file. */
const rowPosition = z.strictObject({ file: z.int().nonnegative(), row: z.int().nonnegative() });
type RowPosition = z.infer<typeof rowPosition>;

const shardSize = 1000;

/** Tags may be put on an object at any time, so a count of them is believed for so long after the scan began. */
const freshMs = day;

/**
 * Returns the versions that an OSS bucket inventory names. Memory stays flat: one shard of rows at a time.
 * @throws INVENTORY_INVALID, and what reading the manifest throws
 */
export async function inventorySource(
  storage: Pick<StorageReads, 'cloud' | 'readObject'>,
  options: InventoryOptions,
): Promise<Source & { readonly manifest: Manifest }> {
  return inventoryRows(storage, await openInventory(storage, options.url, options.bucket), options);
}

/**
 * Returns the versions that an open inventory names.
 * @throws INVENTORY_INVALID
 */
export function inventoryRows(
  storage: Pick<StorageReads, 'cloud' | 'readObject'>,
  { url, at, manifest }: Inventory,
  options: Omit<InventoryOptions, 'url'>,
): Source & { readonly manifest: Manifest } {
  const { clock, planned } = options;
  if (planned !== undefined && planned.hash !== manifest.hash) {
    throw invalid(url, 'the manifest is another one than when the run was planned');
  }
  const { takenAt } = manifest;
  // Only now: on a command line the clock goes by the service's replies, and here is the first.
  const now = clock?.now().getTime() ?? Number.POSITIVE_INFINITY;
  const fresh = takenAt !== undefined && now - takenAt.getTime() < freshMs;
  const read = rowReader({ ...options, columns: manifest.columns, fresh });
  const progress = progressOf(manifest);
  const parts = planned?.pieces ?? manifest.files.map((_, file) => wholeFile(file));

  return {
    manifest,
    async *shards(from) {
      for (const { part, first } of partsFrom(parts, readPosition(from, url))) {
        const file = manifest.files[part.file];
        if (file === undefined) throw invalid(url, `the plan names file ${part.file}, which it has not`);
        const open = { storage, at: { bucket: at.bucket, key: file.key }, file, url };
        yield* shardsOf(open, part, first, pageOf(read, options.prefix), (done) => progress(part.file, done));
      }
    },
  };
}

/** This is what is read of a file: a planned piece, or all of it. */
type Part = Pick<Piece, 'file' | 'row' | 'rows' | 'byte'> & {
  /** This is what the part must turn out to be; without it the file's checksum is compared first. */
  readonly piece?: Piece;
};

const wholeFile = (file: number): Part => ({ file, row: 0, rows: Number.POSITIVE_INFINITY, byte: 0 });

/** The parts that are still to be read, and the first row of each. */
function* partsFrom(
  parts: readonly (Part | Piece)[],
  start: RowPosition,
): Iterable<{ readonly part: Part; readonly first: number }> {
  for (const each of parts) {
    const first = each.file === start.file ? start.row : 0;
    const done = each.file < start.file || first >= each.row + each.rows;
    if (!done) yield { part: 'sha256' in each ? { ...each, piece: each } : each, first };
  }
}

/** Tells how much of an inventory is read, 0 to 1, when so much of one of its files is. */
function progressOf({ files }: Manifest): (file: number, done: number) => number {
  const sizes = files.map(({ size }) => size);
  const sum = (some: readonly number[]) => some.reduce((total, size) => total + size, 0);
  const total = Math.max(1, sum(sizes));
  return (file, done) => Math.min(1, (sum(sizes.slice(0, file)) + done * (sizes[file] ?? 0)) / total);
}

/** Gathers rows until there are enough for a shard. */
interface RowPage {
  add(cells: readonly string[]): void;
  full(): boolean;
  take(end: RowPosition, done: number): Shard;
}

function pageOf(read: ReturnType<typeof rowReader>, prefix: string): RowPage {
  let versions: KnownVersion[] = [];
  let rows = 0;
  return {
    add(cells) {
      const version = read(cells);
      rows += 1;
      if (version === undefined) return;
      const inside = version.key.startsWith(prefix) || version.otherKey?.startsWith(prefix) === true;
      if (inside) versions.push(version);
    },
    full: () => rows === shardSize,
    take(end, done) {
      const shard = { versions, rows, end: JSON.stringify(end), done };
      versions = [];
      rows = 0;
      return shard;
    },
  };
}

interface OpenFile {
  readonly storage: Pick<StorageReads, 'cloud' | 'readObject'>;
  readonly at: ObjectAt;
  readonly file: InventoryFile;
  /** It is the address of the manifest, for messages. */
  readonly url: string;
}

/**
 * The shards of a part of a file, from a row on. The last one comes after the part was found to hold what the plan says,
 * and it says where the next part begins.
 */
async function* shardsOf(
  { storage, at, file, url }: OpenFile,
  part: Part,
  first: number,
  page: RowPage,
  progress: (done: number) => number,
): AsyncIterable<Shard> {
  const check = pieceCheck(part.piece, () =>
    invalid(url, `${file.key} is not what it was when the run was planned`),
  );
  const reading = { from: part.byte, verifyFirst: part.piece === undefined };
  const end = part.row + part.rows;
  let row = part.row;
  /** One row that belongs to the part. */
  const take = ({ bytes, cells }: FileRow) => {
    check.add(bytes);
    if (row >= first) page.add(cells);
    row += 1;
    // Not the last one: that waits for the check of the whole part.
    return page.full() && row < end;
  };
  try {
    for await (const block of fileBlocks(storage, at, file, reading)) {
      for (const each of rowsOf(block)) {
        if (row >= end) break;
        if (take(each)) yield page.take({ file: part.file, row }, progress(block.done));
      }
      if (row >= end) break;
    }
  } catch (error) {
    throw located(error, url, `${file.key}, row ${row + 1}`);
  }
  check.end();
  yield page.take(end === row ? { file: part.file, row } : { file: part.file + 1, row: 0 }, progress(1));
}

/** Says where it happened, of a file or row that cannot be read; everything else stays what it is. */
function located(error: unknown, url: string, place: string): unknown {
  if (!(error instanceof BadCsv || error instanceof BadRow)) return error;
  return invalid(url, `${place}: ${error.message}`, error);
}

interface FileRow {
  readonly bytes: Uint8Array;
  readonly cells: readonly string[];
}

function* rowsOf(block: Block): Iterable<FileRow> {
  const text = textOfRows(block);
  let place = 0;
  let begin = 0;
  for (const end of block.ends) {
    const cells: string[] = [];
    place = readRow(text, place, cells);
    yield { bytes: block.bytes.subarray(begin, end), cells };
    begin = end;
  }
}

/** Proves that rows are those that were planned. @param failed makes what is thrown when they are not */
function pieceCheck(
  planned: Piece | undefined,
  failed: () => Error,
): { add(row: Uint8Array): void; end(): void } {
  if (planned === undefined) return { add: () => undefined, end: () => undefined };
  const cutter = grainCutter(planned.grain);
  const grains: Grain[] = [];
  const keep = (complete: Grain | undefined) => {
    if (complete !== undefined) grains.push(complete);
  };
  return {
    add: (row) => keep(cutter.add(row)),
    end() {
      keep(cutter.rest());
      const found = pieceOf(planned.file, planned.row, planned.byte, grains, planned.grain);
      if (found.rows !== planned.rows || found.sha256 !== planned.sha256) throw failed();
    },
  };
}

/** An inventory whose manifest has been read. */
export interface Inventory {
  readonly url: string;
  readonly at: ObjectAt;
  readonly manifest: Manifest;
}

/**
 * Reads an inventory's manifest.
 * @param bucket whose inventory it must be; any without it
 * @throws INVENTORY_INVALID, ADDRESS_CLOUD, and what reading it throws
 */
export async function openInventory(
  storage: Pick<StorageReads, 'cloud' | 'readObject'>,
  url: string,
  bucket?: string,
): Promise<Inventory> {
  const at = objectIn(storage.cloud, url);
  if (at === undefined) throw invalid(url, `it is not ${storage.cloud}://bucket/key`);
  return { url, at, manifest: readManifest(await readText(storage, at, url), url, bucket) };
}

/**
 * A manifest may be as long, in bytes. An entry of a file has some 300, so that is more than 50,000 files; one of OSS's holds up
 * to some million rows.
 */
const longestManifest = 16 * 1024 * 1024;

async function readText(
  storage: Pick<StorageReads, 'cloud' | 'readObject'>,
  at: ObjectAt,
  url: string,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await storage.readObject(at)) {
    length += chunk.length;
    if (length > longestManifest) {
      throw invalid(url, `the manifest is longer than ${longestManifest} bytes, the most that is read`);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw invalid(url, 'the manifest is not valid UTF-8', cause);
  }
}

function readPosition(text: string | undefined, url: string): RowPosition {
  if (text === undefined) return { file: 0, row: 0 };
  try {
    return rowPosition.parse(JSON.parse(text));
  } catch (cause) {
    const reason = `its place in ${url} is none: ${text.slice(0, 100)}`;
    throw failure('CHECKPOINT_UNUSABLE', { file: 'that was kept', reason }, { cause });
  }
}
