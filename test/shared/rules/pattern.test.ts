import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, type Subject } from '../../../shared/rules/pattern.ts';

function matches(globs: string | string[], name: string, subject: Subject = 'key'): boolean {
  const pattern = compilePattern([globs].flat(), subject);
  if ('problem' in pattern) throw new Error(pattern.problem);
  return pattern.matches(name);
}

/** Keys that would be odd as paths, but are ordinary names in OSS. */
const strangeKeys = [
  'ledger//x',
  'ledger/./x',
  'ledger/../x',
  'ledger/..',
  'ledger/.hidden/.x',
  'ledger/a b+c%20d',
  'ledger/账本/十一月 报表.txt',
  'ledger/line\nbreak',
  'ledger/back\\slash',
  'ledger/[draft] {1} (2) !.txt',
  'ledger/$^.*+?|"\'',
  'ledger/\u{1F4D2}',
  'ledger/',
];

describe('keys', () => {
  test.each([
    ['ledger/**', 'ledger/a.txt', true],
    ['ledger/**', 'ledger/a/b/c.txt', true],
    ['ledger/**', 'ledger', false],
    ['ledger/**', 'ledgers/a', false],
    ['ledger/**', '/ledger/a', false],
    ['ledger/**', 'Ledger/a', false],
    ['ledger/*', 'ledger/a.txt', true],
    ['ledger/*', 'ledger/a/b.txt', false],
    ['ledger/*', 'ledger/..', true],
    ['ledger/*', 'ledger/', true],
    ['[[:alpha:]]', 'x', true],
    ['*', 'a', true],
    ['*', '.a', true],
    ['*', 'a/b', false],
    ['*.parquet', 'a.parquet', true],
    ['*.parquet', 'x/a.parquet', false],
    ['**/*.parquet', 'a.parquet', true],
    ['**/*.parquet', 'x/../a.parquet', true],
    ['**/*.parquet', '/a.parquet', true],
    ['a/**/z', 'a/z', true],
    ['a/**/*', 'a', false],
    ['/**/a', '/a', true],
    ['{x,a/**}/z', 'a/b/z', true],
    ['.*', '..', true],
    ['a/**/z', 'a//z', true],
    ['a/**/z', 'a/b/./c/z', true],
    ['//**', '//x', true],
    ['/**', '//x', true],
    ['/**', 'x', false],
    ['./a', './a', true],
    ['./a', 'a', false],
    ['a/../b', 'a/../b', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['{a,b}/**', 'b/x', true],
    ['{a/**,b}', 'a/x/y', true],
    ['[ab]*', 'bcd', true],
    ['[ab]*', '[ab]', false],
    ['[!a]b', 'cb', true],
    ['[!a]b', 'ab', false],
    ['[!a]b', '!b', true],
    ['[a-c]', 'b', true],
    ['Report (1)*.pdf', 'Report (1) final.pdf', true],
    ['a|b', 'a', false],
    ['a|b', 'a|b', true],
    ['+(a)', '+(a)', true],
    ['"a"*', '"a"b', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\[1\\]', 'a[1]', true],
    ['a\\\\b*', 'a\\bc', true],
  ])('%j against %j: %s', (glob, key, expected) => {
    expect(matches(glob, key)).toBe(expected);
  });

  test.each(strangeKeys)('`**` and `ledger/**` match %j', (key) => {
    expect(matches('**', key)).toBe(true);
    expect(matches('ledger/**', key)).toBe(true);
    expect(matches('**/*', key)).toBe(true);
  });

  test('`prefix/**` matches every key with that prefix and no other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (rest) => {
        expect(matches('ledger/**', `ledger/${rest}`)).toBe(true);
        expect(matches('ledger/**', rest)).toBe(rest.startsWith('ledger/'));
        expect(matches('**', `/${rest}`)).toBe(true);
      }),
    );
  });

  const character = fc.oneof(
    fc.constantFrom(...'.*?![]{}()|\\/"\'+@^$-:, a\n'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const names = fc.string({ minLength: 1, unit: character });

  test('a name with its wildcards escaped matches itself', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('key', 'text'), (name, subject) => {
        fc.pre(!name.startsWith('!') && !name.includes('\0'));
        const escaped = name.replace(/[\\*?[\]{}]/g, '\\$&');
        expect(matches(escaped, name, subject)).toBe(true);
      }),
    );
  });
});

