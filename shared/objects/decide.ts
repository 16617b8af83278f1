import { formatInstant } from '../platform/instant.ts';
import { latestAllowed } from '../rules/cap.ts';
import { candidates, matchingRules } from '../rules/match.ts';
import type { PeriodStart } from '../rules/tag-date.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import type { Retention } from '../storage/port.ts';
import { eventHoldOfRule, heldDate, isTagMissing } from './event-hold.ts';
import { type ExtensionBounds, extendDate } from './extend.ts';
import { dateOf, type RuleDate } from './retain.ts';
import type { HeldOpen, ObjectDecision, ObservedVersion, Ruled, RuleFailure } from './types.ts';
import { unretainable } from './unretainable.ts';

/**
 * Decides what is to be done about one version. Pure and total: event handler, backfill, explain and tests
 * all call this. Every matching rule counts and the latest date wins; the order of rules never matters. A version that
 * is known to be in use gets the dates of rules with `extend` by generations (docs/extension.md).
 *
 * A version without the date in its tag is held by generations where the rule says so (docs/event-holds.md), and one of an open
 * matter where its bucket takes no legal hold (docs/matters.md).
 *
 * A rule that fails (unreadable tag, over the cap) does not take the other rules' protection away: the
 * decision is made from those, and carries the problem so that the event is still reported as failed.
 *
 * @param now for `elapsed` and for the cap, which counts from the version's own start or from now
 * @example
 * const decision = decideObject(rules, version, clock.now());
 * if (decision.action === 'protect') await storage.putRetention(version, { mode: 'COMPLIANCE', until: decision.until });
 */
export function decideObject(rules: Rules, version: ObservedVersion, now: Date): ObjectDecision {
  const { bucket, key, tags } = version;
  const why = unretainable(version.type);
  if (why !== undefined && candidates(rules, bucket, key).length > 0) return { action: 'skipped', why };

  const matching = matchingRules(rules, bucket, key, tags);
  const dates: Dated[] = [];
  const problems: RuleFailure[] = [];
  for (const rule of matching) {
    const { date, problem } = judgeRule(rules, rule, version, now);
    if (date !== undefined) dates.push(date);
    if (problem !== undefined) problems.push(problem);
  }
  return settle(version, dates.sort(latestFirst), problems.sort(byRule), now);
}

interface Dated extends Extract<RuleDate, { until: Date }> {
  /** Present while the final date is not known. */
  readonly heldOpen?: HeldOpen;
  /** The event hold of the rule has ended with this date. */
  readonly closed?: true;
  readonly extended?: Ruled['extended'];
  /** Present with a generation: the date that must be stored already, before this generation is written. */
  readonly firm?: Date;
  /** Up to when protection is needed now, if the rule can no longer reach it. */
  readonly outOfReach?: Date | undefined;
}

/** The date that one rule gives one version, or why it gives none; both where an event hold stands in for a date that failed. */
interface RuleJudgement {
  readonly date?: Dated;
  readonly problem?: RuleFailure;
}

/** Judges one version by one rule that matches it, with the cap, extension and event hold of the rule. Pure. */
export function judgeRule(
  { limits: { maxRetention } }: Pick<Rules, 'limits'>,
  rule: ObjectRule,
  version: ObservedVersion,
  now: Date,
): RuleJudgement {
  if (rule.matter !== undefined && !rule.matter.covers(version)) return {};
  const { lastModified } = version;
  const capFrom = (start?: PeriodStart) => latestAllowed(maxRetention, { now, lastModified, start });
  const hold = eventHoldOfRule(rule);
  const withoutDate = (problem: RuleFailure): RuleJudgement => {
    if (hold === undefined) return { problem };
    const date = heldDate(rule, hold, version, { problem, maxRetention, cap: capFrom(), now });
    return isTagMissing(problem) ? { date } : { date, problem };
  };
  const date = dateOf(rule, version);
  if ('problem' in date) return withoutDate(date.problem);
  const cap = capFrom(date.start);
  if (isWithinCap(date, { cap })) {
    const dated = applyExtension(rule, version, date, { cap, now });
    return { date: hold === undefined ? dated : { ...dated, closed: true } };
  }
  return withoutDate({ code: 'OVER_CAP', rule: rule.name, until: date.until, limit: maxRetention.text });
}

/** The rule's date, or the generation of it that a version in use has come to. */
function applyExtension(
  { extend }: ObjectRule,
  version: ObservedVersion,
  date: Dated,
  { cap, now }: ExtensionBounds,
): Dated {
  if (extend === undefined || version.isLatest !== true) return date;
  const { until, generation, cut, outOfReach } = extendDate(extend, version, { base: date.until, cap, now });
  return {
    ...date,
    until,
    outOfReach,
    ...(generation > 0 && { extended: { generation, base: date.until }, firm: date.until }),
    warnings: cut ? [...date.warnings, `cut to upTo ${extend.upTo.text}`] : date.warnings,
  };
}

function settle(
  version: ObservedVersion,
  dates: Dated[],
  problems: RuleFailure[],
  now: Date,
): ObjectDecision {
  const [winner, ...rest] = dates;
  const [problem, ...more] = problems;
  if (winner === undefined)
    return problem ? { action: 'refuse', problems: [problem, ...more] } : { action: 'no-rule' };

  const { rule, until, extended, heldOpen } = winner;
  const stored = version.retention;
  const warnings = [...winner.warnings, ...keptLonger(winner, stored, now)];
  const others = rest.map((date) => date.rule).sort();
  const plain = { rule, others, until, warnings, problems };
  const ruled: Ruled =
    extended === undefined && heldOpen === undefined
      ? plain
      : { ...plain, ...(extended && { extended }), ...(heldOpen && { heldOpen }) };
  if (until <= now) return { action: 'elapsed', ...ruled };
  if (stored?.mode === 'GOVERNANCE') {
    return { action: 'refuse', problems: [{ code: 'GOVERNANCE_MODE', rule }, ...problems] };
  }
  if (!stored || stored.until < until) {
    const firm = latest(dates.map((date) => date.firm ?? date.until));
    return { action: 'protect', previousUntil: stored?.until, ...(firm < until && { firm }), ...ruled };
  }
  const spent = dates.some(({ outOfReach }) => outOfReach !== undefined && stored.until <= outOfReach);
  return { action: spent ? 'at-cap' : 'already-protected', previousUntil: stored.until, ...ruled };
}

/** A generation that was written while the version was open cannot be shortened, where the date in the tag was set back. */
function keptLonger({ closed, until }: Dated, stored: Retention | undefined, now: Date): string[] {
  if (!closed || stored === undefined || stored.until <= until || stored.until <= now) return [];
  return [
    `kept until ${formatInstant(stored.until)}, which is later than the final date: what is stored is never shortened`,
  ];
}

/** Not within when the date is beyond what a Date can hold, which compares as false. */
const isWithinCap = ({ until }: Pick<Dated, 'until'>, { cap }: Pick<ExtensionBounds, 'cap'>): boolean =>
  until <= cap;

const latest = (dates: readonly Date[]): Date => new Date(Math.max(...dates.map((date) => date.getTime())));

const latestFirst = (a: Dated, b: Dated): number =>
  b.until.getTime() - a.until.getTime() || compare(a.rule, b.rule);

const byRule = (a: RuleFailure, b: RuleFailure): number => compare(a.rule, b.rule);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
