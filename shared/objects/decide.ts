import { addDuration } from '../rules/duration.ts';
import { candidates, tagsMatch } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import { dateOf, type RuleDate } from './retain.ts';
import type { ObjectDecision, ObservedVersion, Problem } from './types.ts';

/** Types that OSS refuses retention on (reference: ObjectWorm, unsupported objects). */
const unretainable: Readonly<Record<string, string>> = {
  'delete-marker': 'a delete marker carries no data and no retention',
  Appendable: 'an appendable object cannot carry retention',
  Symlink: 'a symlink cannot carry retention',
};

/**
 * Decides what is to be done about one version. Pure and total: event handler, backfill, explain and tests
 * all call this. Every matching rule counts and the latest date wins; the order of rules never matters.
 *
 * A rule that fails (unreadable tag, over the cap) does not take the other rules' protection away: the
 * decision is made from those, and carries the problem so that the event is still reported as failed.
 *
 * @param now for `elapsed` and for the cap, which counts from now
 */
export function decideObject(rules: Rules, version: ObservedVersion, now: Date): ObjectDecision {
  const concerned = candidates(rules, version.bucket, version.key);
  const reason = unretainable[version.type];
  if (concerned.length > 0 && reason !== undefined) return { action: 'skipped', reason };

  const matching = concerned.filter((rule) => tagsMatch(rule, version.tags));
  const cap = addDuration(now, rules.limits.maxRetention);
  const dates: Dated[] = [];
  const problems: Problem[] = [];
  for (const rule of matching) {
    const date = dateOf(rule, version);
    if ('problem' in date) problems.push(date.problem);
    else if (withinCap(date.until, cap)) dates.push(date);
    else {
      const limit = rules.limits.maxRetention.text;
      problems.push({ code: 'OVER_CAP', rule: rule.name, until: date.until, limit });
    }
  }
  return settle(version, dates.sort(latestFirst), problems.sort(byRule), now);
}

type Dated = Extract<RuleDate, { until: Date }>;

function settle(version: ObservedVersion, dates: Dated[], problems: Problem[], now: Date): ObjectDecision {
  const [winner, ...rest] = dates;
  const [problem, ...more] = problems;
  if (winner === undefined)
    return problem ? { action: 'refuse', problems: [problem, ...more] } : { action: 'no-rule' };

  const { rule, until, warnings } = winner;
  const others = rest.map((date) => date.rule).sort();
  const ruled = { rule, others, until, warnings, problems };
  const stored = version.retention;
  if (until <= now) return { action: 'elapsed', ...ruled };
  if (stored?.mode === 'GOVERNANCE') {
    return { action: 'refuse', problems: [{ code: 'GOVERNANCE_MODE', rule }, ...problems] };
  }
  if (stored && stored.until >= until)
    return { action: 'already-protected', previousUntil: stored.until, ...ruled };
  return { action: 'protect', previousUntil: stored?.until, ...ruled };
}

/** Not within when the date is beyond what a Date can hold, which compares as false. */
const withinCap = (until: Date, cap: Date): boolean => until <= cap;

const latestFirst = (a: Dated, b: Dated): number =>
  b.until.getTime() - a.until.getTime() || compare(a.rule, b.rule);

const byRule = (a: Problem, b: Problem): number => compare(a.rule, b.rule);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
