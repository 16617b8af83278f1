import { expect, it } from 'vitest';
import { findVersionTwice } from '../../../shared/disposition/twice.ts';

const version = (key: string, versionId = 'v', bucket = 'fin') => ({ bucket, key, versionId });
type Version = ReturnType<typeof version>;

const list = (...batches: Version[][]) => {
  let reads = 0;
  return {
    async *read() {
      reads += 1;
      yield* batches;
    },
    reads: () => reads,
  };
};

it('finds a version that comes again, also in another batch', async () => {
  const { read } = list([version('a'), version('b')], [version('c'), version('b'), version('a')]);
  expect(await findVersionTwice(read)).toEqual(version('b'));
});

it('keeps versions of one key, and of one key in two buckets, apart, and reads their list once', async () => {
  const { read, reads } = list([version('a'), version('a', 'w')], [version('a', 'v', 'hr')]);
  expect(await findVersionTwice(read)).toBeUndefined();
  expect(reads()).toBe(1);
});

it('keeps versions apart whose hashes are the same', async () => {
  const oneHash = { add: () => undefined, addHash: () => undefined, has: () => true };
  const { read } = list([version('a'), version('b')]);
  expect(await findVersionTwice(read, oneHash)).toBeUndefined();
});

it('compares no more than a thousand names in full: so many never have the hash of another', async () => {
  const oneHash = { add: () => undefined, addHash: () => undefined, has: () => true };
  const many = Array.from({ length: 1001 }, (_, index) => version(`${index}`));
  const again = (index: number) => findVersionTwice(list(many, many.slice(index, index + 1)).read, oneHash);
  expect([await again(999), await again(1000)]).toEqual([version('999'), undefined]);
});
