import type { ProtectSubject } from '../../shared/approvals/types.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { addDuration } from '../../shared/rules/duration.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { DecidedOtherwise } from '../../shared/storage/last-look.ts';
import type { LastLook, ObjectStore, Retention, VersionAt } from '../../shared/storage/port.ts';
import type { ApprovedList } from './approved-list.ts';

/** The most that one run may write: what was approved, or what needs no approval. */
export interface WriteBound {
  /** undefined: any number. */
  readonly versions: number | undefined;
  /** undefined: any date that the rules give. */
  readonly latest: Date | undefined;
  /** The versions that were approved, with their dates; undefined where no approval was needed, or they are too many to be remembered. */
  readonly list?: ApprovedList | undefined;
}

/**
 * Returns the bound of a run. Pure.
 * @param subject what was approved; undefined where the run needed no approval
 * @param written the versions that the run has written before it was stopped and gone on with
 */
export function boundOf(
  { approvals }: Pick<Rules, 'approvals'>,
  subject: ProtectSubject | undefined,
  now: Date,
  written = 0,
): WriteBound {
  if (subject !== undefined) {
    return { versions: subject.versions - written, latest: new Date(subject.latest) };
  }
  const most = approvals?.protectMoreThan;
  const longest = approvals?.retainLongerThan;
  return {
    versions: most === undefined ? undefined : most - written,
    latest: longest && addDuration(now, longest),
  };
}

/**
 * Refuses what goes beyond the bound of a run: a version may come, get a tag with a later date, or lose its legal hold, after the run
 * was counted. A version that was not approved uses up nothing of the bound.
 * Every version that is begun counts, whatever the service answers, but for one that is decided about once more before it is sent.
 */
export function withinBound<Store extends Pick<ObjectStore, 'cloud' | 'putRetention'>>(
  storage: Store,
  { versions, latest, list }: WriteBound,
): Store {
  let begun = 0;
  const isWithin = (at: VersionAt, until: Date): boolean =>
    (list === undefined || list.covers(at, until)) &&
    (latest === undefined || until <= latest) &&
    (versions === undefined || begun < versions);
  return {
    ...storage,
    async putRetention(at: VersionAt, retention: Retention, lastLook?: LastLook) {
      if (!isWithin(at, retention.until)) {
        throw failure('APPROVAL_EXCEEDED', {
          target: formatAddress(storage.cloud, at),
          until: formatInstant(retention.until),
          most: versions === undefined ? 'versions' : quantity(versions, 'version'),
          latest: latest === undefined ? '' : ` until ${formatInstant(latest)} at the latest`,
        });
      }
      begun += 1;
      try {
        return await storage.putRetention(at, retention, lastLook);
      } catch (error) {
        if (error instanceof DecidedOtherwise) begun -= 1;
        throw error;
      }
    },
  };
}
