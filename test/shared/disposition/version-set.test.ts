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

it('takes 16 to 32 bytes for each name once it has grown, and none for a name that is added again', () => {
  const sizes: number[] = [];
  const set = createVersionSet(undefined, (count) => {
    sizes.push(count);
    return new Float64Array(count);
  });
  const add = (from: number, to: number) => {
    for (let number = from; number < to; number += 1) set.add(`name ${number}`);
  };
  add(0, 512);
  expect(sizes).toEqual([1024]);
  add(0, 512);
  set.add('name 0');
  expect(set.has('name 512')).toBe(false);
  add(512, 513);
  expect(sizes).toEqual([1024, 2048]);
  add(0, 1024);
  expect(sizes).toEqual([1024, 2048]);
  add(1024, 1025);
  expect(sizes).toEqual([1024, 2048, 4096]);
});

it('tells the hash of each new name once, and another set has the names by their hashes', () => {
  const told: number[] = [];
  const first = createVersionSet((hash) => told.push(hash));
  for (const name of ['one', 'two', 'one']) first.add(name);
  expect(told).toHaveLength(2);
  const sizes: number[] = [];
  const second = createVersionSet(undefined, (count) => {
    sizes.push(count);
    return new Float64Array(count);
  });
  for (let count = 0; count < 1000; count += 1) for (const hash of told) second.addHash(hash);
  expect(sizes).toEqual([1024]);
  expect(['one', 'two', 'three'].map((name) => second.has(name))).toEqual([true, true, false]);
});
