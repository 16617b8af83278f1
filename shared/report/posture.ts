import type { CloudName } from '../platform/address.ts';
import type { RetentionSchedule } from '../schedule/schedule.ts';
import { type Counts, sum } from './counts.ts';
import type { FailuresAndRepairs } from './failures-and-repairs.ts';
import { type PolicyPosture, policyPosture } from './policy.ts';
import { type PostureState, urlOf } from './run.ts';
import { standings } from './standings.ts';
import type { Scope } from './targets.ts';
import type { Cell, Totals, Why } from './totals.ts';
import { asUnreadableBucket, type UnreadableBucket } from './unreadable-bucket.ts';
import { type PostureVerdict, verdictOf } from './verdict.ts';

/** This made a report: a version of Holdfast, with somebody's key. No secret is in it. */
export interface ReportMaker {
  /** The version of Holdfast. */
  readonly holdfast: string;
  /** The id of the access key that was used. */
  readonly caller: string;
  /** This is where the key comes from, in words. */
  readonly callerFrom: string;
}

/** One of several regions that a report is about. */
export interface RegionPosture {
  readonly region: string;
  /** The buckets in it that rules match. */
  readonly buckets: readonly string[];
  /** Why nothing could be read there; null when something could. */
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null;
}

/** The whole report but the single versions. Instants are UTC. */
export interface Posture {
  readonly version: 1;
  /** The instant that it is about. */
  readonly at: Date;
  readonly cloud: CloudName;
  /** The region that it is about, or all of them, with commas. */
  readonly region: string;
  /** Absent in a report of one region. */
  readonly regions?: readonly RegionPosture[] | undefined;
  /** The account whose buckets it is about; undefined when neither the service nor the user said. */
  readonly account: string | undefined;
  readonly madeBy: ReportMaker;
  /** The addresses of what was looked at. */
  readonly targets: readonly string[];
  /** `listing`, or the inventory's URL. */
  readonly source: string;
  /** False: dates are what the rules give; what is stored was not read. */
  readonly read: boolean;
  readonly rules: {
    readonly source: string;
    readonly hash: string;
    /** The rules in words. */
    readonly schedule: RetentionSchedule;
  };
  readonly verdict: PostureVerdict;
  readonly versions: Counts;
  readonly cells: readonly Cell[];
  readonly months: Totals['months'];
  readonly endings: Totals['endings'];
  readonly reasons: readonly Why[];
  readonly policies: readonly PolicyPosture[];
  readonly troubles: readonly UnreadableBucket[];
  readonly upkeep: FailuresAndRepairs;
  readonly requests: number;
}

export interface PostureParts
  extends Pick<Posture, 'cloud' | 'region' | 'regions' | 'madeBy' | 'source' | 'read' | 'rules' | 'upkeep'> {
  readonly state: PostureState;
  readonly scope: Scope;
  /** The account as the user gave it; what the service says comes before it. */
  readonly account?: string | undefined;
  /** This is what default retentions of buckets do against the rules. */
  readonly defaults?: readonly UnreadableBucket[];
  /** Why not all open matters are known, which may keep more than the rules. */
  readonly matters?: readonly UnreadableBucket[];
}

/** Puts the report together from what a run has found. Pure. */
export function makePosture(parts: PostureParts): Posture {
  const {
    state,
    scope,
    read,
    cloud,
    region,
    madeBy,
    source,
    rules,
    upkeep,
    defaults = [],
    matters = [],
  } = parts;
  const { at, totals, requests } = state;
  const policies = scope.targets.flatMap(({ policy }) =>
    policy === undefined ? [] : [policyPosture(policy, at)],
  );
  const troubles = [
    ...scope.troubles.map(({ bucket, error }) => asUnreadableBucket(bucket, error)),
    ...state.troubles,
    ...matters,
  ];
  return {
    version: 1,
    at,
    cloud,
    region,
    regions: parts.regions,
    account: scope.account ?? parts.account,
    madeBy,
    targets: scope.targets.map((target) => urlOf(cloud, target)),
    source,
    read,
    rules,
    verdict: verdictOf({ totals, targets: scope.targets, policies, troubles, defaults, read }),
    versions: sum(totals.cells),
    ...totals,
    reasons: [...totals.reasons].sort(worstFirst),
    policies,
    troubles: [...troubles, ...defaults],
    upkeep,
    requests,
  };
}

const worstFirst = (a: Why, b: Why): number =>
  standings.indexOf(a.standing) - standings.indexOf(b.standing) || b.versions - a.versions;
