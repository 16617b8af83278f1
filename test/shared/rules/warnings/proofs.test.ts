import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideObject } from '../../../../shared/objects/decide.ts';
import { findCollision } from '../../../../shared/rules/collision.ts';
import { bucketRules, explainMatch } from '../../../../shared/rules/match.ts';
import type { ObjectRule, Rules } from '../../../../shared/rules/types.ts';
import { findWarnings, type Warning } from '../../../../shared/rules/warnings/index.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { duration, instants, pattern } from '../../../support/arbitrary-rules.ts';

/* A warning is a proof: whatever it says never happens does not happen to any object, and its examples are real. */

const globsOf = (...globs: string[]) => fc.subarray(globs, { minLength: 1, maxLength: 3 });
const bucket = globsOf('a*', '*b', 'a?b', '[ab]-*', 'aab', '!a-*', '!*-b', '*').map((globs) =>
  pattern('text', ...globs),
);
const key = fc.option(
  globsOf('a/**', '**/b', '*', 'a/*', '!a/b', '!**/a', '{a,b}/*').map((globs) => pattern('key', ...globs)),
  { nil: undefined },
);
const values = globsOf('x*', '*y', 'xy', '!x', '*').map((globs) => pattern('text', ...globs));
const tags = fc
  .uniqueArray(fc.tuple(fc.constantFrom('s', 't'), values), { selector: ([name]) => name, maxLength: 2 })
  .map((entries) => new Map(entries));
const length = fc.constantFrom('1d', '30d', '1y', '18mo', '9y').map(duration);
const bound = fc.option(length, { nil: undefined });
const retain = fc.oneof(
  length.map((period) => ({ kind: 'for' as const, period })),
  fc
    .tuple(fc.constantFrom('s', 't'), bound, bound, bound)
    .filter(([, least, most]) => !least || !most || least.text === most.text || least.text === '1d')
    .map(([tag, atLeast, atMost, otherwise]) => ({
      kind: 'for-tag' as const,
      tag,
      atLeast,
      atMost,
      otherwise,
    })),
);

const rulesArbitrary: fc.Arbitrary<Rules> = fc
  .tuple(
    fc.array(fc.tuple(bucket, key, tags, retain), { minLength: 1, maxLength: 4 }),
    fc.array(bucket, { maxLength: 2 }),
    fc.constantFrom('2y', '10y').map(duration),
  )
  .map(([objects, policies, maxRetention]) => ({
    cloud: 'oss',
    limits: { maxRetention },
    objects: objects.map(([inBucket, ofKey, withTags, how], index) => ({
      name: `o${index}`,
      match: { bucket: inBucket, key: ofKey, tags: withTags },
      retain: how,
    })),
    defaults: [],
    buckets: policies.map((inBucket, index) => ({
      name: `b${index}`,
      match: { bucket: inBucket },
      policy: {
        days: { atLeast: 30, atMost: 30 },
        initiate: undefined,
        lockAfterMs: 1,
        mismatch: 'report' as const,
        extend: undefined,
      },
    })),
  }));

const object = fc.record({
  bucket: fc.constantFrom('aab', 'a-b', 'abb', 'b-b', 'a-aab', 'bbb', 'a-x', 'xyz'),
  key: fc.constantFrom('a', 'b', 'a/', 'a/a', 'a/b', 'b/a', 'a/a/b', 'x'),
  tags: fc
    .dictionary(fc.constantFrom('s', 't'), fc.constantFrom('x', 'y', 'xy', '90d', '5y', '', 'xay'))
    .map((found) => new Map(Object.entries(found))),
  lastModified: instants,
});

const ruleOf = (rules: Rules, { path: [list, index] }: Warning) =>
  (list === 'objects' ? rules.objects : list === 'buckets' ? rules.buckets : [])[Number(index)];

const now = new Date('2026-11-28T12:00:00Z');

