import { expect, test } from 'vitest';
import { createOldestMemory, findOldest, type Oldest } from '../../../shared/buckets/oldest.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, type Page, versionId } from '../../../shared/storage/port.ts';

const start = new Date('2026-11-21T10:00:00Z');
const seconds = (count: number) => new Date(start.getTime() + count * 1000);

function item(lastModified: string, kind: ListedVersion['kind'] = 'version'): ListedVersion {
  const common = { bucket: 'b', key: 'k', versionId: versionId(lastModified), isLatest: true };
  const at = new Date(lastModified);
  if (kind === 'delete-marker') return { ...common, kind, lastModified: at };
  return { ...common, kind, lastModified: at, etag: etag('AA'), size: 1, type: 'Normal' };
}

type Fetch = (page: number) => Promise<ListedVersion[]>;

/** A bucket whose versions come page by page; a page takes a second of the clock's time. */
function bucket(pages: number, fetch: Fetch) {
  let time = start.getTime();
  let fetched = 0;
  const slept: number[] = [];
  const asked: string[] = [];
  const page = async (at: number): Promise<Page<ListedVersion>> => {
    time += 1000;
    fetched += 1;
    const items = await fetch(at);
    return { items, next: at + 1 < pages ? () => page(at + 1) : undefined };
  };
  const clock: Clock = {
    now: () => new Date(time),
    sleep: async (ms) => {
      slept.push(ms);
      const end = time + ms;
      await new Promise(setImmediate); // all that can go on has come to its end by then
      time = Math.max(time, end);
    },
  };
  const listVersions = (name: string, prefix: string) => {
    asked.push(`oss://${name}/${prefix}`);
    return listing(() => page(0));
  };
  return { deps: { storage: { listVersions }, clock }, fetched: () => fetched, slept, asked };
}

const one = (lastModified: string, kind?: ListedVersion['kind']): Fetch => {
  return () => Promise.resolve([item(lastModified, kind)]);
};

test('the oldest of all pages is found, and delete markers do not count', async () => {
  const contents = [
    [item('2026-05-01T00:00:00Z'), item('2025-01-01T00:00:00Z', 'delete-marker')],
    [item('2026-03-01T00:00:00Z'), item('2026-04-01T00:00:00Z')],
    [],
  ];
  const { deps, asked } = bucket(3, (page) => Promise.resolve(contents[page] ?? []));
  expect(await findOldest(deps, 'b')).toEqual({
    kind: 'version',
    lastModified: new Date('2026-03-01T00:00:00Z'),
  });
  expect(asked, 'all of the bucket').toEqual(['oss://b/']);
});

test.each([
  ['nothing', () => Promise.resolve([])],
  ['delete markers only', one('2025-01-01T00:00:00Z', 'delete-marker')],
])('a bucket with %s stores no version', async (_, fetch) => {
  expect(await findOldest(bucket(2, fetch).deps, 'b')).toEqual({ kind: 'none' });
});

test('100 pages are read to the end, and of more nothing is said', async () => {
  const enough = bucket(100, one('2026-05-01T00:00:00Z'));
  expect(await findOldest(enough.deps, 'b')).toMatchObject({ kind: 'version' });
  const tooMany = bucket(101, one('2026-05-01T00:00:00Z'));
  expect(await findOldest(tooMany.deps, 'b')).toEqual({
    kind: 'unknown',
    why: 'it holds more versions than 100 pages list',
  });
  expect(tooMany.fetched()).toBe(100);
});

const late = { kind: 'unknown', why: 'listing its versions took too long' };

test('listing ends when time is over, and nothing is said', async () => {
  const { deps, fetched } = bucket(50, one('2026-05-01T00:00:00Z'));
  expect(await findOldest(deps, 'b', seconds(3))).toEqual(late);
  await new Promise(setImmediate);
  expect(fetched()).toBe(3);
});

test('a list that never answers holds nobody up', async () => {
  const { deps, slept } = bucket(2, () => new Promise(() => undefined));
  expect(await findOldest(deps, 'b', seconds(30))).toEqual(late);
  expect(slept, 'what is left when the first page has taken its second').toEqual([29_000]);
  expect(await findOldest(deps, 'b', seconds(-5))).toEqual(late);
  expect(slept).toEqual([29_000, 0]);
});

test('what the service refuses is told, and no failure', async () => {
  const { deps } = bucket(2, () =>
    Promise.reject(failure('NO_SUCH_BUCKET', { operation: 'ListObjectVersions', address: 'oss://b' })),
  );
  expect(await findOldest(deps, 'b', seconds(30))).toEqual({
    kind: 'unknown',
    why: expect.stringMatching(/^NO_SUCH_BUCKET: /),
  });
});

test('a mistake of ours is not taken for an answer', async () => {
  const { deps } = bucket(2, () => Promise.reject(new TypeError('oh')));
  await expect(findOldest(deps, 'b')).rejects.toThrow('oh');
});

test('an instance remembers a version and a bucket that is too large for six hours, and nothing else', async () => {
  const memory = createOldestMemory();
  const later = (hours: number) => new Date(start.getTime() + hours * 3_600_000);
  const version: Oldest = { kind: 'version', lastModified: start };
  const tooMany = await findOldest(bucket(101, one('2026-05-01T00:00:00Z')).deps, 'b');
  for (const oldest of [version, tooMany]) {
    memory.note('b', oldest, start);
    expect(memory.recall('b', new Date(later(6).getTime() - 1))).toEqual(oldest);
    expect(memory.recall('b', later(6))).toBeUndefined();
  }
  for (const oldest of [{ kind: 'none' } as const, { kind: 'unknown', why: 'ACCESS_DENIED: no' } as const]) {
    memory.note('b', version, start);
    memory.note('b', oldest, start);
    expect(memory.recall('b', start)).toBeUndefined();
  }
  expect(memory.recall('c', start)).toBeUndefined();
});
