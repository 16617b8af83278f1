import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../shared/rules/load.ts';
import { formatPath } from '../../../shared/rules/problem.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { findWarnings } from '../../../shared/rules/warnings/index.ts';
import { validRules } from '../../support/rules-file.ts';

const head = (limit = '10y') => `version: 1\nlimits: { maxRetention: ${limit} }\n`;
const defaults = (...rules: string[]) =>
  `defaults:\n${rules.map((rule, index) => `  - { name: d${index}, ${rule} }\n`).join('')}`;

describe('a rule under defaults', () => {
  it.each([
    ['30d', { months: 0, ms: 30 * 86_400_000 }],
    ['4w', { months: 0, ms: 28 * 86_400_000 }],
    ['2y', { months: 24, ms: 0 }],
    ['P1Y', { months: 12, ms: 0 }],
  ])('keeps uploads for %s', (text, length) => {
    const { defaults: found } = validRules(
      `${head()}${defaults(`match: { bucket: fin-* }, retain: ${text}`)}`,
    );
    expect(found).toMatchObject([{ name: 'd0', retain: { ...length, text } }]);
  });

  it.each([
    ['10y', '18mo', 'expected whole days or whole years, such as 30d or 1y, found "18mo"'],
    ['10y', '20h', 'expected whole days or whole years, such as 30d or 1y, found "20h"'],
    ['10y', '1y2d', 'expected whole days or whole years, such as 30d or 1y, found "1y2d"'],
    ['100y', '36501d', 'expected at most 36500d, found 36501d'],
    ['10y', '11y', '11y is longer than limits.maxRetention (10y)'],
    ['1y', '366d', '366d can be longer than limits.maxRetention (1y)'],
    ['365d', '1y', '1y can be longer than limits.maxRetention (365d)'],
  ])('under %s is refused for %s', (limit, text, message) => {
    const loaded = loadRules(
      `${head(limit)}${defaults(`match: { bucket: b }, retain: ${text}`)}`,
      'rules.yaml',
    );
    expect(loaded).toMatchObject({ ok: false, problems: [{ path: 'defaults[0].retain', message }] });
  });

  it('has a name that no other rule has, and no key for keys or tags', () => {
    const text = `${head()}objects: [{ name: d0, match: { bucket: b }, retain: 1y }]\n${defaults('match: { bucket: b, key: a }, retain: 1d')}`;
    const loaded = loadRules(text, 'rules.yaml');
    const problems = loaded.ok ? [] : loaded.problems.map(({ message }) => message);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringContaining('the name "d0" is taken by another rule'),
        expect.stringContaining('unknown key "key"'),
      ]),
    );
  });

  it('is for one cloud, for both, or alone in a file', () => {
    const text = `${head()}${defaults('match: { bucket: "obs://hr-*" }, retain: 30d', 'match: { bucket: fin-* }, retain: 1d')}`;
    const names = (cloud: 'oss' | 'obs') =>
      rulesFrom(text, 'rules.yaml', cloud).defaults.map(({ name }) => name);
    expect(names('oss')).toEqual(['d1']);
    expect(names('obs')).toEqual(['d0', 'd1']);
    expect(rulesFrom(text, 'rules.yaml', 'obs').defaults[0]?.match.bucket.matches('hr-1')).toBe(true);
  });
});

const warnings = (text: string): string[] =>
  findWarnings(validRules(`${head()}${text}`), new Date('2026-11-28T12:00:00Z'))
    .filter(({ code }) => code !== 'high-cap')
    .map(({ code, path, message }) => `${formatPath(path)} ${code}: ${message}`);

const objects = (...rules: [bucket: string, retain: string][]) =>
  `objects:\n${rules.map(([bucket, retain], index) => `  - { name: o${index}, match: { bucket: ${bucket} }, retain: ${retain} }\n`).join('')}`;

describe('a warning about a default retention', () => {
  it('is one that outlasts all that the object rules of a bucket give', () => {
    const long = defaults('match: { bucket: fin-* }, retain: 30d');
    expect(warnings(`${objects(['fin-1', '7d'])}${long}`)).toEqual([
      'defaults[0].retain default-longer: rule d0: each upload is kept for 30d by itself, and the object rules of a bucket ' +
        'such as fin-1 give 7d at most (rule o0); nobody can shorten it afterwards: lower it',
    ]);
    expect(warnings(`${objects(['fin-1', '7d'], ['fin-*', '1y'])}${long}`).join()).not.toContain(
      'default-longer',
    );
    expect(warnings(`${objects(['hr-*', '7d'])}${long}`)).toEqual([]);
    expect(warnings(`${objects(['fin-*', '30d'])}${long}`)).toEqual([]);
    expect(warnings(`${objects(['fin-*', '{ forTag: keep }'])}${long}`)).toEqual([]);
  });

  it('is a bucket with two of them, or with a policy', () => {
    const two = defaults('match: { bucket: fin-* }, retain: 1d', 'match: { bucket: "*-eu" }, retain: 2d');
    expect(warnings(two)).toEqual([
      expect.stringMatching(
        /^defaults\[0\].match.bucket may-collide: .*default rule d1.*\(DEFAULT_RULES_OVERLAP\)/,
      ),
    ]);
    const policy = 'buckets: [{ name: p, match: { bucket: fin-* }, policy: { days: 30 } }]\n';
    expect(warnings(`${policy}${defaults('match: { bucket: "*-eu" }, retain: 1d')}`)).toEqual([
      expect.stringMatching(/^buckets\[0\].match.bucket may-collide: .*default rule d0.*\(RULES_COLLIDE\)/),
    ]);
    expect(
      warnings(`${objects(['fin-*', '7d'])}${defaults('match: { bucket: fin-* }, retain: 1d')}`),
    ).toEqual([]);
  });

  it('is one that no bucket can have, and a review that is past', () => {
    expect(warnings(defaults('match: { bucket: Fin-* }, review: 2026-01-01, retain: 1d'))).toEqual([
      expect.stringContaining('defaults[0].match.bucket unreachable: rule d0: no bucket can match'),
    ]);
    expect(warnings(defaults('match: { bucket: fin-* }, review: 2026-01-01, retain: 1d'))).toEqual([
      expect.stringContaining('defaults[0].review review-past'),
    ]);
  });
});
