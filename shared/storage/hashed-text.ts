import { createHash } from 'node:crypto';
import type { ErrorTools } from '../platform/errors.ts';
import type { DataVersion, StorageReads } from './port.ts';
import { readableText } from './readable-text.ts';

/** It says why a version is not what its name says. */
export interface Unfit {
  readonly problem: string;
}

/** An object in a folder in which others may write, whose name has the hash of its content. */
export interface HashedObject {
  /** Its versions, in the order in which they are tried. */
  readonly versions: readonly DataVersion[];
  /** The hash of the content, in hex. */
  readonly sha256: string;
  /** A longer version is not read. */
  readonly mostBytes: number;
}

/**
 * Reads the first version of an object that is what its name says. A version that somebody puts over it does not take its place.
 * @param parse reads a text that has the hash, or says why it is none
 * @returns what it says, or the problem of the first version that was tried
 * @throws what reading throws
 */
export async function readHashedText<Read extends object>(
  storage: Pick<StorageReads, 'readText'>,
  { versions, sha256, mostBytes }: HashedObject,
  errors: Pick<ErrorTools, 'hasCode'>,
  parse: (text: string, version: DataVersion) => Read | Unfit | Promise<Read | Unfit>,
): Promise<Read | (Unfit & { readonly version: DataVersion | undefined })> {
  let first: (Unfit & { readonly version: DataVersion }) | undefined;
  for (const version of versions) {
    const read = await fitting(version);
    if (!('problem' in read)) return read;
    first ??= { problem: read.problem, version };
  }
  return first ?? { problem: 'it has no version', version: undefined };

  async function fitting(version: DataVersion): Promise<Read | Unfit> {
    if (version.size > mostBytes) return { problem: `it has ${version.size} bytes` };
    const text = await readableText(storage, version, errors);
    if (text === undefined) return { problem: 'it has no text' };
    if (createHash('sha256').update(text).digest('hex') !== sha256) {
      return { problem: 'its name has the hash of another content' };
    }
    return await parse(text, version);
  }
}
