import type { ObjectEvent } from '../events/object-events.ts';
import { day, minute } from '../platform/instant.ts';
import type { DataVersion, ETag, ListedVersion } from '../storage/port.ts';

type Clues = Pick<ObjectEvent, 'etag' | 'time'>;

/**
 * This is how far an event may be stamped before its version: as far as OSS lets clocks differ before it refuses a
 * request (RequestTimeTooSkewed).
 */
export const mostEarlyMs = 15 * minute;

/**
 * This is how far an event may be stamped after its version and still be looked for among versions that are not the
 * newest.
 */
export const mostLateMs = minute;

/** The list is not read further back than this before the event. It covers event times that were read in a wrong zone. */
export const oldestMs = day;

/**
 * Tells whether the current version can be taken for the event's without a look at the list: the same content, and not
 * modified after the event. OSS events carry no version id, and Last-Modified has whole seconds (rounded down).
 */
export function isCertainlyMeant(
  event: Clues,
  version: { readonly etag: ETag; readonly lastModified: Date },
): boolean {
  return (
    event.etag !== undefined &&
    event.time !== undefined &&
    version.etag === event.etag &&
    version.lastModified <= event.time
  );
}

/**
 * Picks the versions that an event may mean out of the versions of its key: those with its ETag that were modified about
 * when the event was stamped. The servers' clocks differ, so several uploads of the same content cannot be told apart
 * by time. The date of a version depends on that version alone, hence protecting each is right for each.
 *
 * Taken are the newest version that is not after the event, all within {@link mostLateMs} before the event or
 * {@link mostEarlyMs} after it, and without any of these the oldest version after. An event without a time may mean any
 * version with its ETag. Picking from a part of the list and then from the result and the rest gives the same.
 */
export function versionsForEvent(
  event: Clues & Pick<ObjectEvent, 'key'>,
  versions: readonly ListedVersion[],
): DataVersion[] {
  const same = versions.filter(
    (version): version is DataVersion =>
      version.kind === 'version' &&
      version.key === event.key &&
      (event.etag === undefined || version.etag === event.etag),
  );
  const stamped = event.time?.getTime();
  if (stamped === undefined) return same;
  const near = (time: number) => time >= stamped - mostLateMs && time <= stamped + mostEarlyMs;
  const times = same.map(({ lastModified }) => lastModified.getTime());
  const newestBefore = latest(times.filter((time) => time <= stamped));
  const oldestAfter = newestBefore === undefined && !times.some(near) ? earliest(times) : undefined;
  return same.filter(({ lastModified }) => {
    const time = lastModified.getTime();
    return near(time) || time === newestBefore || time === oldestAfter;
  });
}

/**
 * Tells from what was listed until now whether older versions cannot be meant any more. Lists are newest first.
 * @param picked the versions that were picked until now
 * @param oldest the oldest Last-Modified that was listed for the key
 */
export function isListedEnough({ time }: Clues, picked: readonly DataVersion[], oldest: Date): boolean {
  if (time === undefined) return false;
  const before = picked
    .map(({ lastModified }) => lastModified.getTime())
    .filter((each) => each <= time.getTime());
  return oldest.getTime() < (latest(before) ?? time.getTime() - oldestMs);
}

/** By reduction: a spread of a long list would overflow the stack. */
const latest = (times: readonly number[]): number | undefined =>
  times.reduce<number | undefined>(
    (most, time) => (most === undefined || time > most ? time : most),
    undefined,
  );

const earliest = (times: readonly number[]): number | undefined =>
  times.reduce<number | undefined>(
    (least, time) => (least === undefined || time < least ? time : least),
    undefined,
  );
