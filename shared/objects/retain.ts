import { ceilToSecond, formatInstant } from '../platform/instant.ts';
import { addDuration, durationForm, parseDuration, type Unparsed } from '../rules/duration.ts';
import { dateForm, endOfDate, type PeriodStart, parseTagDate, periodFromDate } from '../rules/tag-date.ts';
import type { Duration, ObjectRule, Retain, TagBounds } from '../rules/types.ts';
import { periodFromYearEnd } from '../rules/year-end.ts';
import type { ObservedVersion, RuleFailure } from './types.ts';

/** The date that one rule gives one version. */
interface RuledDate {
  readonly rule: string;
  readonly until: Date;
  readonly warnings: readonly string[];
  /** The date in a tag or the end of a year from which the period counts, where that is not Last-Modified. */
  readonly start?: PeriodStart;
}

/** The date that one rule gives one version, or why there is none. */
export type RuleDate = RuledDate | { readonly rule: string; readonly problem: RuleFailure };

/** Years that a tag may ask for and still be understood: its rule's bounds and the cap cut it, not the reading. */
const longestTag = 9999;

type Dated = Pick<ObservedVersion, 'lastModified' | 'tags'>;

/**
 * Returns the date until which `rule` retains the version: a function of the version alone, never of the moment of
 * asking, so that every repetition gives the same date. Rounded up to the full second, the precision of
 * RetainUntilDate. The caller has made sure that the rule matches.
 */
export function dateOf(rule: ObjectRule, version: Dated): RuleDate {
  const { retain } = rule;
  const from = version.lastModified;
  if (retain.kind === 'for') return dated(rule, addDuration(from, retain.period));
  if (retain.kind === 'from-year-end') {
    const start = periodFromYearEnd({ at: from, wholeDay: false }, retain.yearEnd);
    return { ...dated(rule, start.plus(retain.period)), start };
  }
  return dateByTag(rule, retain, version);
}

function dateByTag(rule: ObjectRule, retain: Extract<Retain, TagBounds>, version: Dated): RuleDate {
  const value = version.tags.get(retain.tag);
  const from = version.lastModified;
  const fromUpload = (length: Duration) => addDuration(from, length);
  switch (retain.kind) {
    case 'for-tag': {
      const period = value === undefined ? missing : parseDuration(value, longestTag);
      if ('problem' in period) return unreadable(rule, retain, version, durationForm, period);
      return bounded(rule, retain, value, fromUpload, addDuration(from, period));
    }
    case 'until-tag': {
      const until = value === undefined ? missing : parseTagDate(value);
      if ('problem' in until) return unreadable(rule, retain, version, dateForm, until);
      return bounded(rule, retain, value, fromUpload, endOfDate(until));
    }
    case 'from-tag': {
      const date = value === undefined ? missing : parseTagDate(value);
      if ('problem' in date) return unreadable(rule, retain, version, dateForm, date);
      const { yearEnd } = retain;
      const start = yearEnd === undefined ? periodFromDate(date) : periodFromYearEnd(date, yearEnd);
      return { ...bounded(rule, retain, value, start.plus, start.plus(retain.period)), start };
    }
  }
}

const missing: Unparsed = { problem: 'it is missing' };

type FromTag = TagBounds & { readonly tag: string };

function dated(rule: ObjectRule, until: Date, ...warnings: string[]): RuledDate {
  return { rule: rule.name, until: ceilToSecond(until), warnings };
}

/** Brings a date that a tag asked for within the rule's bounds, which `plus` counts from where the period counts. */
function bounded(
  rule: ObjectRule,
  { tag, atLeast, atMost }: FromTag,
  value: string | undefined,
  plus: (length: Duration) => Date,
  asked: Date,
): RuledDate {
  const earliest = atLeast && plus(atLeast);
  const latest = atMost && plus(atMost);
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
  form: string,
  { problem }: Unparsed,
): RuleDate {
  const value = version.tags.get(tag);
  // A reason that only repeats what is expected would say it twice.
  const expected = value === undefined || problem.startsWith('expected a ') ? form : `${form} (${problem})`;
  if (otherwise === undefined) {
    return { rule: rule.name, problem: { code: 'TAG_UNREADABLE', rule: rule.name, tag, value, expected } };
  }
  const found = value === undefined ? `tag ${tag} is missing` : `tag ${tag}=${value} is not ${expected}`;
  return dated(rule, addDuration(version.lastModified, otherwise), `${found}: otherwise ${otherwise.text}`);
}
