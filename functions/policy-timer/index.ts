import { bucketRecord, levelOf, troubleRecord } from '../../shared/buckets/record.ts';
import { type BucketOutcome, carryOut, survey } from '../../shared/buckets/run.ts';
import type { Trouble } from '../../shared/buckets/subjects.ts';
import { failure, HoldfastError, hasCode } from '../../shared/platform/errors.ts';
import type { Logger } from '../../shared/platform/log.ts';
import type { FcContext } from '../fc.ts';
import { createRuntime } from '../runtime.ts';

const runtime = createRuntime('policy-timer', import.meta.dirname);

/** FC calls this once an instance, before the first run. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Observes every bucket that a bucket rule matches, in this region, and initiates, locks, extends, aborts or
 * reports as the rules say. The event says nothing that is needed: what counts is the time and the buckets.
 * @returns how many buckets met with which action
 * @throws RUN_FAILED when a bucket could not be served, after all were tried
 */
export const handler = (_event: Uint8Array, context: FcContext): Promise<Record<string, number>> =>
  runtime.invoke(context, async (invocation) => {
    const seen = await survey(invocation);
    for (const trouble of seen.troubles) {
      invocation.log[isElsewhere(trouble) ? 'warn' : 'error'](troubleRecord(trouble), 'not served');
    }
    const outcomes = await carryOut(invocation, seen);
    for (const outcome of outcomes) report(invocation.log, outcome);
    refuseFailures(seen.troubles, outcomes);
    return countActions(outcomes);
  });

function report(log: Logger, outcome: BucketOutcome): void {
  const level = outcome.error === undefined ? levelOf(outcome.decision) : 'error';
  log[level](bucketRecord(outcome), outcome.decision.action);
}

/** Reported and no failure: the rules may be shared by the deployments of several regions. */
const isElsewhere = ({ error }: Trouble): boolean => hasCode(error, 'BUCKET_ELSEWHERE');

function refuseFailures(troubles: readonly Trouble[], outcomes: readonly BucketOutcome[]): void {
  const served = outcomes.filter(({ error }) => error !== undefined);
  const failed = [...troubles.filter((trouble) => !isElsewhere(trouble)), ...served];
  if (failed.length === 0) return;
  const failures = failed.map(({ bucket, error }) => `${bucket}: ${describe(error)}`).join('\n');
  throw failure('RUN_FAILED', { failed: failed.length, total: troubles.length + outcomes.length, failures });
}

const describe = (error: unknown): string =>
  error instanceof HoldfastError ? `${error.code}: ${error.message}` : String(error);

function countActions(outcomes: readonly BucketOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { decision } of outcomes) counts[decision.action] = (counts[decision.action] ?? 0) + 1;
  return counts;
}
