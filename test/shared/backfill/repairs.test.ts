import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../../local/cloud.ts';
import { createRetentionBucket } from '../../../local/plain-client.ts';
import { keepRepair, type Repair, repairsOf } from '../../../shared/backfill/repairs.ts';
import { storageOf } from '../../support/storage-of.ts';

const folder = { bucket: 'kept', prefix: 'failed/' };
const repair: Repair = {
  bucket: 'records',
  source: 'oss://lists/inventory/records/daily/2026-11-20T00-00Z/manifest.json',
  completedAt: new Date('2026-11-20T10:00:00.250Z'),
  versions: 12,
  changed: 2,
  failed: 1,
};

async function world() {
  const cloud = await startCloud();
  const client = await createRetentionBucket(cloud.url, folder.bucket);
  const storage = storageOf(cloud);
  onTestFinished(() => cloud.close());
  return { cloud, client, storage };
}

test('the last repair of each bucket is found as it was kept', async () => {
  const { storage } = await world();
  expect(await repairsOf(storage, folder)).toEqual([]);
  const audit = { ...repair, bucket: 'audit', source: 'listing' };
  const later = { ...repair, completedAt: new Date('2026-11-21T10:00:00Z'), changed: 0 };
  for (const each of [repair, audit, later]) await keepRepair(storage, folder, each);
  expect(await repairsOf(storage, folder)).toEqual([
    { bucket: 'audit', repair: audit },
    { bucket: 'records', repair: later },
  ]);
});

test.each<[what: string, text: string, reason: string]>([
  ['is no JSON', 'done', 'the record'],
  ['has a number that is none', JSON.stringify({ ...repair, failed: -1 }), 'failed'],
  ['has no time', JSON.stringify({ ...repair, completedAt: 'yesterday' }), 'completedAt'],
  ['is of another bucket', JSON.stringify({ ...repair, bucket: 'others' }), 'it is of bucket others'],
])('a record that %s is told, and hides no other', async (_what, text, reason) => {
  const { client, storage } = await world();
  await client.put('failed/repairs/bad.json', Buffer.from(text));
  await client.put('failed/repairs/readme.txt', Buffer.from('not a record'));
  await keepRepair(storage, folder, repair);
  const message = expect.stringContaining(reason);
  expect(await repairsOf(storage, folder)).toEqual([
    { bucket: 'bad', error: expect.objectContaining({ code: 'REPAIR_BROKEN', message }) },
    { bucket: 'records', repair },
  ]);
});

test('a record that is no text is replaced', async () => {
  const { client, storage } = await world();
  await client.put('failed/repairs/records.json', Buffer.from([0xff]));
  expect(await repairsOf(storage, folder)).toMatchObject([{ error: { code: 'REPAIR_BROKEN' } }]);
  await keepRepair(storage, folder, repair);
  expect(await repairsOf(storage, folder)).toEqual([{ bucket: 'records', repair }]);
});

test('what is listed in few requests is read in as many as there are buckets', async () => {
  const { cloud, storage } = await world();
  for (const bucket of ['a1', 'b2', 'c3']) await keepRepair(storage, folder, { ...repair, bucket });
  cloud.oss.requests.clear();
  await repairsOf(storage, folder);
  expect(cloud.oss.requests.list().map(({ operation }) => operation)).toEqual([
    'ListObjectVersions',
    'GetObject',
    'GetObject',
    'GetObject',
  ]);
});

test('a record never goes back: what has seen less, or the same and ended no later, replaces nothing', async () => {
  const { storage } = await world();
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));
  const of = (source: number, completed: number): Repair => ({
    ...repair,
    sourceAt: at(source),
    completedAt: at(completed),
  });
  expect(await keepRepair(storage, folder, of(5, 8))).toMatchObject({ sent: true });
  expect(await keepRepair(storage, folder, of(4, 9)), 'an older source that ended later').toMatchObject({
    sent: false,
  });
  expect(await keepRepair(storage, folder, of(5, 8)), 'the same once more').toMatchObject({ sent: false });
  expect(await keepRepair(storage, folder, of(5, 7)), 'ended earlier').toMatchObject({ sent: false });
  expect(await keepRepair(storage, folder, of(5, 9)), 'ended later').toMatchObject({ sent: true });
  expect(await keepRepair(storage, folder, of(6, 7)), 'a newer source').toMatchObject({ sent: true });
  expect(await repairsOf(storage, folder)).toMatchObject([
    { repair: { sourceAt: at(6), completedAt: at(7) } },
  ]);
});
