import { refuse } from './errors.ts';
import type { Bucket, ObjectVersion } from './state.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** `readable`: of a class that can be read at any time. */
export type RestoreState = 'readable' | 'frozen' | 'ongoing' | 'restored';

/** Durations of restoring, by storage class and priority, in milliseconds: the documented upper bounds. */
export const restoreTimes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Archive: { Standard: 60_000 },
  ColdArchive: { Expedited: HOUR_MS, Standard: 5 * HOUR_MS, Bulk: 12 * HOUR_MS },
  DeepColdArchive: { Expedited: 12 * HOUR_MS, Standard: 48 * HOUR_MS },
};

/** Returns the state of an object of an archive class at an instant. */
export function restoreState({ storageClass, restore }: ObjectVersion, now: Date): RestoreState {
  if (restoreTimes[storageClass] === undefined) return 'readable';
  if (!restore) return 'frozen';
  if (now < restore.finishedAt) return 'ongoing';
  return now < restoredUntil(restore) ? 'restored' : 'frozen';
}

function restoredUntil({ finishedAt, days }: NonNullable<ObjectVersion['restore']>): Date {
  return new Date(finishedAt.getTime() + days * DAY_MS);
}

/** Tells whether an object is being restored or is restored, as lists do (documented); undefined for all others. */
export function restoreInfo(version: ObjectVersion, now: Date): string | undefined {
  const { restore } = version;
  if (!restore) return undefined;
  const state = restoreState(version, now);
  if (state === 'ongoing') return 'ongoing-request="true"';
  const until = restoredUntil(restore).toUTCString();
  return state === 'restored' ? `ongoing-request="false", expiry-date="${until}"` : undefined;
}

/** Returns the header in which HEAD and GET say the same (documented with HeadObject). */
export function restoreHeader(version: ObjectVersion, now: Date): Record<string, string> {
  const info = restoreInfo(version, now);
  return info === undefined ? {} : { 'x-oss-restore': info };
}

/** @throws InvalidObjectState for an object that has to be restored before it can be read */
export function checkReadable(bucket: Bucket, key: string, version: ObjectVersion, now: Date): void {
  const state = restoreState(version, now);
  if (state === 'readable' || state === 'restored') return;
  const direct = bucket.configurations?.['bucketArchiveDirectRead'] ?? '';
  if (version.storageClass === 'Archive' && /<Enabled>\s*true\s*</i.test(direct)) return;
  throw refuse('InvalidObjectState', { details: { ObjectName: key } });
}
