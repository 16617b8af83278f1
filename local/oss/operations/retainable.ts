import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import type { Call } from '../request.ts';
import type { Bucket, ObjectVersion } from '../state.ts';
import { findBucket, findObject } from '../versions.ts';
import { checkObjectWorm } from './object-headers.ts';

/**
 * Returns the version that a call on retention or legal hold means.
 * @throws InvalidRequest without ObjectWorm, OperationNotSupported for objects that cannot carry either
 */
export function findRetainable(call: Call, cloud: Cloud): { bucket: Bucket; version: ObjectVersion } {
  const bucket = findBucket(cloud.store, call.bucket);
  checkObjectWorm(bucket);
  const version = findObject(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  if (version.type === 'Appendable' || version.type === 'Symlink') {
    throw refuse('OperationNotSupported', { ec: '0037-00000001', details: { ResourceType: version.type } });
  }
  return { bucket, version };
}
