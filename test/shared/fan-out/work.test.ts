import { describe, expect, it } from 'vitest';
import { plainClient } from '../../../local/plain-client.ts';
import { progressAt, resultAt } from '../../../shared/fan-out/places.ts';
import { readResult } from '../../../shared/fan-out/result.ts';
import type { OpenScope } from '../../../shared/matters/matching.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { day } from '../../../shared/platform/instant.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import type { Storage } from '../../../shared/storage/port.ts';
import { around, named, requestMs, shardOf } from '../../support/inventory-shard.ts';

it('a shard that does not fit into the time of one invocation is done in several, each version once', async () => {
  const { work, keys, writes } = await shardOf(5, 10);
  let legs = 0;
  let worked = await work(40 * requestMs);
  for (; 'unfinished' in worked && legs < 20; legs += 1) worked = await work(40 * requestMs);
  expect(legs).toBeGreaterThan(1);
  expect(worked).toMatchObject({ done: { parts: 5, tally: { versions: 5000, changed: 50, failed: 0 } } });
  expect(await keys(5)).toEqual(named(50, 'protected '));
  expect(writes().sort()).toEqual(named(50).sort());
  expect(await work(40 * requestMs)).toEqual(worked); // what is done is not begun again
  expect(writes()).toHaveLength(50);
});

it('a result that is no text is none, and is written anew; progress that is no text ends the work', async () => {
  const { work, storage, share, cloud } = await shardOf(1, 2);
  const { bucket } = share.plan.run.folder;
  const kept = plainClient(cloud.url, bucket);
  await kept.put(resultAt(share.plan.run.folder, share.number).key, Buffer.from([0x7b, 0xff]));
  expect(await readResult(storage, share)).toBeUndefined();
  const progress = progressAt(share.plan.run.folder, share.number).key;
  await kept.put(progress, Buffer.from([0xff]));
  await expect(work(100 * requestMs)).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
  await kept.delete(progress);
  expect(await work(100 * requestMs)).toMatchObject({ done: { tally: { changed: 2 } } });
  expect(await readResult(storage, share)).toMatchObject({ tally: { changed: 2 } });
});

it('an invocation that cannot finish one page says so instead of going on for ever', async () => {
  const { work } = await shardOf(1, 20);
  await expect(work(10 * requestMs)).rejects.toMatchObject({
    code: 'TOO_SLOW',
    cause: expect.any(Error),
    message: 'shard 3 of bucket records made no progress within the time limit',
  });
});

it('so does one that goes on, and cannot finish one page more', async () => {
  const { work } = await shardOf(2, 20);
  expect(await work(60 * requestMs)).toMatchObject({ unfinished: { versions: 1000 } });
  await expect(work(10 * requestMs)).rejects.toMatchObject({ code: 'TOO_SLOW' });
});

const rulesWith = (rule: string) =>
  rulesFrom(
    `version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: all, match: { bucket: records }, ${rule} }]`,
    'rules.yaml',
  );

const settled = () => new Promise((resolve) => setImmediate(resolve));

// What is looked at ahead is thrown away when the time is over, and is looked at again by the next invocation.
it.each([
  { each: 'tags', rule: 'retain: { forTag: period, otherwise: 1y }' },
  {
    each: 'tags of some',
    rule: 'retain: 1y }, { name: z, match: { bucket: records, tags: { a: b } }, retain: 2y',
  },
  { each: 'its own end', rule: 'retain: 1y, extend: { within: 30d, by: 60d, upTo: 3y }' },
])(
  'looks at no page before the one in front of it is written, where a rule asks for $each',
  async ({ rule }) => {
    const { work } = await shardOf(3, 10, { rules: rulesWith(rule), lookFirst: false });
    const calls: string[] = [];
    const told = (storage: Storage): Storage => ({
      ...storage,
      headObject: (at) => {
        calls.push(`look ${at.key}`);
        return storage.headObject(at);
      },
      putRetention: async (at, retention) => {
        if (at.key === 'k0') for (let turn = 0; turn < 500; turn += 1) await settled(); // there is time to look ahead
        calls.push(`write ${at.key}`);
        return await storage.putRetention(at, retention);
      },
    });
    expect(await work(3_600_000, told)).toMatchObject({ done: { tally: { changed: 30 } } });
    const pages = calls.map((call) => Math.floor(Number(call.replace(/^.* k/, '')) / 10));
    expect(calls).toHaveLength(60);
    expect(pages).toEqual(pages.toSorted());
  },
);

it('looks at the next page while one is written, where no rule asks for more than a list shows', async () => {
  const { work } = await shardOf(2, 10, { lookFirst: false });
  let seen: () => void = () => undefined;
  const looked = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const told = (storage: Storage): Storage => ({
    ...storage,
    headObject: (at) => {
      if (at.key === 'k10') seen();
      return storage.headObject(at);
    },
    putRetention: async (at, retention) => {
      if (at.key === 'k0') await looked;
      return await storage.putRetention(at, retention);
    },
  });
  expect(await work(3_600_000, told)).toMatchObject({ done: { tally: { changed: 20 } } });
});

class Died extends Error {}

