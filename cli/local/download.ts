import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import { type Address, formatAddress } from '../../shared/platform/address.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import type { Transport } from '../../shared/storage/oss/transport.ts';
import type { VersionId } from '../../shared/storage/port.ts';
import { checkReplaceable, replaceFile, unwritable } from '../files/replace-file.ts';
import { usage } from '../options/usage.ts';
import type { Report } from '../terminal/output.ts';
import { writePart } from '../terminal/reader.ts';
import { localEndpoint } from './client.ts';
import { type CopyOptions, versionOf, withCloud } from './transfer.ts';

type Source = Address & { readonly versionId?: VersionId };

/**
 * Copies a version of an object into a file, or the current version of every object below a prefix into a folder.
 * @param from a bucket, or a prefix that ends with `/`, stands for all that is below it
 * @returns undefined when standard output has got the object itself
 * @throws USAGE, FILE_UNWRITABLE, LOCAL_ENDPOINT, ADDRESS_CLOUD, UNREACHABLE, NO_SUCH_BUCKET, NO_SUCH_OBJECT
 */
export async function downloadLocal(
  from: Address,
  to: string,
  options: CopyOptions,
): Promise<Report | undefined> {
  const at = versionOf(from);
  if (options.tag.length > 0) throw usage('--tag: a file has no tags');
  const isFolder = at.versionId === undefined && (at.key === '' || at.key.endsWith('/'));
  if (to !== '-')
    return isFolder ? await downloadFolder(at, to, options) : await downloadFile(at, to, options);
  if (options.json) throw usage('--json: standard output gets the object itself');
  if (isFolder)
    throw usage(`${formatAddress('oss', at)} is not oss://bucket/key: standard output gets one object`);
  return await withCloud(localEndpoint(options.port), at, async (transport) => {
    for await (const part of await storageOver(transport).readObject(at)) await writePart(part);
    return undefined;
  });
}

async function downloadFile(at: Source, to: string, { port }: CopyOptions): Promise<Report> {
  const isFolder = to.endsWith('/') || (await stat(to).catch(() => undefined))?.isDirectory() === true;
  const file = isFolder ? join(to, fileOf(at, basename(at.key))) : to;
  return await withCloud(localEndpoint(port), at, async (transport) => {
    const size = await writeObject(transport, at, file);
    const url = formatAddress('oss', at);
    return {
      text: `${visible(url)}: ${quantity(size, 'byte')} written to ${visible(file)}`,
      json: { downloaded: { url, file, size } },
    };
  });
}

/** A key that cannot be a path below the folder is refused before anything is written. @throws USAGE when nothing is there */
async function downloadFolder(at: Source, folder: string, { port }: CopyOptions): Promise<Report> {
  return await withCloud(localEndpoint(port), at, async (transport) => {
    const files = new Map<string, Source>();
    for await (const entry of storageOver(transport).listVersions(at.bucket, at.key)) {
      if (entry.kind !== 'version' || !entry.isLatest || entry.key.endsWith('/')) continue;
      const source = { ...at, key: entry.key };
      files.set(join(folder, fileOf(source, entry.key.slice(at.key.length))), source);
    }
    const url = formatAddress('oss', at);
    if (files.size === 0) throw usage(`${visible(url)} has no object`);
    let size = 0;
    for (const [file, source] of files) {
      await makeFolder(dirname(file));
      size += await writeObject(transport, source, file);
    }
    return {
      text: `${visible(url)}: ${quantity(files.size, 'file')}, ${quantity(size, 'byte')} were written to ${visible(folder)}`,
      json: { downloadedFolder: { url, folder, files: files.size, size } },
    };
  });
}

/** Returns the path of a key below a folder. @throws USAGE for a key that would lead out of it, or has an empty part */
function fileOf(at: Source, path: string): string {
  const isPath = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (isPath && !path.includes('\0')) return path;
  throw usage(
    `${visible(formatAddress('oss', at))}: this key is no path below a folder; copy it into a file that you name`,
  );
}

async function writeObject(transport: Transport, at: Source, file: string): Promise<number> {
  // An object that nobody reads to its end keeps the connection, and the process with it.
  await checkReplaceable(file);
  return await replaceFile(file, await storageOver(transport).readObject(at));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}
