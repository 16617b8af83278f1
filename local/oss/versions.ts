import { rememberLast } from '../remember-last.ts';
import { type OssError, refuse } from './errors.ts';
import { isVersionId, newObsVersionId, newVersionId } from './ids.ts';
import type { Bucket, ObjectVersion, Version } from './state.ts';
import type { Store } from './store/store.ts';
import { defaultRetention, isImmutable } from './worm.ts';

/** This is what an upload brings; the version id, the date and a default retention are given here. */
export type NewObject = Omit<ObjectVersion, 'kind' | 'versionId' | 'lastModified'>;

export interface Written {
  readonly version: ObjectVersion;
  /** The size of the object that was current before; zero when there was none. */
  readonly replacedSize: number;
}

export interface Removed {
  /** The version that went, or the delete marker that came. */
  readonly versionId: string;
  readonly deleteMarker: boolean;
  /** The object that is gone for good, if one is. */
  readonly gone: ObjectVersion | undefined;
}

/** @throws NoSuchBucket */
export function findBucket(store: Store, name: string): Bucket {
  const bucket = store.bucket(name);
  if (!bucket) throw refuse('NoSuchBucket', { details: { BucketName: name } });
  return bucket;
}

/**
 * Returns the object a request means: the named version, or the current one.
 * @throws NoSuchKey, NoSuchVersion, InvalidArgument (malformed id), MethodNotAllowed (a delete marker by its id)
 */
export function findObject(store: Store, bucket: string, key: string, versionId?: string): ObjectVersion {
  const version = findVersion(store, bucket, key, versionId);
  if (version?.kind === 'object') return version;
  if (!version || versionId === undefined) throw noSuchKey(key, version);
  throw refuse('MethodNotAllowed', {
    headers: { ...markerHeaders(version), Allow: 'DELETE' },
    details: { ResourceType: 'DeleteMarker', Key: key, VersionId: versionId },
  });
}

/**
 * Returns the version a request means, be it an object or a delete marker; undefined when there is no such key.
 * @throws NoSuchVersion, InvalidArgument (malformed id)
 */
export function findVersion(
  store: Store,
  bucket: string,
  key: string,
  versionId?: string,
): Version | undefined {
  const versions = store.versions(bucket, key);
  if (versionId === undefined) return versions[0];
  checkVersionId(versionId);
  const version = versions.find((candidate) => candidate.versionId === versionId);
  if (!version) throw refuse('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
  return version;
}

/** Says that there is no object, and whether a delete marker is the reason. */
export function noSuchKey(key: string, marker: Version | undefined): OssError {
  return refuse('NoSuchKey', { details: { Key: key }, headers: marker ? markerHeaders(marker) : {} });
}

function markerHeaders(marker: Version): Record<string, string> {
  return { 'x-oss-delete-marker': 'true', 'x-oss-version-id': marker.versionId };
}

function freshVersionId({ versioning, cloud }: Bucket): string {
  if (versioning !== 'Enabled') return 'null';
  return cloud === 'obs' ? newObsVersionId() : newVersionId();
}

/**
 * Stores a new version. With versioning enabled it comes on top of the others, else it takes the place of the
 * `null` version.
 * @throws FileImmutable when it would replace a protected version
 */
export function writeObject(store: Store, bucket: Bucket, key: string, draft: NewObject, now: Date): Written {
  const lastModified = wholeSeconds(now);
  const rule = bucket.objectWorm?.defaultRetention;
  const takesDefault = rule && draft.type !== 'Symlink' && !draft.retention;
  const version: ObjectVersion = {
    kind: 'object',
    versionId: freshVersionId(bucket),
    lastModified,
    ...draft,
    ...(takesDefault && { retention: defaultRetention(rule, lastModified) }),
  };
  const replaced = putOnTop(store, bucket, key, version, now);
  return { version, replacedSize: replaced?.kind === 'object' ? replaced.content.size : 0 };
}

/** Changes what is recorded about a version, leaving its place and date. */
export function updateObject(
  store: Store,
  bucket: string,
  key: string,
  version: ObjectVersion,
  change: Partial<ObjectVersion>,
): void {
  store.replaceVersion(bucket, key, Object.assign({}, version, change));
}

/**
 * Deletes: by version id for good, else by a delete marker where the bucket is versioned. What does not exist
 * counts as deleted.
 * @throws FileImmutable, InvalidArgument
 */
export function removeObject(
  store: Store,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  now: Date,
  bypassGovernance: boolean,
): Removed {
  if (versionId !== undefined) {
    checkVersionId(versionId);
    return removeVersion(store, bucket, key, versionId, now, bypassGovernance);
  }
  if (bucket.versioning === 'Unversioned') {
    return removeVersion(store, bucket, key, 'null', now, bypassGovernance);
  }
  const marker: Version = {
    kind: 'delete marker',
    versionId: freshVersionId(bucket),
    lastModified: wholeSeconds(now),
  };
  putOnTop(store, bucket, key, marker, now);
  return { versionId: marker.versionId, deleteMarker: true, gone: undefined };
}

function removeVersion(
  store: Store,
  bucket: Bucket,
  key: string,
  versionId: string,
  now: Date,
  bypassGovernance: boolean,
): Removed {
  const versions = store.versions(bucket.name, key);
  const version = versions.find((candidate) => candidate.versionId === versionId);
  if (!version) return { versionId, deleteMarker: false, gone: undefined };
  if (isImmutable(bucket, version, now, bypassGovernance)) throw immutable(key);
  store.saveVersions(
    bucket.name,
    key,
    versions.filter((each) => each !== version),
  );
  const isObject = version.kind === 'object';
  return { versionId, deleteMarker: !isObject, gone: isObject ? version : undefined };
}

/** @returns the version that was current before */
function putOnTop(
  store: Store,
  bucket: Bucket,
  key: string,
  version: Version,
  now: Date,
): Version | undefined {
  if (bucket.versioning === 'Enabled') return store.addVersion(bucket.name, key, version);
  const versions = store.versions(bucket.name, key);
  const replaced = versions.find((each) => each.versionId === version.versionId);
  if (replaced && isImmutable(bucket, replaced, now)) throw immutable(key);
  const kept = replaced ? versions.filter((each) => each !== replaced) : versions;
  store.saveVersions(bucket.name, key, [version, ...kept]);
  return versions[0];
}

export function immutable(key: string): OssError {
  return refuse('FileImmutable', { details: { ObjectName: key } });
}

/** Last-Modified has whole seconds, and so has everything that counts from it. */
export function wholeSeconds(instant: Date): Date {
  return dateOf(Math.floor(instant.getTime() / 1000));
}

/** Versions of the same second share their date. */
const dateOf = rememberLast((second: number) => new Date(second * 1000));

function checkVersionId(versionId: string): void {
  if (isVersionId(versionId)) return;
  throw refuse('InvalidArgument', {
    message: 'Invalid version id specified.',
    ec: '0012-00000202',
    details: { ArgumentName: 'versionId', ArgumentValue: versionId },
  });
}
