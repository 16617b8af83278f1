import { fewestDays } from './calendar.ts';
import { canBeLonger } from './duration.ts';
import { shortestHeldDays } from './event-hold.ts';
import { at, durationOf } from './finding.ts';
import type { Path, RulesFinding } from './problem.ts';
import { child, isMap } from './schema-walk.ts';
import type { Duration } from './types.ts';
import { untilYearEnd } from './year-end.ts';

/** Tells what the `whileOpen` of an object rule cannot mean beside the rest of the rule and the limit. */
export function eventHoldContradictions(
  rule: unknown,
  path: Path,
  limit: Duration | undefined,
): RulesFinding[] {
  const retain = child(rule, 'retain');
  if (!isMap(retain) || retain['whileOpen'] === undefined) return [];
  const place = [...path, 'retain', 'whileOpen'];
  const tag = retain['fromTag'];
  if (tag === undefined) return []; // the form refuses it
  return [
    ...periodContradictions(durationOf(retain['for']), 'from' in retain, [...path, 'retain', 'for'], limit),
    ...(retain['otherwise'] === undefined
      ? []
      : [at(place, 'whileOpen and otherwise both say what holds without the tag; keep one')]),
    ...(child(rule, 'extend') === undefined
      ? []
      : [at(place, 'whileOpen and extend exclude each other: extend asks whether a version is current')]),
    ...tagDemanded(child(child(rule, 'match'), 'tags'), tag, [...path, 'match', 'tags']),
  ];
}

function periodContradictions(
  period: Duration | undefined,
  fromYearEnd: boolean,
  path: Path,
  limit: Duration | undefined,
): RulesFinding[] {
  if (period === undefined) return [];
  if (fewestDays(period) < shortestHeldDays) {
    const why = `a generation of the hold is half of it, and runs come once a day`;
    return [at(path, `expected at least ${shortestHeldDays}d with whileOpen, found ${period.text}: ${why}`)];
  }
  const longest = fromYearEnd ? untilYearEnd(period) : period;
  if (limit === undefined || !canBeLonger(longest, limit)) return [];
  const why = 'what is closed today could not get its final date';
  return [at(path, `for (${longest.text}) can be longer than limits.maxRetention (${limit.text}): ${why}`)];
}

/** A rule that demands the tag matches nothing that is open. */
function tagDemanded(tags: unknown, tag: unknown, path: Path): RulesFinding[] {
  if (typeof tag !== 'string' || !isMap(tags) || !(tag in tags)) return [];
  const message = `the rule matches only what has tag ${tag} already, and whileOpen is for what has not: take the tag out of match`;
  return [at([...path, tag], message)];
}
