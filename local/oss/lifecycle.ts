import { OssError } from './errors.ts';
import type { Bucket, LifecycleRule, Version } from './state.ts';
import type { Store } from './store/store.ts';
import { removeObject } from './versions.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Does what the lifecycle rules of all buckets ask at that instant; the service does so once a day. What is under
 * protection stays, and goes on a later day when it no longer is. No events are raised.
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
    key = store.nextKey(bucket.name, key, false);
  }
  for (const upload of store.uploads(bucket.name)) {
    const isDue = rules.some(
      ({ prefix, abortUploadDays }) =>
        abortUploadDays !== undefined &&
        upload.key.startsWith(prefix) &&
        isOlder(upload.initiatedAt, abortUploadDays, now),
    );
    if (isDue) store.removeUpload(bucket.name, upload.id);
  }
}

/** `current` is deleted as a plain DELETE would; a version id goes for good. */
type Target = 'current' | { readonly versionId: string };

/** What of a key is due, by any of the rules. */
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
      successor ? isNoncurrentDue(rule, version, successor, now) : isCurrentDue(rule, version, versions, now),
    );
    if (!isDue) return [];
    const goesPlainly = !successor && version.kind === 'object';
    return [goesPlainly ? 'current' : { versionId: version.versionId }];
  });
}

function isCurrentDue(
  rule: LifecycleRule,
  version: Version,
  versions: readonly Version[],
  now: Date,
): boolean {
  if (version.kind === 'delete marker') return rule.expiresMarkers && versions.length === 1;
  const { expiration } = rule;
  if (!expiration || !hasTags(version, rule)) return false;
  if ('days' in expiration) return isOlder(version.lastModified, expiration.days, now);
  return version.lastModified < expiration.createdBefore;
}

/** A version has been noncurrent since the one that followed it was written. */
function isNoncurrentDue(rule: LifecycleRule, version: Version, successor: Version, now: Date): boolean {
  const { noncurrentDays } = rule;
  return (
    noncurrentDays !== undefined &&
    hasTags(version, rule) &&
    isOlder(successor.lastModified, noncurrentDays, now)
  );
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
