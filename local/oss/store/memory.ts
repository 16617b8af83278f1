import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Content } from '../content.ts';
import type { Bucket, Part, Upload, Version } from '../state.ts';
import { type Bodies, createBodies } from './bodies.ts';
import { bodyFiles } from './body-files.ts';
import { compareKeys, type KeyIndex, keyIndex } from './key-index.ts';
import { memoryLedger } from './memory-ledger.ts';
import type { Store } from './store.ts';

interface Shelf {
  bucket: Bucket;
  readonly versions: Map<string, readonly Version[]>;
  readonly keys: KeyIndex;
  readonly uploads: Map<string, Upload & { readonly parts: Map<number, Part> }>;
}

/** Small bodies stay in memory up to this much in all. */
const BODIES_BYTES = 256 * 1024 * 1024;

/** Returns everything in memory but large bodies, which are in a temporary folder until it is closed. */
export function memoryStore(): Store {
  const shelves = new Map<string, Shelf>();
  let folder: string | undefined;
  const files = bodyFiles(() => {
    folder ??= mkdtempSync(join(tmpdir(), 'holdfast-bodies-'));
    return folder;
  });
  const bodies = createBodies(files, memoryLedger(files, BODIES_BYTES));
  let clockOffset: number | undefined;

  return {
    bucket: (name) => shelves.get(name)?.bucket,
    buckets: () =>
      [...shelves.values()].map((shelf) => shelf.bucket).sort((a, b) => compareKeys(a.name, b.name)),
    saveBucket(bucket) {
      const shelf = shelves.get(bucket.name);
      if (shelf) shelf.bucket = bucket;
      else shelves.set(bucket.name, newShelf(bucket));
    },
    removeBucket: (name) => void shelves.delete(name),
    versions: (bucket, key) => shelves.get(bucket)?.versions.get(key) ?? [],
    addVersion(bucket, key, version) {
      const shelf = shelves.get(bucket);
      return shelf && addVersion(shelf, bodies, key, version);
    },
    replaceVersion(bucket, key, version) {
      const shelf = shelves.get(bucket);
      const before = shelf?.versions.get(key);
      if (shelf && before)
        saveVersions(
          shelf,
          bodies,
          key,
          before.map((each) => (each.versionId === version.versionId ? version : each)),
        );
    },
    saveVersions(bucket, key, versions) {
      const shelf = shelves.get(bucket);
      if (shelf) saveVersions(shelf, bodies, key, versions);
    },
    nextKey: (bucket, from, inclusive) => shelves.get(bucket)?.keys.next(from, inclusive),
    upload: (bucket, id) => shelves.get(bucket)?.uploads.get(id),
    uploads: (bucket) => [...(shelves.get(bucket)?.uploads.values() ?? [])],
    saveUpload(upload) {
      const uploads = shelves.get(upload.bucket)?.uploads;
      bodies.recount(contentsOf(uploads?.get(upload.id)), contentsOf(upload));
      uploads?.set(upload.id, { ...upload, parts: new Map(upload.parts) });
    },
    savePart(bucket, uploadId, part) {
      const parts = shelves.get(bucket)?.uploads.get(uploadId)?.parts;
      if (!parts) return;
      const replaced = parts.get(part.number);
      bodies.recount(replaced ? [replaced.content] : [], [part.content]);
      parts.set(part.number, part);
    },
    removeUpload(bucket, id) {
      const uploads = shelves.get(bucket)?.uploads;
      bodies.recount(contentsOf(uploads?.get(id)), []);
      uploads?.delete(id);
    },
    atomically: (work) => work(),
    lease: bodies.lease,
    clockOffset: () => clockOffset,
    saveClockOffset(offsetMs) {
      clockOffset = offsetMs;
    },
    async close() {
      await bodies.settle();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newShelf(bucket: Bucket): Shelf {
  const versions = new Map<string, readonly Version[]>();
  return { bucket, versions, keys: keyIndex((key) => versions.has(key)), uploads: new Map() };
}

function addVersion(shelf: Shelf, bodies: Bodies, key: string, version: Version): Version | undefined {
  const before = shelf.versions.get(key);
  bodies.recount([], objectContents([version]));
  shelf.versions.set(key, before ? [version, ...before] : [version]);
  if (!before) shelf.keys.add(key);
  return before?.[0];
}

function saveVersions(shelf: Shelf, bodies: Bodies, key: string, versions: readonly Version[]): void {
  const before = shelf.versions.get(key);
  recountChanged(bodies, before ?? [], versions);
  if (versions.length === 0) {
    if (shelf.versions.delete(key)) shelf.keys.remove();
    return;
  }
  shelf.versions.set(key, versions);
  if (!before) shelf.keys.add(key);
}

/** Counts the bodies of the versions that come and go. Those at the end of both lists, the oldest, mostly stay. */
function recountChanged(bodies: Bodies, before: readonly Version[], after: readonly Version[]): void {
  let [was, is] = [before.length, after.length];
  while (was > 0 && is > 0 && contentOfVersion(before[was - 1]) === contentOfVersion(after[is - 1])) {
    was -= 1;
    is -= 1;
  }
  if (was > 0 || is > 0) {
    bodies.recount(objectContents(before.slice(0, was)), objectContents(after.slice(0, is)));
  }
}

const contentOfVersion = (version: Version | undefined): Content | undefined =>
  version?.kind === 'object' ? version.content : undefined;

/** Returns the contents of those versions that have one. */
export function objectContents(versions: readonly Version[]): Content[] {
  const contents: Content[] = [];
  for (const version of versions) if (version.kind === 'object') contents.push(version.content);
  return contents;
}

function contentsOf(upload: Upload | undefined): Content[] {
  return [...(upload?.parts.values() ?? [])].map((part) => part.content);
}
