import { describe, expect, test } from 'vitest';
import { formatPath } from '../../../../shared/rules/problem.ts';
import { findWarnings } from '../../../../shared/rules/warnings/index.ts';
import { validRules } from '../../../support/rules-file.ts';

function warnings(text: string): string[] {
  return warningsUnder('10y', text);
}

function warningsUnder(maxRetention: string, text: string): string[] {
  const rules = validRules(`version: 1\nlimits: { maxRetention: ${maxRetention} }\n${text}`);
  return findWarnings(rules, new Date('2026-11-28T12:00:00Z')).map(
    ({ code, path, message }) => `${formatPath(path)} ${code}: ${message}`,
  );
}

const objects = (...rules: string[]) =>
  `objects:\n${rules.map((rule, index) => `  - { name: ${'abcdef'[index]}, ${rule} }\n`).join('')}`;
const buckets = (...rules: string[]) =>
  `buckets:\n${rules.map((rule, index) => `  - { name: ${'uvwxyz'[index]}, ${rule} }\n`).join('')}`;
const policy = (text: string) => buckets(`match: { bucket: archive-* }, policy: ${text}`);

describe('a rule that nothing can match is unreachable', () => {
  test.each([
    ['match: { bucket: Fin-* }', 'bucket', /^rule a: no bucket can match: names are 3 to 63 lower-case/],
    ['match: { bucket: [fin-*, "!fin*"] }', 'bucket', /^rule a: no bucket can match/],
    ['match: { bucket: fin-*, key: /ledger/** }', 'key', /do not begin with a slash; write "ledger\/\*\*"$/],
    ['match: { bucket: fin-*, key: ["a/*", "!a/**"] }', 'key', /^rule a: its globs leave no key$/],
    [
      'match: { bucket: fin-*, tags: { t: [x, "!*"] } }',
      'tags.t',
      /^rule a: its globs leave no value of tag t$/,
    ],
    [`match: { bucket: ${'b'.repeat(64)} }`, 'bucket', /^rule a: no bucket can match/],
    [
      `match: { bucket: fin-*, key: ${'k'.repeat(1024)} }`,
      'key',
      /leave no key \(keys have at most 1,023 bytes\)$/,
    ],
    [
      `match: { bucket: fin-*, key: ${'账'.repeat(342)} }`,
      'key',
      /leave no key \(keys have at most 1,023 bytes\)$/,
    ],
  ])('%s', (match, at, message) => {
    const [warning = '', ...more] = warnings(objects(`${match}, retain: 7y`));
    expect(more).toEqual([]);
    const [place, text] = warning.split(' unreachable: ');
    expect(place).toBe(`objects[0].match.${at}`);
    expect(text).toMatch(message);
  });

  test('also a rule whose every bucket another kind of rule claims; nothing else is said of it', () => {
    const rules = objects(
      'match: { bucket: archive-old }, retain: 7y',
      'match: { bucket: arch* }, retain: 8y',
    );
    expect(warnings(rules + policy('{ days: 365 }'))).toEqual([
      expect.stringMatching(
        /^objects\[0\]\.match\.bucket unreachable: rule a fails .* bucket rule u matches them too/,
      ),
      expect.stringMatching(/^buckets\[0\]\.match\.bucket unreachable: rule u fails .* object rule b /),
    ]);
  });

  test('also when it takes two rules to claim every bucket', () => {
    const two = buckets(
      'match: { bucket: "{a,b}-*" }, policy: { days: 1800 }',
      'match: { bucket: c-* }, policy: { days: 1800 }',
    );
    expect(warnings(objects('match: { bucket: "[a-c]-x" }, retain: 7y') + two)).toEqual([
      expect.stringContaining('bucket rule u and bucket rule v match them too'),
    ]);
  });
});

