import { createHash } from 'node:crypto';
import { protectNeedsApproval } from '../../shared/approvals/needed.ts';
import { subjectText } from '../../shared/approvals/subject.ts';
import type { ProtectSubject } from '../../shared/approvals/types.ts';
import type { ShardDeps } from '../../shared/backfill/shard.ts';
import { type Source, uploadedBefore } from '../../shared/backfill/source.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { ApprovingWorld } from '../world/approvals.ts';
import { type ApprovedList, hashList, listMaker } from './approved-list.ts';
import { plannedList } from './approved-list-file.ts';
import { countChanges } from './confirm.ts';
import type { CountedVersions, Forecast } from './count.ts';

/** A run over existing versions, as far as it is counted. */
export interface RunToCount {
  readonly url: string;
  readonly world: ApprovingWorld;
  readonly source: Source;
  readonly deps: ShardDeps;
}

/** Versions that were approved and are not written any more. */
export interface LeftOfApproved {
  /** Those that need it no more: something else keeps them as long or longer, or no rule asks for it. */
  readonly kept: number;
  /** Those that could not be looked at. */
  readonly unread: number;
  /** Those that are not there. */
  readonly gone: number;
}

/** A count of a run, with the act that it is. */
export interface Counted {
  readonly forecast: Forecast;
  readonly subject: ProtectSubject | undefined;
  readonly list: ApprovedList | undefined;
  readonly left?: LeftOfApproved;
}

/**
 * Counts a run as it was planned. It may write less than what was approved, where this machine has the list of the plan.
 * @returns undefined when it would write by now what was not approved, or nothing
 */
export async function countIfApproved(
  run: RunToCount,
  subject: ProtectSubject,
): Promise<Counted | undefined> {
  const source = uploadedBefore(run.source, new Date(subject.before));
  const planned = await plannedList(subject);
  let isWithin = planned !== undefined;
  const left = { kept: 0, unread: 0 };
  const again = await countRun({ ...run, source }, subject.before, {
    change(version, until) {
      isWithin &&= planned?.covers(version, until) === true;
    },
    leave({ bucket, key, versionId }, because) {
      if (versionId !== undefined && planned?.has({ bucket, key, versionId }) === true) left[because] += 1;
    },
  });
  if (again.subject !== undefined && subjectText(again.subject) === subjectText(subject)) return again;
  const { changes } = again.forecast;
  if (!isWithin || changes === 0) return undefined;
  const gone = subject.versions - changes - left.kept - left.unread;
  return { forecast: again.forecast, subject, list: planned, left: { ...left, gone } };
}

/**
 * Counts a run, and says which act it is.
 * @param before the instant of the plan, by which it is decided what is due
 * @param told is told of each version, too
 */
export async function countRun(
  { url, world, source, deps }: RunToCount,
  before: string,
  told: CountedVersions = {},
): Promise<Counted> {
  const { rules, clock } = world;
  const versions = createHash('sha256');
  const maker = listMaker();
  const counting = { ...deps, decideAt: new Date(before) };
  const forecast = await countChanges(counting, source, {
    ...told,
    change(version, until) {
      const { bucket, key, versionId } = version;
      versions.update(`${JSON.stringify([bucket, key, versionId, formatInstant(until)])}\n`);
      maker.add(version, until);
      told.change?.(version, until);
    },
  });
  const { changes, latest } = forecast;
  if (latest === undefined || !protectNeedsApproval(rules, forecast, clock.now())) {
    return { forecast, subject: undefined, list: undefined };
  }
  const list = maker.made();
  const subject: ProtectSubject = {
    act: 'protect',
    target: url,
    rules: hashRules(rules),
    before,
    versions: changes,
    latest: formatInstant(latest),
    list: list === undefined ? `sha256:${versions.digest('hex')}` : hashList(list),
  };
  return { forecast, subject, list };
}
