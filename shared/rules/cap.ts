import { fewestDays } from './calendar.ts';
import { addDuration, maxPolicyDays } from './duration.ts';
import type { PeriodStart } from './tag-date.ts';
import type { Duration } from './types.ts';

/*
 * The one meaning of `limits.maxRetention`: no object is kept longer than that after its own start, or after now,
 * whichever allows more. Were it now alone, `retain: 7y` under a cap of 7y would fail for an object of 28 February that
 * is handled on the 29th, since 29 February + 7y is not later than 28 February + 7y.
 */

/** This is what the cap of one version is counted from. */
export interface CapStarts {
  readonly now: Date;
  readonly lastModified: Date;
  /** The date in a tag or the end of a year that the period counts from, where a rule has `fromTag` or `from`. */
  readonly start?: PeriodStart | undefined;
}

/**
 * Returns the latest date that `limits.maxRetention` allows for a version. A start that is not Last-Modified counts only
 * when it is past: whoever writes a tag may not raise the cap by a date that lies ahead.
 */
export function latestAllowed(maxRetention: Duration, { now, lastModified, start }: CapStarts): Date {
  const byNow = addDuration(now, maxRetention).getTime();
  const byUpload = addDuration(lastModified, maxRetention).getTime();
  const isPast = start !== undefined && start.at <= now;
  const byStart = isPast ? start.plus(maxRetention).getTime() : byNow;
  return new Date(Math.max(byNow, byUpload, byStart));
}

/**
 * Returns the most days that a bucket policy may have under `limits.maxRetention` and the service's own limit. A
 * locked policy also holds for what is written years later, so the fewest days that the cap has over all starts are
 * what counts.
 */
export const capDays = (maxRetention: Duration): number => Math.min(fewestDays(maxRetention), maxPolicyDays);
