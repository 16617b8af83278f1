import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { listingSource } from '../../../shared/backfill/source.ts';
import { atMost, mostShards } from '../../../shared/fan-out/plan.ts';
import { type InventorySurvey, planInventory } from '../../../shared/fan-out/plan-inventory.ts';
import { planListing } from '../../../shared/fan-out/plan-listing.ts';
import { sourceOf } from '../../../shared/fan-out/source.ts';
import {
  type FanOutRun,
  type ShardTask,
  shardTask,
  taskId,
  taskPrefix,
} from '../../../shared/fan-out/task.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { listing } from '../../../shared/storage/listing.ts';
import {
  etag,
  type ListedVersion,
  type Page,
  type Storage,
  versionId,
} from '../../../shared/storage/port.ts';

const run: FanOutRun = {
  bucket: 'records',
  prefix: '',
  source: 'listing',
  keysEncoded: true,
  dryRun: false,
  repair: false,
  folder: { bucket: 'kept', prefix: 'failed/fan-out/records-1/1/' },
};
const task = (changes: Partial<ShardTask> = {}): ShardTask => ({
  task: 'protect-shard',
  version: 2,
  folder: run.folder,
  plan: 'a'.repeat(64),
  number: 0,
  concurrency: 8,
  attempt: 0,
  leg: 0,
  ...changes,
});

/** A version as a list shows it. */
const version = (key: string, id: number): ListedVersion => ({
  bucket: 'records',
  key,
  versionId: versionId(String(id)),
  kind: 'version',
  isLatest: true,
  lastModified: new Date(0),
  etag: etag('E'),
  size: 1,
  type: 'Normal',
});

const marker = (key: string, id: number): ListedVersion => ({
  bucket: 'records',
  key,
  versionId: versionId(String(id)),
  kind: 'delete-marker',
  isLatest: false,
  lastModified: new Date(0),
});

/** A list in pages of a few versions, its delete markers last in each, which may be entered after any page. */
function listOf(versions: readonly ListedVersion[], pageSize: number): Storage {
  const page = (from: number): Page<ListedVersion> => {
    const to = from + pageSize;
    const inPage = versions.slice(from, to);
    const ofKind = (kind: ListedVersion['kind']) => inPage.filter((each) => each.kind === kind);
    const items = [...ofKind('version'), ...ofKind('delete-marker')];
    if (to >= versions.length) return { items, next: undefined };
    return { items, next: () => Promise.resolve(page(to)), cursor: String(to) };
  };
  const listVersions: Storage['listVersions'] = (_bucket, _prefix, cursor = '0') =>
    listing(() => Promise.resolve(page(Number(cursor))));
  const rest: Pick<Storage, 'listVersions'> = { listVersions };
  return rest as Storage; // nothing else is asked of a list
}

async function keysAndIds(source: ReturnType<typeof listingSource>): Promise<string[]> {
  const found: string[] = [];
  for await (const shard of source.shards()) {
    found.push(...shard.versions.map(({ key, versionId: id }) => `${key} ${id}`));
  }
  return found;
}

const keys = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }), { minLength: 1 });

describe('a list cut into shards', () => {
  it('is in its shards whole, each version once, whatever the keys are and wherever the delete markers stand', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (names, pageSize, size) => {
          const versions = names
            .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
            .map((key, id) => (id % 3 === 2 ? marker(key, id) : version(key, id)));
          const storage = listOf(versions, pageSize);
          const ranges = await planListing(storage, 'records', '', size);
          const found: string[] = [];
          for (const range of ranges) {
            found.push(...(await keysAndIds(await sourceOf(storage, { plan: { run }, range }, systemClock))));
          }
          expect(found.toSorted()).toEqual(
            versions.map(({ key, versionId: id }) => `${key} ${id}`).toSorted(),
          );
        },
      ),
    );
  });

  it('leaves all versions of a key in one shard, where a later one belongs too', async () => {
    const before = ['a', 'b', 'b', 'b', 'c', 'd'].map((key, id) => version(key, id));
    const ranges = await planListing(listOf(before, 2), 'records', '', 2);
    expect(ranges).toEqual([
      { kind: 'listing', through: 'b' },
      { kind: 'listing', cursor: '2', after: 'b' },
    ]);
    const after = [...before.slice(0, 1), version('b', 9), ...before.slice(1)];
    const shards = ranges.map(async (range) =>
      keysAndIds(await sourceOf(listOf(after, 2), { plan: { run }, range }, systemClock)),
    );
    expect(await Promise.all(shards)).toEqual([
      ['a 0', 'b 9', 'b 1', 'b 2', 'b 3'],
      ['c 4', 'd 5'],
    ]);
  });
});

/** What is known of files with so many rows each, when each grain has so many. */
const surveyOf = (files: readonly number[], size: number): InventorySurvey => ({
  grain: size,
  files: files.map((rows) =>
    Array.from({ length: Math.ceil(rows / size) }, (_, index) => {
      const inGrain = Math.min(size, rows - index * size);
      return { rows: inGrain, bytes: 10 * inGrain, sha256: 'f'.repeat(64) };
    }),
  ),
});

describe('the rows of an inventory cut into shards', () => {
  it('follow one another without a gap from the first row to the last', () => {
    const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 40 }), (files, size) => {
        const ranges = planInventory(surveyOf(files, size));
        const next = files.map(() => 0);
        for (const { pieces } of ranges) {
          expect(pieces.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(2 * size);
          for (const { file, row, rows, byte, bytes } of pieces) {
            expect([row, byte]).toEqual([next[file], 10 * (next[file] ?? 0)]);
            expect(bytes).toBe(10 * rows);
            next[file] = row + rows;
          }
        }
        expect(next).toEqual(files);
      }),
    );
  });

  it('are never more shards than one page of results shows', () => {
    expect(planInventory(surveyOf([50_000_000, 0, 12_345_678], 10_000)).length).toBeLessThanOrEqual(
      mostShards,
    );
    expect(planInventory(surveyOf([0], 10))).toEqual([{ kind: 'inventory', pieces: [] }]);
  });
});

it('neighbours are joined until there are few enough, in order and none lost', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 50 }), fc.integer({ min: 1, max: 10 }), (items, most) => {
      const joined = atMost(
        items.map((item) => [item]),
        most,
        (one, other) => [...one, ...other],
      );
      expect(joined.length).toBeLessThanOrEqual(most);
      expect(joined.flat()).toEqual(items);
    }),
  );
});

describe('the id of a task', () => {
  it('is that of its shard: the same again, another for another shard, run, plan, attempt or leg', () => {
    const folder = { ...run.folder, prefix: 'failed/fan-out/records-1/2/' };
    const variants = [
      {},
      { number: 1 },
      { folder },
      { plan: 'b'.repeat(64) },
      { attempt: 1 },
      { leg: 1 },
    ].map((change) => task(change));
    expect(new Set(variants.map(taskId)).size).toBe(variants.length);
    expect(taskId(task({ qps: 7, concurrency: 1 }))).toBe(taskId(task()));
    expect(taskId(shardTask.parse(JSON.parse(JSON.stringify(task()))))).toBe(taskId(task()));
  });

  it('is one that Function Compute takes, and begins with what its run begins with', () => {
    const id = taskId(task({ leg: 3 }));
    expect(id).toMatch(/^[A-Za-z_][\w-]{0,127}$/);
    expect(id.startsWith(taskPrefix(task(), 0))).toBe(true);
  });
});
