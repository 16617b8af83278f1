import { ceilToSecond, formatInstant } from '../platform/instant.ts';
import { addDuration, parseDuration } from '../rules/duration.ts';
import { parseTagDate } from '../rules/tag-date.ts';
import type { ObjectRule, TagBounds } from '../rules/types.ts';
import type { ObservedVersion, Problem } from './types.ts';

/** The date that one rule gives one version, or why there is none. */
export type RuleDate =
  | { readonly rule: string; readonly until: Date; readonly warnings: readonly string[] }
  | { readonly rule: string; readonly problem: Problem };

/** Years that a tag may ask for and still be understood: its rule's bounds and the cap cut it, not the reading. */
const longestTag = 9999;

type Dated = Pick<ObservedVersion, 'lastModified' | 'tags'>;

/**
 * The date until which `rule` retains the version: a function of the version alone, never of the moment of
 * asking, so that every repetition gives the same date. Rounded up to the full second, the precision of
 * RetainUntilDate. The caller has made sure that the rule matches.
 */
export function dateOf(rule: ObjectRule, version: Dated): RuleDate {
  const { retain } = rule;
  const from = version.lastModified;
  if (retain.kind === 'for') return dated(rule, addDuration(from, retain.period));

  const value = version.tags.get(retain.tag);
  switch (retain.kind) {
    case 'for-tag': {
      const period = value === undefined ? undefined : parseDuration(value, longestTag);
      if (period === undefined || 'problem' in period)
        return unreadable(rule, retain, version, 'a duration such as 7y');
      return bounded(rule, retain, value, from, addDuration(from, period));
    }
    case 'until-tag': {
      const until = value === undefined ? undefined : parseTagDate(value);
      if (until === undefined) return unreadable(rule, retain, version, 'a date such as 2033-01-01');
      return bounded(rule, retain, value, from, until);
    }
    case 'from-tag': {
      const start = value === undefined ? undefined : parseTagDate(value);
      if (start === undefined) return unreadable(rule, retain, version, 'a date such as 2033-01-01');
      return bounded(rule, retain, value, start, addDuration(start, retain.period));
    }
  }
}

type FromTag = TagBounds & { readonly tag: string };

function dated(rule: ObjectRule, until: Date, ...warnings: string[]): RuleDate {
  return { rule: rule.name, until: ceilToSecond(until), warnings };
}

/** Brings a date that a tag asked for within the rule's bounds, both counted from `start`. */
function bounded(
  rule: ObjectRule,
  { tag, atLeast, atMost }: FromTag,
  value: string | undefined,
  start: Date,
  asked: Date,
): RuleDate {
  const earliest = atLeast && addDuration(start, atLeast);
  const latest = atMost && addDuration(start, atMost);
  const clamp = (name: string, bound: string, until: Date) =>
    dated(rule, until, `tag ${tag}=${value} asks until ${formatInstant(asked)}: clamped to ${name} ${bound}`);
  if (latest && asked > latest) return clamp('atMost', atMost.text, latest);
  if (earliest && asked < earliest) return clamp('atLeast', atLeast.text, earliest);
  return dated(rule, asked);
}

/** A tag that is missing or says nothing readable falls to `otherwise`; without that it is a problem. */
function unreadable(
  rule: ObjectRule,
  { tag, otherwise }: FromTag,
  version: Dated,
  expected: string,
): RuleDate {
  const value = version.tags.get(tag);
  if (otherwise === undefined) {
    return { rule: rule.name, problem: { code: 'TAG_UNREADABLE', rule: rule.name, tag, value, expected } };
  }
  const found = value === undefined ? `tag ${tag} is missing` : `tag ${tag}=${value} is not ${expected}`;
  return dated(rule, addDuration(version.lastModified, otherwise), `${found}: otherwise ${otherwise.text}`);
}
