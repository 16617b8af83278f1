import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mistakes, plainRules, validRules } from '../../support/rules-file.ts';

const objectRule = (rest: string) =>
  `version: 1\nlimits: { maxRetention: 10y }\nobjects:\n  - name: r\n    ${rest}\n`;
const retain = (value: string) => objectRule(`match: { bucket: b }\n    retain: ${value}`);
const match = (value: string) => objectRule(`retain: 1y\n    match: ${value}`);
const policy = (value: string) =>
  `version: 1\nlimits: { maxRetention: 10y }\nbuckets:\n  - name: r\n    match: { bucket: b }\n    policy: ${value}\n`;

describe('the rules that ship', () => {
  const rules = validRules(readFileSync('rules.yaml', 'utf8'));

  test('show every way to retain, a rule without tags, and both ways to begin a policy', () => {
    expect(rules.objects.map(({ retain }) => retain.kind)).toEqual([
      'for',
      'for',
      'for-tag',
      'until-tag',
      'from-tag',
    ]);
    expect(rules.objects.some(({ match, retain }) => match.tags.size === 0 && retain.kind === 'for')).toBe(
      true,
    );
    expect(rules.buckets.map(({ policy: { initiate } }) => initiate)).toEqual([undefined, 35]);
  });

  test('compile to checked values', () => {
    expect(plainRules(rules)).toMatchObject({
      limits: { maxRetention: { months: 120, ms: 0, text: '10y' } },
      objects: [
        {
          name: 'finance',
          match: {
            bucket: { globs: ['fin-*'] },
            key: { globs: ['ledger/**'] },
            tags: [['class', { globs: ['finance'] }]],
          },
          retain: { kind: 'for', period: { months: 84 } },
        },
        { name: 'logs', match: { key: { globs: ['**', '!tmp/**'] }, tags: [] } },
        { name: 'by-tag', retain: { kind: 'for-tag', tag: 'retain-for', otherwise: { months: 12 } } },
        { name: 'until-tag', retain: { kind: 'until-tag', tag: 'retain-until', atMost: { months: 120 } } },
        { name: 'contract-end', retain: { kind: 'from-tag', tag: 'closed-on', period: { months: 72 } } },
      ],
      buckets: [
        {
          name: 'archive',
          policy: {
            days: { atLeast: 180, atMost: 3650 },
            lockAfterMs: 20 * 3600_000,
            mismatch: 'report',
            extend: { kind: 'rolling', withinMs: 30 * 86400_000, byDays: 365, upToDays: 3650 },
          },
        },
        {
          name: 'backups',
          policy: {
            days: { atLeast: 35, atMost: 35 },
            initiate: 35,
            extend: { kind: 'rolling', byDays: 35, upToDays: 730 },
          },
        },
      ],
    });
  });
});

describe('a bucket policy', () => {
  const compiled = (text: string) => validRules(policy(text)).buckets[0]?.policy;

  test('locks at 20 hours, reports a mismatch and initiates nothing by default', () => {
    expect(compiled('{ days: 365 }')).toEqual({
      days: { atLeast: 365, atMost: 365 },
      initiate: undefined,
      lockAfterMs: 20 * 3600_000,
      mismatch: 'report',
      extend: undefined,
    });
  });

  test('initiates with the plain number of days', () => {
    expect(compiled('{ days: 365, initiate: true }')).toMatchObject({ initiate: 365 });
  });

  test('only watches with `lock: false`', () => {
    expect(compiled('{ days: 365, lock: false }')).toMatchObject({ lockAfterMs: undefined });
  });

  test('takes one bound of days alone', () => {
    expect(compiled('{ days: { atLeast: 30 } }')).toMatchObject({ days: { atLeast: 30, atMost: 25550 } });
    expect(compiled('{ days: { atMost: 30 } }')).toMatchObject({ days: { atLeast: 1, atMost: 30 } });
  });

  test('keeps all of the last day of `keepUntil`', () => {
    expect(compiled('{ days: 365, extend: { keepUntil: 2036-12-31, upTo: 3650d } }')).toMatchObject({
      extend: { kind: 'keep-until', keepUntil: new Date('2037-01-01T00:00:00Z'), upToDays: 3650 },
    });
  });
});

