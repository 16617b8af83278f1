import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { FileMark } from '../../shared/backfill/file-mark.ts';
import { createVersionSet, type VersionSet } from '../../shared/disposition/version-set.ts';
import type { HashedFile } from '../files/hashed-file.ts';

/** The versions of an export, by a part of their hashes, in a file as well. */
export interface KnownVersions {
  readonly set: VersionSet;
  mark(): Promise<FileMark>;
}

/**
 * Opens the file where versions are remembered, one hash a line, and reads what is in it.
 * @param openAt opens it where it is certain
 * @throws what opening and reading throw
 */
export async function openKnown(
  path: string,
  openAt: (name: string, at: FileMark | undefined) => Promise<HashedFile>,
  at: FileMark | undefined,
): Promise<KnownVersions> {
  let fresh: string[] = [];
  const file = await openAt(basename(path), at);
  const set = createVersionSet((hash) => fresh.push(`${hash}\n`));
  if (at !== undefined) {
    for await (const line of createInterface({ input: createReadStream(path) })) set.addHash(Number(line));
  }
  return {
    set,
    async mark() {
      await file.append(fresh.join(''));
      fresh = [];
      return await file.mark();
    },
  };
}
