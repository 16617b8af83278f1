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
      yield await Promise.resolve({ versions, rows: keys.length, end: String(index + 1), done: undefined });
    }
  },
});

/** Shards of a size, with keys like `3/17`. */
const shardsOf = (count: number, size: number): string[][] =>
  Array.from({ length: count }, (_, shard) => Array.from({ length: size }, (_, at) => `${shard + 1}/${at}`));

interface Service {
  readonly head?: (key: string) => Promise<void>;
  readonly put?: (key: string) => Promise<void>;
  /** Keys that are protected before the run. */
  readonly stored?: readonly string[];
}

const answered = () => Promise.resolve();

function passOver(shards: string[][], service: Service, changes: Partial<PassOptions['deps']> = {}) {
  const { head = answered, put = answered } = service;
  const lines: ReportLine[] = [];
  const kept: Progress[] = [];
  const until = new Date('2027-11-20T10:00:00Z');
  const stored = new Map<string, Retention>(
    service.stored?.map((key) => [key, { mode: 'COMPLIANCE', until }]),
  );
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

/** Tells what a checkpoint has: the position, the shard under way, and how many versions were changed. */
const stateOf = ({ position, shard, tally: { changed } }: Progress) => [position, shard?.end, changed];

/** Lets everything go on that waits for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A round is long against what a run does between two requests, which pauses for a turn of the event loop every hundred versions. */
const turnsInRound = 12;
const settledInRound = async () => {
  for (let turn = 0; turn < turnsInRound; turn += 1) await settled();
};

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
      for (; !over; await settledInRound()) {
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
      limit: { versions: 2000, target: 'records' },
    }).finally(end);
    const took = await count();
    expect((await ended).tally).toMatchObject({ changed: 2000 });
    expect(took).toBeLessThanOrEqual(most);
  });

  // 5,000 writes, 64 at a time, are 79 rounds, and the look before them is one; 5,000 looks are 78 more. The checkpoint takes four at the ends.
  // Where a run begins with 8 at once, writing takes a round more.
  test.each([
    { mode: 'that writes first', approach: () => writeFirst(), most: 84 },
    { mode: 'that looks first', approach: () => undefined, most: 162 },
  ])('$mode has as many requests under way as may be soon after its first', async ({ most, approach }) => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    const { wait, end, count } = rounds();
    const pace = createPace({ clock, concurrency: 64, qps: undefined });
    const { run, storage } = passOver(shardsOf(5, 1000), { head: wait, put: wait });
    const deps = { storage: pace.around(storage as Storage), rules, clock, approach: approach() };
    const ended = run({
      deps: { ...deps, concurrency: 64, signal: new AbortController().signal },
      checkpoint: { load: () => Promise.resolve(undefined), save: wait },
    }).finally(end);
    const took = await count();
    expect((await ended).tally).toMatchObject({ changed: 5000 });
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
      const changes = { approach: given.approach, concurrency: 2 };
      const { run } = passOver(shardsOf(3, 5), { head: told, put: told }, changes);
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
    const { run, lines, kept } = passOver(shardsOf(3, 3), { put });
    await run();
    expect(lines.map(({ key }) => key)).toEqual(shardsOf(3, 3).flat());
    expect(kept.map(stateOf)).toEqual([
      [undefined, undefined, 0],
      [undefined, '1', 0],
      [undefined, '2', 0],
      ['1', '2', 3],
      ['1', '3', 3],
      ['2', '3', 6],
      ['3', undefined, 9],
    ]);
    expect(kept[2]?.shard).toMatchObject({ rows: 6, items: { length: 6 } });
    expect(kept.map(({ rows }) => rows)).toEqual([0, 0, 0, 3, 3, 6, 9]);
  });

  test('keeps and tells nothing of a shard in which nothing is to be written, but that it is done', async () => {
    const stored = ['2/0', '2/1', '3/0', '3/1'];
    const { run, lines, kept } = passOver(shardsOf(3, 2), { stored });
    expect((await run()).tally).toMatchObject({ versions: 6, changed: 2 });
    expect(lines.map(({ key }) => key)).toEqual(['1/0', '1/1']);
    expect(kept.map(stateOf)).toEqual([
      [undefined, undefined, 0],
      [undefined, '1', 0],
      ['1', undefined, 2],
      ['2', undefined, 2],
      ['3', undefined, 2],
    ]);
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
      { put },
      { approach: writeFirst(1), concurrency: 2 },
    );
    await expect(run()).rejects.toBe(off);
    expect(puts.length - puts.indexOf('1/99')).toBeLessThan(10);
    expect([lines, kept.at(-1)?.position]).toEqual([[], undefined]);
    expect(kept.at(-1)?.shard).toMatchObject({ end: '2' });
  });

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

  test.each(['1/0', '1/4', '2/0'])(
    'looks at little more once the write of %s has failed for good, and waits for what is under way',
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

  test('looks at little more once its limit is reached, and closes its source', async () => {
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

  test('looks at each shard by the rules of the moment', async () => {
    const none = { ...rules, objects: [] };
    let asked = 0;
    const rulesNow = () => {
      asked += 1;
      return Promise.resolve({ rules: asked > 2 ? rules : none, isPartial: false });
    };
    const { run, lines } = passOver(shardsOf(2, 1), {}, { rulesNow });
    await run();
    expect(lines.map(({ key }) => key)).toEqual(['2/0']);
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
      passOver(shards, { put }).run({
        limit: { versions, target: 'records' },
      });
    expect((await limited(4)).tally).toMatchObject({ changed: 4, failed: 2 });
    await expect(limited(3)).rejects.toMatchObject({
      code: 'TOO_MANY_OBJECTS',
      message: 'more than 3 versions of records would change, so nothing more was changed',
    });
  });
});
