import { expect, test } from 'vitest';
import { writeFirst } from '../../../shared/backfill/approach.ts';
import type { Source } from '../../../shared/backfill/source.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { passOver, settled, shardsOf, sourceOf } from '../../support/shards-world.ts';

// A run over many shards fails for good, or reaches its limit.

/** Tells what a service is asked for, and how much of it is not answered yet. */
function watched() {
  const calls: string[] = [];
  let open = 0;
  const call = async (what: string, rounds: number) => {
    calls.push(what);
    open += 1;
    for (let round = 0; round < rounds; round += 1) await settled();
    open -= 1;
  };
  return { calls, call, open: () => open };
}

/** The third shard is being looked at while the others are written. */
const shards = [...shardsOf(2, 5), Array.from({ length: 100 }, (_, at) => `3/${at}`)];

test('a run ends all that is under way soon after one has failed for good, and throws what that one has', async () => {
  const puts: string[] = [];
  const off = failure('OBJECT_WORM_OFF', { bucket: 'records', target: 'oss://records' });
  const put = async (key: string) => {
    await settled();
    puts.push(key);
    if (key === '1/99') throw off;
  };
  const { run, lines, kept } = passOver(
    shardsOf(3, 100),
    { put },
    { approach: writeFirst(1), concurrency: 2 },
  );
  await expect(run()).rejects.toBe(off);
  expect(puts.length - puts.indexOf('1/99')).toBeLessThan(10);
  expect([lines, kept.at(-1)?.position]).toEqual([[], undefined]);
  expect(kept.at(-1)?.shard).toMatchObject({ end: '2' });
});

test.each(['1/0', '1/4', '2/0'])(
  'a run looks at little more once the write of %s has failed for good, and waits for what is under way',
  async (failing) => {
    const { calls, call, open } = watched();
    const off = failure('OBJECT_WORM_OFF', { bucket: 'records', target: 'oss://records' });
    const put = async (key: string) => {
      await call(`write ${key}`, key === '2/1' ? 9 : 2);
      if (key === failing) throw off;
    };
    const service = { head: (key: string) => call(`look ${key}`, 1), put };
    await expect(passOver(shards, service, { concurrency: 2 }).run()).rejects.toBe(off);
    expect(open()).toBe(0);
    expect(calls.length - calls.indexOf(`write ${failing}`)).toBeLessThan(30);
  },
);

test('a run looks at little more once its limit is reached, and closes its source', async () => {
  const { calls, call } = watched();
  let isClosed = false;
  const source: Source = {
    async *shards(from) {
      try {
        yield* sourceOf(shards).shards(from);
      } finally {
        isClosed = true;
      }
    },
  };
  const { run } = passOver(shards, { head: (key) => call(`look ${key}`, 1) }, { concurrency: 2 });
  const limited = run({ source, limit: { versions: 9, target: 'records' } });
  await expect(limited).rejects.toMatchObject({ code: 'TOO_MANY_OBJECTS' });
  expect(calls.filter((each) => each.startsWith('look 3/')).length).toBeLessThan(30);
  expect(isClosed).toBe(true);
});

test('a run keeps to its limit by what was changed: what has failed leaves room for others', async () => {
  const put = (key: string) =>
    key === '1/0' || key === '1/1'
      ? Promise.reject(
          failure('ACCESS_DENIED', {
            operation: 'PutObjectRetention',
            target: key,
            action: 'oss:PutObjectRetention',
          }),
        )
      : Promise.resolve();
  const shards = [['1/0', '1/1', '1/2'], ['2/0', '2/1'], ['3/0']];
  const limited = (versions: number) =>
    passOver(shards, { put }).run({
      limit: { versions, target: 'records' },
    });
  expect((await limited(4)).tally).toMatchObject({ changed: 4, failed: 2 });
  await expect(limited(3)).rejects.toMatchObject({
    code: 'TOO_MANY_OBJECTS',
    message: 'more than 3 versions of records would change, so nothing more was changed',
  });
});
