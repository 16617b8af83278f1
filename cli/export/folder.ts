import { existsSync, readdirSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExportTable, exportColumns } from '../../shared/export/rows.ts';
import { usage } from '../options/usage.ts';

/** Names the files of a pack that say whether it is whole, and those that are there while it is not. */
export const packFiles = {
  sums: 'SHA256SUMS',
  incomplete: 'INCOMPLETE.txt',
  cover: 'READ-ME.txt',
  summary: 'summary.json',
  sumsSoFar: 'SHA256SUMS.part',
  known: 'versions.part',
  checkpoint: 'checkpoint.json',
} as const;

/** Names the folders of a pack. */
export const packFolders = ['evidence', 'approvals', 'matters', 'rules'];

/** Every pack has all of them, so that a table without lines says that there is nothing. */
export const packTables = Object.keys(exportColumns).filter(
  (name): name is ExportTable => name in exportColumns,
);

/** Tells what is in a folder that a pack shall be written to. */
export type PackFolder =
  | { readonly is: 'free' }
  /** An export was stopped in it. */
  | { readonly is: 'unfinished'; readonly hasCheckpoint: boolean }
  | { readonly is: 'taken'; readonly problem: string };

export function lookAtFolder(folder: string): PackFolder {
  if (!existsSync(folder)) return { is: 'free' };
  if (!statSync(folder).isDirectory()) return { is: 'taken', problem: `${folder} is a file` };
  const found = readdirSync(folder);
  if (found.length === 0) return { is: 'free' };
  if (found.includes(packFiles.incomplete))
    return { is: 'unfinished', hasCheckpoint: found.includes(packFiles.checkpoint) };
  const problem = found.includes(packFiles.sums)
    ? `${folder} has a pack already: name another folder`
    : `${folder} is not empty: name another folder`;
  return { is: 'taken', problem };
}

/** Says that something is in the folder that a pack cannot be written to. */
export const folderTaken = (problem: string) => usage(`--out: ${problem}`);

const incomplete = `This pack is not complete: holdfast export was stopped, or is still at work.
Nothing in this folder is to be relied on. The same command goes on where it was; with --restart it begins anew.
`;

/** Marks a folder that is free as one that an export is at work in. */
export const markIncomplete = (folder: string): Promise<void> =>
  writeFile(join(folder, packFiles.incomplete), incomplete, { flag: 'wx' });

/** Removes what an export that was stopped has left; INCOMPLETE.txt stays, and so does what is of no pack. */
export async function clearPack(folder: string): Promise<void> {
  const { incomplete: _, checkpoint, ...files } = packFiles;
  // The checkpoint goes first: without it nothing here is gone on with.
  const names = [
    checkpoint,
    ...Object.values(files),
    ...packTables.map((name) => `${name}.csv`),
    ...packFolders,
  ];
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}
