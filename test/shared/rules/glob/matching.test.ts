import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classOf } from '../../../../shared/rules/glob/run.ts';
import { compilePattern, type Subject } from '../../../../shared/rules/pattern.ts';
import { hasFewChoices, slowMatches } from '../../../support/slow-glob.ts';

function matches(glob: string, name: string, subject: Subject = 'key'): boolean {
  const pattern = compilePattern([glob], subject);
  if ('problem' in pattern) throw new Error(pattern.problem);
  return pattern.matches(name);
}

const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    '/',
    '*',
    '**',
    '?',
    '[ab]',
    '[!a]',
    '[!a-b]',
    '[]a]',
    '-',
    '.',
    '**/',
    '/**/',
    '\\*',
    '\u{1F4D2}',
  ],
  ...['\uD83D', '\uDCD2', '\n', '[\u{1F4D2}-\u{1F4D4}]', '[!\u{1F4D2}]'],
);
const pieces = (maxLength: number) =>
  fc.array(piece, { minLength: 1, maxLength }).map((parts) => parts.join(''));
const { glob } = fc.letrec<{ glob: string; braces: string }>((tie) => ({
  glob: fc
    .array(fc.oneof({ weight: 4, arbitrary: piece }, { weight: 1, arbitrary: tie('braces') }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  braces: fc
    .array(fc.oneof({ depthSize: 'small' }, pieces(2), fc.constant(''), tie('glob')), {
      minLength: 2,
      maxLength: 3,
    })
    .map((choices) => `{${choices.join(',')}}`),
}));
const fewChoices = glob.filter(hasFewChoices);
const unit = fc.constantFrom(
  'a',
  'b',
  '/',
  '-',
  '.',
  '*',
  '\n',
  '\u{1F4D2}',
  '\u{1F4D3}',
  '\uD83D',
  '\uDCD2',
  'c',
  ']',
);
const name = fc.array(unit, { maxLength: 8 }).map((units) => units.join(''));

test.each(['key', 'text'] as const)('a glob for a %s matches what the slow matcher says', (subject) => {
  let matched = 0;
  fc.assert(
    fc.property(fewChoices, fc.array(name, { minLength: 8, maxLength: 12 }), (text, names) => {
      for (const one of names) {
        const expected = slowMatches(text, one, subject);
        if (expected) matched += 1;
        expect([text, one, matches(text, one, subject)]).toEqual([text, one, expected]);
      }
    }),
    { numRuns: 500 },
  );
  expect(matched).toBeGreaterThan(100);
});

test('a name made from the glob matches it, unless a choice was spoilt', () => {
  fc.assert(
    fc.property(fewChoices, fc.array(fc.nat(20), { minLength: 40, maxLength: 40 }), (text, choices) => {
      const made = [...text]
        .map((character, at) => (character === '*' ? 'ab/'.slice(0, choices[at % 40]) : character))
        .join('');
      expect([text, made, matches(text, made)]).toEqual([text, made, slowMatches(text, made, 'key')]);
    }),
    { numRuns: 500 },
  );
});

describe('two stars inside a segment', () => {
  test.each([
    ['ledger/**.pdf', 'ledger/2026/a.pdf', true],
    ['ledger/**.pdf', 'ledger/a.pdf', true],
    ['ledger/**.pdf', 'ledger/.pdf', true],
    ['ledger/**.pdf', 'ledger/a.txt', false],
    ['ledger/a**', 'ledger/ab/c', true],
    ['ledger**', 'ledger/2026/a', true],
    ['a**b', 'a/x/b', true],
    ['a**/b', 'a/b', true],
    ['a**/b', 'ab', false],
    ['a/**b/c', 'a/c', false],
    ['a/***/b', 'a/b', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'ab', false],
    ['a/**/b', 'a/xb', false],
    ['**/**/b', 'b', true],
    ['{a/,b}**/z', 'a/z', true],
    ['{a/,b}**/z', 'bz', false],
    ['{a/,b}**/z', 'b/z', true],
    ['{x,a/**}/z', 'a/z', true],
    ['{x,a/**}/z', 'az', false],
    ['a/{**,*}/z', 'a/z', true],
    ['a/{*,b}/z', 'a/z', false],
    ['\u{1F4D2}?', '\u{1F4D2}\u{1F4D3}', true],
    ['?', '\u{1F4D2}', true],
    ['??', '\u{1F4D2}', false],
    ['[!x]', '\u{1F4D2}', true],
    ['[!x][!x]', '\u{1F4D2}', false],
    ['\uD83D*', '\u{1F4D2}', false],
    ['\uD83D*', '\uD83Dx', true],
    ['*\uDCD2', '\u{1F4D2}', false],
    ['\\d', 'd', true],
    ['\\d', '1', false],
    ['{a}', '{a}', true],
    ['{}', '{}', true],
    ['{\\,,a}', ',', true],
    ['{[,],x}', ',', true],
    ['{../a,b}', '../a', true],
    ['a}', 'a}', true],
    ['[!a]', '/', false],
    ['[/]', '/', true],
  ])('%j against %j: %s', (text, key, expected) => {
    expect(matches(text, key)).toBe(expected);
  });
});

/*
 * No timed assertion: a matcher that tries again would not end within the life of the universe, so that these tests
 * would run into vitest's own limit.
 */
describe('hostile names cost no more than others', () => {
  const long = 1024;
  test.each([
    ['*-*-*-*-*.json', '-'.repeat(long), false],
    ['*-*-*-*-*.json', `${'-'.repeat(long)}.json`, true],
    ['**-**-**-**-**-**-**/**.json', '-/'.repeat(long / 2), false],
    ['*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(long), false],
    ['?*?*?*?*?*?*?*?*?*?*x', '\u{1F4D2}'.repeat(long), false],
    ['{a,aa,aaa}*{a,aa,aaa}*{a,aa,aaa}*{a,aa,aaa}*b', 'a'.repeat(long), false],
    [`${'{,a}'.repeat(64)}b`, 'a'.repeat(long), false],
    [`*a${'?'.repeat(200)}b`, 'ab'.repeat(long / 2), true],
    ['**/**/**/**/**/**/x', '/'.repeat(long), false],
    ['*\n*\n*\n*x', '\n'.repeat(long), false],
  ])('%j', (text, key, expected) => {
    for (let turn = 0; turn < 20; turn += 1) expect(matches(text, key)).toBe(expected);
  });

  test('each character is one step of an automaton whose size the glob bounds', () => {
    const pattern = compilePattern(['*-*-*-*-*.json'], 'key');
    if ('problem' in pattern) throw new Error(pattern.problem);
    const [data] = pattern.data.positive;
    if (typeof data?.middle !== 'object') throw new Error('expected an automaton');
    expect(data.middle.start).toHaveLength(1);
    expect(data.middle.cuts.length).toBeLessThan(20);
    expect(classOf(data.middle.cuts, 0x10ffff)).toBeLessThan(20);
  });
});

describe('globs that are too much are refused in words', () => {
  test.each([
    ['a'.repeat(5000), /at most 2048 characters, found "a{200}…"$/],
    ['*'.repeat(7000), /^expected a glob of at most 6144 characters/],
    [`{${'a,'.repeat(300)}}`, /^expected a glob of at most 128 choices in braces \(write a list of globs\)/],
    [`${'{a,'.repeat(40)}${'}'.repeat(40)}`, /^expected braces nested at most 16 deep/],
    [`${'{'.repeat(3000)}${'}'.repeat(3000)}`, /^expected braces nested at most 16 deep/],
    ['{'.repeat(6000), /^expected a glob with closing "}"/],
    ['['.repeat(6000), /^expected a glob with closing "]"/],
    ['[[:foo:]]', /^expected one of \[:alnum:\], .*found "foo"/],
    ['a]', /^expected a glob with opening "\["/],
  ])('%.20s', (text, problem) => {
    const compiled = compilePattern([text], 'key');
    expect('problem' in compiled && compiled.problem).toMatch(problem);
  });
});
