import { describe, expect, test } from 'vitest';
import { mistakes } from '../../support/rules-file.ts';

const withRetain = (retain: string) =>
  mistakes(`version: 1
limits: { maxRetention: 5y }
objects:
  - name: r
    match: { bucket: b }
    retain: ${retain}
`);

const withPolicy = (policy: string) =>
  mistakes(`version: 1
limits: { maxRetention: 5y }
buckets:
  - name: r
    match: { bucket: b }
    policy: ${policy}
`);

describe('an object rule', () => {
  test.each([
    ['6y', '6:13 6y is longer than limits.maxRetention (5y)'],
    ['1828d', '6:13 1828d is longer than limits.maxRetention (5y)'],
    ['{ forTag: t, atLeast: 6y }', '6:35 6y is longer than limits.maxRetention (5y)'],
    ['{ forTag: t, otherwise: 6y }', '6:37 6y is longer than limits.maxRetention (5y)'],
    ['{ untilTag: t, atLeast: 6y }', '6:37 6y is longer than limits.maxRetention (5y)'],
    ['{ for: 1y, fromTag: t, otherwise: 6y }', '6:47 6y is longer than limits.maxRetention (5y)'],
    ['{ forTag: t, atLeast: 3y, atMost: 2y }', '6:35 atLeast (3y) can be longer than atMost (2y)'],
    ['{ forTag: t, atLeast: 366d, atMost: 1y }', '6:35 atLeast (366d) can be longer than atMost (1y)'],
    ['{ for: 3y, fromTag: t, atMost: 2y }', '6:20 for (3y) can be longer than atMost (2y)'],
    ['{ for: 1y, fromTag: t, atLeast: 2y }', '6:45 atLeast (2y) can be longer than for (1y)'],
  ])('cannot retain %s', (retain, line) => {
    expect(withRetain(retain)).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    ['exactly the limit', '5y'],
    ['what is the limit in some years only', '1827d'],
    ['a tag whose bound is above the limit', '{ forTag: t, atMost: 9y }'],
    ['a period above the limit that started earlier', '{ for: 9y, fromTag: t, atLeast: 6y }'],
    ['equal bounds', '{ forTag: t, atLeast: 1y, atMost: 12mo }'],
  ])('can retain %s', (_, retain) => {
    expect(withRetain(retain)).toEqual([]);
  });
});

const held = (part: string, rest = '', tags = '', limit = '5y') =>
  mistakes(`version: 1
limits: { maxRetention: ${limit} }
objects:
  - name: r
    match: { bucket: b${tags} }
    retain: { ${part}, whileOpen: hold }
${rest}`);

