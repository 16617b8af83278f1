import { describe, expect, test } from 'vitest';
import { writeFirst } from '../../../shared/backfill/approach.ts';
import { type Progress, progressFormat } from '../../../shared/backfill/checkpoint.ts';
import type { ReportLine } from '../../../shared/backfill/entry.ts';
import { createPace } from '../../../shared/backfill/pace/pace.ts';
import { type PassOptions, protectSource } from '../../../shared/backfill/run.ts';
import type { Source } from '../../../shared/backfill/source.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { etag, type Retention, type Storage, versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { reportInto } from '../../support/report-in-memory.ts';
import { validRules } from '../../support/rules-file.ts';

// Shards are carried out two at a time, and everything is told and kept in their order.

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: records }, retain: 1y }]
`);
const lastModified = new Date('2026-11-20T10:00:00Z');
const versionOf = (key: string) => ({
  ...{ bucket: 'records', key, versionId: versionId('v'), lastModified, type: 'Normal' as const },
  ...{ isLatest: true, tagCount: 0 },
});

const sourceOf = (shards: readonly (readonly string[])[]): Source => ({
  async *shards(from) {
    for (const [index, keys] of shards.entries()) {
      if (index < Number(from ?? 0)) continue;
      const versions = keys.map(versionOf);
      yield await Promise.resolve({ versions, end: String(index + 1), done: undefined });
    }
  },
});

/** Shards of a size, with keys like `3/17`. */
const shardsOf = (count: number, size: number): string[][] =>
  Array.from({ length: count }, (_, shard) => Array.from({ length: size }, (_, at) => `${shard + 1}/${at}`));

interface Service {
  head(key: string): Promise<void>;
  put(key: string): Promise<void>;
}

function passOver(shards: string[][], { head, put }: Service, changes: Partial<PassOptions['deps']> = {}) {
  const lines: ReportLine[] = [];
  const kept: Progress[] = [];
  const stored = new Map<string, Retention>();
  const storage: Pick<Storage, 'cloud' | 'headObject' | 'putRetention' | 'getRetention'> = {
    cloud: 'oss',
    async headObject({ key }) {
      await head(key);
      const one = { etag: etag('AA'), lastModified, size: 1, type: 'Normal', tagCount: 0 };
      return { ...one, versionId: versionId('v'), retention: stored.get(key) };
    },
    async putRetention({ key }, retention) {
      await put(key);
      stored.set(key, retention);
      return { sent: true, requestId: 'R' };
    },
    getRetention: ({ key }) => Promise.resolve(stored.get(key)),
  };
  const run = (options: Partial<PassOptions> = {}) =>
    protectSource({
      deps: {
        storage: storage as Storage, // only these calls are made
        rules,
        clock: manualClock('2026-11-22T10:00:00Z'),
        concurrency: 20,
        signal: new AbortController().signal,
        ...changes,
      },
      source: sourceOf(shards),
      checkpoint: {
        load: () => Promise.resolve(kept.at(-1)),
        save(progress) {
          kept.push(progressFormat.parse(JSON.parse(JSON.stringify(progressFormat.plain(progress)))));
          return Promise.resolve();
        },
      },
      run: {},
      openReport: reportInto(lines),
      requests: () => 0,
      onResume: () => undefined,
      onProgress: () => undefined,
      ...options,
    });
  return { run, lines, kept, storage };
}

/** Lets everything go on that waits for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Everything takes one round: what was asked for in a round is answered at its end. */
function rounds() {
  let waiting: (() => void)[] = [];
  let count = 0;
  let over = false;
  return {
    wait: () => new Promise<void>((resolve) => waiting.push(resolve)),
    end() {
      over = true;
    },
    async count() {
      for (; !over; await settled()) {
        if (waiting.length > 0) count += 1;
        for (const answer of waiting.splice(0)) answer();
      }
      waiting = [];
      return count;
    },
  };
}

describe('a run over many shards', () => {
  // 2,000 writes, 20 at a time, are 100 rounds; a look at each is 100 more. Where each shard waits for the one before, they are 143 and 214.
  test.each([
    { mode: 'that writes first', approach: () => writeFirst(1), most: 110 },
    { mode: 'that looks first', approach: () => undefined, most: 208 },
  ])('$mode has as many requests under way as may be, also from one shard to the next', async (given) => {
    const { most, approach } = given;
    const clock = manualClock('2026-11-22T10:00:00Z');
    const { wait, end, count } = rounds();
    const pace = createPace({ clock, concurrency: 20, least: 20, qps: undefined });
    const { run, storage } = passOver(shardsOf(10, 200), { head: wait, put: wait });
    const deps = { storage: pace.around(storage as Storage), rules, clock, approach: approach() };
    const report = { append: () => wait().then(() => ({ lines: 0, table: 0 })), close: wait };
    const ended = run({
      deps: { ...deps, concurrency: 20, signal: new AbortController().signal },
      checkpoint: { load: () => Promise.resolve(undefined), save: wait },
      openReport: () => Promise.resolve(report),
    }).finally(end);
    const took = await count();
    expect((await ended).tally).toMatchObject({ changed: 2000 });
    expect(took).toBeLessThanOrEqual(most);
  });

  test.each([
    { mode: 'that writes first', approach: writeFirst() },
    { mode: 'that looks first', approach: undefined },
  ])(
    '$mode looks at no shard before the one in front of it is done, where it may not look ahead',
    async (given) => {
      const calls: string[] = [];
      const told = async (key: string) => {
        calls.push(key);
        await settled();
      };
      const { run } = passOver(shardsOf(3, 5), { head: told, put: told }, { approach: given.approach });
      expect((await run({ lookAhead: false })).tally).toMatchObject({ changed: 15 });
      expect(calls).toHaveLength(30);
      expect(calls).toEqual(calls.toSorted((one, other) => Number(one[0]) - Number(other[0])));
    },
  );

  test('tells and keeps the shards in their order, however early a later one is done', async () => {
    let go: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      go = resolve;
    });
    const put = async (key: string) => {
      if (key === '1/0') await slow;
      if (key === '2/2') setImmediate(() => setImmediate(go));
    };
    const { run, lines, kept } = passOver(shardsOf(3, 3), { head: () => Promise.resolve(), put });
    await run();
    expect(lines.map(({ key }) => key)).toEqual(shardsOf(3, 3).flat());
    const shown = kept.map(({ position, shard, tally: { changed } }) => [position, shard?.end, changed]);
    expect(shown).toEqual([
      [undefined, undefined, 0],
      [undefined, '1', 0],
      [undefined, '2', 0],
      ['1', '2', 3],
      ['1', '3', 3],
      ['2', '3', 6],
      ['3', undefined, 9],
    ]);
    expect(kept[2]?.shard?.items).toHaveLength(6);
  });

  test('ends all that is under way soon after one has failed for good, and throws what that one has', async () => {
    const puts: string[] = [];
    const off = failure('OBJECT_WORM_OFF', { bucket: 'records', target: 'oss://records' });
    const put = async (key: string) => {
      await settled();
      puts.push(key);
      if (key === '1/99') throw off;
    };
    const { run, lines, kept } = passOver(
      shardsOf(3, 100),
      { head: () => Promise.resolve(), put },
      { approach: writeFirst(1), concurrency: 2 },
    );
    await expect(run()).rejects.toBe(off);
    expect(puts.length - puts.indexOf('1/99')).toBeLessThan(10);
    expect([lines, kept.at(-1)?.position]).toEqual([[], undefined]);
    expect(kept.at(-1)?.shard).toMatchObject({ end: '2' });
  });

  test('keeps to its limit by what was changed: what has failed leaves room for others', async () => {
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
      passOver(shards, { head: () => Promise.resolve(), put }).run({
        limit: { versions, target: 'records' },
      });
    expect((await limited(4)).tally).toMatchObject({ changed: 4, failed: 2 });
    await expect(limited(3)).rejects.toMatchObject({ code: 'TOO_MANY_OBJECTS' });
  });
});
