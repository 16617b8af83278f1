import { approvalRecord } from '../approvals/fields.ts';
import { hasCode } from '../platform/errors.ts';
import { formatInstant, hour } from '../platform/instant.ts';
import { errorFields } from '../platform/log.ts';
import type { BucketRule } from '../rules/types.ts';
import { lockDeadline } from './decide.ts';
import { endFrom } from './extend.ts';
import type { ObservedBucket } from './observe.ts';
import type { BucketOutcome } from './run.ts';
import type { TimerRun } from './serve.ts';
import type { FailedBucket } from './subjects.ts';
import type { BucketDecision } from './types.ts';

/**
 * Returns one bucket's outcome as the keys of its log line. `hoursLeft` counts to the policy's end as it stands after
 * the run: an unlocked one lapses then, of a locked one the first objects become deletable.
 */
export function bucketRecord(outcome: BucketOutcome, now: Date): Record<string, unknown> {
  const { bucket, rule, policy, decision, oldest } = outcome;
  const applied = 'applied' in outcome ? outcome.applied : undefined;
  return {
    bucket,
    rule: rule.name,
    action: decision.action,
    problem: decision.action === 'report' ? decision.problem : undefined,
    wormId: policy?.id ?? applied?.policy?.id,
    state: policy?.state,
    days: policy?.days,
    newDays: 'days' in decision ? decision.days : undefined,
    lockDeadline: 'deadline' in decision && decision.deadline ? formatInstant(decision.deadline) : undefined,
    oldestObject: oldest?.kind === 'version' ? formatInstant(oldest.lastModified) : oldest?.kind,
    hoursLeft: hoursLeft(endOf(outcome)?.at, now),
    reason: applied?.note ?? decision.reason,
    ossRequestId: applied?.requestId,
    dryRun: applied?.sent === false || undefined,
    why: 'unapproved' in outcome ? outcome.unapproved?.why : undefined,
    ...('approval' in outcome && approvalRecord(outcome.approval)),
    ...(outcome.error === undefined ? {} : errorFields(outcome.error)),
    ...('unapproved' in outcome && outcome.unapproved !== undefined && unapprovedReason(outcome)),
  };
}

/** Whoever approves an extension has to see why it is due, and whether it is cut to the cap: beside why it was not made. */
function unapprovedReason({ decision, error }: Extract<BucketOutcome, { unapproved?: unknown }>) {
  return { reason: `${decision.reason}; ${String(errorFields(error)['reason'])}` };
}

export function troubleRecord({ bucket, rule, error }: FailedBucket): Record<string, unknown> {
  return { bucket, rule, action: 'failed', ...errorFields(error) };
}

/** Tells how loudly an outcome without an error is to be said. A person has to act on what is `error`. */
export function levelOf({ rule, decision, oldest }: Pick<ObservedBucket, 'rule' | 'decision' | 'oldest'>) {
  const level = levelOfDecision(decision, rule);
  return level === 'info' && oldest?.kind === 'unknown' ? 'warn' : level;
}

function levelOfDecision(decision: BucketDecision, { policy }: BucketRule): 'info' | 'warn' | 'error' {
  switch (decision.action) {
    case 'report':
      if (decision.problem === 'absent') return 'warn';
      // `upTo` is the planned end of a rolling extension; a date in `keepUntil` is a promise that is not kept.
      return decision.problem === 'at-cap' && policy.extend?.kind !== 'keep-until' ? 'warn' : 'error';
    case 'watch':
    case 'abort':
    case 'renew':
      return 'warn';
    default:
      return 'info';
  }
}

/** Returns a whole run in one line: how many buckets met with which action, and what ends soonest. */
export function runRecord(
  { outcomes, troubles }: Pick<TimerRun, 'outcomes' | 'troubles'>,
  now: Date,
): Record<string, unknown> {
  const counts: Record<string, number> = {};
  for (const { decision } of outcomes) counts[decision.action] = (counts[decision.action] ?? 0) + 1;
  const errors = [...outcomes, ...troubles].flatMap(({ error }) => (error === undefined ? [] : [error]));
  const unapproved = outcomes.filter((outcome) => 'unapproved' in outcome).length;
  return {
    action: 'run',
    buckets: outcomes.length + troubles.length,
    counts,
    failed: errors.length - unapproved,
    unapproved: unapproved || undefined,
    notReached: errors.filter((error) => hasCode(error, 'TIME_RAN_OUT')).length,
    soonestDeadline: soonest(outcomes, 'unlocked', now),
    soonestEnd: soonest(outcomes, 'locked', now),
  };
}

function soonest(outcomes: readonly BucketOutcome[], kind: End['kind'], now: Date) {
  const ends = outcomes.flatMap((outcome) => {
    const end = endOf(outcome);
    return end?.kind === kind && end.at > now ? [{ bucket: outcome.bucket, at: end.at }] : [];
  });
  const first = ends.sort((one, other) => one.at.getTime() - other.at.getTime())[0];
  return first && { ...first, at: formatInstant(first.at), hoursLeft: hoursLeft(first.at, now) };
}

interface End {
  readonly kind: 'unlocked' | 'locked';
  readonly at: Date;
}

/** Tells when the policy ends as it stands after the run. */
function endOf(outcome: BucketOutcome): End | undefined {
  const policy = ('applied' in outcome ? outcome.applied?.policy : undefined) ?? outcome.policy;
  if (policy?.state === 'InProgress') return { kind: 'unlocked', at: lockDeadline(policy) };
  if (policy?.state !== 'Locked') return undefined;
  const start = outcome.oldest?.kind === 'version' ? outcome.oldest.lastModified : policy.createdAt;
  return { kind: 'locked', at: endFrom(start, policy) };
}

/** To a tenth; negative when it has passed. */
const hoursLeft = (at: Date | undefined, now: Date): number | undefined =>
  at && Math.round(((at.getTime() - now.getTime()) / hour) * 10) / 10;
