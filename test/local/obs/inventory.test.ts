import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../../local/cloud.ts';
import { createObsBucket, createObsRetentionBucket } from '../../../local/plain-obs.ts';
import { inventorySource } from '../../../shared/backfill/inventory/source.ts';
import { day } from '../../../shared/platform/instant.ts';
import { createObsStorage } from '../../../shared/storage/obs/index.ts';

const configuration = (
  id: string,
  prefix = '',
) => `<InventoryConfiguration><Id>${id}</Id><IsEnabled>true</IsEnabled>
<Filter><Prefix>${prefix}</Prefix></Filter><Destination><Format>CSV</Format><Bucket>lists</Bucket><Prefix>all</Prefix></Destination>
<Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions>
<OptionalFields><Field>Size</Field><Field>LastModifiedDate</Field><Field>ETag</Field></OptionalFields></InventoryConfiguration>`;

async function start() {
  const cloud = await startCloud({ clouds: ['obs'], clock: new Date('2027-03-01T10:05:00Z') });
  onTestFinished(() => cloud.close());
  const { url } = cloud;
  const records = await createObsRetentionBucket(url, 'records');
  await createObsBucket(url, 'lists');
  const ask = async (method: string, query: Record<string, string>, text?: string) => {
    const content = text === undefined ? {} : { content: Buffer.from(text) };
    const params = {
      method,
      bucket: 'records',
      subres: { inventory: '', ...query },
      headers: {},
      ...content,
    };
    const { status, data } = await records.request(params);
    return { status, text: data.toString() };
  };
  const storage = createObsStorage({
    region: 'cn-north-4',
    endpoint: url,
    credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
  });
  onTestFinished(() => storage.close());
  return { cloud, records, ask, storage };
}

test('a daily inventory is written in the form of OBS, and names every version', async () => {
  const { cloud, records, ask, storage } = await start();
  const keys = ['a b+c.txt', '账本/"x".csv', '账本/"x".csv'];
  for (const [index, key] of keys.entries()) await records.put(key, Buffer.from(`text ${index}`));
  await records.delete('a b+c.txt');
  expect(await ask('PUT', { id: 'every' }, configuration('every'))).toMatchObject({ status: 200 });
  expect((await ask('GET', { id: 'every' })).text).toContain('<Prefix>all</Prefix>');

  await cloud.advance(day);
  const written: string[] = [];
  for await (const { key } of storage.listVersions('lists', '')) written.push(key);
  const manifestKey = written.find((key) => key.endsWith('/manifest.json')) ?? '';
  expect(manifestKey).toMatch(/^all\/records\/every\/2027-03-02T00-00Z\/manifest\.json$/);
  expect(written).toHaveLength(2);
  const found = await storage.readText({ bucket: 'lists', key: manifestKey });
  const manifest = JSON.parse(found === 'unchanged' ? '' : found.text);
  expect(manifest).toMatchObject({ version: '2019-01-03', sourceBucket: 'records', fileFormat: 'CSV' });
  expect(manifest.files).toEqual([
    { key: expect.stringMatching(/%2F.*_index\.csv$/), size: expect.any(Number), inventoriedRecord: 4 },
  ]);

  const options = { url: `obs://lists/${manifestKey}`, bucket: 'records', prefix: '', keysEncoded: true };

  const named: string[] = [];
  for await (const { versions } of (await inventorySource(storage, options)).shards())
    for (const { key, versionId, type } of versions) named.push(`${key} ${versionId} ${type}`);
  const listed: string[] = [];
  for await (const { key, versionId } of storage.listVersions('records', ''))
    listed.push(`${key} ${versionId}`);
  expect(named.map((text) => text.replace(/ \S+$/, '')).sort()).toEqual(listed.sort());
  expect(named.filter((text) => text.endsWith(' delete-marker'))).toHaveLength(1);
});

test('configurations have ids of their own, do not overlap, and can be taken away', async () => {
  const { ask } = await start();
  expect(await ask('PUT', { id: 'one' }, configuration('one', 'a/'))).toMatchObject({ status: 200 });
  expect(await ask('PUT', { id: 'two' }, configuration('two', 'a/b/'))).toMatchObject({
    status: 400,
    text: expect.stringContaining('PrefixExistInclusionRelationship'),
  });
  expect(await ask('PUT', { id: 'two' }, configuration('three', 'c/'))).toMatchObject({ status: 400 });
  expect((await ask('GET', {})).text.match(/<Id>/g)).toHaveLength(1);
  expect(await ask('DELETE', { id: 'one' })).toMatchObject({ status: 204 });
  expect(await ask('GET', { id: 'one' })).toMatchObject({
    status: 404,
    text: expect.stringContaining('NoSuchInventoryConfiguration'),
  });
});