describe('a glob that can never match, beside others that can', () => {
  test.each([
    [
      'match: { bucket: [fin-*, Fin-*] }',
      'bucket[1] impossible-glob: rule a: "Fin-*" never matches: names are 3',
    ],
    [
      'match: { bucket: fin-*, key: ["/ledger/**", "ledger/**"] }',
      'key[0] impossible-glob: rule a: "/ledger/**" never matches: no key can match: keys do not begin with a slash; write "ledger/**"',
    ],
    [
      'match: { bucket: fin-*, key: ["a/**", "b/*", "!b/**"] }',
      'key[1] impossible-glob: rule a: "b/*" never matches: the globs with "!" beside it exclude all that it matches',
    ],
    [
      'match: { bucket: fin-*, key: ["a/**", "!/a/tmp/**"] }',
      'key[1] impossible-glob: rule a: "!/a/tmp/**" excludes nothing: no key can match: keys do not begin',
    ],
    ['match: { bucket: fin-*, key: "!/tmp/**" }', 'key impossible-glob: rule a: "!/tmp/**" excludes nothing'],
    [`match: { bucket: fin-*, key: ["a/**", "${'k'.repeat(1024)}"] }`, '(keys have at most 1,023 bytes)'],
    [
      'match: { bucket: fin-*, tags: { class: [finance, "a,b"] } }',
      'tags.class[1] impossible-glob: rule a: "a,b" never matches: no value of tag class can match: "," is in none',
    ],
  ])('%s', (match, said) => {
    expect(warnings(objects(`${match}, retain: 7y`))).toEqual([expect.stringContaining(said)]);
  });

  test('in a bucket rule too', () => {
    expect(warnings(buckets('match: { bucket: [archive-*, archive_old] }, policy: { days: 2000 }'))).toEqual([
      expect.stringMatching(
        /^buckets\[0\]\.match\.bucket\[1\] impossible-glob: .*"archive_old" never matches/,
      ),
    ]);
  });

  test.each(['["a/*", "a/**"]', '["a/**", "!a/tmp/**"]', '["!tmp/**", "!old/**"]', '["!!x", "b"]'])(
    'nothing is said of %s',
    (key) => {
      expect(warnings(objects(`match: { bucket: fin-*, key: ${key} }, retain: 7y`))).toEqual([]);
    },
  );
});

