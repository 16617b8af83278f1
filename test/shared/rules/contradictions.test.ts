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

describe('a bucket rule', () => {
  test.each([
    ['{ days: 1828 }', '6:21 1828 days is longer than limits.maxRetention (5y)'],
    ['{ days: { atLeast: 1828 } }', '6:32 1828 days is longer than limits.maxRetention (5y)'],
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
  ])('cannot have %s', (policy, line) => {
    expect(withPolicy(policy)).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    ['{ days: 1826 }'],
    ['{ days: { atLeast: 9, atMost: 25550 } }'],
    ['{ days: 9, initiate: true }'],
    ['{ days: 9, extend: { within: 1d, by: 1d, upTo: 9d } }'],
    ['{ days: 9, extend: { within: 1d, by: 1d, upTo: 25550d } }'],
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
