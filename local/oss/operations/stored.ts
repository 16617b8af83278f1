import type { Cloud } from '../operation.ts';
import type { Call } from '../request.ts';
import type { Bucket, ObjectVersion } from '../state.ts';
import { findBucket, findVersion, noSuchKey } from '../versions.ts';

/**
 * Returns the version whose tags or ACL a call means. Unlike other calls, these answer 404 to a delete marker by its
 * id (documented with GetObjectTagging and GetObjectACL).
 * @throws NoSuchBucket, NoSuchKey, NoSuchVersion, InvalidArgument
 */
export function findStored(call: Call, cloud: Cloud): { bucket: Bucket; version: ObjectVersion } {
  const bucket = findBucket(cloud.store, call.bucket);
  const version = findVersion(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  if (version?.kind !== 'object') throw noSuchKey(call.key, version);
  return { bucket, version };
}
