import { formatInstant } from '../platform/instant.ts';
import { errorFields } from '../platform/log.ts';
import { heldOpenWords } from './event-hold.ts';
import type { ObjectOutcome } from './outcome.ts';
import type { Ruled } from './types.ts';
import { skippedReasons } from './unretainable.ts';

/** Returns one decision as the keys of its log line; what does not apply is undefined and left out of the JSON. */
export function objectRecord(outcome: ObjectOutcome): Record<string, unknown> {
  const { bucket, key, eventKey, versionId, decision, receipt, hold, errors } = outcome;
  const [first, ...more] = errors;
  const ruled = 'rule' in decision ? decision : undefined;
  const { rule, retainUntil, previousUntil, reason } = decisionWords(decision);
  return {
    bucket,
    key,
    eventKey,
    versionId,
    rule,
    others: ruled && ruled.others.length > 0 ? ruled.others : undefined,
    action: decision.action,
    retainUntil,
    previousUntil,
    reason,
    matters: hold?.matters,
    legalHold: hold && (hold.by === 'retention' ? 'not-offered' : hold.by),
    ossRequestId: receipt?.requestId,
    holdRequestId: hold?.receipt?.requestId,
    dryRun: receipt?.sent === false || hold?.receipt?.sent === false || undefined,
    ...(first && errorFields(first)),
    moreErrors: more.length > 0 ? more.map((error) => error.message) : undefined,
  };
}

/** A decision in words, as records and reports have it. */
export interface DecisionWords {
  readonly rule: string | undefined;
  readonly retainUntil: string | undefined;
  readonly previousUntil: string | undefined;
  readonly reason: string | undefined;
}

/** Returns a decision in words: rule, dates and why. */
export function decisionWords(decision: ObjectOutcome['decision']): DecisionWords {
  const previous = 'previousUntil' in decision ? decision.previousUntil : undefined;
  return {
    rule: 'rule' in decision ? decision.rule : firstRule(decision),
    retainUntil: 'rule' in decision ? formatInstant(decision.until) : undefined,
    previousUntil: previous && formatInstant(previous),
    reason: reasonOf(decision),
  };
}

function firstRule(decision: ObjectOutcome['decision']): string | undefined {
  return decision.action === 'refuse' ? decision.problems[0].rule : undefined;
}

/** Why, in words: what the decision says of itself, and what was bent on the way. */
function reasonOf(decision: ObjectOutcome['decision']): string | undefined {
  switch (decision.action) {
    case 'skipped':
      return skippedReasons[decision.why];
    case 'ignored':
      return decision.reason;
    case 'no-rule':
      return 'no rule matches';
    case 'gone':
      return [
        'the version was deleted for good before it could be protected',
        ...(decision.warnings ?? []),
      ].join('; ');
    case 'refuse':
      return undefined; // the first error's message is the reason
    default: {
      const bent = [...extensionOf(decision), ...decision.warnings];
      return bent.length === 0 ? explain[decision.action] : `${explain[decision.action]}; ${bent.join('; ')}`;
    }
  }
}

const explain = {
  protect: 'the rule with the latest date wins',
  'already-protected': 'the stored date is as late or later',
  'at-cap': 'near its end and still in use, and neither upTo nor limits.maxRetention allows a later date',
  elapsed: 'the date is past',
} as const;

interface Generation {
  readonly extended?: Ruled['extended'] | undefined;
  readonly heldOpen?: Ruled['heldOpen'] | undefined;
}

/** Which generation of the rule's own date it is, or of an event hold; nothing when it is that date itself. */
export function extensionOf({ extended, heldOpen }: Generation): string[] {
  if (heldOpen !== undefined) return [heldOpenWords(heldOpen)];
  if (extended === undefined) return [];
  return [
    `extended generation ${extended.generation}, from ${formatInstant(extended.base)}, as it is in use`,
  ];
}