describe('an event hold', () => {
  test.each([
    ['fromTag: t, for: 5y', '', ''],
    ['fromTag: t, for: 4d', '', ''],
    ['fromTag: t, for: 4y, from: { endOf: year }', '', ''],
    ['fromTag: t, for: 5y, atMost: 5y', '', ', tags: { u: "*" }'],
  ])('can be %s', (part, rest, tags) => {
    expect(held(part, rest, tags)).toEqual([]);
  });

  test.each([
    [
      'a short period',
      'fromTag: t, for: 95h',
      '',
      '',
      '6:32 expected at least 4d with whileOpen, found 95h: a generation of the hold is half of it, and runs come once a day',
    ],
    [
      'a long period',
      'fromTag: t, for: 6y',
      '',
      '',
      '6:32 for (6y) can be longer than limits.maxRetention (5y): what is closed today could not get its final date',
    ],
    [
      'a period that is long in some years',
      'fromTag: t, for: 1827d',
      '',
      '',
      '6:32 for (1827d) can be longer than limits.maxRetention (5y): what is closed today could not get its final date',
    ],
    [
      'a period that is long from the end of the year',
      'fromTag: t, for: 5y, from: { endOf: year }',
      '',
      '',
      '6:32 for (5y from the end of a year, up to 6y in all) can be longer than limits.maxRetention (5y): what is closed today could not get its final date',
    ],
    [
      'otherwise',
      'fromTag: t, for: 1y, otherwise: 1y',
      '',
      '',
      '6:62 whileOpen and otherwise both say what holds without the tag; keep one',
    ],
    [
      'extend',
      'fromTag: t, for: 1y',
      '    extend: { within: 3d, by: 9d, upTo: 3y }\n',
      '',
      '6:47 whileOpen and extend exclude each other: extend asks whether a version is current',
    ],
    [
      'the tag in match',
      'fromTag: t, for: 1y',
      '',
      ', tags: { t: "*" }',
      '5:36 the rule matches only what has tag t already, and whileOpen is for what has not: take the tag out of match',
    ],
  ])('cannot have %s', (_, part, rest, tags, line) => {
    expect(held(part, rest, tags)).toEqual([`rules.yaml:${line}`]);
  });

  const extend = '    extend: { within: 3d, by: 9d, upTo: 3y }\n';
  test.each<[string, Parameters<typeof held>, string]>([
    ['a period that is none', ['fromTag: t, for: soon', ''], '6:32 expected a number and a unit'],
    ['a limit that is none', ['fromTag: t, for: 6y', '', '', 'soon'], '2:25 expected a number and a unit'],
    [
      'a tag that is no name',
      ['fromTag: [t], for: 1y', '', ', tags: { t: "*" }'],
      '6:24 expected the name of a tag',
    ],
    ['no tag', ['for: 1y', extend], '6:5 "fromTag" is missing'],
    [
      'tags in match that are no map',
      ['fromTag: t, for: 1y', '', ', tags: t'],
      '5:31 expected a map of tags',
    ],
  ])('with %s has this one mistake', (_, given, line) => {
    const [mistake, ...more] = held(...given);
    expect([mistake?.startsWith(`rules.yaml:${line}`), more]).toEqual([true, []]);
  });

  test('needs fromTag', () => {
    expect(held('for: 1y, from: { endOf: year }')).toEqual([expect.stringMatching(/"fromTag" is missing/)]);
    expect(held('untilTag: t')).toEqual([expect.stringMatching(/whileOpen/)]);
  });

  test('has no other form', () => {
    expect(held('fromTag: t, for: 1y').length).toBe(0);
    const [mistake] = mistakes(`version: 1
limits: { maxRetention: 5y }
objects:
  - { name: r, match: { bucket: b }, retain: { for: 1y, fromTag: t, whileOpen: wait } }
`);
    expect(mistake).toMatch(/expected hold, found "wait"/);
  });
});

const withExtend = (retain: string, extend: string) =>
  mistakes(`version: 1
limits: { maxRetention: 5y }
objects:
  - name: r
    match: { bucket: b }
    retain: ${retain}
    extend: ${extend}
`);

describe('the extension of an object rule', () => {
  const form = 'expected weeks, days or hours, such as';
  test.each([
    ['1y', '{ within: 30d, by: 90d, upTo: 6y }', '7:43 6y is longer than limits.maxRetention (5y)'],
    [
      '1y',
      '{ within: 30d, by: 90d, upTo: 1y }',
      '7:43 upTo (1y) is not longer than retain (1y): nothing would ever be extended',
    ],
    [
      '{ forTag: t, atLeast: 2y }',
      '{ within: 30d, by: 90d, upTo: 365d }',
      '7:43 upTo (365d) is not longer than atLeast (2y): nothing would ever be extended',
    ],
    [
      '30d',
      '{ within: 30d, by: 90d, upTo: 1y }',
      '7:23 within (30d) is not shorter than retain (30d): the first run after an upload would extend every object',
    ],
    [
      '{ untilTag: t, atMost: 4w }',
      '{ within: 30d, by: 90d, upTo: 1y }',
      '7:23 within (30d) is not shorter than atMost (4w): the first run after an upload would extend every object',
    ],
    ['1y', '{ within: 1mo, by: 90d, upTo: 4y }', `7:23 ${form} 30d, found "1mo"`],
    ['1y', '{ within: 30d, by: 1y, upTo: 4y }', `7:32 ${form} 90d, found "1y"`],
    [
      '1y',
      '{ within: 23h, by: 90d, upTo: 4y }',
      '7:23 expected at least 1d, found "23h": runs come once a day, and what ends between two of them would lapse',
    ],
    [
      '1y',
      '{ within: 30d, by: 1h, upTo: 4y }',
      '7:32 expected at least 1d, found "1h": runs come once a day, and each would extend every object',
    ],
    ['1y', '{ within: 30d, by: 0d, upTo: 4y }', '7:32 expected more than zero, found "0d"'],
    ['1y', '{ within: 30d, by: -1d, upTo: 4y }', '7:32 expected a duration without sign, found "-1d"'],
    ['1y', '{ within: 30d, by: 90d }', '7:5 "upTo" is missing: expected a duration such as 90d, 18mo or 7y'],
    ['1y', 'yes', '7:13 expected a map such as { within: 30d, by: 90d, upTo: 9y }, found "yes"'],
    ['1y', '{ within: 30d, by: 90d, upto: 2y }', '7:37 unknown key "upto" (did you mean "upTo"?)'],
  ])('with retain %s cannot be %s', (retain, extend, line) => {
    expect(withExtend(retain, extend)).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    ['a margin longer than a generation', '40d', '{ within: 30d, by: 10d, upTo: 5y }'],
    ['a day of each', '2d', '{ within: 1d, by: 24h, upTo: 3d }'],
    [
      'a period that may be longer than upTo, by its tag',
      '{ forTag: t, atMost: 5y }',
      '{ within: 30d, by: 90d, upTo: 1y }',
    ],
    [
      'a period that started earlier',
      '{ for: 4y, fromTag: t, atLeast: 3y, atMost: 4y }',
      '{ within: 30d, by: 90d, upTo: 1y }',
    ],
    ['upTo that is longer in some years only', '365d', '{ within: 30d, by: 90d, upTo: 1y }'],
  ])('can have %s', (_, retain, extend) => {
    expect(withExtend(retain, extend)).toEqual([]);
  });
});