describe('a rule that asks for tags that OSS cannot store', () => {
  const tags = (text: string) => warnings(objects(`match: { bucket: fin-*, tags: { ${text} } }, retain: 7y`));
  const tooMany = Array.from({ length: 11 }, (_, index) => `t${index}: x`).join(', ');

  test.each([
    ['a comma in a value', 't: "a,b"', 'tags.t', /: no value of tag t can match: "," is in none \(letters, /],
    ['a comma between stars', 't: "*,*"', 'tags.t', /"," is in none/],
    ['a control character in a value', 't: "fin\\aance"', 'tags.t', /"\\u0007" is in none/],
    ['a full-width comma', 't: "a，b"', 'tags.t', /"，" is in none/],
    [
      'a value that is too long',
      `t: ${'v'.repeat(257)}`,
      'tags.t',
      /leave no value .*at most 256 characters/,
    ],
    ['a class of what is not allowed', 't: "[,;]"', 'tags.t', /"," is in none/],
    ['all values excluded', 't: "!**"', 'tags.t', /: its globs leave no value of tag t$/],
    ['a name without a character', '"": x', 'tags.', /: no object has a tag without a name$/],
    ['a comma in a name', '"a,b": x', 'tags.a,b', /: no object has a tag with "," in its name/],
    [
      'a control character in a name',
      '"a\\tb": x',
      'tags.a\tb',
      /: no object has a tag with "\\t" in its name/,
    ],
    [
      'a name that is too long',
      `${'n'.repeat(129)}: x`,
      `tags.${'n'.repeat(129)}`,
      /of 129 characters \(128 at most\)/,
    ],
    ['eleven tags', tooMany, 'tags', /: it asks for 11 tags, and an object has at most 10$/],
  ])('%s', (_, text, at, message) => {
    const [warning = '', ...more] = tags(text);
    expect(more).toEqual([]);
    const [place, said] = warning.split(' unreachable: ');
    expect(place).toBe(`objects[0].match.${at}`);
    expect(said).toMatch(message);
  });

  test.each([
    't: "a b+c-d=e.f_g:h/i"',
    't: 财务-十一月',
    't: "é*"',
    `t: ${'v'.repeat(256)}`,
    `t: "${'v'.repeat(256)}*"`,
    `${'n'.repeat(128)}: x`,
    't: ["a,b", fine]',
    't: "!a,b"',
    't: "{x,y}"',
    't: "a[,b]"',
    tooMany.replace(', t10: x', ''),
  ])('not %s', (text) => {
    expect(tags(text).filter((warning) => warning.includes(' unreachable: '))).toEqual([]);
  });

  test('the tag that the date comes from counts', () => {
    const rule = (retain: string) => warnings(objects(`match: { bucket: fin-* }, retain: { ${retain} }`));
    expect(rule('untilTag: "a,b"')).toEqual([
      expect.stringMatching(/^objects\[0\]\.retain\.untilTag unreachable: .*every event fails/),
    ]);
    expect(rule('forTag: "a,b", atMost: 9y, otherwise: 1y')).toEqual([
      expect.stringMatching(/^objects\[0\]\.retain\.forTag no-such-tag: .*its "otherwise" always decides/),
    ]);
    expect(rule('for: 1y, fromTag: closed-on, atMost: 9y, otherwise: 1y')).toEqual([]);
  });
});

describe('a bucket that two rules could claim', () => {
  test('is told of with an example and a way out that works', () => {
    const [warning = '', ...more] = warnings(
      objects('match: { bucket: "*-records" }, retain: 7y') +
        policy('{ days: { atLeast: 180, atMost: 3000 } }'),
    );
    expect(more).toEqual([]);
    expect(warning).toMatch(
      /^objects\[0\]\.match\.bucket may-collide: .* bucket rule u \(such as archive-records\)/,
    );
    const advice = /as in (bucket: .*)$/.exec(warning)?.[1];
    expect(advice).toBe('bucket: ["*-records", "!archive-*"]');
    const corrected =
      objects(`match: { ${advice} }, retain: 7y`) + policy('{ days: { atLeast: 180, atMost: 3000 } }');
    expect(warnings(corrected)).toEqual([]);
  });

  test('names all rules that claim it, in one warning', () => {
    const two = buckets(
      'match: { bucket: archive-* }, policy: { days: 1800 }',
      'match: { bucket: ["backup-*", "!backup-x*"] }, policy: { days: 1800 }',
    );
    expect(warnings(objects('match: { bucket: "*-records" }, retain: 7y') + two)).toEqual([
      expect.stringMatching(
        /bucket rule u \(such as .*\) and bucket rule v \(such as .*\), .*; exclude them from one rule/,
      ),
    ]);
  });

  test('is told of for two bucket rules too', () => {
    const two = buckets(
      'match: { bucket: archive-* }, policy: { days: 1800 }',
      'match: { bucket: "*-old" }, policy: { days: 1800 }',
    );
    expect(
      warnings(two + objects('match: { bucket: f }, retain: 9y').replace('bucket: f', 'bucket: fin')),
    ).toEqual([
      expect.stringMatching(/^buckets\[0\]\.match\.bucket may-collide: .*archive-old.*BUCKET_RULES_OVERLAP/),
    ]);
  });

  test('two object rules may share as many as they like', () => {
    expect(
      warnings(objects('match: { bucket: a* }, retain: 7y', 'match: { bucket: "*b" }, retain: 6y')),
    ).toEqual([]);
  });
});

describe('a rule that another always outdoes', () => {
  const wide = 'match: { bucket: fin-*, key: [ledger/**, "!ledger/tmp/**"], tags: { class: fin* } }';
  test.each([
    ['the same match, a shorter time', `${wide}, retain: 5y`],
    ['the same in every way', `${wide}, retain: 7y`],
    ['fewer buckets', wide.replace('fin-*', 'fin-eu')],
    ['fewer keys', wide.replace('ledger/**', 'ledger/2026/*')],
    ['a narrower tag', wide.replace('fin*', 'finance')],
    ['one more tag', wide.replace('fin* ', 'fin*, team: x ')],
    ['a tag whose bounds are shorter', `${wide}, retain: { forTag: t, atMost: 7y, otherwise: 1y }`],
  ])('%s', (_, match) => {
    const narrow = match.includes('retain') ? match : `${match}, retain: 5y`;
    expect(warnings(objects(`${wide}, retain: 7y`, narrow))).toEqual([
      expect.stringMatching(/^objects\[1\]\.name outdone: rule b never decides: rule a /),
    ]);
  });

  test.each([
    ['keys that the other leaves out', wide.replace(', "!ledger/tmp/**"', '')],
    ['more buckets', wide.replace('fin-*', 'f*')],
    ['a tag less', wide.replace(/, tags: .*? \}/, '')],
    ['a longer time', `${wide}, retain: 8y`],
    ['a time that is longer in some years only', `${wide}, retain: 2556d12h`],
    ['a tag without a bound', `${wide}, retain: { forTag: t, otherwise: 1y }`],
    ['a date in a tag to begin with', `${wide}, retain: { for: 1y, fromTag: t, atMost: 2y }`],
    ['later extension', `${wide}, retain: 1y, extend: { within: 30d, by: 90d, upTo: 9y }`],
  ])('is not one with %s', (_, match) => {
    const other = match.includes('retain') ? match : `${match}, retain: 5y`;
    expect(
      warnings(objects(`${wide}, retain: 7y`, other)).filter((line) => line.includes('rule b never')),
    ).toEqual([]);
  });

  test('a rule that may give no date outdoes none', () => {
    const other = 'match: { bucket: fin-* }, retain: { forTag: t, atLeast: 7y }';
    expect(warnings(objects(other, 'match: { bucket: fin-* }, retain: 5y'))).toEqual([]);
    const sure = 'match: { bucket: fin-* }, retain: { forTag: t, atLeast: 7y, atMost: 9y, otherwise: 6y }';
    expect(warnings(objects(sure, 'match: { bucket: fin-* }, retain: 5y'))).toEqual([
      expect.stringContaining('outdone'),
    ]);
    expect(warnings(objects(sure, 'match: { bucket: fin-* }, retain: 2192d'))).toEqual([]);
  });

  test('the same tag within narrower bounds is in vain', () => {
    const match = 'match: { bucket: r-*, tags: { t: "*" } }';
    expect(
      warnings(
        objects(
          `${match}, retain: { forTag: t, atMost: 2y, otherwise: 1y }`,
          `${match}, retain: { forTag: t, atLeast: 30d, atMost: 9y, otherwise: 1y }`,
        ),
      ),
    ).toEqual([expect.stringMatching(/^objects\[0\]\.name outdone: rule a never decides: rule b /)]);
  });
});

