import type { AuditRecord } from '../../shared/audit/file.ts';
import { troubleRecord } from '../../shared/buckets/record.ts';
import { defaultInWords, defaultRecord, levelOfDefault } from '../../shared/defaults/record.ts';
import { type DefaultOutcome, keepDefaults } from '../../shared/defaults/run.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { hasCode } from '../../shared/platform/errors.ts';
import type { BucketSummary } from '../../shared/storage/port.ts';
import type { Invocation } from '../invocation.ts';

/** A bucket that was not served, or needs a person. */
export interface BucketFailure {
  readonly bucket: string;
  readonly says: string;
  readonly error?: unknown;
}

/** This is what a run has found about the default retention of buckets. */
export interface DefaultsServed {
  /** The records of all buckets, as they were logged, but those of what was put: they are evidence already. */
  readonly records: readonly AuditRecord[];
  /** The actions that the buckets met with. */
  readonly actions: readonly string[];
  /** The buckets that the default rules match. */
  readonly buckets: readonly string[];
  readonly failures: readonly BucketFailure[];
}

/** Keeps the default retention that the rules ask for in place, on these buckets of the account, and logs what became of each. */
export async function serveDefaultRetention(
  invocation: Invocation,
  buckets: readonly BucketSummary[],
): Promise<DefaultsServed> {
  const { log, deadline, decided } = invocation;
  const { outcomes, troubles } = await keepDefaults(invocation, buckets, deadline);
  const records: AuditRecord[] = [];
  const failures: BucketFailure[] = [];
  for (const trouble of troubles) {
    const record = troubleRecord(trouble);
    records.push(record);
    const isElsewhere = hasCode(trouble.error, 'BUCKET_ELSEWHERE');
    log[isElsewhere ? 'warn' : 'error'](record, 'not served');
    if (!isElsewhere) failures.push(failureOf(trouble));
  }
  for (const outcome of outcomes) {
    const record = defaultRecord(outcome);
    const { action } = outcome.decision;
    const failed = whyFailed(outcome);
    if (failed !== undefined) failures.push(failed);
    const level = failed === undefined ? levelOfDefault(outcome.decision) : 'error';
    if (action === 'set-default' && outcome.receipt?.sent !== false) decided(level, record, action);
    else {
      records.push(record);
      log[level](record, action);
    }
  }
  const served = [...outcomes, ...troubles].map(({ bucket }) => bucket);
  return { records, failures, buckets: served, actions: outcomes.map(({ decision }) => decision.action) };
}

const failureOf = ({ bucket, error }: { bucket: string; error: unknown }): BucketFailure => ({
  bucket,
  error,
  says: inOneLine(error),
});

function whyFailed({ bucket, decision, rule, error }: DefaultOutcome): BucketFailure | undefined {
  if (error !== undefined) return failureOf({ bucket, error });
  if (levelOfDefault(decision) !== 'error' || decision.action !== 'report') return undefined;
  return { bucket, says: `${decision.problem}: ${defaultInWords(rule, decision)}` };
}
