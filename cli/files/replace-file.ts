import { randomUUID } from 'node:crypto';
import { fstatSync, type Stats } from 'node:fs';
import {
  access,
  constants,
  copyFile,
  type FileHandle,
  lstat,
  open,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { writeOrThrow } from '../terminal/reader.ts';

type Content<Part> = Iterable<Part> | AsyncIterable<Part>;

/** Errors that do not let a new name stand where the file itself may be written, such as a file that is mounted in a folder of others. */
const noNewName: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Writes a file beside its place, and into it when it is whole: whoever opens it finds the old one or the new one, with the mode of the
 * old one. What is no plain file (a device, a pipe, a link) is written as it stands, and so is a file in a folder that takes no new
 * one. Standard output (`-`, /dev/stdout) takes it behind what was printed.
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
    const parts = typeof content === 'string' ? [content] : content;
    const printed = await streamAt(file);
    if (printed !== undefined) return await writeBehind(printed, parts);
    const aside = await openBeside(beside, old);
    const writing = (aside ?? (await open(file, 'w'))).createWriteStream();
    await pipeline(Readable.from(parts), writing);
    if (aside !== undefined) await putInPlace(beside, file);
    return writing.bytesWritten;
  } catch (cause) {
    // Where nothing can be written, nothing can be removed either: the first error is the one to tell.
    await rm(beside, { force: true }).catch(() => undefined);
    throw cause instanceof HoldfastError ? cause : unwritable(file, cause);
  }
}

/**
 * Refuses a file that {@link replaceFile} could not write, before the work whose result it is to take.
 * @throws FILE_UNWRITABLE
 */
export async function checkReplaceable(file: string): Promise<void> {
  if (file === '-') return;
  try {
    const old = await stat(file).catch((cause: unknown) => {
      if (codeOf(cause) !== 'ENOENT') throw cause;
    });
    if (old?.isDirectory() === true) throw new Error('it is a folder');
    if (old === undefined) await access(dirname(file), constants.W_OK);
    else await Promise.any([access(file, constants.W_OK), access(dirname(file), constants.W_OK)]);
  } catch (cause) {
    throw unwritable(file, cause instanceof AggregateError ? cause.errors[0] : cause);
  }
}

type Printed = typeof process.stdout | typeof process.stderr;

/** Tells whether a file that is to be written is standard output: `-`, or a name such as /dev/stdout. */
export const isStandardOutput = async (file: string): Promise<boolean> =>
  (await streamAt(file)) === process.stdout;

/** Returns the standard stream that a link or a device names: opened anew, a file is written from its beginning, over what is printed. */
async function streamAt(file: string): Promise<Printed | undefined> {
  if (file === '-') return process.stdout;
  const named = await lstat(file).catch(() => undefined);
  if (named === undefined || named.isFile()) return undefined;
  const at = await stat(file).catch(() => undefined);
  const isAt = (descriptor: number) => {
    const { dev, ino } = fstatSync(descriptor);
    return at?.dev === dev && at.ino === ino;
  };
  if (isAt(1)) return process.stdout;
  return isAt(2) ? process.stderr : undefined;
}

/** Writes into a stream that goes on. A reader that goes away ends it, and nothing else changes. @returns how many bytes */
async function writeBehind(stream: Printed, parts: Content<string | Uint8Array>): Promise<number> {
  let bytes = 0;
  const counted = async function* () {
    for await (const part of parts) {
      bytes += Buffer.byteLength(part);
      yield part;
    }
  };
  try {
    await writeOrThrow(() => pipeline(counted, stream, { end: false }));
  } catch (cause) {
    if (cause instanceof HoldfastError || stream !== process.stdout) throw cause;
    throw unwritable('standard output', cause);
  }
  return bytes;
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