describe('two rules that go by the same tag', () => {
  test('and give different dates are told of with an object that both match', () => {
    expect(
      warnings(
        objects(
          'match: { bucket: fin-*, tags: { class: fin* } }, retain: 7y',
          'match: { bucket: "*-eu", tags: { class: "*ance" } }, retain: 6y',
        ),
      ),
    ).toEqual([
      'objects[1].retain differing-dates: rules a and b both go by tag class and may give different dates for ' +
        'an object such as oss://fin-eu/a with class=finance; the latest wins',
    ]);
  });

  test.each([
    ['a narrower one that keeps longer', 'tags: { class: finance } }, retain: 9y'],
    ['another tag', 'tags: { team: x } }, retain: 6y'],
    ['values that exclude each other', 'tags: { class: legal } }, retain: 6y'],
    ['other keys', 'key: b/**, tags: { class: "*ance" } }, retain: 6y'],
  ])('are fine with %s', (_, rest) => {
    const rule = 'match: { bucket: fin-*, key: a/**, tags: { class: fin* } }, retain: 7y';
    const other = rest.includes('key') ? rest : `key: a/**, ${rest}`;
    expect(warnings(objects(rule, `match: { bucket: fin-*, ${other}`))).toEqual([]);
  });
});

describe('limits.maxRetention', () => {
  test('is too high when it is more than twice what any rule can ask for', () => {
    expect(warnings(objects('match: { bucket: fin-* }, retain: 4y'))).toEqual([
      expect.stringMatching(/^limits\.maxRetention high-cap: .*\(10y\).*\(4y, rule a\)/),
    ]);
    expect(warnings(policy('{ days: 30, extend: { within: 3d, by: 30d, upTo: 400d } }'))).toEqual([
      expect.stringContaining('(400d, rule u)'),
    ]);
  });

  test.each([
    ['half of it is asked for', objects('match: { bucket: fin-* }, retain: 5y')],
    ['a tag may ask for anything', objects('match: { bucket: fin-* }, retain: { forTag: t }')],
    ['a policy may have any number of days', policy('{ days: { atLeast: 30 } }')],
    [
      'a rule extends up to there',
      objects('match: { bucket: b* }, retain: 1y, extend: { within: 30d, by: 90d, upTo: 9y }'),
    ],
  ])('is not when %s', (_, text) => {
    expect(warnings(text)).toEqual([]);
  });

  test.each([
    ['objects[0].retain.atMost', objects('match: { bucket: b* }, retain: { untilTag: t, atMost: 20y }')],
    ['objects[0].retain.for', objects('match: { bucket: b* }, retain: { for: 11y, fromTag: t }')],
    ['buckets[0].policy.extend.upTo', policy('{ days: 30, extend: { within: 3d, by: 30d, upTo: 5000d } }')],
    ['buckets[0].policy.days.atMost', policy('{ days: { atLeast: 30, atMost: 5000 } }')],
  ])('makes a higher bound void: %s', (path, text) => {
    expect(warnings(text)).toEqual([expect.stringMatching(`^${path.replace(/[[\].]/g, '\\$&')} over-cap: `)]);
  });
});