/** What a glob means, said by segments: `**` takes any number of them, and at the end at least one. */
describe('the definition', () => {
  function segmentMatches(glob: string, segment: string): boolean {
    const [first, rest] = [glob[0], glob.slice(1)];
    if (first === undefined) return segment === '';
    if (first === '*') {
      return Array.from({ length: segment.length + 1 }).some((_, at) =>
        segmentMatches(rest, segment.slice(at)),
      );
    }
    return (
      segment !== '' && (first === '?' || first === segment[0]) && segmentMatches(rest, segment.slice(1))
    );
  }

  function segmentsMatch([glob, ...globs]: string[], segments: string[]): boolean {
    const [segment, ...rest] = segments;
    if (glob === undefined) return segment === undefined;
    if (glob === '**') {
      if (globs.length === 0) return segment !== undefined;
      return (
        segmentsMatch(globs, segments) || (segment !== undefined && segmentsMatch([glob, ...globs], rest))
      );
    }
    return segment !== undefined && segmentMatches(glob, segment) && segmentsMatch(globs, rest);
  }

  test('holds for any glob of `**`, `*`, `?`, dots and slashes', () => {
    const plain = fc.stringMatching(/^[ab.?*]{0,3}$/).filter((text) => !text.includes('**'));
    const segment = fc.oneof(fc.constant('**'), plain);
    const globs = fc.array(segment, { minLength: 1, maxLength: 4 }).filter((list) => list.join('/') !== '');
    fc.assert(
      fc.property(globs, fc.stringMatching(/^[ab./]{1,7}$/), (list, key) => {
        expect([list.join('/'), key, matches(list.join('/'), key)]).toEqual([
          list.join('/'),
          key,
          segmentsMatch(list, key.split('/')),
        ]);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('bucket names and tag values', () => {
  test.each([
    ['*', '', true],
    ['*', 'a/b/c', true],
    ['*', '..', true],
    ['*', './x', true],
    ['team/*', 'team/a/b', true],
    ['team/*', 'tea', false],
    ['a?b', 'a/b', true],
    ['fin-*', 'fin-', true],
    ['fin-*', 'fin-2026', true],
    ['*-records', 'hr-records', true],
    ['*-records', 'hr-records-old', false],
    ['{finance,legal}', 'legal', true],
    ['Finance', 'finance', false],
  ])('%j against %j: %s', (glob, text, expected) => {
    expect(matches(glob, text, 'text')).toBe(expected);
  });
});

describe('lists', () => {
  test.each([
    [['a/**', 'b/**'], 'b/x', true],
    [['a/**', 'b/**'], 'c/x', false],
    [['**', '!tmp/**'], 'a/x', true],
    [['**', '!tmp/**'], 'tmp/x', false],
    [['!tmp/**', '**'], 'tmp/x', false],
    [['!tmp/**'], 'a/x', true],
    [['!tmp/**', '!**/*.log'], 'a/x.log', false],
    [['a/**', '!a/tmp/**'], 'a/tmp/x', false],
  ])('%j against %j: %s', (globs, key, expected) => {
    expect(matches(globs, key)).toBe(expected);
  });

  test('order does not matter', () => {
    const globs = fc.shuffledSubarray(['a*', '**', '!ab', '!**/c', 'b/*'], { minLength: 1 });
    fc.assert(
      fc.property(globs, fc.stringMatching(/^[abc/]{0,4}$/), (list, key) => {
        expect(matches(list, key)).toBe(matches([...list].reverse(), key));
      }),
    );
  });
});

describe('what is no glob', () => {
  test.each([
    [[], 'expected at least one glob, found an empty list'],
    [[''], 'expected a glob such as "ledger/**", found ""'],
    [['a\0'], 'expected a glob such as "ledger/**", found "a\\u0000"'],
    [['a', '!'], 'expected a glob such as "ledger/**", found "!"'],
    [
      ['a['],
      'expected a glob with closing "]" (or \\ before a bracket or brace that is meant as such), found "a["',
    ],
    [
      ['a{b'],
      'expected a glob with closing "}" (or \\ before a bracket or brace that is meant as such), found "a{b"',
    ],
    [['m{1..12}'], 'expected the choices one by one, such as {01,02,03}, found "m{1..12}"'],
    [['[z-a]'], expect.stringMatching(/^expected a glob .*out of order.*found "\[z-a\]"$/)],
  ])('%j', (globs, problem) => {
    expect(compilePattern(globs, 'key')).toEqual({ problem });
  });

  test('never throws', () => {
    const glob = fc.stringMatching(/^[a.*?![\](){}|,\\/-]{0,10}$/);
    fc.assert(
      fc.property(glob, (text) => void compilePattern([text], 'key')),
      { numRuns: 500 },
    );
  });
});
