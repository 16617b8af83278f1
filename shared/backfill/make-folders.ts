import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it that are not there. Node's own recursive mkdir never ends where the file system answers
 * "not there" to making a folder in one that is there, as procfs does.
 * @param mode of the folders that are made; the system's own unless given
 * @returns the topmost folder that was made; undefined when the folder was there
 * @throws what the file system refuses
 */
export async function makeFolders(folder: string, mode?: number): Promise<string | undefined> {
  const path = resolve(folder);
  const parent = dirname(path);
  try {
    return await makeOne(path, mode);
  } catch (error) {
    if (parent === path || !isAbsent(error)) throw error;
  }
  const topmost = await makeFolders(parent, mode);
  const made = await makeOne(path, mode);
  return topmost ?? made;
}

/** Makes one folder. @returns its path; undefined when it was there */
async function makeOne(path: string, mode: number | undefined): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) return undefined;
    throw error;
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
