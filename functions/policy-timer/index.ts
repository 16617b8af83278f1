import { anchorRecord } from '../../shared/audit/anchor.ts';
import { bucketRecord, levelOf, runRecord, troubleRecord } from '../../shared/buckets/record.ts';
import type { BucketOutcome } from '../../shared/buckets/run.ts';
import { type Run, serveBuckets } from '../../shared/buckets/serve.ts';
import type { Trouble } from '../../shared/buckets/subjects.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { FcContext } from '../fc.ts';
import { createRuntime, type Invocation } from '../runtime.ts';
import { reportRepairs } from './repairs.ts';

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
    const { log, clock, deadline, decided } = invocation;
    const [run] = await Promise.all([serveBuckets(invocation, deadline), anchor(invocation)]);
    for (const trouble of run.troubles) {
      decided(isElsewhere(trouble) ? 'warn' : 'error', troubleRecord(trouble), 'not served');
    }
    const now = clock.now();
    for (const outcome of run.outcomes) {
      const level = outcome.error === undefined ? levelOf(outcome) : 'error';
      decided(level, bucketRecord(outcome, now), outcome.decision.action);
    }
    await reportRepairs(invocation, run.buckets);
    const failed = failures(run);
    log[failed.length > 0 ? 'error' : 'info'](runRecord(run, now), 'the run is over');
    if (failed.length > 0) throw runError(failed, run);
    return countActions(run.outcomes);
  });

/** Names the ends of all chains of evidence; one hour without it, and the next run still names them. */
async function anchor({ storage, rules, clock, log, audit }: Invocation): Promise<void> {
  if (rules.audit === undefined) return;
  try {
    audit.add(await anchorRecord(storage, rules.audit, clock.now()));
  } catch (error) {
    log.error(errorFields(error), 'the evidence is not anchored');
  }
}

/** Reported and no failure: the rules may be shared by the deployments of several regions. */
const isElsewhere = ({ error }: Trouble): boolean => hasCode(error, 'BUCKET_ELSEWHERE');

interface Failure {
  readonly bucket: string;
  readonly error?: unknown;
}

function failures({ outcomes, troubles }: Run): Failure[] {
  const served = outcomes.filter(({ error }) => error !== undefined);
  return [...troubles.filter((trouble) => !isElsewhere(trouble)), ...served];
}

/** Each is in the log; the error names the first ones, and how many were not reached. */
const namedInError = 20;

function runError(failed: readonly Failure[], { outcomes, troubles }: Run): unknown {
  const tried = failed.filter(({ error }) => !hasCode(error, 'TIME_RAN_OUT'));
  const lines = tried.slice(0, namedInError).map(({ bucket, error }) => `${bucket}: ${inOneLine(error)}`);
  const more = tried.length - lines.length;
  if (more > 0) lines.push(`and ${more} more, see the log`);
  const late = failed.length - tried.length;
  if (late > 0) lines.push(`TIME_RAN_OUT: ${late} bucket(s) were not reached in time`);
  const total = troubles.length + outcomes.length;
  return failure('RUN_FAILED', { failed: failed.length, total, failures: lines.join('\n') });
}

function countActions(outcomes: readonly BucketOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { decision } of outcomes) counts[decision.action] = (counts[decision.action] ?? 0) + 1;
  return counts;
}