/** The line and column are those of the value, in the frames above. */
describe('one precise line for', () => {
  test.each([
    // retain
    [
      '7',
      '6:13 expected a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag (or from), found 7 (write 7d for days, 7mo or 7y)',
    ],
    ['6m', '6:13 "m" is ambiguous in "6m": write mo for months, min for minutes'],
    [
      '[7y]',
      '6:13 expected a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag (or from), found a list',
    ],
    [
      '{}',
      '6:13 expected a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag (or from), found an empty map',
    ],
    ['{ forTag: 7 }', '6:23 expected the name of a tag, found 7'],
    ['{ forTag: "" }', '6:23 expected the name of a tag, found ""'],
    [
      '{ forTag: a, atLeast: 1 }',
      '6:35 expected a duration such as 90d, 18mo or 7y, found 1 (write 1d for days, 1mo or 1y)',
    ],
    [
      '{ for: 6y }',
      '6:13 expected a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag (or from), found a map',
    ],
    [
      '{ for: 6y, from: { endOf: year }, otherwise: 1y }',
      '6:58 otherwise is about what a tag says: it needs fromTag',
    ],
    ['{ fromTag: x }', '6:5 "for" is missing: expected a duration such as 90d, 18mo or 7y'],
    ['{ forTag: a, untilTag: b }', '6:26 "untilTag" does not go together with "forTag"; keep one'],
    ['{ untilTag: b, for: 6y }', '6:28 "for" does not go together with "untilTag"; keep one'],
    ['{ untilTagg: b }', '6:15 unknown key "untilTagg" (did you mean "untilTag"?)'],
    [
      '{ atLeast: 30d }',
      '6:13 expected a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag (or from), found a map',
    ],
    ['{ forTag: b, mode: x }', '6:26 unknown key "mode": expected one of atLeast, atMost, otherwise'],
  ])('retain: %s', (value, line) => {
    expect(mistakes(retain(value))).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    ['b', '6:12 expected a map such as { bucket: fin-*, key: ledger/** }, found "b"'],
    ['{ key: x }', '6:5 "bucket" is missing: expected a glob such as "fin-*", or a list of globs'],
    ['{ bucket: 7 }', '6:22 expected a glob such as "fin-*", or a list of globs, found 7 (quote it: "7")'],
    ['{ bucket: [] }', '6:22 expected at least one glob in the list, found an empty list'],
    ['{ bucket: [a, 7] }', '6:26 expected a glob such as "fin-*", found 7 (quote it: "7")'],
    ['{ bucket: [a, ""] }', '6:26 expected a glob such as "ledger/**", found ""'],
    ['{ bucket: b, tags: [x] }', '6:31 expected a map of tags such as { class: finance }, found a list'],
    ['{ bucket: b, tags: {} }', '6:31 expected at least one tag, found an empty map'],
    [
      '{ bucket: b, tags: { a: true } }',
      '6:36 expected a glob such as "finance", or a list of globs, found true (quote it: "true")',
    ],
  ])('match: %s', (value, line) => {
    expect(mistakes(match(value))).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    [
      '{}',
      '6:5 "days" is missing: expected a number of days such as 365, or a map such as { atLeast: 180, atMost: 3650 }',
    ],
    [
      '{ days: 365d }',
      '6:21 expected a number of days such as 365, or a map such as { atLeast: 180, atMost: 3650 }, found "365d" (write 365)',
    ],
    ['{ days: 0 }', '6:21 expected a whole number of days from 1 to 25550, found 0'],
    ['{ days: 25551 }', '6:21 expected a whole number of days from 1 to 25550, found 25551'],
    ['{ days: {} }', '6:21 expected atLeast, atMost or both, found neither'],
    ['{ days: { atLest: 1 } }', '6:23 unknown key "atLest" (did you mean "atLeast"?)'],
    ['{ days: 1, lock: true }', '6:30 expected a map such as { after: 20h }, or false, found true'],
    ['{ days: 1, lock: {} }', '6:30 expected a map such as { after: 20h }, or false, found an empty map'],
    [
      '{ days: 1, lock: { after: 24h } }',
      '6:39 expected less than 24h, found "24h": OSS drops an unlocked policy after 24 hours',
    ],
    [
      '{ days: 1, mismatch: reprot }',
      '6:34 expected report or abort, found "reprot" (did you mean "report"?)',
    ],
    ['{ days: 1, initiate: yes }', '6:34 expected true or false, found "yes" (write true)'],
    [
      '{ days: 1, extend: {} }',
      '6:32 expected a map such as { within: 30d, by: 365d, upTo: 3650d } or { keepUntil: 2036-12-31, upTo: 3650d }, found an empty map',
    ],
    [
      '{ days: 1, extend: { within: 1mo, by: 1d, upTo: 2d } }',
      '6:42 expected weeks, days or hours, such as 30d, found "1mo"',
    ],
    [
      '{ days: 1, extend: { within: 1d, by: 1y, upTo: 2d } }',
      '6:50 bucket policies count days only: write 365d instead of 1y',
    ],
    ['{ days: 1, extend: { within: 1d, by: 0d, upTo: 2d } }', '6:50 expected more than zero, found "0d"'],
    [
      '{ days: 1, extend: { within: 1d, by: 1d } }',
      '6:24 "upTo" is missing: expected a number of days such as 365d',
    ],
    [
      '{ days: 1, extend: { within: 1d, by: 1d, upTo: 25551d } }',
      '6:60 expected at most 25550d (70 years), found 25551d',
    ],
    [
      '{ days: 1, extend: { within: 1d, by: 1d, upTo: 9d, keepUntil: 2036-12-31 } }',
      '6:64 "keepUntil" does not go together with "within"; keep one',
    ],
    ['{ days: 1, extend: { keepUntil: 2036-02-30, upTo: 9d } }', '6:45 there is no day such as "2036-02-30"'],
  ])('policy: %s', (value, line) => {
    expect(mistakes(policy(value))).toEqual([`rules.yaml:${line}`]);
  });

  test.each([
    [
      'a missing version',
      'limits: { maxRetention: 1y }\nobjects: [{ name: r, match: { bucket: b }, retain: 1d }]',
      '1:1 "version" is missing: expected 1, the only version there is',
    ],
    [
      'another version',
      retain('1y').replace('version: 1', 'version: 2'),
      '1:10 expected 1, the only version there is, found 2',
    ],
    [
      'a text as version',
      retain('1y').replace('version: 1', 'version: "1"'),
      '1:10 expected 1, the only version there is, found "1" (without the quotes)',
    ],
    [
      'missing limits',
      retain('1y').replace('limits: { maxRetention: 10y }', ''),
      '1:1 "limits" is missing: expected a map such as { maxRetention: 10y }',
    ],
    [
      'no rule',
      'version: 1\nlimits: { maxRetention: 1y }\n',
      '1:1 there is no rule: add one under objects or buckets, such as objects: [{name: all, match: {bucket: my-bucket}, retain: 1y}]',
    ],
    [
      'rules that are no list',
      'version: 1\nlimits: { maxRetention: 1y }\nobjects: { a: 1 }\n',
      '3:10 expected a list of rules, each beginning with "- ", found a map',
    ],
    [
      'a rule that is no map',
      'version: 1\nlimits: { maxRetention: 1y }\nobjects:\n  - 7\n',
      '4:5 expected a rule with name, match and retain, found 7',
    ],
    [
      'a bad name',
      retain('1y').replace('name: r', 'name: a b'),
      '4:11 expected a name of letters, digits, ".", "_" and "-" that starts with a letter or digit, found "a b"',
    ],
    [
      'a missing name',
      'version: 1\nlimits: { maxRetention: 1y }\nobjects:\n  - { match: { bucket: b }, retain: 1d }\n',
      '4:5 "name" is missing: expected a name such as finance',
    ],
  ])('%s', (_, text, line) => {
    expect(mistakes(text)).toEqual([`rules.yaml:${line}`]);
  });
});

