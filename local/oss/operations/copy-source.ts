import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import type { Call } from '../request.ts';
import { checkReadable } from '../restored.ts';
import type { ObjectVersion } from '../state.ts';
import { findBucket, findObject } from '../versions.ts';
import { checkConditions, copyConditionHeaders, copyConditions } from './conditions.ts';

/** Headers about the source. ali-oss repeats every header of a copy with `x-oss-copy-source-` before its name. */
export const copySourceHeaders = ['x-oss-copy-source', ...copyConditionHeaders, 'x-oss-copy-source-x-oss-*'];

export interface Source {
  readonly version: ObjectVersion;
  /** Names the version where the source's bucket has versions. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns the object that a copy starts from, named as `/bucket/key[?versionId=…]`, the key percent-encoded.
 * @throws InvalidArgument, InvalidObjectState, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, NotModified
 */
export function findSource(call: Call, cloud: Cloud): Source {
  const header = call.headers['x-oss-copy-source'] ?? '';
  const [, bucketName, path = '', versionId] =
    /^\/?([^/?%]+)(?:\/|%2F)([^?]+)(?:\?versionId=(.+))?$/i.exec(header) ?? [];
  if (!bucketName) {
    throw refuse('InvalidArgument', {
      message: 'Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.',
      details: { ArgumentName: 'x-oss-copy-source', ArgumentValue: header },
    });
  }
  const bucket = findBucket(cloud.store, bucketName);
  const { versioning } = bucket;
  const key = decodeURIComponent(path);
  const version = findObject(cloud.store, bucketName, key, versionId);
  checkConditions(copyConditions(call), version);
  checkReadable(bucket, key, version, cloud.now());
  const isVersioned = versioning !== 'Unversioned';
  return { version, headers: isVersioned ? { 'x-oss-copy-source-version-id': version.versionId } : {} };
}
