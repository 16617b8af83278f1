import { describe, expect, test } from 'vitest';
import { writeFirst } from '../../../shared/backfill/approach.ts';
import type { Progress } from '../../../shared/backfill/checkpoint.ts';
import { createPace } from '../../../shared/backfill/pace/pace.ts';
import type { Storage } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { passOver, shardRules as rules, settled, shardsOf } from '../../support/shards-world.ts';

// Shards are carried out two at a time, and everything is told and kept in their order.

/** Tells what a checkpoint has: the position, the shard under way, and how many versions were changed. */
const stateOf = ({ position, shard, tally: { changed } }: Progress) => [position, shard?.end, changed];

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

/** Answers what has waited longest, a few at a time, so that requests end and begin one after the other. */
function oneAfterTheOther(atOnce: number) {
  const waiting: (() => void)[] = [];
  const underWay: number[] = [];
  let over = false;
  return {
    wait: () => new Promise<void>((resolve) => waiting.push(resolve)),
    end() {
      over = true;
    },
    /** @returns how many requests were under way before each answer */
    async answer() {
      for (; !over; await settledInRound()) {
        underWay.push(waiting.length);
        for (const answer of waiting.splice(0, atOnce)) answer();
      }
      return underWay;
    },
  };
}

describe('a run over many shards', () => {
  test('that looks first has writes left to send while the last looks at a shard end', async () => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    const { wait, end, answer } = oneAfterTheOther(4);
    const pace = createPace({ clock, concurrency: 20, least: 20, qps: undefined, readsFirst: true });
    const { run, storage } = passOver(shardsOf(6, 200), { head: wait, put: wait });
    const deps = { storage: pace.around(storage as Storage), rules, clock, approach: undefined };
    const ended = run({
      deps: { ...deps, concurrency: 20, signal: new AbortController().signal },
      checkpoint: { load: () => Promise.resolve(undefined), save: wait },
    }).finally(end);
    const underWay = await answer();
    expect((await ended).tally).toMatchObject({ changed: 1200 });
    // Only while the first shard ends, when nothing is to be written yet, and at the end of the last one.
    const tooFew = underWay.slice(60, -6).filter((requests) => requests < 20);
    expect(tooFew).toEqual([]);
  });

  // 2,000 writes, 20 at a time, are 100 rounds; a look at each is 100 more. Where each shard waits for the one before, they are 143 and 214.
  test.each([
    { mode: 'that writes first', approach: () => writeFirst(1), most: 110 },
    { mode: 'that looks first', approach: () => undefined, most: 208 },
  ])('$mode has as many requests under way as may be, also from one shard to the next', async (given) => {
    const { most, approach } = given;
    const clock = manualClock('2026-11-22T10:00:00Z');
    const { wait, end, count } = rounds();
    const pace = createPace({ clock, concurrency: 20, least: 20, qps: undefined, readsFirst: true });
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
    const pace = createPace({ clock, concurrency: 64, qps: undefined, readsFirst: true });
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
});
