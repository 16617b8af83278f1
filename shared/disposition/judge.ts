import type { ObjectDecision } from '../objects/types.ts';
import { formatInstant } from '../platform/instant.ts';
import type { Retention } from '../storage/port.ts';

/** Why a version has to stay, by a word, and in words for people. */
export const keptReasons = {
  'no-rule': 'no rule is for it, so nothing says that it may go',
  'rule-holds': 'the date of a rule is ahead',
  'held-open': 'an event hold waits for the date in its tag',
  'rule-failed': 'a rule that matches cannot be followed',
  retained: 'the retention that is stored goes on',
  'bucket-policy': 'the WORM policy of its bucket keeps it',
  'retention-hidden':
    'no retention is shown, which on OBS may be a permission that is missing (obs:object:GetObjectRetention)',
  'null-version': 'it has no version id of its own: another object may take its place',
  'legal-hold': 'a legal hold is on',
  'hold-unknown': 'the service does not tell whether a legal hold is on',
  matter: 'an open matter has it',
  'not-data': 'it is no version that a rule could retain',
  evidence: 'it is evidence or a dead letter of Holdfast',
  gone: 'it is not there any more',
} as const;
export type KeptReason = keyof typeof keptReasons;

/** Says whether a version may go. */
export type DispositionVerdict =
  | {
      readonly disposable: true;
      readonly rule: string;
      readonly until: Date;
      readonly retainedUntil: Date | undefined;
      readonly why: string;
    }
  | { readonly disposable: false; readonly because: KeptReason };

/** This is all that a verdict depends on. */
export interface DispositionFacts {
  readonly decision: ObjectDecision;
  /** The retention that is stored, as the service has shown it. */
  readonly retention: Retention | undefined;
  /** True while a legal hold is on. */
  readonly legalHold: boolean;
  /** The open matters that have it. */
  readonly matters: readonly string[];
  readonly now: Date;
}

/**
 * Decides whether a version may go. Pure. It may when the latest date of all rules that match is past, each of them could be
 * followed, the retention that is stored is past, and neither a legal hold nor an open matter has it.
 */
export function judgeDisposition({
  decision,
  retention,
  legalHold,
  matters,
  now,
}: DispositionFacts): DispositionVerdict {
  const ruled = byRules(decision);
  if ('because' in ruled) return { disposable: false, because: ruled.because };
  if (retention !== undefined && retention.until > now) return { disposable: false, because: 'retained' };
  if (matters.length > 0) return { disposable: false, because: 'matter' };
  if (legalHold) return { disposable: false, because: 'legal-hold' };
  const { rule, until } = ruled.elapsed;
  const stored =
    retention === undefined
      ? 'no retention is stored'
      : `its retention ended ${formatInstant(retention.until)}`;
  return {
    disposable: true,
    rule,
    until,
    retainedUntil: retention?.until,
    why: `rule ${rule} kept it until ${formatInstant(until)}; ${stored}; no open matter has it`,
  };
}

/** Says why the rules keep a version; undefined when the latest date of all that match is past. */
export function keptByRules(decision: ObjectDecision): KeptReason | undefined {
  const ruled = byRules(decision);
  return 'because' in ruled ? ruled.because : undefined;
}

type Elapsed = Extract<ObjectDecision, { readonly action: 'elapsed' }>;

function byRules(decision: ObjectDecision): { readonly because: KeptReason } | { readonly elapsed: Elapsed } {
  switch (decision.action) {
    case 'no-rule':
      return { because: 'no-rule' };
    case 'skipped':
      return { because: 'not-data' };
    case 'refuse':
      return { because: 'rule-failed' };
    default:
      if (decision.problems.length > 0) return { because: 'rule-failed' };
      if (decision.heldOpen !== undefined) return { because: 'held-open' };
      return decision.action === 'elapsed' ? { elapsed: decision } : { because: 'rule-holds' };
  }
}
