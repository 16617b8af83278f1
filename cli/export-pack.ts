import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders } from '../shared/backfill/make-folders.ts';
import type { ExportOut } from '../shared/export/evidence.ts';
import { type ExportTable, exportHead, exportLines } from '../shared/export/rows.ts';
import { failure } from '../shared/platform/errors.ts';
import { reasonOf } from '../shared/report/unreadable-bucket.ts';

/** Names the files of a pack that say whether it is whole. */
export const packFiles = { sums: 'SHA256SUMS', incomplete: 'INCOMPLETE.txt', cover: 'READ-ME.txt' } as const;

/** A folder that an export is written to. It is whole when it has SHA256SUMS and no INCOMPLETE.txt. */
export interface ExportPack extends ExportOut {
  /** Writes the sums of all files, and takes INCOMPLETE.txt away. @returns the SHA-256 of SHA256SUMS, in hex */
  finish(): Promise<string>;
  /** Lets go of the files that are open; the pack stays incomplete. */
  close(): Promise<void>;
  /** Files so far. */
  readonly files: number;
}

const incomplete = `This pack is not complete: holdfast export was stopped, or is still at work.
Nothing in this folder is to be relied on. Remove it, and export again.
`;

/** Says why a folder cannot take a pack; undefined when it can. */
export function whyNoPack(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  if (!statSync(folder).isDirectory()) return `${folder} is a file`;
  const found = readdirSync(folder);
  if (found.length === 0) return undefined;
  return found.includes(packFiles.incomplete)
    ? `${folder} has an export that was not finished: remove it, or name another folder`
    : `${folder} is not empty: name another folder`;
}

const rowsAtOnce = 500;

interface Table {
  readonly handle: FileHandle;
  readonly hash: ReturnType<typeof createHash>;
  rows: Readonly<Record<string, unknown>>[];
}

/**
 * Opens a pack in a folder that is empty or not there. Tables grow row by row; memory does not.
 * @throws FILE_UNWRITABLE, also from what is returned
 */
export async function openPack(folder: string): Promise<ExportPack> {
  const tables = new Map<ExportTable, Table>();
  let files = 0;
  let sums: FileHandle | undefined;
  const sumsHash = createHash('sha256');

  const attempt = async <Result>(path: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      throw failure('FILE_UNWRITABLE', { file: join(folder, path), reason: reasonOf(cause) }, { cause });
    }
  };
  const addSum = async (path: string, sha256: string) => {
    files += 1;
    const line = `${sha256}  ${path}\n`;
    sumsHash.update(line);
    await sums?.appendFile(line);
  };
  const writeNew = async (path: string, text: string) => {
    const file = join(folder, ...path.split('/'));
    await makeFolders(dirname(file));
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  };
  const tableOf = async (name: ExportTable): Promise<Table> => {
    const known = tables.get(name);
    if (known !== undefined) return known;
    const table = {
      handle: await open(join(folder, `${name}.csv`), 'wx'),
      hash: createHash('sha256'),
      rows: [],
    };
    tables.set(name, table);
    await append(table, exportHead(name));
    return table;
  };
  const flush = async (name: ExportTable, table: Table) => {
    const { rows } = table;
    if (rows.length === 0) return;
    table.rows = [];
    await append(table, exportLines(name, rows));
  };
  const close = async () => {
    await Promise.all([...tables.values()].map(({ handle }) => handle.close()));
    tables.clear();
    await sums?.close();
    sums = undefined;
  };

  await attempt('', async () => {
    await makeFolders(folder);
    await writeNew(packFiles.incomplete, incomplete);
    sums = await open(join(folder, `${packFiles.sums}.part`), 'wx');
    for (const name of tableNames) await tableOf(name);
  });
  return {
    get files() {
      return files;
    },
    row: (name, row) =>
      attempt(`${name}.csv`, async () => {
        const table = await tableOf(name);
        table.rows.push(row);
        if (table.rows.length >= rowsAtOnce) await flush(name, table);
      }),
    file: (path, text) =>
      attempt(path, async () => {
        await writeNew(path, text);
        await addSum(path, createHash('sha256').update(text).digest('hex'));
      }),
    finish: () =>
      attempt(packFiles.sums, async () => {
        for (const [name, table] of tables) {
          await flush(name, table);
          await addSum(`${name}.csv`, table.hash.digest('hex'));
        }
        await close();
        // In this order: a pack with both files is not whole.
        await rename(join(folder, `${packFiles.sums}.part`), join(folder, packFiles.sums));
        await rm(join(folder, packFiles.incomplete));
        return sumsHash.digest('hex');
      }),
    close,
  };
}

/** Every pack has all of them, so that a table without lines says that there is nothing. */
const tableNames: readonly ExportTable[] = [
  ...([
    'versions',
    'decisions',
    'chain',
    'rules',
    'matters',
    'dispositions',
    'approvals',
    'findings',
    'unread',
  ] as const),
];

async function append({ handle, hash }: Table, text: string): Promise<void> {
  hash.update(text);
  await handle.appendFile(text);
}
