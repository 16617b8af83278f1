import { formatInstant } from '../platform/instant.ts';
import { errorFields } from '../platform/log.ts';
import type { BucketOutcome } from './run.ts';
import type { Trouble } from './subjects.ts';
import type { BucketDecision } from './types.ts';

/** One bucket's outcome as the keys of its log line. */
export function bucketRecord(outcome: BucketOutcome): Record<string, unknown> {
  const { bucket, rule, policy, decision } = outcome;
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
    reason: applied?.note ?? decision.reason,
    ossRequestId: applied?.requestId,
    dryRun: applied?.sent === false || undefined,
    ...(outcome.error === undefined ? {} : errorFields(outcome.error)),
  };
}

export function troubleRecord({ bucket, rule, error }: Trouble): Record<string, unknown> {
  return { bucket, rule, action: 'failed', ...errorFields(error) };
}

/** How loudly a decision without an error is to be said. A person has to act on what is `error`. */
export function levelOf(decision: BucketDecision): 'info' | 'warn' | 'error' {
  switch (decision.action) {
    case 'report':
      return decision.problem === 'absent' || decision.problem === 'at-cap' ? 'warn' : 'error';
    case 'watch':
    case 'abort':
    case 'renew':
      return 'warn';
    default:
      return 'info';
  }
}
