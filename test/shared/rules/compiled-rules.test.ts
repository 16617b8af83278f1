import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideObject } from '../../../shared/objects/decide.ts';
import { readCompiled, writeCompiled } from '../../../shared/rules/compiled-rules.ts';
import type { Rules } from '../../../shared/rules/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';
import { plainRules, validRules } from '../../support/rules-file.ts';

const bytes = (text: string) => Buffer.from(text);

function again(rules: Rules, source = 'x'): Rules {
  const read = readCompiled(writeCompiled(rules, source), bytes(source));
  if (read === undefined) throw new Error('not read');
  return read;
}

const odd = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://kept/letters/
audit: oss://kept/audit/
objects:
  - { name: constructor, match: { bucket: "*", tags: { toString: x, constructor: "*" } }, retain: 1y }
  - { name: toString, match: { bucket: b, key: ["**/*-*-*.json", "!**/tmp/**", "[!a]{x,y}\\\\*"] }, retain: { forTag: $map, otherwise: 1y } }
  - { name: valueOf, match: { bucket: c }, retain: { for: 1y, fromTag: $date, atMost: 2y, otherwise: 30d } }
buckets:
  - { name: a, match: { bucket: archive-* }, policy: { days: 365, extend: { keepUntil: 2031-12-31, upTo: 3650d } } }
  - { name: b, match: { bucket: "old-?*" }, policy: { days: { atLeast: 30 }, lock: false } }
`;

describe('rules written as data and read again', () => {
  test.each([
    ['the shipped rules', readFileSync('rules.yaml', 'utf8')],
    ['rules with every form, and with odd names', odd],
  ])('%s are the same', (_, text) => {
    const rules = validRules(text);
    expect(plainRules(again(rules))).toEqual(plainRules(rules));
    for (const [index, rule] of rules.objects.entries()) {
      const { bucket, key, tags } = again(rules).objects[index]?.match ?? rule.match;
      expect([bucket.data, key?.data, [...tags.keys()]]).toEqual([
        rule.match.bucket.data,
        rule.match.key?.data,
        [...rule.match.tags.keys()],
      ]);
    }
    const extend = again(rules).buckets.find(({ policy }) => policy.extend?.kind === 'keep-until')?.policy
      .extend;
    expect(extend).toEqual(
      rules.buckets.find(({ policy }) => policy.extend?.kind === 'keep-until')?.policy.extend,
    );
  });

  test('decide the same', () => {
    fc.assert(
      fc.property(objectRules, tagSets, instants, instants, (objects, tags, lastModified, now) => {
        const version = {
          bucket: 'b',
          key: 'a/x',
          versionId: versionId('v'),
          lastModified,
          type: 'Normal',
          tags,
          retention: undefined,
          isLatest: true,
        };
        const rules = rulesOf(objects);
        expect(decideObject(again(rules), version, now)).toEqual(decideObject(rules, version, now));
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ['another text', (data: string) => data, 'other'],
  ['another form', (data: string) => data.replace(/"format":\d+/, '"format":0'), 'x'],
  ['no rules', () => '{}', 'x'],
  ['another kind of data', () => '[1]', 'x'],
])('data of %s are not used', (_, change, source) => {
  expect(readCompiled(change(writeCompiled(validRules(odd), 'x')), bytes(source))).toBeUndefined();
});

test('rules that were narrowed to another cloud are not used', () => {
  const text = writeCompiled(validRules(odd), 'x', 'obs');
  expect(readCompiled(text, bytes('x'), 'oss')).toBeUndefined();
  expect(readCompiled(text, bytes('x'), 'obs')).toBeDefined();
});