it.each([5, 12, 20, 24])(
  'a worker that dies at request %i has written nothing that is written again',
  async (last) => {
    const { work, keys, writes } = await shardOf(2, 10);
    for (const after of [false, true]) {
      let calls = 0;
      const mortal = async <Result>(call: () => Promise<Result>): Promise<Result> => {
        calls += 1;
        if (calls > last || (calls === last && !after)) throw new Died();
        const result = await call();
        if (calls >= last) throw new Died();
        return result;
      };
      await expect(work(3_600_000, (storage) => around(storage, mortal))).rejects.toThrow(Died);
    }
    const worked = await work(3_600_000);
    expect(worked).toMatchObject({ done: { tally: { versions: 2000, changed: 20, failed: 0 } } });
    expect(await keys('done' in worked ? worked.done.parts : 0)).toEqual(named(20, 'protected '));
    expect(writes().sort()).toEqual(named(20).sort());
  },
);

describe('a shard during which matters are unknown', () => {
  const hour = 3_600_000;
  const as = (storage: Storage) => storage;
  const unknown = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });
  const none = { included: [], excluded: [], globs: [] };
  const scope = { places: none, tags: new Map(), from: undefined, until: undefined };
  /** A shard is asked when it is begun, by the pass, and before each of its pages. @param then is open behind the gap */
  const unknownFrom = (first: number, until = Number.POSITIVE_INFINITY, then: readonly OpenScope[] = []) => {
    let asked = 0;
    return () => {
      asked += 1;
      const isGap = asked >= first && asked < until;
      return Promise.resolve({ open: asked >= until ? then : [], unknown: isGap ? [unknown] : [] });
    };
  };
  const known = unknownFrom(99);
  const headsOf = (cloud: Awaited<ReturnType<typeof shardOf>>['cloud']) =>
    cloud.oss.requests.list().filter(({ operation }) => operation === 'HeadObject');

  it('has a result where none is there afterwards that was not before', async () => {
    const { work } = await shardOf(3, 10);
    expect(await work(hour, as, unknownFrom(4, 5))).toMatchObject({ done: { tally: { versions: 3000 } } });
  });

  it('has none where one is, and goes back to where they were known, however long ago that was', async () => {
    const { work, writes, cloud, pass } = await shardOf(5, 10);
    const opened = [{ id: 'case', scope }];
    expect(await work(hour, as, unknownFrom(5, 6, opened))).toEqual({ unknown });
    expect(writes()).toHaveLength(50);
    cloud.oss.requests.clear();
    pass(2 * day);
    expect(await work(hour, as, known)).toMatchObject({ done: { tally: { versions: 5000 } } });
    expect(headsOf(cloud).length, 'the first page is not looked at again').toBeLessThan(50);
  });

  it('has none where it ends so, and a further invocation that does not know them goes on', async () => {
    const { work, cloud } = await shardOf(3, 10);
    expect(await work(hour, as, unknownFrom(1))).toEqual({ unknown });
    cloud.oss.requests.clear();
    expect(await work(hour, as, unknownFrom(1))).toEqual({ unknown });
    expect(await work(hour, as, unknownFrom(1, 3)), 'what was passed before stays so').toEqual({ unknown });
    expect(await work(hour, as, unknownFrom(2, 3)), 'and where only the pass does not know them').toEqual({
      unknown,
    });
    expect(headsOf(cloud)).toHaveLength(0);
    expect(await work(hour, as, known)).toMatchObject({ done: { tally: { versions: 3000, changed: 0 } } });
    expect(headsOf(cloud), 'all are looked at again').toHaveLength(30);
  });

  it('has none where a further invocation begins without them too, and knows them before its end', async () => {
    const { work } = await shardOf(5, 10);
    expect(await work(40 * requestMs, as, unknownFrom(1))).toMatchObject({ unfinished: {} });
    expect(await work(hour, as, unknownFrom(1, 3))).toEqual({ unknown });
    expect(await work(hour, as, known)).toMatchObject({ done: { tally: { versions: 5000 } } });
  });

  it('is begun anew once a day', async () => {
    const { work, cloud, pass } = await shardOf(3, 10);
    expect(await work(hour, as, unknownFrom(1))).toEqual({ unknown });
    cloud.oss.requests.clear();
    pass(day - hour);
    expect(await work(hour, as, unknownFrom(1))).toEqual({ unknown });
    expect(headsOf(cloud)).toHaveLength(0);
    pass(hour);
    expect(await work(hour, as, unknownFrom(1))).toEqual({ unknown });
    expect(headsOf(cloud)).toHaveLength(30);
  });

  it('comes to its end in many invocations, although each second one does not know them at its beginning', async () => {
    const { work, writes } = await shardOf(5, 10);
    let legs = 0;
    let worked = await work(40 * requestMs, as, known);
    for (; 'unfinished' in worked || 'unknown' in worked; legs += 1) {
      expect(legs).toBeLessThan(40);
      worked = await work(40 * requestMs, as, legs % 2 === 0 ? unknownFrom(1) : known);
    }
    expect(worked).toMatchObject({ done: { tally: { versions: 5000 } } });
    expect(new Set(writes()).size).toBe(50);
  });
});
