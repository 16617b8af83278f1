import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { copyFile, type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';

type Content<Part> = Iterable<Part> | AsyncIterable<Part>;

/** Errors that do not let a new name stand where the file itself may be written, such as a file that is mounted in a folder of others. */
const noNewName: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Writes a file beside its place, and into it when it is whole: whoever opens it finds the old one or the new one, with the mode of the
 * old one. What is no plain file (a device, a pipe, a link such as /dev/stdout) is written as it stands, and so is a file in a
 * folder that takes no new one.
 * @param content a text, or its parts
 * @returns its bytes
 * @throws FILE_UNWRITABLE, and the coded error that reading the content ends with
 */
export async function replaceFile(
  file: string,
  content: string | Content<string | Uint8Array>,
): Promise<number> {
  const beside = `${file}.${randomUUID()}.new`;
  try {
    const old = await lstat(file).catch(() => undefined);
    const aside = await openBeside(beside, old);
    const writing = (aside ?? (await open(file, 'w'))).createWriteStream();
    await pipeline(Readable.from(typeof content === 'string' ? [content] : content), writing);
    if (aside !== undefined) await putInPlace(beside, file);
    return writing.bytesWritten;
  } catch (cause) {
    // Where nothing can be written, nothing can be removed either: the first error is the one to tell.
    await rm(beside, { force: true }).catch(() => undefined);
    throw cause instanceof HoldfastError ? cause : unwritable(file, cause);
  }
}

/** Opens the new file with the mode and, where we may, the owner of the old one; undefined where the file is written as it stands. */
async function openBeside(beside: string, old: Stats | undefined): Promise<FileHandle | undefined> {
  if (old === undefined) return await open(beside, 'wx');
  if (!old.isFile()) return undefined;
  try {
    const handle = await open(beside, 'wx', 0o600);
    await handle.chown(old.uid, old.gid).catch(() => undefined);
    await handle.chmod(old.mode);
    return handle;
  } catch (cause) {
    if (noNewName.has(codeOf(cause))) return undefined;
    throw cause;
  }
}

/** Renames the new file over the old one. A file that is a mount of its own cannot be renamed over, so it takes the content. */
async function putInPlace(beside: string, file: string): Promise<void> {
  try {
    await rename(beside, file);
  } catch (cause) {
    if (codeOf(cause) !== 'EBUSY') throw cause;
    await copyFile(beside, file);
    await rm(beside);
  }
}

const codeOf = (cause: unknown): unknown =>
  cause instanceof Error && 'code' in cause ? cause.code : undefined;

/** Makes the error of a file or folder that cannot be written. */
export const unwritable = (file: string, cause: unknown): HoldfastError =>
  failure(
    'FILE_UNWRITABLE',
    { file, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );
