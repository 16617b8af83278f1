import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { inventorySource } from '../../../shared/backfill/inventory/source.ts';
import type { KnownVersion } from '../../../shared/backfill/source.ts';
import { inventoryTime, inventoryWorld } from '../../support/inventory-world.ts';
import { expectOk, makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

const day = 24 * 60 * 60 * 1000;

interface Asked {
  readonly format?: string;
  readonly enabled?: string;
  readonly frequency?: string;
  readonly versions?: string;
  readonly fields?: readonly string[];
  readonly filter?: string;
  readonly destination?: string;
}

function configuration(id: string, asked: Asked = {}): string {
  const { format = 'CSV', enabled = 'true', frequency = 'Daily', versions = 'All' } = asked;
  const { fields = [], filter = '', destination = 'lists' } = asked;
  const names = fields.map((name) => `<Field>${name}</Field>`).join('');
  return `<InventoryConfiguration><Id>${id}</Id><IsEnabled>${enabled}</IsEnabled><Filter>${filter}</Filter><Destination><OSSBucketDestination><Format>${format}</Format><AccountId>1</AccountId><RoleArn>r</RoleArn><Bucket>acs:oss:::${destination}</Bucket><Prefix>inv</Prefix><Encryption></Encryption></OSSBucketDestination></Destination><Schedule><Frequency>${frequency}</Frequency></Schedule><IncludedObjectVersions>${versions}</IncludedObjectVersions><OptionalFields>${names}</OptionalFields></InventoryConfiguration>`;
}

/** A server with a bucket `records` and its inventory `i` as asked, written to `lists`. */
async function world(asked: Asked = {}, id = 'i'): Promise<OssServer> {
  const server = await startOss();
  onTestFinished(() => server.close());
  await makeBucket(server, 'records', { versioning: true });
  await makeBucket(server, 'lists');
  const query = { inventory: '', inventoryId: id };
  await expectOk(rawCall(server, 'PUT /records/', { query, body: configuration(id, asked) }));
  return server;
}

const written = async (server: OssServer) =>
  [...(await rawCall(server, 'GET /lists/')).body.matchAll(/<Key>(.*?)</g)].map(([, key = '']) => key);

/** The rows of the last inventory, as they are written. */
async function rowsOf(server: OssServer): Promise<string[]> {
  const key = (await written(server)).find((each) => each.endsWith('.csv.gz'));
  if (key === undefined) return [];
  await rawCall(server, `PUT /lists/${key}`, {
    query: { acl: '' },
    headers: { 'x-oss-object-acl': 'public-read' },
  });
  const reply = await fetch(`http://127.0.0.1:${server.port}/lists/${key}`);
  return gunzipSync(Buffer.from(await reply.arrayBuffer()))
    .toString()
    .trimEnd()
    .split('\n');
}

test('an inventory is written in the form of the service, its manifest last, and its objects raise events', async () => {
  const server = await world({ fields: ['Size', 'StorageClass', 'LastModifiedDate', 'TaggingCount'] });
  const first = await putObject(server, '/records/a b/c.xml', 'one');
  const second = await putObject(server, '/records/a b/c.xml', 'second', { 'x-oss-tagging': 'a=1' });
  const marker = await rawCall(server, 'DELETE /records/gone');
  server.setTime('2026-11-23T00:00:00Z');
  await server.oss.runInventories();
  const keys = await written(server);
  expect(keys).toEqual([
    'inv/records/i/2026-11-23T00-00Z/manifest.checksum',
    'inv/records/i/2026-11-23T00-00Z/manifest.json',
    expect.stringMatching(/^inv\/records\/i\/data\/[0-9a-f-]{36}\.csv\.gz$/),
  ]);
  const manifest = JSON.parse((await rawCall(server, `GET /lists/${keys[1]}`)).body);
  expect(manifest).toEqual({
    creationTimestamp: '1795392000',
    destinationBucket: 'lists',
    fileFormat: 'CSV',
    fileSchema:
      'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, StorageClass, LastModifiedDate, TaggingCount',
    files: [{ key: keys[2], size: expect.any(Number), MD5checksum: expect.stringMatching(/^[0-9A-F]{32}$/) }],
    sourceBucket: 'records',
    version: '2019-09-01',
  });
  const at = '2026-11-22T10-00-00Z';
  expect(await rowsOf(server)).toEqual([
    `records,"a%20b%2Fc.xml","${second}","true","false","6","Standard","${at}","1"`,
    `records,"a%20b%2Fc.xml","${first}","false","false","3","Standard","${at}","0"`,
    `records,"gone","${marker.headers['x-oss-version-id']}","true","true","","","${at}",""`,
  ]);
  const events = server.events.filter(({ oss }) => oss.bucket.name === 'lists');
  expect(events.map(({ eventName, oss }) => [eventName, oss.object.key])).toEqual([
    ['ObjectCreated:PutObject', keys[2]],
    ['ObjectCreated:PutObject', keys[0]],
    ['ObjectCreated:PutObject', keys[1]],
  ]);
});

test.each([
  ['Daily', 8],
  ['Weekly', 1],
  ['Monthly', 1],
  ['Once', 1],
])('%s: in eight days from Monday 23 November there are %i', async (frequency, count) => {
  const server = await world({ frequency });
  await putObject(server, '/records/a');
  server.setTime(frequency === 'Monthly' ? '2026-11-28T00:00:00Z' : '2026-11-23T00:00:00Z');
  for (let days = 0; days < 8; days++) {
    await server.oss.runInventories();
    await server.oss.runInventories(); // once a day at most
    server.advance(day);
  }
  const manifests = (await written(server)).filter((key) => key.endsWith('manifest.json'));
  expect(manifests).toHaveLength(count);
});

test.each([
  ['switched off', { enabled: 'false' }],
  ['of another format', { format: 'Parquet' }],
  ['to a bucket that is not there', { destination: 'nowhere' }],
])('an inventory that is %s is kept and not written', async (_name, asked) => {
  const server = await world(asked);
  await putObject(server, '/records/a');
  await server.oss.runInventories();
  expect(await written(server)).toEqual([]);
});

test.each([
  ['<Prefix>a/</Prefix>', ['a%2F1', 'a%2Fbig']],
  ['<Prefix>a/</Prefix><LowerSizeBound>5</LowerSizeBound>', ['a%2Fbig']],
  ['<UpperSizeBound>1</UpperSizeBound>', ['a%2F1', 'b']],
  ['<StorageClass>IA</StorageClass>', ['b']],
  ['<LastModifyEndTimeStamp>1</LastModifyEndTimeStamp>', []],
])('the filter %s counts', async (filter, keys) => {
  const server = await world({ filter, versions: 'Current' });
  await putObject(server, '/records/a/1', 'x');
  await putObject(server, '/records/a/big', 'xxxxxxxxx');
  await putObject(server, '/records/b', 'old one');
  await putObject(server, '/records/b', 'x', { 'x-oss-storage-class': 'IA' });
  await server.oss.runInventories();
  expect((await rowsOf(server)).map((row) => row.split('"')[1])).toEqual(keys);
});

test('what the clock writes is what Holdfast reads: every version of the bucket', async () => {
  const { cloud, storage, upload } = await inventoryWorld();
  const ids = [
    await upload('plain/a.xml'),
    await upload('plain/a.xml', { class: 'finance' }),
    await upload('plus+/ü b'),
  ];
  const query = { inventory: '', inventoryId: 'i' };
  const body = configuration('i', { fields: ['Size', 'LastModifiedDate', 'TaggingCount', 'ObjectType'] });
  const at = { port: Number(new URL(cloud.url).port), now: () => cloud.time.now() };
  await expectOk(rawCall(at, 'PUT /records/', { query, body }));
  await cloud.time.advance(day);
  const listing = await rawCall(at, 'GET /lists/', { query: { prefix: 'inv/records/i/2026-11-21' } });
  const manifest = /<Key>([^<]*manifest\.json)</.exec(listing.body)?.[1];
  const source = await inventorySource(storage, {
    url: `oss://lists/${manifest}`,
    bucket: 'records',
    prefix: '',
    keysEncoded: true,
  });
  const found: KnownVersion[] = [];
  for await (const shard of source.shards()) found.push(...shard.versions);
  expect(found.map(({ versionId }) => versionId).sort()).toEqual([...ids].sort());
  expect(source.manifest.takenAt?.getTime()).toBeGreaterThan(inventoryTime.getTime());
});
