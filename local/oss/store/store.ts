import type { Body, Content } from '../content.ts';
import type { Bucket, Part, Upload, Version } from '../state.ts';

/**
 * This is where the server keeps what it knows. Every call but those of leases is synchronous and takes effect at
 * once: operations check and change the state in one turn, so no other request comes between. What a store returns
 * are values: reading the same thing twice may give two equal objects.
 */
export interface Store {
  bucket(name: string): Bucket | undefined;
  /** All buckets, by name. */
  buckets(): readonly Bucket[];
  saveBucket(bucket: Bucket): void;
  /** Removes a bucket that has no keys and no uploads. */
  removeBucket(name: string): void;
  /** The versions of a key, newest first; empty when the key does not exist. */
  versions(bucket: string, key: string): readonly Version[];
  /** Puts a version on top of those of a key. @returns the one that was on top before */
  addVersion(bucket: string, key: string, version: Version): Version | undefined;
  /** Puts a version in the place of the one that has its id. */
  replaceVersion(bucket: string, key: string, version: Version): void;
  /** Replaces the versions of a key; an empty list removes the key. */
  saveVersions(bucket: string, key: string, versions: readonly Version[]): void;
  /** The first key after `from` in the order of UTF-8 bytes, or at it when `inclusive`. */
  nextKey(bucket: string, from: string, inclusive: boolean): string | undefined;
  upload(bucket: string, id: string): Upload | undefined;
  uploads(bucket: string): readonly Upload[];
  /** Saves an upload with the parts that it names. */
  saveUpload(upload: Upload): void;
  /** Adds one part to an upload, or replaces it; the other parts are not touched. */
  savePart(bucket: string, uploadId: string, part: Part): void;
  removeUpload(bucket: string, id: string): void;
  /** Makes all that `work` changes take effect together, or not at all when the process ends. */
  atomically<T>(work: () => T): T;
  /** Begins what one request holds of bodies. */
  lease(): Lease;
  /** Tells how far virtual time is ahead of real time, in milliseconds; undefined when that was never saved. */
  clockOffset(): number | undefined;
  saveClockOffset(offsetMs: number): void;
  /** Ends it; no call may follow. */
  close(): Promise<void>;
}

/**
 * The bodies that one request takes in and reads. They stay while the lease lasts; afterwards those that no version
 * and no part names are gone. So an upload that is refused or cut leaves nothing, and a reader is not cut off.
 */
export interface Lease {
  /** Takes in a new body. */
  receive(): Intake;
  /** Takes in a small body that is all there. */
  receiveSmall(bytes: Buffer): Body | Promise<Body>;
  /** Keeps what is about to be read. */
  keep(content: Content): void;
  end(): void;
}

/** A body on its way in. */
export interface Intake {
  /** Resolves when the next chunk may come. */
  write(chunk: Buffer): Promise<void> | undefined;
  end(): Promise<Body>;
}
