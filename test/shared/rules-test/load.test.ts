import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../shared/rules/problem.ts';
import { loadCases } from '../../../shared/rules-test/load.ts';

const file = (...cases: string[]) =>
  ['version: 1', 'now: 2026-11-20T10:00:00Z', 'cases:', ...cases.map((one) => `  - ${one}`)].join('\n');

function mistakes(text: string): string[] {
  const loaded = loadCases(text, 'rules.test.yaml');
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem('rules.test.yaml', problem));
}

function only(text: string) {
  const loaded = loadCases(text, 'rules.test.yaml');
  if (!loaded.ok) throw new Error(mistakes(text).join('\n'));
  return loaded.cases[0]?.test;
}

const object = (given: string, expected = 'action: protect') =>
  file(`{name: a, given: {object: oss://b/k, ${given}}, expect: {${expected}}}`);

describe('a case', () => {
  test('is about a version that was modified now, is an ordinary object, and has neither tags nor retention', () => {
    expect(
      only(file('{name: a, given: {object: oss://b/some/key}, expect: {action: no-rule}}')),
    ).toMatchObject({
      kind: 'object',
      now: new Date('2026-11-20T10:00:00Z'),
      version: {
        bucket: 'b',
        key: 'some/key',
        lastModified: new Date('2026-11-20T10:00:00Z'),
        type: 'Normal',
        tags: new Map(),
        retention: undefined,
      },
      expect: { action: 'no-rule', codes: [] },
    });
  });

  test.each([
    ['modified: 2026-02-28T08:00:00+08:00', '2026-02-28T00:00:00Z'],
    ['modified: 20h ago', '2026-11-19T14:00:00Z'],
    ['modified: 2y ago, now: 2028-02-29T12:00:00Z', '2026-02-28T12:00:00Z'],
    ['modified: 1y6mo ago', '2025-05-20T10:00:00Z'],
    ['now: in 1d', '2026-11-21T10:00:00Z'],
  ])('with %s is of %s', (given, modified) => {
    expect(only(object(given))).toMatchObject({ version: { lastModified: new Date(modified) } });
  });

  test("counts its dates from its own now, not from the file's", () => {
    const text = object('now: in 1d, retention: {until: in 2d}', 'action: protect, until: in 1y');
    expect(only(text)).toMatchObject({
      version: { retention: { mode: 'COMPLIANCE', until: new Date('2026-11-23T10:00:00Z') } },
      expect: { until: new Date('2027-11-21T10:00:00Z') },
    });
  });

  test.each([
    ['none', undefined],
    [
      '{state: Locked, days: 365, created: 20h ago}',
      { state: 'Locked', days: 365, createdAt: new Date('2026-11-19T14:00:00Z') },
    ],
  ])('is about a bucket whose policy is %s', (policy, expected) => {
    const test = only(file(`{name: a, given: {bucket: b, policy: ${policy}}, expect: {action: leave}}`));
    const found = test?.kind === 'bucket' ? test.policy : 'no bucket';
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  test('has a place in the file', () => {
    const loaded = loadCases(object(''), 'rules.test.yaml');
    expect(loaded.ok && loaded.cases[0]).toMatchObject({ line: 4, col: 5 });
  });
});

describe('a file is refused', () => {
  test.each([
    ['of nothing', '', '1:1 the file is empty; the smallest one is {version: 1, now'],
    ['of another version', object('').replace('version: 1', 'version: 2'), '1:10 expected 1, found 2'],
    ['without now', object('').replace(/now: .*\n/, ''), '1:1 "now" is missing: expected a date and time'],
    [
      'whose now is a bare date, which would mean the end of that day in a tag',
      object('').replace('T10:00:00Z', ''),
      '2:6 expected a date and time such as 2026-11-20T10:00:00Z, found "2026-11-20"',
    ],
    ['without cases', file().replace('cases:', 'cases: []'), '3:8 expected at least one case'],
    ['with a misspelt key', object('tagz: {a: b}'), '4:42 unknown key "tagz" (did you mean "tags"?)'],
    ['with a misspelt expectation', object('', 'actoin: protect'), 'did you mean "action"?'],
    ['with a misspelt action', object('', 'action: protct'), 'found "protct" (did you mean "protect"?)'],
    [
      'with a number for a tag',
      object('tags: {year: 2026}'),
      'the value of the tag as a text, in quotes, found 2026',
    ],
    ['with a date that is none', object('modified: yesterday'), '"20h ago" or "in 7y", found "yesterday"'],
    ['with a duration that is none', object('modified: 7 years ago'), 'found "7 years ago"'],
    ['with a key that is there twice', object('tags: {}, tags: {}'), 'this key is there twice'],
    [
      'with an address that is none',
      object('').replace('oss://b/k', 'b/k'),
      'expected an address such as oss://bucket/key, or obs://bucket/key, found "b/k"',
    ],
    [
      'with the action of a bucket for an object',
      object('', 'action: lock'),
      'found "lock", which is for a bucket',
    ],
    [
      'with days for an object',
      object('', 'action: protect, days: 3'),
      '"days" is for a bucket, and the case is about an object',
    ],
    [
      'with warnings for a bucket',
      file('{name: a, given: {bucket: b, policy: none}, expect: {action: leave, warnings: []}}'),
      '"warnings" is for an object, and the case is about a bucket',
    ],
    [
      'with a case that says nothing about the policy',
      file('{name: a, given: {bucket: b}, expect: {action: leave}}'),
      '"policy" is missing: expected none, or a map such as { state: InProgress, days: 365',
    ],
    [
      'with a policy whose every value is wrong: each is named',
      file(
        '{name: a, given: {bucket: b, policy: {state: locked, days: 0, created: 3}}, expect: {action: leave}}',
      ),
      '4:50 expected InProgress, Locked or Expired, found "locked" (did you mean "Locked"?)',
    ],
    [
      'with two cases of one name',
      `${object('')}\n  - {name: a, given: {object: oss://b/k}, expect: {action: protect}}`,
      '5:12 the name "a" is taken by another case',
    ],
  ])('%s', (_, text, message) => {
    expect(mistakes(text).join('\n')).toContain(message);
  });

  test('with all its mistakes at once, in the order of the file', () => {
    const text = file(
      '{name: a, given: {object: b/k, tag: {}}, expect: {action: protct}}',
      '{name: a, given: {bucket: b}}',
    );
    expect(mistakes(text).map((line) => line.split(' ')[0])).toEqual([
      'rules.test.yaml:4:31',
      'rules.test.yaml:4:36',
      'rules.test.yaml:4:63',
      'rules.test.yaml:5:5',
      'rules.test.yaml:5:12',
      'rules.test.yaml:5:15',
    ]);
  });
});
