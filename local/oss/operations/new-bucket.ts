import { refuse } from '../errors.ts';
import { isBucketName } from '../names.ts';
import type { Bucket } from '../state.ts';
import { wholeSeconds } from '../versions.ts';

/** @throws InvalidBucketName for a name that no bucket can have */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw refuse('InvalidBucketName', { details: { BucketName: name } });
}

/** Returns a bucket on which nothing is set yet. */
export function newBucket(name: string, now: Date, storageClass: string): Bucket {
  return { name, createdAt: wholeSeconds(now), storageClass, versioning: 'Unversioned' };
}
