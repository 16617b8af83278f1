import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Address, formatAddress } from '../shared/platform/address.ts';
import { failure, HoldfastError } from '../shared/platform/errors.ts';
import { visible } from '../shared/platform/visible.ts';
import { storageOver } from '../shared/storage/oss/index.ts';
import type { Transport } from '../shared/storage/oss/transport.ts';
import { readLocalAddress } from './local-address.ts';
import { findLocalCloud, localBucket, localEndpoint } from './local-client.ts';
import { localTransport, uploadLocal } from './local-store.ts';
import { localUsage } from './local-usage.ts';
import type { Report } from './output.ts';
import { writePart } from './reader.ts';
import { readTagPairs } from './tag-pairs.ts';

/** These are the options of a copy. */
export interface CopyOptions {
  readonly tag: readonly string[];
  readonly port: number | undefined;
  readonly json: boolean;
}

const operation = 'holdfast local cp';

/**
 * Copies a file into the running embedded cloud, or the current version of an object into a file.
 * @returns undefined when standard output has got the object itself
 * @throws USAGE, ADDRESS_SCHEME, FILE_UNREADABLE, FILE_UNWRITABLE, LOCAL_ENDPOINT, ADDRESS_CLOUD, UNREACHABLE, NO_SUCH_BUCKET, NO_SUCH_OBJECT
 */
export async function copyLocal(from: string, to: string, options: CopyOptions): Promise<Report | undefined> {
  const [source, target] = [readLocalAddress(from, 'cp'), readLocalAddress(to, 'cp')];
  if (source !== undefined && target !== undefined)
    throw localUsage('cp copies between a file and oss://bucket/key: one of both has to be a file');
  if (target !== undefined) return await upload(from, target, options);
  if (source !== undefined) return await download(source, to, options);
  throw localUsage(
    `${JSON.stringify(from)} and ${JSON.stringify(to)} are files: one of both has to be oss://bucket/key`,
  );
}

async function upload(file: string, to: Address, { tag, port }: CopyOptions): Promise<Report> {
  const at = { ...to, key: keyFor(file, to.key) };
  const tags = Object.fromEntries(readTagPairs(tag, operation));
  const endpoint = localEndpoint(port);
  const body = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((cause: Error) => {
    throw failure('FILE_UNREADABLE', { file, reason: cause.message }, { cause });
  });
  return await withCloud(endpoint, at, async (transport) => {
    const versionId = await uploadLocal(transport, at.bucket, { key: at.key, body, tags });
    const url = formatAddress('oss', at);
    const version = versionId === undefined ? '' : `, version ${versionId}`;
    return {
      text: `${visible(url)}${version}: ${body.length} bytes were uploaded`,
      json: { uploaded: { url, versionId: versionId ?? null, size: body.length, tags } },
    };
  });
}

/** Returns the key; a folder gets the name of the file. @throws USAGE */
function keyFor(file: string, key: string): string {
  if (key !== '' && !key.endsWith('/')) return key;
  if (file === '-') throw localUsage('standard input has no name: expected oss://bucket/key');
  return `${key}${basename(file)}`;
}

async function download(at: Address, file: string, options: CopyOptions): Promise<Report | undefined> {
  if (options.tag.length > 0) throw localUsage('--tag: a file has no tags');
  if (at.key === '') throw localUsage(`${formatAddress('oss', at)} is not oss://bucket/key`);
  const isOutput = file === '-';
  if (isOutput && options.json) throw localUsage('--json: standard output gets the object itself');
  return await withCloud(localEndpoint(options.port), at, async (transport) => {
    const content = await storageOver(transport).readObject(at);
    if (isOutput) {
      for await (const part of content) await writePart(part);
      return undefined;
    }
    const size = await writeWhole(file, content);
    const url = formatAddress('oss', at);
    return {
      text: `${visible(url)}: ${size} bytes were written to ${file}`,
      json: { downloaded: { url, file, size } },
    };
  });
}

/**
 * Writes a file beside its place, and into it when it is whole. What is no plain file, such as a device, is written as it
 * stands. @returns its bytes @throws FILE_UNWRITABLE
 */
async function writeWhole(file: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const there = await stat(file).catch(() => undefined);
  const beside = there === undefined || there.isFile() ? `${file}.${randomUUID()}.new` : undefined;
  const writing = createWriteStream(beside ?? file);
  try {
    await pipeline(content, writing);
    if (beside !== undefined) await rename(beside, file);
    return writing.bytesWritten;
  } catch (cause) {
    if (beside !== undefined) await rm(beside, { force: true });
    if (cause instanceof HoldfastError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('FILE_UNWRITABLE', { file, reason }, { cause });
  }
}

/** Works on a bucket of the running cloud, over connections that end with the work. */
async function withCloud<Result>(
  endpoint: string,
  at: Address,
  work: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  const target = formatAddress('oss', at);
  localBucket(await findLocalCloud(endpoint, { operation, target }), operation, at);
  const transport = localTransport(endpoint);
  try {
    return await work(transport);
  } finally {
    transport.close();
  }
}
