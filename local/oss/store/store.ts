import type { Bucket, Upload, Version } from '../state.ts';

/**
 * Where the server keeps what it knows. Every call is synchronous and takes effect at once: operations check
 * and change the state in one turn, so no other request comes between.
 */
export interface Store {
  bucket(name: string): Bucket | undefined;
  /** All buckets, by name. */
  buckets(): readonly Bucket[];
  saveBucket(bucket: Bucket): void;
  removeBucket(name: string): void;
  /** The versions of a key, newest first; empty when the key does not exist. */
  versions(bucket: string, key: string): readonly Version[];
  /** Replaces the versions of a key; an empty list removes the key. */
  saveVersions(bucket: string, key: string, versions: readonly Version[]): void;
  /** The first key after `from` in the order of UTF-8 bytes, or at it when `inclusive`. */
  nextKey(bucket: string, from: string, inclusive: boolean): string | undefined;
  upload(bucket: string, id: string): Upload | undefined;
  uploads(bucket: string): readonly Upload[];
  saveUpload(upload: Upload): void;
  removeUpload(bucket: string, id: string): void;
}
