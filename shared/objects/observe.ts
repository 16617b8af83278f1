import pLimit from 'p-limit';
import type { ObjectEvent } from '../events/object-events.ts';
import { formatAddress } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import type {
  DataVersion,
  ListedVersion,
  MaybeVersionAt,
  MissingObject,
  ObjectHead,
  ObjectTags,
  Page,
  StorageReads,
  VersionAt,
} from '../storage/port.ts';
import type { ObservedVersion } from './types.ts';
import { isCertainlyMeant, isListedEnough, versionsForEvent } from './versions-for-event.ts';

/** This is what was found under the key of an event. */
export interface Observation {
  /** The versions that the event may mean; empty when none of them exists any more. */
  readonly versions: readonly ObservedVersion[];
  /** The list of versions was read, so that no other version can be meant. */
  readonly listed: boolean;
  /** Some version or delete marker stands at the key. */
  readonly keyIsKnown: boolean;
}

/**
 * Observes the versions that an event may mean. In the normal case HEAD and, if a rule reads tags, GET tagging side by
 * side; when the object was overwritten or deleted since, or the event's version id is not known, the list of the
 * key's versions decides.
 */
export async function observeEvent(
  storage: StorageReads,
  event: ObjectEvent,
  readsTags: boolean,
): Promise<Observation> {
  const { bucket, key, versionId } = event;
  const at: MaybeVersionAt = { bucket, key, versionId };
  const [head, tags] = await lookAt(storage, at, readsTags);
  const isMeant = typeof head === 'object' && (versionId !== undefined || isCertainlyMeant(event, head));
  if (isMeant || (versionId !== undefined && head === 'delete-marker')) {
    const versions = await asVersions(storage, at, head, tags, readsTags);
    return { versions, listed: versionId !== undefined, keyIsKnown: true };
  }
  const listed = await observeListed(storage, event, readsTags, new Set());
  return { ...listed, keyIsKnown: listed.keyIsKnown || head !== 'absent' };
}

/** A version id that the service cannot read is treated as one that it does not know. */
async function lookAt(storage: StorageReads, at: MaybeVersionAt, readsTags: boolean) {
  try {
    return await headAndTags(storage, at, readsTags);
  } catch (error) {
    if (at.versionId === undefined || !hasCode(error, 'REQUEST_REFUSED') || error.reply.status !== 400)
      throw error;
    return ['absent', undefined] as const;
  }
}

/** Versions that are looked at side by side. */
const atOnce = 8;

/**
 * Observes the versions that an event may mean, found in the list of the key's versions.
 * @param known ids of versions that need no second look
 */
export async function observeListed(
  storage: StorageReads,
  event: ObjectEvent,
  readsTags: boolean,
  known: ReadonlySet<string>,
): Promise<Observation> {
  const { picked, keyIsKnown } = await listForEvent(storage, event);
  const wanted = picked.filter((version) => !known.has(version.versionId));
  const observed = await pLimit(atOnce).map(wanted, (version) => observeVersion(storage, version, readsTags));
  return { versions: observed.flat(), listed: true, keyIsKnown };
}

/** Reads the list page by page, keeps only what may be meant, and stops at the first version that is older than that. */
async function listForEvent(storage: StorageReads, event: ObjectEvent) {
  let picked: DataVersion[] = [];
  let keyIsKnown = false;
  let next: (() => Promise<Page<ListedVersion>>) | undefined = storage.listVersions(
    event.bucket,
    event.key,
  ).first;
  while (next !== undefined) {
    const page: Page<ListedVersion> = await next();
    const own = page.items.filter(({ key }) => key === event.key);
    const named = own.filter(({ kind, versionId }) => kind === 'version' && versionId === event.versionId);
    if (named.length > 0)
      return {
        picked: versionsForEvent({ key: event.key, etag: undefined, time: undefined }, named),
        keyIsKnown: true,
      };
    keyIsKnown ||= own.length > 0;
    picked = versionsForEvent(event, [...picked, ...own]);
    // Keys come in order, and the key itself is the first with this prefix: further pages have other objects only.
    const isOver = own.length < page.items.length;
    const oldest = own.map(({ lastModified }) => lastModified).reduce((a, b) => (b < a ? b : a), farFuture);
    next = isOver || isListedEnough(event, picked, oldest) ? undefined : page.next;
  }
  return { picked, keyIsKnown };
}

const farFuture = new Date(8.64e15);

/** Observes one version by its id; empty when it is gone. */
export async function observeVersion(
  storage: StorageReads,
  { bucket, key, versionId }: VersionAt,
  readsTags: boolean,
): Promise<ObservedVersion[]> {
  const at = { bucket, key, versionId };
  const [head, tags] = await headAndTags(storage, at, readsTags);
  return await asVersions(storage, at, head, tags, readsTags);
}

function headAndTags(storage: StorageReads, at: MaybeVersionAt, readsTags: boolean) {
  return Promise.all([storage.headObject(at), readsTags ? storage.getTags(at) : undefined]);
}

async function asVersions(
  storage: StorageReads,
  at: MaybeVersionAt,
  head: ObjectHead | MissingObject,
  tags: ObjectTags | undefined,
  readsTags: boolean,
): Promise<ObservedVersion[]> {
  if (head === 'absent') return [];
  if (head === 'delete-marker')
    return at.versionId === undefined ? [] : [marker({ ...at, versionId: at.versionId })];

  const { bucket, key } = at;
  const { versionId, lastModified, type, retention, legalHold } = head;
  if (versionId === undefined)
    throw failure('VERSIONING_OFF', { target: formatAddress(storage.cloud, { bucket, key }) });
  // Overwritten between the two requests: the tags are another version's.
  const own =
    !readsTags || tags?.versionId === versionId ? tags : await storage.getTags({ bucket, key, versionId });
  if (readsTags && own === undefined) return [];
  const hold = legalHold && { legalHold };
  return [{ bucket, key, versionId, lastModified, type, retention, ...hold, tags: own?.tags ?? new Map() }];
}

function marker(at: VersionAt): ObservedVersion {
  return { ...at, lastModified: new Date(0), type: 'delete-marker', tags: new Map(), retention: undefined };
}
