import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { type Address, formatAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { readTagPairs } from '../options/tag-pairs.ts';
import { usage } from '../options/usage.ts';
import type { Report } from '../terminal/output.ts';
import { readLocalAddress } from './address.ts';
import { localEndpoint } from './client.ts';
import { downloadLocal } from './download.ts';
import { uploadStreamed } from './parts.ts';
import { type CopyOptions, versionOf, withCloud } from './transfer.ts';

/**
 * Copies a file into the running embedded cloud, or every file below a folder. The other way it copies a version of an
 * object (the current one unless `?versionId=` names another) into a file, or every object below a prefix into a folder.
 * @returns undefined when standard output has got the object itself
 * @throws USAGE, ADDRESS_SCHEME, FILE_UNREADABLE, FILE_UNWRITABLE, LOCAL_ENDPOINT, ADDRESS_CLOUD, UNREACHABLE, NO_SUCH_BUCKET, NO_SUCH_OBJECT
 */
export async function copyLocal(from: string, to: string, options: CopyOptions): Promise<Report | undefined> {
  const [source, target] = [readLocalAddress(from, 'cp'), readLocalAddress(to, 'cp')];
  if (source !== undefined && target !== undefined)
    throw usage('cp copies between a file and oss://bucket/key: one of both has to be a file');
  if (target !== undefined) return await upload(from, target, options);
  if (source !== undefined) return await downloadLocal(source, to, options);
  throw usage(
    `${JSON.stringify(from)} and ${JSON.stringify(to)} are files: one of both has to be oss://bucket/key`,
  );
}

async function upload(file: string, to: Address, options: CopyOptions): Promise<Report> {
  if (versionOf(to).versionId !== undefined)
    throw usage(`${formatAddress('oss', to)}: an upload makes a version of its own, leave ?versionId= out`);
  const isFolder = file !== '-' && (await stat(file).catch(() => undefined))?.isDirectory() === true;
  return isFolder ? await uploadFolder(file, to, options) : await uploadFile(file, to, options);
}

async function uploadFile(file: string, to: Address, { tag, port }: CopyOptions): Promise<Report> {
  const at = { ...to, key: keyFor(file, to.key) };
  const tags = Object.fromEntries(readTagPairs(tag));
  return await withCloud(localEndpoint(port), at, async (transport) => {
    const content = { key: at.key, content: bytesOf(file), tags };
    const { versionId, size } = await uploadStreamed(transport, at.bucket, content);
    const url = formatAddress('oss', at);
    const version = versionId === undefined ? '' : `, version ${versionId}`;
    return {
      text: `${visible(url)}${version}: ${quantity(size, 'byte')} uploaded`,
      json: { uploaded: { url, versionId: versionId ?? null, size, tags } },
    };
  });
}

/** Uploads every file below a folder; a key is the path from there. @throws USAGE when there is none */
async function uploadFolder(folder: string, to: Address, { tag, port }: CopyOptions): Promise<Report> {
  const at = { ...to, key: to.key === '' || to.key.endsWith('/') ? to.key : `${to.key}/` };
  const tags = Object.fromEntries(readTagPairs(tag));
  const files = await filesBelow(folder);
  if (files.length === 0) throw usage(`${folder} has no file`);
  return await withCloud(localEndpoint(port), at, async (transport) => {
    let size = 0;
    for (const file of files) {
      const key = `${at.key}${relative(folder, file).replaceAll(sep, '/')}`;
      const content = { key, content: bytesOf(file), tags };
      size += (await uploadStreamed(transport, at.bucket, content)).size;
    }
    const url = formatAddress('oss', at);
    return {
      text: `${visible(url)}: ${quantity(files.length, 'file')}, ${quantity(size, 'byte')} uploaded`,
      json: { folder: { url, files: files.length, size, tags } },
    };
  });
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  return paths.toSorted();
}

/** Reads a file, or standard input, as its bytes come. @throws FILE_UNREADABLE */
async function* bytesOf(file: string): AsyncIterable<Uint8Array> {
  try {
    yield* file === '-' ? process.stdin : createReadStream(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('FILE_UNREADABLE', { file, reason }, { cause });
  }
}

/** Returns the key; a folder gets the name of the file. @throws USAGE */
function keyFor(file: string, key: string): string {
  if (key !== '' && !key.endsWith('/')) return key;
  if (file === '-') throw usage('standard input has no name: expected oss://bucket/key');
  return `${key}${basename(file)}`;
}
