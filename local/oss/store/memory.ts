import type { Bucket, Upload, Version } from '../state.ts';
import { compareKeys, type KeyIndex, keyIndex } from './key-index.ts';
import type { Store } from './store.ts';

interface Shelf {
  bucket: Bucket;
  readonly versions: Map<string, readonly Version[]>;
  readonly keys: KeyIndex;
  readonly uploads: Map<string, Upload>;
}

/** Everything in memory, gone when the process ends. */
export function memoryStore(): Store {
  const shelves = new Map<string, Shelf>();
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
    saveVersions(bucket, key, versions) {
      const shelf = shelves.get(bucket);
      if (shelf) saveVersions(shelf, key, versions);
    },
    nextKey: (bucket, from, inclusive) => shelves.get(bucket)?.keys.next(from, inclusive),
    upload: (bucket, id) => shelves.get(bucket)?.uploads.get(id),
    uploads: (bucket) => [...(shelves.get(bucket)?.uploads.values() ?? [])],
    saveUpload: (upload) => void shelves.get(upload.bucket)?.uploads.set(upload.id, upload),
    removeUpload: (bucket, id) => void shelves.get(bucket)?.uploads.delete(id),
  };
}

function newShelf(bucket: Bucket): Shelf {
  const versions = new Map<string, readonly Version[]>();
  return { bucket, versions, keys: keyIndex((key) => versions.has(key)), uploads: new Map() };
}

function saveVersions(shelf: Shelf, key: string, versions: readonly Version[]): void {
  const known = shelf.versions.has(key);
  if (versions.length === 0) {
    if (shelf.versions.delete(key)) shelf.keys.remove();
    return;
  }
  shelf.versions.set(key, versions);
  if (!known) shelf.keys.add(key);
}
