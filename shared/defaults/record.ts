import { describeDefault } from '../objects/default-retention.ts';
import { errorFields } from '../platform/log.ts';
import type { DefaultRule } from '../rules/types.ts';
import type { DefaultDecision } from './decide.ts';
import type { DefaultOutcome } from './run.ts';

/** Tells how loudly an outcome without an error is to be said. A person has to act on what is `error`. */
export function levelOfDefault({ action, ...rest }: DefaultDecision): 'info' | 'warn' | 'error' {
  if (action !== 'report' || !('problem' in rest)) return 'info';
  return rest.problem === 'default-longer' ? 'warn' : 'error';
}

/** Returns one bucket's outcome as the keys of its log line. */
export function defaultRecord({
  bucket,
  rule,
  decision,
  receipt,
  error,
}: DefaultOutcome): Record<string, unknown> {
  const { before } = 'before' in decision ? decision : { before: undefined };
  return {
    bucket,
    rule: rule.name,
    action: decision.action,
    problem: decision.action === 'report' ? decision.problem : undefined,
    defaultRetention: decision.action === 'set-default' ? describeDefault(decision.retention) : undefined,
    previousDefault: before && describeDefault(before),
    reason: defaultInWords(rule, decision),
    ossRequestId: receipt?.requestId,
    dryRun: receipt?.sent === false || undefined,
    ...(error === undefined ? {} : errorFields(error)),
  };
}

/** Says why a bucket's default retention is set, left or reported. */
export function defaultInWords(
  { name, retain }: Pick<DefaultRule, 'name' | 'retain'>,
  decision: DefaultDecision,
): string {
  const before = 'before' in decision && decision.before ? describeDefault(decision.before) : 'none';
  if (decision.action === 'set-default') return `it is ${before}, and rule ${name} asks for ${retain.text}`;
  if (decision.action === 'default-in-place') return `it is ${before}, as rule ${name} asks`;
  switch (decision.problem) {
    case 'object-lock-off':
      return `object lock of the bucket is off, and rule ${name} asks for ${retain.text}: enable versioning, then object lock`;
    case 'default-longer':
      return `it is ${before}, which may be longer than the ${retain.text} of rule ${name}: nothing is shortened by itself`;
    case 'default-governance':
      return `it is ${before}, under which protecting an upload fails, and it may be longer than the ${retain.text} of rule ${name}: take it away, or let the rule ask for as much`;
    case 'default-over-cap':
      return `rule ${name} asks for ${retain.text}, which may be longer than limits.maxRetention`;
  }
}
