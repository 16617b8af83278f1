import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileMark } from '../../shared/backfill/file-mark.ts';

/** A file that only grows, and knows the hash of what is in it. */
export interface HashedFile {
  append(text: string): Promise<void>;
  /** Waits until the disk has all of it. */
  mark(): Promise<FileMark>;
  close(): Promise<void>;
}

/**
 * Opens a file that is not there yet, or one where it is certain: what was written after the mark is cut off.
 * @throws what the file system refuses, and an error with words where the file has not what it had at the mark
 */
export async function openHashedFile(file: string, at?: FileMark): Promise<HashedFile> {
  const handle = await open(file, at === undefined ? 'ax' : 'a');
  const hash = createHash('sha256');
  let bytes = 0;
  let marked = 0;
  try {
    if (at !== undefined) {
      bytes = await hashBeginning(file, at.bytes, hash);
      marked = bytes;
      if (bytes !== at.bytes || sumSoFar(hash) !== at.sha256)
        throw new Error('it has not what it had when the run was stopped');
      await handle.truncate(bytes);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    async append(text) {
      hash.update(text);
      bytes += Buffer.byteLength(text);
      await handle.appendFile(text);
    },
    async mark() {
      if (bytes !== marked) await handle.datasync();
      marked = bytes;
      return { bytes, sha256: sumSoFar(hash) };
    },
    close: () => handle.close(),
  };
}

const sumSoFar = (hash: Hash): string => hash.copy().digest('hex');

/** Adds the first bytes of a file to a hash. @returns how many there were */
async function hashBeginning(file: string, bytes: number, hash: Hash): Promise<number> {
  if (bytes === 0) return 0;
  let read = 0;
  for await (const chunk of createReadStream(file, { end: bytes - 1 })) {
    hash.update(chunk);
    read += chunk.length;
  }
  return read;
}