test('a file with ten mistakes gives ten lines, in the order of the file', () => {
  const text = `version: 1
limits: { maxRetension: 10y }
objects:
  - name: finance
    mach: { bucket: fin-* }
    retain: 7 years
  - name: finance
    match: { bucket: fin-*, key: "ledger[" }
    retain: { forTag: retain-for, atLeast: 90d, atMost: 30d, untilTag: x }
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy:
      days: { atLeast: 180, atMost: 3650 }
      initiate: true
      mismatch: reprot
      lock: { after: 24h }
`;
  expect(mistakes(text)).toEqual([
    'rules.yaml:2:11 unknown key "maxRetension" (did you mean "maxRetention"?)',
    'rules.yaml:5:5 unknown key "mach" (did you mean "match"?)',
    'rules.yaml:6:13 expected a number and a unit, such as 90d, 26w, 18mo, 7y, 20h or 30min, found "7 years"',
    'rules.yaml:7:11 the name "finance" is taken by another rule; names are unique in the file',
    'rules.yaml:8:34 expected a glob with closing "]" (or \\ before a bracket or brace that is meant as such), found "ledger["',
    'rules.yaml:9:44 atLeast (90d) can be longer than atMost (30d)',
    'rules.yaml:9:62 "untilTag" does not go together with "forTag"; keep one',
    'rules.yaml:15:17 initiate needs a plain number of days, such as days: 365',
    'rules.yaml:16:17 expected report or abort, found "reprot" (did you mean "report"?)',
    'rules.yaml:17:22 expected less than 24h, found "24h": OSS drops an unlocked policy after 24 hours',
  ]);
});