describe('an object rule that extends', () => {
  const extending = (extend: string) =>
    warnings(objects(`match: { bucket: fin-* }, retain: 5y, extend: { ${extend}, upTo: 9y }`));

  test.each([
    [
      'within: 30d, by: 1d',
      [
        'by many-calls: rule a: by (1d) makes 365 calls a year for each object in use; write more, such as 30d (13 calls)',
      ],
    ],
    [
      'within: 30d, by: 167h',
      [
        'by many-calls: rule a: by (6d23h) makes 53 calls a year for each object in use; write more, such as 30d (13 calls)',
      ],
    ],
    ['within: 30d, by: 1w', []],
    [
      'within: 71h, by: 30d',
      [
        'within thin-margin: rule a: within (2d23h) leaves no time for a run that fails or comes late, and what ends meanwhile is unprotected; write 3d or more',
      ],
    ],
    ['within: 3d, by: 30d', []],
  ])('%s', (extend, expected) => {
    expect(extending(extend)).toEqual(expected.map((text) => `objects[0].extend.${text}`));
  });
});

test.each([
  [
    '11d',
    [
      /^objects\[0\]\.retain\.for thin-hold: rule a: with for: 11d a hold is renewed 2d12h before its end, .*with for: 12d or more there are 3d or more$/,
    ],
  ],
  ['12d', []],
  ['6y', []],
])('an event hold for %s', (period, expected) => {
  const held = `match: { bucket: b-1 }, retain: { for: ${period}, fromTag: t, whileOpen: hold }`;
  expect(warnings(objects(held))).toEqual(expected.map((text) => expect.stringMatching(text)));
});

test('an event hold by a tag that no object can have is never closed', () => {
  const held = "match: { bucket: b-1 }, retain: { for: 6y, fromTag: 't?', whileOpen: hold }";
  expect(warnings(objects(held))).toEqual([
    expect.stringMatching(/^objects\[0\]\.retain\.fromTag no-such-tag: .*so what it holds is never closed$/),
  ]);
});

describe('a bucket rule', () => {
  test.each([
    [
      'extend without a lock',
      '{ days: 1830, lock: false, extend: { within: 3d, by: 30d, upTo: 3000d } }',
      'extend never-locked',
    ],
    ['initiate without a lock', '{ days: 1830, lock: false, initiate: true }', 'initiate never-locked'],
    [
      'no room to extend',
      '{ days: 1830, extend: { within: 3d, by: 30d, upTo: 1830d } }',
      'extend.upTo no-room',
    ],
  ])('with %s', (_, text, expected) => {
    expect(warnings(policy(text))).toEqual([
      expect.stringContaining(`buckets[0].policy.${expected}: rule u: `),
    ]);
  });
});

