import { createHash } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { forEachAtOnce } from '../../shared/backfill/each.ts';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import type { VersionSet } from '../../shared/disposition/version-set.ts';
import type { ExportOut } from '../../shared/export/evidence.ts';
import { type ExportTable, exportHead, exportLines } from '../../shared/export/rows.ts';
import type { ExportState } from '../../shared/export/state.ts';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { reasonOf } from '../../shared/report/unreadable-bucket.ts';
import { type HashedFile, openHashedFile } from '../files/hashed-file.ts';
import { settleFiles } from './files.ts';
import { packFiles, packTables } from './folder.ts';
import { openKnown } from './known.ts';

type PackState = ExportState['pack'];

/** A folder that an export is written to. It is whole when it has SHA256SUMS and no INCOMPLETE.txt. */
export interface ExportPack extends ExportOut {
  /** The versions of the period; undefined where the export needs not know them later. */
  readonly known: VersionSet | undefined;
  /** Waits until the disk has all that was written. @returns what has to be kept to go on behind it */
  mark(): Promise<PackState>;
  /** Writes the sums of all files, and takes away what only an unfinished pack has. @returns the SHA-256 of SHA256SUMS, in hex */
  finish(): Promise<string>;
  /** Lets go of the files that are open; the pack stays incomplete. */
  close(): Promise<void>;
  /** Files so far. */
  readonly files: number;
}

const rowsAtOnce = 500;
const syncsAtOnce = 16;

interface Table {
  readonly file: HashedFile;
  rows: Readonly<Record<string, unknown>>[];
}

export interface PackOptions {
  /** False where the export needs not know its versions later: nothing of them is kept then. */
  readonly remembers: boolean;
  /** This is what an export that was stopped has kept of its pack. */
  readonly from: PackState | undefined;
  readonly signal: AbortSignal;
}

/**
 * Opens a pack in a folder that is marked as incomplete: what was written before its last mark is compared, and the rest is taken away.
 * Tables grow row by row; memory does not.
 * @throws FILE_UNWRITABLE, also from what is returned; CHECKPOINT_UNUSABLE where a file has not what it had; and the signal's reason
 */
export async function openPack(
  folder: string,
  { remembers, from, signal }: PackOptions,
): Promise<ExportPack> {
  const attempt = async <Result>(path: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof HoldfastError || (signal.aborted && cause === signal.reason)) throw cause;
      throw failure('FILE_UNWRITABLE', { file: join(folder, path), reason: reasonOf(cause) }, { cause });
    }
  };
  const unusable = (path: string, cause: unknown): never => {
    const reason = `${path}: ${reasonOf(cause)}`;
    throw failure('CHECKPOINT_UNUSABLE', { file: join(folder, packFiles.checkpoint), reason }, { cause });
  };
  const openAt = async (path: string, at: PackState['sums'] | undefined): Promise<HashedFile> => {
    const name = join(folder, path);
    const file =
      from === undefined
        ? await openHashedFile(name)
        : await openHashedFile(name, at).catch((cause: unknown) => unusable(path, cause));
    opened.push(file);
    return file;
  };
  const close = async () => {
    for (const file of opened.splice(0)) await file.close();
  };
  const opened: HashedFile[] = [];
  const tables = new Map<ExportTable, Table>();
  const unsynced: string[] = [];
  let files = from?.files ?? 0;

  const openAll = async () => {
    await makeFolders(folder);
    const sums = await openAt(packFiles.sumsSoFar, from?.sums);
    if (from !== undefined) await settleFiles(folder, signal, unusable);
    const known = remembers ? await openKnown(join(folder, packFiles.known), openAt, from?.known) : undefined;
    for (const name of packTables) {
      const file = await openAt(`${name}.csv`, from?.tables[name]);
      tables.set(name, { file, rows: [] });
      if (from === undefined) await file.append(exportHead(name));
    }
    return { sums, known };
  };
  const { sums, known } = await attempt('', openAll).catch(async (error: unknown) => {
    await close();
    throw error;
  });

  const addSum = async (path: string, sha256: string) => {
    files += 1;
    await sums.append(`${sha256}  ${path}\n`);
  };
  const flush = async (name: ExportTable, table: Table) => {
    const { rows } = table;
    if (rows.length === 0) return;
    table.rows = [];
    await table.file.append(exportLines(name, rows));
  };
  const mark = async (): Promise<PackState> => {
    await forEachAtOnce(
      { concurrency: syncsAtOnce, signal: new AbortController().signal },
      unsynced.splice(0),
      sync,
    );
    const marks: PackState['tables'] = {};
    for (const [name, table] of tables) {
      await flush(name, table);
      marks[name] = await table.file.mark();
    }
    return { files, sums: await sums.mark(), known: await known?.mark(), tables: marks };
  };
  return {
    get files() {
      return files;
    },
    known: known?.set,
    row: (name, row) =>
      attempt(`${name}.csv`, async () => {
        const table = tables.get(name);
        table?.rows.push(row);
        if (table !== undefined && table.rows.length >= rowsAtOnce) await flush(name, table);
      }),
    file: (path, text) =>
      attempt(path, async () => {
        const file = join(folder, ...path.split('/'));
        await makeFolders(dirname(file));
        await writeFile(file, text, { flag: 'wx' });
        unsynced.push(file);
        await addSum(path, createHash('sha256').update(text).digest('hex'));
      }),
    mark: () => attempt('', mark),
    finish: () =>
      attempt(packFiles.sums, async () => {
        const { tables: marks } = await mark();
        for (const [name, { sha256 }] of Object.entries(marks)) await addSum(`${name}.csv`, sha256);
        const { sha256 } = await sums.mark();
        // In this order: what has no checkpoint begins anew, and a pack with INCOMPLETE.txt is not whole.
        for (const path of [packFiles.checkpoint, packFiles.known])
          await rm(join(folder, path), { force: true });
        await rename(join(folder, packFiles.sumsSoFar), join(folder, packFiles.sums));
        await rm(join(folder, packFiles.incomplete));
        return sha256;
      }),
    close,
  };
}

/** Waits until the disk has a file. */
async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
