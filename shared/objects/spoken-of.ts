import type { ObjectEvent } from '../events/object-events.ts';
import type { ETag, ListedVersion } from '../storage/port.ts';

type DataVersion = Extract<ListedVersion, { kind: 'version' }>;

/**
 * Whether a version can be the one that the event speaks of: same content, and not modified after the event.
 * OSS events carry no version id, and Last-Modified has whole seconds (rounded down).
 */
export function isSpokenOf(
  event: Pick<ObjectEvent, 'etag' | 'time'>,
  version: { readonly etag: ETag; readonly lastModified: Date },
): boolean {
  return (event.etag === undefined || version.etag === event.etag) && version.lastModified <= event.time;
}

/**
 * The version that the event speaks of, out of all versions of its key: the newest with the event's ETag that
 * was not modified after the event. Several when the same content was uploaded more than once within the
 * second: they cannot be told apart, and as every version's date depends on that version alone, protecting
 * each is right for each. If the service should stamp events earlier than versions, the oldest version after
 * the event is taken: nothing is called gone that still has the event's content.
 */
export function spokenOf(event: ObjectEvent, versions: readonly ListedVersion[]): DataVersion[] {
  const same = versions.filter(
    (version): version is DataVersion =>
      version.kind === 'version' &&
      version.key === event.key &&
      (event.etag === undefined || version.etag === event.etag),
  );
  const times = same.map((version) => version.lastModified.getTime());
  const eventTime = event.time.getTime();
  const before = times.filter((time) => time <= eventTime);
  const chosen = before.length > 0 ? Math.max(...before) : Math.min(...times);
  return same.filter((version) => version.lastModified.getTime() === chosen);
}