test('no object is protected by a rule that is said to be unreachable, or decided by one said to be outdone', () => {
  let claims = 0;
  fc.assert(
    fc.property(rulesArbitrary, fc.array(object, { minLength: 10, maxLength: 30 }), (rules, objects) => {
      const warnings = findWarnings(rules, now);
      const named = (code: Warning['code']) =>
        warnings.filter((warning) => warning.code === code).map((warning) => ruleOf(rules, warning)?.name);
      const [unreachable, outdone] = [named('unreachable'), named('outdone')];
      claims += unreachable.length + outdone.length;
      for (const { lastModified, ...seen } of objects) {
        const version = {
          ...seen,
          versionId: versionId('v'),
          lastModified,
          type: 'Normal',
          retention: undefined,
        };
        const [policyRule, second] = bucketRules(rules, seen.bucket);
        const collides = findCollision(rules, seen.bucket) !== undefined;
        if (policyRule !== undefined && second === undefined && !collides) {
          expect(unreachable).not.toContain(policyRule.name);
        }
        if (collides) continue;
        for (const rule of rules.objects.filter(({ name }) => unreachable.includes(name))) {
          expect(explainMatch(rule, seen.bucket, seen.key, seen.tags).matched).toBe(false);
        }
        for (const name of outdone) {
          const others = { ...rules, objects: rules.objects.filter((rule) => rule.name !== name) };
          expect(untilOf(others, version)).toEqual(untilOf(rules, version));
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(claims).toBeGreaterThan(50);

  function untilOf(rules: Rules, version: Parameters<typeof decideObject>[1]): Date | undefined {
    const decision = decideObject(rules, version, version.lastModified);
    return 'until' in decision ? decision.until : undefined;
  }
});

test.each(['1096d', '9y'])(
  'a rule whose %s may be beyond the cap takes nothing from another',
  (otherwise) => {
    const rulesWith = (...retains: [string, string][]) => ({
      cloud: 'oss' as const,
      limits: { maxRetention: duration('3y') },
      objects: retains.map(
        ([name, period]): ObjectRule => ({
          name,
          match: { bucket: pattern('text', '*'), key: undefined, tags: new Map() },
          retain: {
            kind: 'for-tag',
            tag: 't',
            atLeast: undefined,
            atMost: undefined,
            otherwise: duration(period),
          },
        }),
      ),
      buckets: [],
      defaults: [],
    });
    const outdone = (rules: Rules) => findWarnings(rules, now).filter(({ code }) => code === 'outdone');
    expect(outdone(rulesWith(['short', '1d'], ['long', otherwise]))).toEqual([]);
    expect(outdone(rulesWith(['short', '1d'], ['long', '1095d']))).toHaveLength(1);
  },
);

test('the examples are matched by the rules that they are examples for', () => {
  let examples = 0;
  fc.assert(
    fc.property(rulesArbitrary, (rules) => {
      for (const warning of findWarnings(rules, now)) {
        if (warning.code === 'may-collide') {
          for (const [, bucketName = ''] of warning.message.matchAll(/\(such as (\S+)\)/g)) {
            expect(ruleOf(rules, warning)?.match.bucket.matches(bucketName)).toBe(true);
            expect(bucketRules(rules, bucketName).length).toBeGreaterThan(0);
            examples += 1;
          }
        }
        if (warning.code === 'differing-dates') {
          const [, one, other, bucketName = '', keyName = '', list = ''] =
            /^rules (\w+) and (\w+) .* such as oss:\/\/([^/]+)\/(\S*?)(?: with (.*))?; the latest/.exec(
              warning.message,
            ) ?? [];
          const found = new Map(
            list.split(', ').map((text): [string, string] => [text.slice(0, 1), text.slice(2)]),
          );
          const both = rules.objects.filter(({ name }) => name === one || name === other);
          const matched = (rule: ObjectRule) => explainMatch(rule, bucketName, keyName, found).matched;
          expect([warning.message, both.map(matched)]).toEqual([warning.message, [true, true]]);
          examples += 1;
        }
      }
    }),
    { numRuns: 120 },
  );
  expect(examples).toBeGreaterThan(20);
});
