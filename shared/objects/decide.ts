import { latestAllowed } from '../rules/cap.ts';
import { candidates, matchingRules } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import { type ExtensionBounds, extendDate } from './extend.ts';
import { dateOf, type RuleDate } from './retain.ts';
import type { ObjectDecision, ObservedVersion, Ruled, RuleFailure } from './types.ts';
import { unretainable } from './unretainable.ts';

/**
 * Decides what is to be done about one version. Pure and total: event handler, backfill, explain and tests
 * all call this. Every matching rule counts and the latest date wins; the order of rules never matters. A version that
 * is known to be in use gets the dates of rules with `extend` by generations (docs/extension.md).
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
  const { bucket, key, tags, lastModified } = version;
  const why = unretainable(version.type);
  if (why !== undefined && candidates(rules, bucket, key).length > 0) return { action: 'skipped', why };

  const matching = matchingRules(rules, bucket, key, tags);
  const dates: Dated[] = [];
  const problems: RuleFailure[] = [];
  for (const rule of matching) {
    const date = dateOf(rule, version);
    if ('problem' in date) {
      problems.push(date.problem);
      continue;
    }
    const cap = latestAllowed(rules.limits.maxRetention, { now, lastModified, start: date.start });
    if (isWithinCap(date, { cap })) dates.push(applyExtension(rule, version, date, { cap, now }));
    else {
      const limit = rules.limits.maxRetention.text;
      problems.push({ code: 'OVER_CAP', rule: rule.name, until: date.until, limit });
    }
  }
  return settle(version, dates.sort(latestFirst), problems.sort(byRule), now);
}

interface Dated extends Extract<RuleDate, { until: Date }> {
  readonly extended?: Ruled['extended'];
  /** Up to when protection is needed now, if the rule can no longer reach it. */
  readonly outOfReach?: Date | undefined;
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
    ...(generation > 0 && { extended: { generation, base: date.until } }),
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

  const { rule, until, warnings, extended } = winner;
  const others = rest.map((date) => date.rule).sort();
  const ruled: Ruled = { rule, others, until, warnings, problems, ...(extended && { extended }) };
  const stored = version.retention;
  if (until <= now) return { action: 'elapsed', ...ruled };
  if (stored?.mode === 'GOVERNANCE') {
    return { action: 'refuse', problems: [{ code: 'GOVERNANCE_MODE', rule }, ...problems] };
  }
  if (!stored || stored.until < until) return { action: 'protect', previousUntil: stored?.until, ...ruled };
  const spent = dates.some(({ outOfReach }) => outOfReach !== undefined && stored.until <= outOfReach);
  return { action: spent ? 'at-cap' : 'already-protected', previousUntil: stored.until, ...ruled };
}

/** Not within when the date is beyond what a Date can hold, which compares as false. */
const isWithinCap = ({ until }: Pick<Dated, 'until'>, { cap }: Pick<ExtensionBounds, 'cap'>): boolean =>
  until <= cap;

const latestFirst = (a: Dated, b: Dated): number =>
  b.until.getTime() - a.until.getTime() || compare(a.rule, b.rule);

const byRule = (a: RuleFailure, b: RuleFailure): number => compare(a.rule, b.rule);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
