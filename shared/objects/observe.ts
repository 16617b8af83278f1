import type { ObjectEvent } from '../events/object-events.ts';
import { failure } from '../platform/errors.ts';
import type {
  ListedVersion,
  MaybeVersionAt,
  ObjectHead,
  ObjectTags,
  StorageReads,
  VersionAt,
  VersionId,
} from '../storage/port.ts';
import { isSpokenOf, spokenOf } from './spoken-of.ts';
import type { ObservedVersion } from './types.ts';

export interface Observation {
  /** The version that the event speaks of; empty when it is gone for good. */
  readonly versions: readonly ObservedVersion[];
  /** Whether the key's versions were listed, so that no other version can be the event's. */
  readonly listed: boolean;
}

/**
 * Observes the version that the event speaks of. In the normal case HEAD and, if a rule reads tags, GET
 * tagging side by side; when the object was overwritten or deleted since, the list of its versions decides.
 */
export async function observeEvent(
  storage: StorageReads,
  event: ObjectEvent,
  readsTags: boolean,
): Promise<Observation> {
  const { bucket, key } = event;
  const at: MaybeVersionAt = { bucket, key, versionId: event.versionId };
  const [head, tags] = await Promise.all([
    storage.headObject(at),
    readsTags ? storage.getTags(at) : undefined,
  ]);

  if (event.versionId !== undefined) {
    return { versions: await asVersions(storage, at, head, tags, readsTags), listed: true };
  }
  if (typeof head === 'object' && isSpokenOf(event, head)) {
    return { versions: await asVersions(storage, at, head, tags, readsTags), listed: false };
  }
  const versions = await observeListed(storage, event, readsTags, new Set());
  return { versions, listed: true };
}

/**
 * Observes the versions that the event may speak of, found by listing the key's versions.
 * @param known versions that need no second look
 */
export async function observeListed(
  storage: StorageReads,
  event: ObjectEvent,
  readsTags: boolean,
  known: ReadonlySet<VersionId>,
): Promise<ObservedVersion[]> {
  const listed: ListedVersion[] = [];
  for await (const version of storage.listVersions(event.bucket, event.key)) {
    // Keys come in order and the key itself is the first with this prefix: the rest are other objects.
    if (version.key !== event.key) break;
    listed.push(version);
  }
  const wanted = spokenOf(event, listed).filter((version) => !known.has(version.versionId));
  const observed = await Promise.all(wanted.map((version) => observeVersion(storage, version, readsTags)));
  return observed.flat();
}

/** Observes one version by its id; empty when it is gone. */
export async function observeVersion(
  storage: StorageReads,
  { bucket, key, versionId }: VersionAt,
  readsTags: boolean,
): Promise<ObservedVersion[]> {
  const at = { bucket, key, versionId };
  const [head, tags] = await Promise.all([
    storage.headObject(at),
    readsTags ? storage.getTags(at) : undefined,
  ]);
  return await asVersions(storage, at, head, tags, readsTags);
}

async function asVersions(
  storage: StorageReads,
  at: MaybeVersionAt,
  head: ObjectHead | 'absent' | 'delete-marker',
  tags: ObjectTags | undefined,
  readsTags: boolean,
): Promise<ObservedVersion[]> {
  if (head === 'absent') return [];
  if (head === 'delete-marker')
    return at.versionId === undefined ? [] : [marker({ ...at, versionId: at.versionId })];

  const { bucket, key } = at;
  const { versionId, lastModified, type, retention } = head;
  if (versionId === undefined) throw failure('VERSIONING_OFF', { bucket, key });
  // Overwritten between the two requests: the tags are another version's.
  const own =
    !readsTags || tags?.versionId === versionId ? tags : await storage.getTags({ bucket, key, versionId });
  if (readsTags && own === undefined) return [];
  return [{ bucket, key, versionId, lastModified, type, retention, tags: own?.tags ?? new Map() }];
}

function marker(at: VersionAt): ObservedVersion {
  return { ...at, lastModified: new Date(0), type: 'delete-marker', tags: new Map(), retention: undefined };
}
