import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, keyIndex } from '../../../../local/oss/store/key-index.ts';

const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' }),
  fc.constantFrom('a', 'a/', 'a/b', 'ab', '\u{ffff}', '\u{10000}', '\u{e000}', '\u{d7ff}'),
);

test('keys are ordered by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});

test.each([
  ['no other', 0],
  ['a hundred others', 100],
])(
  'with %s, it walks the keys that are there after any additions, removals and look-ups, in order, each once',
  (_what, others) => {
    const step = fc.tuple(fc.constantFrom('add', 'add', 'remove', 'walk'), key);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const keys = new Set<string>(Array.from({ length: others }, (_, at) => `a${at}`));
        const index = keyIndex((each) => keys.has(each));
        for (const each of keys) index.add(each);
        expect(walk(index)).toEqual([...keys].sort(compareKeys));
        for (const [action, each] of [...steps, ['walk', ''] as const]) {
          if (action === 'add' && !keys.has(each)) {
            keys.add(each);
            index.add(each);
          }
          if (action === 'remove' && keys.delete(each)) index.remove();
          if (action === 'walk') expect(walk(index)).toEqual([...keys].sort(compareKeys));
        }
      }),
    );
  },
);

test('a look-up may start at a key or behind it', () => {
  const index = keyIndex(() => true);
  for (const each of ['c', 'a', 'b']) index.add(each);
  expect([
    index.next('a', true),
    index.next('a', false),
    index.next('bb', true),
    index.next('c', false),
  ]).toEqual(['a', 'b', 'c', undefined]);
});

function walk(index: ReturnType<typeof keyIndex>): string[] {
  const found: string[] = [];
  for (let each = index.next('', true); each !== undefined; each = index.next(each, false)) found.push(each);
  return found;
}
