import type { AuditRecord } from '../../shared/audit/file.ts';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import { createOldestMemory } from '../../shared/buckets/oldest.ts';
import { bucketRecord, levelOf, runRecord, troubleRecord } from '../../shared/buckets/record.ts';
import type { BucketOutcome } from '../../shared/buckets/run.ts';
import { serveBuckets, type TimerRun } from '../../shared/buckets/serve.ts';
import type { FailedBucket } from '../../shared/buckets/subjects.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import type { Logger } from '../../shared/platform/log.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { Invocation } from '../invocation.ts';
import { approvalGate } from './approvals.ts';
import { countBy } from './count-by.ts';
import { type BucketFailure, serveDefaultRetention } from './defaults.ts';
import { addEvidence, hasActed, readEvidence } from './evidence.ts';
import { reportRepairs } from './repairs.ts';

const memory = createOldestMemory();

/**
 * Requests under way at once and a second, at most; the service's limits are far above, and others need some of it. A
 * policy has to be locked in time, so the run does not slow down below the least.
 */
const effort = { concurrency: 64, least: 8, qps: 500, readsFirst: false };

/**
 * Observes every bucket that a bucket rule matches, in this region, and initiates, locks, extends, aborts or
 * reports as the rules say. Then it keeps the default retention of other buckets in place.
 * @returns how many buckets met with which action
 * @throws RUN_FAILED when a bucket could not be served or needs a person, after all were tried; the next run is the
 * repetition
 */
export async function serveBucketPolicies(invocation: Invocation): Promise<Record<string, number>> {
  const { log, clock, deadline } = invocation;
  const storage = invocation.storageWith(createPace({ clock, ...effort }).around);
  const deps = { ...invocation, storage, memory, gate: approvalGate({ ...invocation, storage }) };
  const [run, before] = await Promise.all([serveBuckets(deps, deadline), readEvidence(invocation)]);
  const defaults = await serveDefaultRetention({ ...invocation, storage }, run.buckets);
  const now = clock.now();
  const records = [...logRun(log, run, now), ...defaults.records];
  const whole = runRecord(run, now);
  addEvidence(invocation, before, { records, run: whole, acted: hasActed(run.outcomes) });
  await reportRepairs(invocation, run.buckets);
  const failed = [...failures(run), ...defaults.failures];
  log[failed.length > 0 ? 'error' : 'info'](whole, 'the run is over');
  if (failed.length > 0)
    throw runError(
      failed,
      new Set([...[...run.troubles, ...run.outcomes].map(({ bucket }) => bucket), ...defaults.buckets]).size,
    );
  return countBy([...run.outcomes.map(({ decision }) => decision.action), ...defaults.actions]);
}

/** @returns the records of all buckets, as they were logged */
function logRun(log: Logger, { troubles, outcomes }: TimerRun, now: Date): AuditRecord[] {
  const unserved = troubles.map((trouble) => {
    const record = troubleRecord(trouble);
    log[isElsewhere(trouble) ? 'warn' : 'error'](record, 'not served');
    return record;
  });
  const served = outcomes.map((outcome) => {
    const record = bucketRecord(outcome, now);
    log[levelOfOutcome(outcome)](record, outcome.decision.action);
    return record;
  });
  return [...unserved, ...served];
}

function levelOfOutcome(outcome: BucketOutcome): 'info' | 'warn' | 'error' {
  if (outcome.error === undefined) return levelOf(outcome);
  return isWaiting(outcome) ? 'warn' : 'error';
}

/** A change that waits for an approval, and has time to: whoever is to give it need not be woken. */
const isWaiting = (outcome: BucketOutcome): boolean =>
  'unapproved' in outcome && outcome.unapproved?.isUrgent === false;

/** Reported and no failure: the rules may be shared by the deployments of several regions. */
const isElsewhere = ({ error }: FailedBucket): boolean => hasCode(error, 'BUCKET_ELSEWHERE');

/**
 * Tells what could not be served, and what is served and in a state that a person has to end, such as a lapsed
 * policy.
 */
function failures({ outcomes, troubles }: TimerRun): BucketFailure[] {
  const of = (bucket: string, error: unknown): BucketFailure => ({ bucket, error, says: inOneLine(error) });
  return [
    ...troubles.filter((trouble) => !isElsewhere(trouble)).map(({ bucket, error }) => of(bucket, error)),
    ...outcomes.flatMap((outcome): BucketFailure[] => {
      const { bucket, decision, error } = outcome;
      if (isWaiting(outcome)) return [];
      if (error !== undefined) return [of(bucket, error)];
      if (levelOf(outcome) !== 'error' || decision.action !== 'report') return [];
      return [{ bucket, says: `${decision.problem}: ${decision.reason}` }];
    }),
  ];
}

/** Each is in the log; the error names the first ones, and how many were not reached. */
const namedInError = 20;

function runError(failed: readonly BucketFailure[], total: number): unknown {
  const tried = failed.filter(({ error }) => !hasCode(error, 'TIME_RAN_OUT'));
  const lines = tried.slice(0, namedInError).map(({ bucket, says }) => `${bucket}: ${says}`);
  const more = tried.length - lines.length;
  if (more > 0) lines.push(`and ${more} more, see the log`);
  const late = failed.length - tried.length;
  if (late > 0)
    lines.push(`TIME_RAN_OUT: ${quantity(late, 'bucket was', 'buckets were')} not reached in time`);
  return failure('RUN_FAILED', { failed: failed.length, total, failures: lines.join('\n') });
}