describe('a bucket rule', () => {
  test.each([
    [
      '{ days: 1828 }',
      '6:21 1828 days is longer than limits.maxRetention (5y, which can be as short as 1825 days)',
    ],
    [
      '{ days: { atLeast: 1828 } }',
      '6:32 1828 days is longer than limits.maxRetention (5y, which can be as short as 1825 days)',
    ],
    ['{ days: { atLeast: 9, atMost: 8 } }', '6:32 atLeast (9) is more than atMost (8)'],
    [
      '{ days: { atLeast: 9 }, initiate: true }',
      '6:47 initiate needs a plain number of days, such as days: 365',
    ],
    [
      '{ days: 9, extend: { within: 1d, by: 1d, upTo: 8d } }',
      "6:60 upTo (8d) is less than the policy's days (9)",
    ],
    [
      '{ days: { atLeast: 9 }, extend: { keepUntil: 2036-01-01, upTo: 8d } }',
      "6:76 upTo (8d) is less than the policy's days (9)",
    ],
    [
      '{ days: 9, extend: { within: 1d, by: 1d, upTo: 9d, measure: oldest } }',
      '6:73 expected policy or oldest-object, found "oldest"',
    ],
    [
      '{ days: 9, extend: { keepUntil: 2036-01-01, upTo: 9d, measure: oldest-object } }',
      '6:67 "measure" does not go together with "keepUntil"; keep one',
    ],
  ])('cannot have %s', (policy, line) => {
    expect(withPolicy(policy)).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    ['{ days: 1825 }'],
    ['{ days: { atLeast: 9, atMost: 25550 } }'],
    ['{ days: 9, initiate: true }'],
    ['{ days: 9, extend: { within: 1d, by: 1d, upTo: 9d } }'],
    ['{ days: 9, extend: { within: 1d, by: 1d, upTo: 25550d } }'],
    ['{ days: 9, extend: { within: 1d, by: 1d, upTo: 9d, measure: oldest-object } }'],
  ])('can have %s', (policy) => {
    expect(withPolicy(policy)).toEqual([]);
  });
});

test('rule names are unique over both lists', () => {
  const text = `version: 1
limits: { maxRetention: 5y }
objects:
  - { name: a, match: { bucket: b }, retain: 1y }
  - { name: b, match: { bucket: b }, retain: 1y }
buckets:
  - { name: a, match: { bucket: c }, policy: { days: 1 } }
`;
  expect(mistakes(text)).toEqual([
    'rules.yaml:7:13 the name "a" is taken by another rule; names are unique in the file',
  ]);
});

test('a mistake in one place hides no contradiction in another', () => {
  expect(withRetain('{ forTag: t, atLeast: 3y, atMost: 2y, otherwise: soon, mode: x }')).toHaveLength(3);
  expect(withPolicy('{ days: { atLeast: 9, atMost: 8 }, initiate: true, lock: true, mode: x }')).toHaveLength(
    4,
  );
});
