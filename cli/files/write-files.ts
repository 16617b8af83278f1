import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import type { Files } from '../../shared/init/files.ts';
import { failure } from '../../shared/platform/errors.ts';

/** Returns the files that are there already, by their paths in the folder. */
export const existing = (folder: string, files: Files): string[] =>
  [...files.keys()].filter((path) => existsSync(join(folder, path)));

/**
 * Writes all files, or none: each one beside its place first, and only when that has succeeded for all of them into it.
 * Overwrites what is there.
 * @throws FILE_UNWRITABLE
 */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  const made: string[] = [];
  const places = [...files].map(([path, content]) => {
    const file = join(folder, path);
    // A name of its own: `FILE.new` may be a file of the user's.
    return { file, beside: `${file}.${randomUUID()}.new`, content };
  });
  try {
    for (const { file, beside, content } of places) {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${file} is a folder`);
      const created = await makeFolders(dirname(file));
      made.unshift(beside, ...(created === undefined ? [] : [created]));
      await writeFile(beside, content);
    }
    for (const { file, beside } of places) await rename(beside, file);
  } catch (cause) {
    for (const path of made) await rm(path, { recursive: true, force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('FILE_UNWRITABLE', { file: folder, reason }, { cause });
  }
}
