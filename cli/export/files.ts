import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { forEachAtOnce } from '../../shared/backfill/each.ts';
import { createVersionSet } from '../../shared/disposition/version-set.ts';
import { packFiles, packFolders } from './folder.ts';

const filesAtOnce = 16;
/** The sums of as many files are held while these are read. */
const batch = 256;

/**
 * Makes the folder of an export that was stopped as it was at the last checkpoint: the files that SHA256SUMS.part names have to have what
 * they had, and those that it does not name go, since they were written later.
 * @param onChanged is called with a file that is missing, or has not its sum; it throws
 * @throws what the file system refuses, and the signal's reason
 */
export async function settleFiles(
  folder: string,
  signal: AbortSignal,
  onChanged: (path: string, problem: Error) => never,
): Promise<void> {
  const named = createVersionSet();
  const waiting: SumLine[] = [];
  const compare = async () => {
    await forEachAtOnce({ concurrency: filesAtOnce, signal }, waiting.splice(0), async ({ sha256, path }) => {
      const problem = await whatIsWrong(join(folder, ...path.split('/')), sha256);
      if (problem !== undefined) onChanged(path, problem);
    });
  };
  for await (const line of sumLines(join(folder, packFiles.sumsSoFar))) {
    named.add(line.path);
    waiting.push(line);
    if (waiting.length >= batch) await compare();
  }
  await compare();
  await removeOthers(folder, (path) => named.has(path));
}

/** A line of SHA256SUMS: the hash in hex, two blanks, and the path. */
interface SumLine {
  readonly sha256: string;
  readonly path: string;
}

const hexOfSha256 = 64;

async function* sumLines(file: string): AsyncIterable<SumLine> {
  for await (const line of createInterface({ input: createReadStream(file) }))
    yield { sha256: line.slice(0, hexOfSha256), path: line.slice(hexOfSha256 + '  '.length) };
}

/** Tells what is wrong with a file that a sum names; undefined: nothing. */
async function whatIsWrong(file: string, sha256: string): Promise<Error | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    return new Error(isMissing ? 'it is missing' : 'it cannot be read', { cause });
  }
  if (hash.digest('hex') === sha256) return undefined;
  return new Error('it has not what it had when the run was stopped');
}

async function removeOthers(folder: string, isNamed: (path: string) => boolean): Promise<void> {
  for (const path of [packFiles.cover, packFiles.summary]) await rm(join(folder, path), { force: true });
  for (const inPack of packFolders) {
    const entries = await readdir(join(folder, inPack), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    for (const entry of entries.filter((each) => each.isFile())) {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(join(folder, '/').length).replaceAll('\\', '/');
      if (!isNamed(path)) await rm(file);
    }
  }
}
