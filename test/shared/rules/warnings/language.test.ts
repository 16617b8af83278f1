import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accepts,
  both,
  bucketNames,
  example,
  isWithin,
  keys,
  keysBetween,
  tagValues,
  without,
} from '../../../../shared/rules/warnings/language.ts';
import { pattern } from '../../../support/arbitrary-rules.ts';

const key = (...globs: string[]) => keys(pattern('key', ...globs));
const bucket = (...globs: string[]) => bucketNames(pattern('text', ...globs));

describe('an example that two patterns share', () => {
  test.each([
    [['*-records'], ['archive-*'], 'archive-records'],
    [['fin-*'], ['*-eu'], 'fin-eu'],
    [['fin-*'], ['archive-*'], undefined],
    [['*', '!archive-*'], ['archive-*'], undefined],
    [['*', '!archive-old'], ['archive-*'], 'archive-a'],
    [['a?c'], ['ab*'], 'abc'],
    [['{a,b}-x'], ['b-*'], 'b-x'],
    [['[a-c]xy'], ['[!ab]*'], 'cxy'],
  ])('buckets %j and %j: %s', (one, other, shared) => {
    expect(example(both(bucket(...one), bucket(...other)))).toBe(shared);
  });

  test.each([
    [['ledger/**'], ['**/*.parquet'], 'ledger/.parquet'],
    [['ledger/*'], ['ledger/*/*'], undefined],
    [['**', '!tmp/**'], ['tmp/*'], undefined],
    [['a\\\\*'], ['a*'], 'a\\'],
  ])('keys %j and %j: %s', (one, other, shared) => {
    expect(example(both(key(...one), key(...other)))).toBe(shared);
  });

  test.each(['Fin-*', 'my_bucket', 'fin.eu', 'a'])('no bucket is called %s', (glob) => {
    expect(example(bucket(glob))).toBeUndefined();
  });

  test.each(['/ledger/**', '\\\\*'])('no key is like %s', (glob) => {
    expect(example(key(glob))).toBeUndefined();
  });

  test('tag values may hold slashes', () => {
    expect(example(tagValues(pattern('text', 'team/*', '!team/')))).toBe('team/a');
  });
});

test('what a trigger lets pass begins and ends as its filter says', () => {
  expect(isWithin(key('ledger/**'), keysBetween('ledger/', ''))).toBe(true);
  expect(isWithin(key('**'), keysBetween('', ''))).toBe(true);
  expect(example(without(key('**'), keysBetween('ledger/', '')))).toBe('a');
  expect(example(without(key('ledger/*'), keysBetween('', '.csv')))).toBe('ledger/a');
  expect(isWithin(key('a\\\\b(1)/*.c+'), keysBetween('a\\b(1)/', '.c+'))).toBe(true);
});

const piece = fc.constantFrom('a', 'b', '/', '*', '**', '?', '[ab]', '[!a]', '{a,b}', '-', '**/', '\\\\');
const glob = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const globs = fc
  .array(fc.tuple(fc.boolean(), glob), { minLength: 1, maxLength: 3 })
  .map((list) => list.map(([excludes, text]) => (excludes ? `!${text}` : text)));
const name = fc.stringMatching(/^[ab\\-][ab/\\-]{0,6}$/).filter((text) => !text.startsWith('\\'));

test('a name is in the language exactly when the pattern matches it', () => {
  fc.assert(
    fc.property(globs, fc.array(name, { minLength: 5, maxLength: 20 }), (list, names) => {
      const [compiled, language] = [pattern('key', ...list), key(...list)];
      for (const text of names) {
        expect([text, accepts(language, text)]).toEqual([text, compiled.matches(text)]);
      }
      const shortest = example(language);
      if (shortest !== undefined) expect([shortest, compiled.matches(shortest)]).toEqual([shortest, true]);
    }),
    { numRuns: 150 },
  );
});
