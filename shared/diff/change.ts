import type { ObjectOutcome } from '../objects/outcome.ts';
import { judge } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import type { Rules } from '../rules/types.ts';

/** Two sets of rules that are compared. */
export interface RulesPair {
  readonly before: Rules;
  readonly after: Rules;
}

/** This is what other rules mean for one version, most important first. */
export const changeKinds = [
  'newly-retained',
  'retained-longer',
  'no-longer-retained',
  'retained-shorter',
  'stays-retained',
  'fails',
  'unknown',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** The difference that other rules make for one version. Instants are UTC. */
export interface VersionChange {
  readonly kind: ChangeKind;
  /** The rule that the difference comes from: one of the rules after, or of those before where they asked for more. */
  readonly rule: string;
  /** Until when the version is held by what is stored and the rules before; undefined: not at all. */
  readonly heldBefore: Date | undefined;
  /** It is the date by the rules after. */
  readonly heldAfter: Date | undefined;
  /** Why the rules after cannot be followed, or nobody can tell. */
  readonly reason?: string;
}

/** This is what both sets of rules say of one version. */
export interface Compared {
  readonly before: ObjectOutcome;
  readonly after: ObjectOutcome;
  /** Undefined when the other rules make no difference. */
  readonly change: VersionChange | undefined;
}

/**
 * Compares what two sets of rules mean for one version, by the decision that everything else is decided by. Stored
 * COMPLIANCE retention is never shortened, so a version that it holds for longer than the rules after ask does not become deletable
 * sooner: it `stays-retained`. Pure and total.
 */
export function compareVersion({ before, after }: RulesPair, version: ObservedVersion, now: Date): Compared {
  const [old, fresh] = [judge(before, version, now), judge(after, version, now)];
  return { before: old, after: fresh, change: changeOf(version, old, fresh, now) };
}

function changeOf(
  { retention }: ObservedVersion,
  before: ObjectOutcome,
  after: ObjectOutcome,
  now: Date,
): VersionChange | undefined {
  const stored = retention?.mode === 'COMPLIANCE' && retention.until > now ? retention.until : undefined;
  const [asked, asks] = [wantedBy(before, now), wantedBy(after, now)];
  const [heldBefore, heldAfter] = [later(stored, asked), later(stored, asks)];
  const held = { heldBefore, heldAfter };
  const [error] = after.errors;
  if (error !== undefined && before.errors.length === 0) {
    return { kind: 'fails', rule: ruleOf(after), ...held, reason: error.message };
  }
  if (isLater(heldAfter, heldBefore)) {
    const kind = heldBefore === undefined ? 'newly-retained' : 'retained-longer';
    return { kind, rule: ruleOf(after), ...held };
  }
  if (isLater(heldBefore, heldAfter)) {
    const kind = heldAfter === undefined ? 'no-longer-retained' : 'retained-shorter';
    return { kind, rule: ruleOf(before), ...held };
  }
  return isLater(asked, asks) ? { kind: 'stays-retained', rule: ruleOf(before), ...held } : undefined;
}

/** The date that the rules ask for, when it is still to come. */
function wantedBy({ decision }: ObjectOutcome, now: Date): Date | undefined {
  return 'until' in decision && decision.until > now ? decision.until : undefined;
}

/**
 * Returns the rule that an outcome comes from: the one whose date counts, or the first that cannot be followed;
 * undefined: none.
 */
export function ruleBehind({ decision }: ObjectOutcome): string | undefined {
  if ('rule' in decision) return decision.rule;
  return decision.action === 'refuse' ? decision.problems[0].rule : undefined;
}

const ruleOf = (outcome: ObjectOutcome): string => ruleBehind(outcome) ?? '';

const later = (one: Date | undefined, other: Date | undefined): Date | undefined =>
  isLater(other, one) ? other : one;

const isLater = (one: Date | undefined, other: Date | undefined): boolean =>
  one !== undefined && (other === undefined || one > other);
