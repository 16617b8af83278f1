import { mattersOfRules } from '../../shared/matters/read-loaded.ts';
import { observeVersion } from '../../shared/objects/observe.ts';
import type { ObservedVersion } from '../../shared/objects/types.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import { second } from '../../shared/platform/instant.ts';
import type { Rules } from '../../shared/rules/types.ts';
import {
  type InCloud,
  type MissingObject,
  type ObjectAt,
  type ObjectHead,
  type StorageReads,
  type Tags,
  type VersionId,
  versionId,
} from '../../shared/storage/port.ts';
import { type CloudOptions, connect } from '../options/cloud-options.ts';
import { findHeldBy, type HeldBy } from './held-by.ts';
import { rulesWithMatters } from './matter-rules.ts';
import { lookAtObjectLock, type SeenObjectLock } from './object-lock.ts';

/** One version of an object, and the instant by which it is judged. */
export interface SeenObject {
  readonly version: ObservedVersion;
  /** It exists in words only, so its version id means nothing. */
  readonly described: boolean;
  readonly now: Date;
  /** The rules, with the open matters; undefined for one that was described. */
  readonly ruled?: Rules;
  /** The open matters that have it; undefined where nobody looked, or the rules have no folder for them. */
  readonly held?: HeldBy | undefined;
  /** Object lock of the bucket; undefined where nobody looked. */
  readonly objectLock?: SeenObjectLock | undefined;
}

/** This is what a person says of an object; the rest is taken to be as after an upload this moment. */
export interface DescribedObject {
  readonly tags: Tags;
  readonly modified: Date | undefined;
  /** The end of the retention that it has already. */
  readonly retained: Date | undefined;
  /** The instant by which it is judged. */
  readonly at: Date | undefined;
}

/** Returns an object that is described in words, as its key's current version; the service is not asked. */
export function describedObject(
  object: ObjectAt,
  { tags, modified, retained, at }: DescribedObject,
): SeenObject {
  const now = at ?? systemClock.now();
  const lastModified = modified ?? new Date(Math.floor(now.getTime() / second) * second); // as OSS stamps it
  const version = {
    ...object,
    versionId: versionId('null'),
    lastModified,
    type: 'Normal',
    tags,
    retention: retained && { mode: 'COMPLIANCE' as const, until: retained },
    isLatest: true,
  };
  return { version, described: true, now };
}

/**
 * Returns an object as the service shows it, with the open matters that have it and object lock of its bucket.
 * @param wanted undefined: the current version
 * @throws NO_SUCH_OBJECT, IS_DELETE_MARKER, VERSIONING_OFF, and what the service refuses
 */
export async function liveObject(
  at: ObjectAt,
  wanted: VersionId | undefined,
  options: CloudOptions,
  rules: Rules,
): Promise<SeenObject> {
  const { storage, clock } = await connect(options);
  const reading = mattersOfRules(storage, rules);
  const { rules: ruled } = await rulesWithMatters(storage, rules, reading);
  const version = await liveVersion(storage, at, wanted, true);
  const [held, objectLock] = await Promise.all([
    findHeldBy(reading, version),
    lookAtObjectLock(storage, at.bucket),
  ]);
  return { version, described: false, now: clock.now(), held, objectLock, ruled };
}

/**
 * Returns one version as the service shows it.
 * @param wanted undefined: the current one
 * @throws as {@link liveObject}
 */
export async function liveVersion(
  storage: StorageReads,
  at: ObjectAt,
  wanted: VersionId | undefined,
  withTags: boolean,
): Promise<ObservedVersion> {
  const current = await storage.headObject(at);
  const id = wanted ?? currentVersion(storage, current, at);
  const [version] = await observeVersion(storage, { ...at, versionId: id }, withTags);
  if (version === undefined) throw missing(storage, at, id);
  return { ...version, isLatest: typeof current === 'object' && current.versionId === id };
}

function currentVersion(storage: InCloud, head: ObjectHead | MissingObject, at: ObjectAt): VersionId {
  if (head === 'absent') throw missing(storage, at);
  if (head === 'delete-marker') {
    throw failure('IS_DELETE_MARKER', { operation: 'HeadObject', target: formatAddress(storage.cloud, at) });
  }
  if (head.versionId === undefined)
    throw failure('VERSIONING_OFF', { target: formatAddress(storage.cloud, at) });
  return head.versionId;
}

function missing({ cloud }: InCloud, at: ObjectAt, id?: VersionId) {
  const target = formatAddress(cloud, { ...at, versionId: id });
  return failure('NO_SUCH_OBJECT', { operation: 'HeadObject', target, code: 'NoSuchKey' });
}
