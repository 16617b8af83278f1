import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Content, wholeBody } from '../../local/oss/content.ts';
import type { Bucket, ObjectVersion, Part, Upload } from '../../local/oss/state.ts';
import type { Store } from '../../local/oss/store/store.ts';

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const time = new Date('2026-11-22T10:00:00.000Z');

export function bucketOf(name: string): Bucket {
  return { name, createdAt: time, storageClass: 'Standard', versioning: 'Enabled' };
}

export function versionOf(versionId: string, content: Content): ObjectVersion {
  return {
    kind: 'object',
    versionId,
    type: 'Normal',
    lastModified: time,
    content,
    etag: 'E',
    crc64: '0',
    metadata: { 'Content-Type': 'text/plain', 'x-oss-meta-名': 'ü' },
    storageClass: 'Standard',
    tags: { class: 'finance' },
    retention: { mode: 'COMPLIANCE', retainUntil: new Date('2206-01-01T00:00:00.000Z') },
  };
}

export function uploadOf(id: string): Upload {
  const named = { id, bucket: 'records', key: 'a', initiatedAt: time };
  return { ...named, metadata: {}, storageClass: 'Standard', tags: {}, parts: new Map() };
}

export function partOf(number: number, content: Content): Part {
  return { number, content, etag: `E${number}`, md5: '', crc64: '0', lastModified: time };
}

/** Lays the versions of one key under other keys too: for lists that are long, without a request for each object. */
export function copyVersions(store: Store, bucket: string, from: string, keys: readonly string[]): void {
  const versions = store.versions(bucket, from);
  store.atomically(() => {
    for (const key of keys) store.saveVersions(bucket, key, versions);
  });
}

/** Takes a body in and saves it by `save`, as a request does. */
export async function receiveBody<T>(
  store: Store,
  bytes: string | Buffer,
  save: (content: Content) => T,
): Promise<T> {
  const lease = store.lease();
  const taking = lease.receive();
  const buffer = Buffer.from(bytes);
  for (let at = 0; at < buffer.length; at += 50_000) await taking.write(buffer.subarray(at, at + 50_000));
  const result = save(wholeBody(await taking.end()));
  lease.end();
  return result;
}

export async function readAll(content: Content, start = 0, end = content.size): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of content.read(start, end)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The names of the files in a folder and in those inside it; none when it is not there. */
export function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch {
    return [];
  }
}
