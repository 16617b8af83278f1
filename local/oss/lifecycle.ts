import { OssError } from './errors.ts';
import type { Bucket, LifecycleAge, LifecycleRule, ObjectVersion, Version } from './state.ts';
import type { Store } from './store/store.ts';
import { removeObject } from './versions.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Does what the lifecycle rules of all buckets ask at that instant; the service does so once a day. What is under
 * protection stays, and goes on a later day when it no longer is; it changes its storage class all the same. No events are
 * raised.
 */
export function runLifecycle(store: Store, now: Date): void {
  for (const bucket of store.buckets()) {
    const rules = (bucket.lifecycle ?? []).filter((rule) => rule.isEnabled);
    if (rules.length > 0) expireBucket(store, bucket, rules, now);
  }
}

function expireBucket(store: Store, bucket: Bucket, rules: readonly LifecycleRule[], now: Date): void {
  let key = store.nextKey(bucket.name, '', true);
  while (key !== undefined) {
    const versions = store.versions(bucket.name, key);
    for (const target of dueVersions(key, versions, rules, now)) {
      removeUnlessProtected(store, bucket, key, target, now);
    }
    changeStorageClasses(store, bucket, key, rules, now);
    key = store.nextKey(bucket.name, key, false);
  }
  for (const upload of store.uploads(bucket.name)) {
    const isDue = rules.some(
      ({ prefix, abortUploadDays, abortUploadsBefore }) =>
        upload.key.startsWith(prefix) &&
        ((abortUploadDays !== undefined && isOlder(upload.initiatedAt, abortUploadDays, now)) ||
          (abortUploadsBefore !== undefined && upload.initiatedAt < abortUploadsBefore)),
    );
    if (isDue) store.removeUpload(bucket.name, upload.id);
  }
}

/** From the readiest class to the one that takes longest to read; transitions only go this way (documented). */
const coldness = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'];

/** Moves the versions of a key that are due to the coldest class that any rule asks for. Protection does not keep them. */
function changeStorageClasses(
  store: Store,
  bucket: Bucket,
  key: string,
  rules: readonly LifecycleRule[],
  now: Date,
): void {
  const versions = store.versions(bucket.name, key);
  const next = versions.map((version, index): Version => {
    if (version.kind !== 'object') return version;
    const wanted = Math.max(
      ...dueClasses(key, version, versions[index - 1], rules, now).map((each) => coldness.indexOf(each)),
    );
    const storageClass = coldness[wanted];
    if (storageClass === undefined || wanted <= coldness.indexOf(version.storageClass)) return version;
    const { restore: _thawed, ...frozen } = version;
    return { ...frozen, storageClass };
  });
  if (next.some((version, index) => version !== versions[index])) store.saveVersions(bucket.name, key, next);
}

function dueClasses(
  key: string,
  version: ObjectVersion,
  successor: Version | undefined,
  rules: readonly LifecycleRule[],
  now: Date,
): string[] {
  return rules
    .filter((rule) => appliesTo(rule, key, version))
    .flatMap(({ transitions = [], noncurrentTransitions = [] }) =>
      successor
        ? noncurrentTransitions.filter(({ age }) => isOlder(successor.lastModified, age.days, now))
        : transitions.filter(({ age }) => isDueAt(age, version.lastModified, now)),
    )
    .filter(({ kept }) => kept['IsAccessTime'] !== 'true') // nobody records when objects are read
    .map(({ storageClass }) => storageClass);
}

function isDueAt(age: LifecycleAge, lastModified: Date, now: Date): boolean {
  if ('days' in age) return isOlder(lastModified, age.days, now);
  return lastModified < age.createdBefore;
}

/** Tells whether a rule is for an object: by its prefix, tags and filter. */
function appliesTo(rule: LifecycleRule, key: string, version: ObjectVersion): boolean {
  const { filter } = rule;
  if (!key.startsWith(rule.prefix) || !hasTags(version, rule)) return false;
  const { size } = version.content;
  if (filter?.greaterThan !== undefined && size <= filter.greaterThan) return false;
  if (filter?.lessThan !== undefined && size >= filter.lessThan) return false;
  return !filter?.not.some(
    ({ prefix, tag }) => key.startsWith(prefix) && (tag === undefined || version.tags[tag.key] === tag.value),
  );
}

/** `current` is deleted as a plain DELETE would; a version id goes for good. */
type Target = 'current' | { readonly versionId: string };

/** Tells what of a key is due, by any of the rules. */
export function dueVersions(
  key: string,
  versions: readonly Version[],
  rules: readonly LifecycleRule[],
  now: Date,
): readonly Target[] {
  const fitting = rules.filter((rule) => key.startsWith(rule.prefix));
  return versions.flatMap((version, index): readonly Target[] => {
    const successor = versions[index - 1];
    const isDue = fitting.some((rule) =>
      successor
        ? isNoncurrentDue(rule, key, version, successor, now)
        : isCurrentDue(rule, key, version, versions, now),
    );
    if (!isDue) return [];
    const goesPlainly = !successor && version.kind === 'object';
    return [goesPlainly ? 'current' : { versionId: version.versionId }];
  });
}

function isCurrentDue(
  rule: LifecycleRule,
  key: string,
  version: Version,
  versions: readonly Version[],
  now: Date,
): boolean {
  if (version.kind === 'delete marker') return rule.expiresMarkers && versions.length === 1;
  const { expiration } = rule;
  if (!expiration || !appliesTo(rule, key, version)) return false;
  if ('days' in expiration) return isOlder(version.lastModified, expiration.days, now);
  return version.lastModified < expiration.createdBefore;
}

/** A version has been noncurrent since the one that followed it was written. */
function isNoncurrentDue(
  rule: LifecycleRule,
  key: string,
  version: Version,
  successor: Version,
  now: Date,
): boolean {
  const { noncurrentDays } = rule;
  const isFor = version.kind === 'object' ? appliesTo(rule, key, version) : hasTags(version, rule);
  return noncurrentDays !== undefined && isFor && isOlder(successor.lastModified, noncurrentDays, now);
}

function hasTags(version: Version, { tags }: LifecycleRule): boolean {
  const wanted = Object.entries(tags);
  if (version.kind === 'delete marker') return wanted.length === 0;
  return wanted.every(([key, value]) => version.tags[key] === value);
}

function isOlder(since: Date, days: number, now: Date): boolean {
  return since.getTime() + days * DAY_MS <= now.getTime();
}

function removeUnlessProtected(store: Store, bucket: Bucket, key: string, target: Target, now: Date): void {
  try {
    removeObject(store, bucket, key, target === 'current' ? undefined : target.versionId, now, false);
  } catch (error) {
    if (!(error instanceof OssError && error.code === 'FileImmutable')) throw error;
  }
}
