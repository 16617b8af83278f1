import { alwaysLonger, parseDuration } from './duration.ts';
import type { Path, RulesFinding } from './problem.ts';
import type { Duration } from './types.ts';

/*
 * What the checks for contradictions have in common. They look at values as they were read: one that is missing or
 * malformed is another check's business, and gives none here.
 */

export const at = (path: Path, message: string): RulesFinding => ({ path, part: 'value', message });

/** Returns the duration that a value says; undefined when it says none. */
export function durationOf(value: unknown): Duration | undefined {
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  return parsed === undefined || 'problem' in parsed ? undefined : parsed;
}

/** Only what must pass the limit, whenever the object was written; what may pass it is warned of with the first day. */
export function tooLong(
  period: Duration | undefined,
  path: Path,
  limit: Duration | undefined,
): RulesFinding[] {
  if (!period || !limit || !alwaysLonger(period, limit)) return [];
  return [at(path, `${period.text} is longer than limits.maxRetention (${limit.text})`)];
}
