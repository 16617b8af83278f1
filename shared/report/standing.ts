import type { ObjectOutcome } from '../objects/outcome.ts';
import type { ObjectDecision, Unretainable } from '../objects/types.ts';
import { skippedReasons } from '../objects/unretainable.ts';
import type { HoldfastError } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { Retention } from '../storage/port.ts';
import { ownReason } from './remedies.ts';
import type { Judgement } from './types.ts';

/**
 * Tells how a version stands after it was judged by the rules. Pure and total.
 * @param retention what the service stores; undefined: nothing, or it was not read because nothing hangs on it
 * @param at the instant that the report is about
 * @returns undefined for a version that is gone
 */
export function standingOf(
  { decision, errors }: ObjectOutcome,
  retention: Retention | undefined,
  at: Date,
): Judgement | undefined {
  const [error] = errors;
  switch (decision.action) {
    case 'gone':
    case 'ignored':
      return undefined;
    case 'no-rule':
      return { standing: 'uncovered' };
    case 'skipped':
      return standingOfSkipped(decision.why);
    case 'elapsed':
      return {
        standing: 'elapsed',
        rule: decision.rule,
        wanted: decision.until,
        ...(retention !== undefined && retention.until > at && heldAllTheSame(retention)),
      };
    case 'refuse':
      return { ...held(retention, at), rule: decision.problems[0].rule, ...whyOf(error) };
    case 'already-protected':
    case 'at-cap': {
      const { action, rule, until, previousUntil, heldOpen, warnings } = decision;
      const whole = { rule, until: previousUntil, wanted: until };
      // Another rule that matches cannot be followed: whether it asks for more, nobody knows.
      if (error !== undefined) return { standing: 'too-short', ...whole, ...whyOf(error) };
      return {
        ...{ standing: 'protected', ...whole },
        ...(heldOpen !== undefined && { reason: [renewed, ...warnings].join('; ') }),
        ...(action === 'at-cap' && atCap),
      };
    }
    case 'protect': {
      const { rule, until } = decision;
      const now = held(retention, at);
      const wanted = { rule, wanted: until };
      if (error !== undefined) return { ...now, ...wanted, ...whyOf(error) };
      const due = generationDue(decision, now.until);
      if (due !== undefined) return { ...now, ...wanted, standing: 'protected', reason: due };
      return { ...now, ...wanted, ...whyNotHeld(retention, at) };
    }
  }
}

/** Tells how a version stands that can carry no retention. Pure. */
export const standingOfSkipped = (why: Unretainable): Judgement =>
  why === 'delete-marker'
    ? { standing: 'delete-marker' }
    : { standing: 'unprotected', ...ownReason('TYPE_UNSUPPORTED', skippedReasons[why]) };

const atCap = ownReason(
  'AT_CAP',
  'in use and near its end; neither upTo nor limits.maxRetention allows a later date',
);

/** Says that no more than the next generation is missing; undefined where the rules ask for more, or nothing is stored. */
function generationDue({ firm, heldOpen, warnings }: Protect, until: Date | undefined): string | undefined {
  if (firm === undefined || until === undefined || until < firm) return undefined;
  return heldOpen === undefined ? extensionDue : [renewalDue, ...warnings].join('; ');
}

type Protect = Extract<ObjectDecision, { action: 'protect' }>;

/** Its own date is kept; a generation more is what the next run of `protect` gives it. */
const extensionDue = 'in use: the next repair extends it';

/** The rules let the version go, and the service does not yet. */
const heldAllTheSame = ({ mode, until }: Retention): Pick<Judgement, 'until' | 'reason'> =>
  mode === 'COMPLIANCE'
    ? { until, reason: `it is held until ${formatInstant(until)} all the same` }
    : { reason: `GOVERNANCE until ${formatInstant(until)} can be lifted` };

/** The end of a generation is not the end of what an event hold keeps. */
const renewed = 'held open: it is renewed before that date';

/** The generation before is stored and near its end. */
const renewalDue = 'held open: the next repair renews it';

/**
 * Tells what a stored retention is worth where the rules ask for more. GOVERNANCE can be lifted, so it is worth
 * nothing.
 */
function held(retention: Retention | undefined, at: Date): Pick<Judgement, 'standing' | 'until'> {
  return retention?.mode === 'COMPLIANCE' && retention.until > at
    ? { standing: 'too-short', until: retention.until }
    : { standing: 'unprotected' };
}

type Why = Pick<Judgement, 'code' | 'reason' | 'remedy'>;

function whyNotHeld(retention: Retention | undefined, at: Date): Why {
  if (retention === undefined) return ownReason('NO_RETENTION', 'no retention is stored');
  const until = formatInstant(retention.until);
  return retention.until > at
    ? ownReason('RETENTION_SHORT', `retention ends at ${until}, before the rules' date`)
    : ownReason('RETENTION_ENDED', `retention ended at ${until}`);
}

function whyOf(error: HoldfastError | undefined): Why {
  return error === undefined ? {} : { code: error.code, reason: error.message, remedy: error.remedy };
}
