import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';

const mebibyte = 1024 * 1024;
/** Bytes that a package of code may have when it is unpacked. The bound is this cloud's own, for the machine's sake. */
const largestUnpacked = 256 * mebibyte;
/** Files and folders that a package of code may have; the bound is this cloud's own. */
const mostEntries = 20_000;

/** A package that is not unpacked, and why. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/**
 * Unpacks a zip into a folder that does not exist yet. Every name and size is checked before the first file is written,
 * and a file that turns out to be larger than the zip's index says ends it all.
 * @throws ArchiveError when it is no zip, is too large unpacked, or has a name that leads out of the folder; nothing is
 *   left of the folder then
 */
export async function unpack(zip: Buffer, folder: string): Promise<void> {
  try {
    const file = await fromBufferPromise(zip, { lazyEntries: true, strictFileNames: true, autoClose: false });
    const entries = await readIndex(file);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const entry of entries) await writeEntry(file, entry, folder);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    if (cause instanceof ArchiveError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArchiveError(`the code is not a zip that can be unpacked: ${reason}`, { cause });
  }
}

async function readIndex(file: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  let size = 0;
  if (file.entryCount > mostEntries) throw new ArchiveError(`the zip has more than ${mostEntries} entries`);
  for await (const entry of file.eachEntry()) {
    // yauzl refuses absolute names, steps up and backslashes by itself; these it lets pass.
    if (/[\0:]/.test(entry.fileName) || isLink(entry)) {
      throw new ArchiveError(`the zip has ${JSON.stringify(entry.fileName)}, which is no plain file`);
    }
    size += entry.uncompressedSize;
    if (size > largestUnpacked) {
      throw new ArchiveError(`the zip has more than ${largestUnpacked / mebibyte} MB unpacked`);
    }
    entries.push(entry);
  }
  if (entries.length === 0) throw new ArchiveError('the zip holds no file');
  return entries;
}

/** A symbolic link, by the file type that Unix keeps in the upper half of the attributes. */
const isLink = ({ externalFileAttributes }: Entry): boolean =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

async function writeEntry(file: ZipFile, entry: Entry, folder: string): Promise<void> {
  const path = join(folder, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await pipeline(await file.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }));
}
