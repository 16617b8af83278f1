import { describeDefault } from '../../shared/objects/default-retention.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { visible } from '../../shared/platform/visible.ts';
import type { ObjectWormConfiguration, StorageReads } from '../../shared/storage/port.ts';
import { describeError } from '../terminal/output.ts';

/** Object lock of a bucket as the service shows it; `worm` is undefined while it is off. Or why it is not known. */
export type SeenObjectLock =
  | { readonly worm: ObjectWormConfiguration | undefined }
  | { readonly error: HoldfastError };

/** Looks at the object lock of a bucket. Whoever may not look gets the error as a value. */
export async function lookAtObjectLock(storage: StorageReads, bucket: string): Promise<SeenObjectLock> {
  try {
    return { worm: await storage.getObjectWorm(bucket) };
  } catch (error) {
    if (error instanceof HoldfastError) return { error };
    throw error;
  }
}

/** Tells that the bucket takes no retention for certain: object lock is off, or not offered. */
export const takesNoRetention = (seen: SeenObjectLock | undefined): boolean =>
  seen !== undefined && ('error' in seen ? seen.error.code === 'WORM_NOT_OFFERED' : seen.worm === undefined);

/** Returns object lock in words, such as `on; default retention COMPLIANCE, 30d`. */
export function objectLockInWords(seen: SeenObjectLock): string {
  if ('error' in seen) return `not known: ${seen.error.code}: ${visible(seen.error.message)}`;
  if (seen.worm === undefined) return 'off: the bucket takes no retention';
  const { defaultRetention } = seen.worm;
  return defaultRetention === undefined ? 'on' : `on; default retention ${describeDefault(defaultRetention)}`;
}

/** Returns object lock for machines; null where nobody looked. */
export function objectLockData(seen: SeenObjectLock | undefined) {
  if (seen === undefined) return null;
  if ('error' in seen) return { state: 'unknown', error: describeError(seen.error) };
  if (seen.worm === undefined) return { state: 'off' };
  return { state: 'on', ...seen.worm };
}

/** Tells what to do about object lock that is off. */
export const objectLockRemedy = (cloud: CloudName, bucket: string): string =>
  `enable versioning, then ${cloudWords[cloud].objectLock}: ${cloudWords[cloud].objectLockOn(bucket)}`;
