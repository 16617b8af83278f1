import { quantity } from '../platform/quantity.ts';
import { capDays } from './cap.ts';
import { alwaysLonger, canBeLonger, maxPolicyDays, wholeDays } from './duration.ts';
import { eventHoldContradictions } from './event-hold-contradictions.ts';
import { extendContradictions } from './extend-contradictions.ts';
import { at, durationOf, tooLong } from './finding.ts';
import type { Path, RulesFinding } from './problem.ts';
import { rulesFile } from './schema/file.ts';
import { child, isMap, keysOfMap } from './schema-walk.ts';
import type { Duration } from './types.ts';
import { untilYearEnd } from './year-end.ts';

/*
 * What is well-formed and still cannot be meant. The checks look at the file as it was read, each at its own few
 * values, so that a mistake elsewhere hides none of them; a value that is missing or malformed is another
 * check's business.
 */

/** Returns everything in the rules file that contradicts itself, its limits, or what the service can do. */
export function rulesContradictions(file: unknown): RulesFinding[] {
  const limit = durationAt(file, 'limits', 'maxRetention');
  return [
    ...noRules(file),
    ...duplicateNames(file),
    ...approvalContradictions(file),
    ...rulesAt(file, 'objects').flatMap(([rule, path]) => [
      ...retainContradictions(child(rule, 'retain'), [...path, 'retain'], limit),
      ...extendContradictions(rule, [...path, 'extend'], limit),
      ...eventHoldContradictions(rule, path, limit),
    ]),
    ...rulesAt(file, 'buckets').flatMap(([rule, path]) =>
      policyContradictions(child(rule, 'policy'), [...path, 'policy'], limit),
    ),
    ...rulesAt(file, 'defaults').flatMap(([rule, path]) =>
      overLimit(durationOf(child(rule, 'retain')), [...path, 'retain'], limit),
    ),
  ];
}

function noRules(file: unknown): RulesFinding[] {
  if (!isMap(file)) return [];
  const none = ['objects', 'buckets', 'defaults'].every((key) => {
    const list = file[key];
    return list === undefined || (Array.isArray(list) && list.length === 0);
  });
  if (hasMisspeltKey(file) || !none) return [];
  const example = '{name: all, match: {bucket: my-bucket}, retain: 1y}';
  return [at([], `there is no rule: add one under objects or buckets, such as objects: [${example}]`)];
}

/** Tells whether a key is spelt wrong: what seems to be missing may be there under it, which another check tells. */
function hasMisspeltKey(file: unknown): boolean {
  const known = keysOfMap(rulesFile);
  return isMap(file) && Object.keys(file).some((key) => !known.includes(key));
}

/** An approval is an object in the folder of the evidence, so there has to be one. */
function approvalContradictions(file: unknown): RulesFinding[] {
  const needs = child(file, 'approvals');
  if (!isMap(needs)) return [];
  if (Object.keys(needs).length === 0) {
    return [at(['approvals'], 'it names no act: write such as { lock: true }, or leave it out')];
  }
  if (child(file, 'audit') !== undefined || hasMisspeltKey(file)) return [];
  return [at(['approvals'], 'approvals are kept in the folder of audit: add audit: oss://bucket/prefix/')];
}

function duplicateNames(file: unknown): RulesFinding[] {
  const seen = new Set<unknown>();
  return (['objects', 'buckets', 'defaults'] as const)
    .flatMap((list) => rulesAt(file, list))
    .flatMap(([rule, path]) => {
      const name = child(rule, 'name');
      if (typeof name !== 'string' || !seen.has(name)) {
        seen.add(name);
        return [];
      }
      return [
        at([...path, 'name'], `the name "${name}" is taken by another rule; names are unique in the file`),
      ];
    });
}

