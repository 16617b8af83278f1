import { afterEach, expect, test, vi } from 'vitest';
import { atStart, progressFormat } from '../../../shared/backfill/checkpoint.ts';
import type { OpenShard } from '../../../shared/backfill/open-shard.ts';
import { shardsUnderWay } from '../../../shared/backfill/under-way.ts';
import { versionId } from '../../../shared/storage/port.ts';

// A shard is kept with the one before it, alone, and with the one after it: its items become text once.

const at = new Date('2026-11-20T10:00:00Z');
const versionOf = (key: string) => ({
  ...{ bucket: 'records', key, versionId: versionId('v'), lastModified: at, type: 'Normal' },
  ...{ tags: new Map([['class', 'finance']]), retention: undefined, isLatest: true },
});
const shardOf = (end: string, keys: readonly string[]): OpenShard => ({
  ...{ end, rows: keys.length, decidedAt: at },
  items: [
    ...keys.map((key) => ({ pending: versionOf(key), unseen: 'list' as const })),
    { action: 'no-rule' },
  ],
});
const progressWith = (shard: OpenShard | undefined) => ({ ...atStart({ target: 'x' }, at), shard });

/** Joins shards as those are joined that are under way. */
function joined(...shards: OpenShard[]): OpenShard | undefined {
  const underWay = shardsUnderWay(
    () => Promise.resolve([]),
    () => undefined,
  );
  for (const observed of shards) underWay.begin({ observed, done: undefined });
  return underWay.joinedWith();
}

/** Returns progress as JSON keeps it: tags as a list, and nothing that is derived. */
function asJson({ shard, ...rest }: ReturnType<typeof progressWith>): unknown {
  const items = shard?.items.map((item) =>
    'pending' in item ? { ...item, pending: { ...item.pending, tags: [...item.pending.tags] } } : item,
  );
  const kept = shard && { end: shard.end, rows: shard.rows, decidedAt: shard.decidedAt, items };
  return JSON.parse(JSON.stringify({ ...rest, shard: kept }));
}

afterEach(() => vi.restoreAllMocks());

test.each([
  { what: 'no shard', shard: undefined },
  { what: 'a shard', shard: shardOf('1', ['a', 'b']) },
  { what: 'a shard with nothing in it', shard: { ...shardOf('1', []), items: [] } },
  { what: 'two shards as one', shard: joined(shardOf('1', ['a']), shardOf('2', ['"b"', 'ü'])) },
  {
    what: 'an empty shard and another as one',
    shard: joined({ ...shardOf('1', []), items: [] }, shardOf('2', ['c'])),
  },
])('progress with $what is written as the same JSON, and read back as it was', ({ shard }) => {
  const progress = progressWith(shard);
  const text = progressFormat.text(progress);
  expect(JSON.parse(text)).toEqual(asJson(progress));
  expect(progressFormat.parse(JSON.parse(text)).shard?.items).toEqual(shard?.items);
});

test('items of a shard become text once, however often they are kept', () => {
  const first = shardOf('1', ['a', 'b']);
  const second = shardOf('2', ['c']);
  const stringify = vi.spyOn(JSON, 'stringify');
  const timesOf = (key: string) =>
    stringify.mock.results.filter(({ value }) => String(value).includes(`"key":"${key}"`)).length;
  for (const shard of [first, joined(first, second), second, joined(second, shardOf('3', ['d']))])
    progressFormat.text(progressWith(shard));
  expect(['a', 'b', 'c', 'd'].map(timesOf)).toEqual([1, 1, 1, 1]);
});