test.each([
  ['2200-12-31', true],
  ['2096-11-10', true],
  ['2096-11-06', false],
])('keepUntil %s is beyond what OSS can hold: %s', (date, told) => {
  const found = warningsUnder('100y', policy(`{ days: 365, extend: { keepUntil: ${date}, upTo: 25550d } }`));
  expect(found.filter((text) => text.includes('extend.keepUntil over-cap: '))).toHaveLength(told ? 1 : 0);
});

describe('what is over the cap in some years only', () => {
  test.each([
    ['6y', '2192d', '2028-02-29', '2030-02-28'],
    ['1y', '366d', '2026-11-28', '2027-02-28'],
    ['7y', '2557d', '2028-02-29', '2029-02-28'],
    ['7y', '2556d', '2096-02-29', '2097-02-28'],
    ['3y', '1096d', '2028-02-29', '2029-02-28'],
    ['1mo', '31d', '2026-11-28', '2026-11-30'],
    ['365d', '1y', '2027-03-01', '2028-02-28'],
  ])('maxRetention %s, retain %s: from %s to %s', (limit, retain, first, last) => {
    const found = warningsUnder(limit, objects(`match: { bucket: b-x }, retain: ${retain}`));
    expect(found).toEqual([
      `objects[0].retain over-cap-at-times: rule a: retain (${retain}) is longer than limits.maxRetention (${limit}) in ` +
        `some years: uploads from ${first} to ${last} are the first that fail (OVER_CAP); raise the limit above it, or ` +
        'write both in the same unit',
    ]);
  });

  test.each([
    ['7y', '7y'],
    ['6y', '2190d'],
    ['1y', '365d'],
    ['12mo', '1y'],
  ])('maxRetention %s, retain %s never fails', (limit, retain) => {
    expect(warningsUnder(limit, objects(`match: { bucket: b-x }, retain: ${retain}`))).toEqual([]);
  });

  test.each(['atLeast', 'atMost', 'otherwise'])('%s of a tag', (bound) => {
    const found = warningsUnder(
      '6y',
      objects(`match: { bucket: b-x }, retain: { forTag: t, ${bound}: 2192d }`),
    );
    expect(found).toEqual([
      expect.stringMatching(`^objects\\[0\\]\\.retain\\.${bound} over-cap-at-times: .*2028-02-29`),
    ]);
  });

  test('the date that generations end at', () => {
    const extend = 'extend: { within: 30d, by: 365d, upTo: 2192d }';
    const found = warningsUnder('6y', objects(`match: { bucket: b-x }, retain: 1y, ${extend}`));
    expect(found).toContainEqual(expect.stringMatching(/^objects\[0\]\.extend\.upTo over-cap-at-times/));
  });
});

describe('approvals', () => {
  const withNeeds = (needs: string, rest = objects('match: { bucket: fin }, retain: 7y')) =>
    warnings(`audit: oss://fin/evidence/\napprovals: ${needs}\n${rest}`).filter((line) =>
      line.includes(' approval-'),
    );

  test('beyond what nothing can be longer than are never asked for', () => {
    expect(withNeeds('{ retain: { longerThan: 10y } }')).toEqual([
      'approvals.retain.longerThan approval-never: nothing is retained for longer than limits.maxRetention (10y), so no ' +
        'approval is ever asked for beyond 10y; write a shorter limit',
    ]);
    expect(withNeeds('{ retain: { longerThan: 20y } }')).toHaveLength(1);
    expect(withNeeds('{ retain: { longerThan: 3649d } }')).toEqual([]);
  });

  const extended = (within: string) =>
    policy(`{ days: { atLeast: 30, atMost: 3000 }, extend: { within: ${within}, by: 90d, upTo: 3000d } }`);

  test('of extensions need a week', () => {
    expect(withNeeds('{ extend: true }', extended('6d'))).toEqual([
      'buckets[0].policy.extend.within approval-late: rule u: within (6d) is all the time that somebody has to approve the ' +
        'extension before objects become deletable; write 7d or more',
    ]);
    expect(withNeeds('{ extend: true }', extended('7d'))).toEqual([]);
    expect(withNeeds('{ lock: true }', extended('6d'))).toEqual([]);
  });
});
