import { day } from '../platform/instant.ts';
import { canBeLonger, formatDuration } from '../rules/duration.ts';
import type { Duration } from '../rules/types.ts';
import type { ObjectWormConfiguration } from '../storage/port.ts';

type DefaultRetention = NonNullable<ObjectWormConfiguration['defaultRetention']>;

/** This is what a bucket's default retention does against the rules, with what to do. */
export interface DefaultProblem {
  readonly code: 'DEFAULT_GOVERNANCE' | 'DEFAULT_OVER_CAP';
  readonly message: string;
  readonly remedy: string;
}

/**
 * Judges the default retention that OSS puts on each upload by itself. Under GOVERNANCE every upload fails, since OSS does
 * not turn GOVERNANCE into COMPLIANCE; one that is longer than the cap keeps objects longer than the rules allow, and nobody
 * can shorten that. OSS does not say how long its year is: here it is a calendar year.
 */
export function judgeDefault(
  { defaultRetention }: ObjectWormConfiguration,
  limit: Duration,
): DefaultProblem | undefined {
  if (defaultRetention === undefined) return undefined;
  const words = describeDefault(defaultRetention);
  if (defaultRetention.mode === 'GOVERNANCE') {
    return {
      code: 'DEFAULT_GOVERNANCE',
      message: `the default retention is ${words}: each upload comes under GOVERNANCE, which OSS does not turn into COMPLIANCE, so protecting it fails`,
      remedy: 'take the default away, or make it COMPLIANCE (PutBucketObjectWormConfiguration)',
    };
  }
  if (!canBeLonger(lengthOf(defaultRetention), limit)) return undefined;
  return {
    code: 'DEFAULT_OVER_CAP',
    message: `the default retention is ${words}, which outranks limits.maxRetention (${limit.text}): each upload is kept longer than the rules allow`,
    remedy:
      'make the default shorter (PutBucketObjectWormConfiguration; on OBS PutBucketObjectLockConfiguration), or raise limits.maxRetention on purpose',
  };
}

/** `COMPLIANCE, 30d`. */
export const describeDefault = (retention: DefaultRetention): string =>
  `${retention.mode}, ${formatDuration(lengthOf(retention))}`;

const lengthOf = (retention: DefaultRetention): Pick<Duration, 'months' | 'ms'> =>
  'days' in retention ? { months: 0, ms: retention.days * day } : { months: retention.years * 12, ms: 0 };
