import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createVersionSet } from '../../../shared/disposition/version-set.ts';

it('has every name that was added, however many, and no other', () => {
  const set = createVersionSet();
  const name = (number: number) => `["fin","key ${number}","v"]`;
  for (let number = 0; number < 5000; number += 1) set.add(name(number));
  for (let number = 0; number < 5000; number += 1) expect(set.has(name(number)), name(number)).toBe(true);
  for (let number = 5000; number < 10_000; number += 1)
    expect(set.has(name(number)), name(number)).toBe(false);
});

it('keeps names apart whose places are the same', () => {
  const placeOf = (name: string) => createHash('sha256').update(name).digest().readUIntBE(0, 6) % 1024;
  const names = Array.from({ length: 3000 }, (_, number) => `name ${number}`);
  const [first = ''] = names;
  const [second = '', third = ''] = names.filter(
    (name) => name !== first && placeOf(name) === placeOf(first),
  );
  const set = createVersionSet();
  set.add(first);
  expect(set.has(second)).toBe(false);
  set.add(second);
  expect([first, second, third].map((name) => set.has(name))).toEqual([true, true, false]);
});

it('a name that is added again takes no further place', () => {
  const set = createVersionSet();
  for (let count = 0; count < 100_000; count += 1) set.add('the same');
  expect(set.has('the same')).toBe(true);
  expect(set.has('another')).toBe(false);
});
