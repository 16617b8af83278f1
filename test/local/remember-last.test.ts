import { expect, it } from 'vitest';
import { rememberLast } from '../../local/remember-last.ts';

it('makes a result again only for another argument than the last', () => {
  const made: string[] = [];
  const upper = rememberLast((text: string) => {
    made.push(text);
    return text.toUpperCase();
  });
  expect(['a', 'a', 'b', 'a', 'a'].map(upper)).toEqual(['A', 'A', 'B', 'A', 'A']);
  expect(made).toEqual(['a', 'b', 'a']);
});

it('remembers nothing undefined before its first call, and no failure', () => {
  const seen: unknown[] = [];
  const note = rememberLast((given: string | undefined) => seen.push(given));
  expect([note(undefined), note(undefined), note('x')]).toEqual([1, 1, 2]);
  let calls = 0;
  const refuse = rememberLast((_given: string): string => {
    calls += 1;
    throw new Error('no');
  });
  expect(() => refuse('a')).toThrow('no');
  expect(() => refuse('a')).toThrow('no');
  expect(calls).toBe(2);
});
