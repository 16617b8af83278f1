import { ceilToSecond } from '../platform/instant.ts';
import { addDuration } from '../rules/duration.ts';
import type { Duration, EventHold, ObjectRule } from '../rules/types.ts';
import { type ExtensionBounds, extendDate } from './extend.ts';
import type { HeldOpen, ObservedVersion, RuleFailure } from './types.ts';

/** The date until which an event hold keeps one version. */
export interface HeldDate {
  readonly rule: string;
  readonly until: Date;
  readonly heldOpen: HeldOpen;
  /** The end of the generation before, which must be stored already; of the first generation, its own end. */
  readonly firm: Date;
  readonly warnings: readonly string[];
}

/** The event hold of a rule, with the tag that ends it. */
type HoldByTag = EventHold & { readonly tag: string };

/** Returns the event hold of a rule; undefined where it has none. */
export const eventHoldOfRule = ({ retain }: ObjectRule): HoldByTag | undefined =>
  retain.kind === 'from-tag' && retain.whileOpen !== undefined
    ? { ...retain.whileOpen, tag: retain.tag }
    : undefined;

/**
 * Returns the date of a version whose final date is not known: the first generation counts from Last-Modified, and as many
 * are added as it takes for the end to be further than half of one away. Two runs within one generation give the same date.
 * @param problem why the rule gives no final date
 */
export function heldDate(
  rule: ObjectRule,
  hold: HoldByTag,
  version: ObservedVersion,
  { problem, maxRetention, ...bounds }: ExtensionBounds & HeldBecause,
): HeldDate {
  const { lastModified } = version;
  const base = ceilToSecond(new Date(lastModified.getTime() + hold.byMs));
  const { until, generation } = extendDate(hold, version, { ...bounds, base });
  const isOld = until > addDuration(lastModified, maxRetention);
  return {
    rule: rule.name,
    until,
    firm: generation === 0 ? until : new Date(until.getTime() - hold.byMs),
    heldOpen: { generation, ...becauseOf(rule, hold, problem) },
    warnings: isOld
      ? [
          `held longer than limits.maxRetention (${maxRetention.text}) after Last-Modified, ${rule.matter === undefined ? 'until it is closed' : 'while the matter is open'}`,
        ]
      : [],
  };
}

interface HeldBecause {
  readonly problem: RuleFailure;
  readonly maxRetention: Duration;
}

function becauseOf({ matter }: ObjectRule, { tag }: HoldByTag, problem: RuleFailure) {
  if (matter !== undefined) return { why: 'matter', matter: matter.id } as const;
  if (problem.code === 'OVER_CAP') return { why: 'over-cap', tag } as const;
  return { why: isTagMissing(problem) ? 'no-tag' : 'unreadable', tag } as const;
}

/** Tells whether the tag is not there: under an event hold this is no failure. */
export const isTagMissing = (problem: RuleFailure): boolean =>
  problem.code === 'TAG_UNREADABLE' && problem.value === undefined;

/** Says in words by which generation an event hold or a matter keeps a version, and why there is no final date. */
export function heldOpenWords(held: HeldOpen): string {
  return `held open, generation ${held.generation}: ${because(held)}`;
}

function because(held: HeldOpen): string {
  switch (held.why) {
    case 'no-tag':
      return `tag ${held.tag} is not there`;
    case 'unreadable':
      return `tag ${held.tag} has no date that can be read`;
    case 'over-cap':
      return `the final date by tag ${held.tag} is over the cap`;
    case 'matter':
      return `matter ${held.matter} is open`;
  }
}