describe.each(['deadLetters', 'audit'] as const)('%s', (folder) => {
  const withPlace = (place: string) =>
    `${objectRule('match: { bucket: b }\n    retain: 1y')}${folder}: ${place}\n`;

  test.each([
    ['oss://kept/failed/', { bucket: 'kept', prefix: 'failed/' }],
    ['oss://my-bucket/死信/of holdfast/', { bucket: 'my-bucket', prefix: '死信/of holdfast/' }],
  ])('%s is a folder', (text, place) => {
    expect(validRules(withPlace(text))[folder]).toEqual(place);
  });

  test('may be left out', () => {
    expect(validRules(objectRule('match: { bucket: b }\n    retain: 1y'))[folder]).toBeUndefined();
  });

  test.each([
    'oss://kept/failed',
    'oss://kept/',
    'oss://kept//failed/',
    'oss://kept/../failed/',
    'oss://KEPT/failed/',
    's3://kept/failed/',
    'kept/failed/',
    '42',
  ])('%s is refused', (text) => {
    const [mistake = ''] = mistakes(withPlace(text));
    expect(mistake).toMatch(
      /^rules.yaml:7:\d+ expected a folder of a bucket such as oss:\/\/my-bucket\/dead-letters\/, found /,
    );
  });

  test.each([
    ['oss://ev/a/', '; names of buckets are 3 to 63 lower-case letters, digits and hyphens'],
    ['oss://my.bucket/a/', '; names of buckets are 3 to 63 lower-case letters, digits and hyphens'],
    ['obs://EV/a/', '; names of buckets are 3 to 63 lower-case letters, digits, hyphens and periods'],
    ['oss://kept/failed', ''],
  ])('a mistake in a folder says when it is in the name of the bucket: %s', (text, why) => {
    const [mistake = ''] = mistakes(withPlace(text));
    expect(mistake.slice(mistake.indexOf(', found '))).toBe(`, found "${text}"${why}`);
  });

  test('a mistake in a folder of OBS has an example of OBS', () => {
    expect(mistakes(withPlace('obs://kept/failed'))[0]).toContain(
      'such as obs://my-bucket/dead-letters/, found',
    );
  });
});
