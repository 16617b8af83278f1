import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucketRules,
  candidates,
  explainMatch,
  matchingRules,
  objectRulesOfBucket,
  readsTags,
  tagsMatch,
} from '../../../shared/rules/match.ts';
import type { ObjectRule } from '../../../shared/rules/types.ts';
import { duration, pattern, rulesOf } from '../../support/arbitrary-rules.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: all, match: { bucket: [fin-*, "!fin-test"] }, retain: 1y }
  - { name: ledger, match: { bucket: fin-*, key: ["ledger/**", "!ledger/tmp/**"] }, retain: 7y }
  - { name: tagged, match: { bucket: fin-*, tags: { class: finance, team: "a/*" } }, retain: 3y }
  - { name: by-tag, match: { bucket: hr }, retain: { forTag: keep } }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 1 } }
  - { name: old, match: { bucket: "*-old" }, policy: { days: 1 } }
`);

const names = (found: readonly { name: string }[]) => found.map(({ name }) => name);

function rule(name: string): ObjectRule {
  const found = rules.objects.find((one) => one.name === name);
  if (!found) throw new Error(`no rule ${name}`);
  return found;
}

test.each([
  ['fin-a', 'ledger/x', ['all', 'ledger', 'tagged']],
  ['fin-a', 'ledger/tmp/x', ['all', 'tagged']],
  ['fin-a', 'other', ['all', 'tagged']],
  ['fin-test', 'ledger/x', ['ledger', 'tagged']],
  ['hr', 'x', ['by-tag']],
  ['archive-1', 'x', []],
])('candidates of %s/%s', (bucket, key, expected) => {
  expect(names(candidates(rules, bucket, key))).toEqual(expected);
});

test('rules of a bucket', () => {
  expect(names(objectRulesOfBucket(rules, 'fin-a'))).toEqual(['all', 'ledger', 'tagged']);
  expect(names(objectRulesOfBucket(rules, 'archive-1'))).toEqual([]);
  expect(names(bucketRules(rules, 'archive-1'))).toEqual(['archive']);
  expect(names(bucketRules(rules, 'archive-old'))).toEqual(['archive', 'old']);
  expect(names(bucketRules(rules, 'fin-a'))).toEqual([]);
});

test('a rule reads tags when it matches by them or takes its date from one', () => {
  expect(names(rules.objects.filter(readsTags))).toEqual(['tagged', 'by-tag']);
});

test.each([
  [{ class: 'finance', team: 'a/b/c' }, true],
  [{ class: 'finance', team: 'a/', more: 'x' }, true],
  [{ class: 'finance' }, false],
  [{ class: 'Finance', team: 'a/b' }, false],
  [{}, false],
])('tags %j match: %s', (tags, expected) => {
  expect(tagsMatch(rule('tagged'), new Map(Object.entries(tags)))).toBe(expected);
});

describe('the first reason why a rule does not match', () => {
  const tags = new Map([
    ['class', 'finance'],
    ['team', 'b'],
  ]);

  test('none', () => {
    expect(explainMatch(rule('ledger'), 'fin-a', 'ledger/x', tags)).toEqual({ matched: true });
  });

  test('the bucket, before the key', () => {
    expect(explainMatch(rule('ledger'), 'hr', 'other', tags)).toEqual({
      matched: false,
      part: 'bucket',
      value: 'hr',
      globs: ['fin-*'],
    });
  });

  test('the key', () => {
    expect(explainMatch(rule('ledger'), 'fin-a', 'ledger/tmp/x', tags)).toEqual({
      matched: false,
      part: 'key',
      value: 'ledger/tmp/x',
      globs: ['ledger/**', '!ledger/tmp/**'],
    });
  });

  test('a tag with another value', () => {
    expect(explainMatch(rule('tagged'), 'fin-a', 'x', tags)).toEqual({
      matched: false,
      part: 'tag',
      tag: 'team',
      value: 'b',
      globs: ['a/*'],
    });
  });

  test('a tag that is not there', () => {
    expect(explainMatch(rule('tagged'), 'fin-a', 'x', new Map())).toEqual({
      matched: false,
      part: 'tag',
      tag: 'class',
      value: undefined,
      globs: ['finance'],
    });
  });
});

test('the rules found by beginnings and tags are those that match one by one', () => {
  const texts = ['a', 'ab', 'fin', 'fin-a', 'fin-abc', 'ledger/a', 'ledger/2026/x', 'le', ''];
  const glob = fc.constantFrom(
    '*',
    'a*',
    'fin',
    'fin-*',
    '!a*',
    '**',
    'ledger/**',
    'le*',
    '{a,fin}*',
    '\u{1F4D2}*',
  );
  const globs = fc.array(glob, { minLength: 1, maxLength: 2 });
  const tagged = fc.dictionary(
    fc.constantFrom('t', 'u', 'constructor'),
    fc.oneof(fc.constantFrom(['x'], ['y'], ['x', 'y'], ['*'], ['x', '!x'], ['z', 'y']), globs),
    { maxKeys: 2 },
  );
  const all = fc.array(fc.tuple(globs, fc.option(globs, { nil: undefined }), tagged), { maxLength: 8 });
  const values = fc.dictionary(fc.constantFrom('t', 'u', 'constructor'), fc.constantFrom('x', 'y', '', 'z'));
  let found = 0;
  fc.assert(
    fc.property(
      all,
      fc.constantFrom(...texts),
      fc.constantFrom(...texts),
      values,
      (list, bucket, key, given) => {
        const objects = list.map(
          ([inBucket, ofKey, withTags], index): ObjectRule => ({
            name: `r${index}`,
            match: {
              bucket: pattern('text', ...inBucket),
              key: ofKey && pattern('key', ...ofKey),
              tags: new Map(
                Object.entries(withTags).map(([tag, accepted]) => [tag, pattern('text', ...accepted)]),
              ),
            },
            retain: { kind: 'for', period: duration('1y') },
          }),
        );
        const some = rulesOf(objects);
        const tags = new Map(Object.entries(given));
        const near = objects.filter(
          ({ match }) => match.bucket.matches(bucket) && (match.key?.matches(key) ?? true),
        );
        const matching = near.filter((one) => tagsMatch(one, tags));
        found += matching.length;
        expect(names(candidates(some, bucket, key))).toEqual(names(near));
        expect(names(matchingRules(some, bucket, key, tags))).toEqual(names(matching));
      },
    ),
    { numRuns: 400 },
  );
  expect(found).toBeGreaterThan(100);
});