function retainContradictions(retain: unknown, path: Path, limit: Duration | undefined): RulesFinding[] {
  if (!isMap(retain)) return tooLong(durationOf(retain), path, limit);
  const [atLeast, atMost, otherwise, period] = ['atLeast', 'atMost', 'otherwise', 'for'].map((key) =>
    durationOf(retain[key]),
  );
  // What counts from the date in `fromTag` may have started long ago, and so end before any limit.
  const fromUpload = 'fromTag' in retain ? undefined : atLeast;
  const fromYearEnd = isFromYearEnd(retain);
  const toYearEnd = fromYearEnd ? period && untilYearEnd(period) : undefined;
  const untagged = fromYearEnd ? boundNames.filter((name) => name in retain) : [];
  return [
    ...crossed('atLeast', atLeast, 'atMost', atMost, path),
    ...crossed('for', period, 'atMost', atMost, path),
    ...crossed('atLeast', atLeast, 'for', period, path),
    ...tooLong(fromUpload, [...path, 'atLeast'], limit),
    ...untagged.map((name) => at([...path, name], `${name} is about what a tag says: it needs fromTag`)),
    ...tooLong(toYearEnd, [...path, 'for'], limit),
    ...tooLong(otherwise, [...path, 'otherwise'], limit),
  ];
}

const boundNames = ['atLeast', 'atMost', 'otherwise'];

/** Says whether a period counts from the end of a year alone. A key that nobody knows may be a misspelt `fromTag`. */
const isFromYearEnd = (retain: Readonly<Record<string, unknown>>): boolean =>
  'from' in retain && Object.keys(retain).every((key) => ['for', 'from', ...boundNames].includes(key));

function crossed(
  lower: string,
  least: Duration | undefined,
  upper: string,
  most: Duration | undefined,
  path: Path,
): RulesFinding[] {
  if (!least || !most || !canBeLonger(least, most)) return [];
  return [at([...path, lower], `${lower} (${least.text}) can be longer than ${upper} (${most.text})`)];
}

function policyContradictions(policy: unknown, path: Path, limit: Duration | undefined): RulesFinding[] {
  const days = child(policy, 'days');
  const daysPath = [...path, 'days'];
  const atLeast = isMap(days) ? days.atLeast : days;
  const atMost = isMap(days) ? days.atMost : days;
  const leastPath = isMap(days) ? [...daysPath, 'atLeast'] : daysPath;
  const upTo = wholeDaysOf(child(child(policy, 'extend'), 'upTo'));
  const findings: RulesFinding[] = [];

  if (isMap(days) && Object.keys(days).length === 0) {
    findings.push(at(daysPath, 'expected atLeast, atMost or both, found neither'));
  }
  if (typeof atLeast === 'number' && atLeast <= maxPolicyDays) {
    findings.push(...tooManyDays(atLeast, leastPath, limit));
    if (typeof atMost === 'number' && atLeast > atMost) {
      findings.push(at(leastPath, `atLeast (${atLeast}) is more than atMost (${atMost})`));
    }
    if (upTo !== undefined && upTo < atLeast) {
      findings.push(
        at([...path, 'extend', 'upTo'], `upTo (${upTo}d) is less than the policy's days (${atLeast})`),
      );
    }
  }
  if (isMap(days) && child(policy, 'initiate') === true) {
    findings.push(at([...path, 'initiate'], 'initiate needs a plain number of days, such as days: 365'));
  }
  return findings;
}

/** Retention that a bucket gives each upload by itself is never judged again, so it may not pass the limit in any year. */
function overLimit(length: Duration | undefined, path: Path, limit: Duration | undefined): RulesFinding[] {
  if (length === undefined || limit === undefined || !canBeLonger(length, limit)) return [];
  const sure = alwaysLonger(length, limit) ? 'is longer' : 'can be longer';
  return [at(path, `${length.text} ${sure} than limits.maxRetention (${limit.text})`)];
}

/** A policy also holds for what is written in years whose calendar is shorter, so the cap in days is one number. */
function tooManyDays(days: number, path: Path, limit: Duration | undefined): RulesFinding[] {
  if (limit === undefined || days <= capDays(limit)) return [];
  const most = `limits.maxRetention (${limit.text}, which can be as short as ${quantity(capDays(limit), 'day')})`;
  return [at(path, `${quantity(days, 'day')} is longer than ${most}`)];
}

/** The rules of a list, each with its path; none if there is no list. */
function rulesAt(file: unknown, list: 'objects' | 'buckets' | 'defaults'): [rule: unknown, path: Path][] {
  const rules = child(file, list);
  return Array.isArray(rules) ? rules.map((rule: unknown, index) => [rule, [list, index]]) : [];
}

const durationAt = (value: unknown, ...path: string[]) => durationOf(path.reduce(child, value));

function wholeDaysOf(value: unknown): number | undefined {
  const parsed = typeof value === 'string' ? wholeDays(value) : undefined;
  return typeof parsed === 'number' ? parsed : undefined;
}
