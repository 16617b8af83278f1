import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall, send } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());

const put = (bucket: string, sub: string, body: string) =>
  rawCall(server, `PUT /${bucket}/`, { query: { [sub]: '' }, body });
const day = 24 * 3_600_000;

describe('ACL', () => {
  test('strangers read what is public-read, by the object before the bucket, and nothing else', async () => {
    await makeBucket(server, 'acl');
    await putObject(server, '/acl/own', 'own', { 'x-oss-object-acl': 'public-read' });
    await putObject(server, '/acl/usual', 'usual');
    expect((await send(server, 'GET', '/acl/own')).body).toBe('own');
    expect((await send(server, 'GET', '/acl/usual')).code).toBe('AccessDenied');
    await expectOk(
      rawCall(server, 'PUT /acl/', { query: { acl: '' }, headers: { 'x-oss-acl': 'public-read' } }),
    );
    expect((await send(server, 'GET', '/acl/usual')).body).toBe('usual');
    const close = { query: { acl: '' }, headers: { 'x-oss-object-acl': 'private' } };
    await expectOk(rawCall(server, 'PUT /acl/own', close));
    expect((await send(server, 'GET', '/acl/own')).code).toBe('AccessDenied');
    expect((await rawCall(server, 'GET /acl/own', { query: { acl: '' } })).body).toContain('<Grant>private<');
    expect((await rawCall(server, 'GET /acl/usual', { query: { acl: '' } })).body).toContain(
      '<Grant>default<',
    );
    for (const method of ['PUT', 'DELETE']) {
      expect((await send(server, method, '/acl/usual')).code).toBe('AccessDenied');
    }
    expect((await send(server, 'GET', '/acl/')).code).toBe('AccessDenied');
  });

  test('an ACL that does not exist is refused', async () => {
    const reply = await rawCall(server, 'PUT /acl2/', { headers: { 'x-oss-acl': 'secret' } });
    expect(reply.code).toBe('InvalidArgument');
    expect((await rawCall(server, 'GET /acl2/')).code).toBe('NoSuchBucket');
  });
});

test('tags of a bucket are kept, named ones removed', async () => {
  await makeBucket(server, 'tags');
  const tag = (key: string) => `<Tag><Key>${key}</Key><Value>1</Value></Tag>`;
  await expectOk(put('tags', 'tagging', `<Tagging><TagSet>${tag('a')}${tag('b')}</TagSet></Tagging>`));
  await expectOk(rawCall(server, 'DELETE /tags/', { query: { tagging: 'a' } }));
  const { body } = await rawCall(server, 'GET /tags/', { query: { tagging: '' } });
  expect(body).not.toContain('<Key>a<');
  expect(body).toContain('<Key>b<');
});

test('an inventory configuration is kept as sent, once by its id', async () => {
  await makeBucket(server, 'inventory');
  const destination =
    '<Format>CSV</Format><AccountId>1</AccountId><RoleArn>r</RoleArn><Bucket>acs:oss:::b</Bucket>';
  const document = `<InventoryConfiguration><Id>i1</Id><IsEnabled>true</IsEnabled><Destination><OSSBucketDestination>${destination}</OSSBucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields></InventoryConfiguration>`;
  const call = (method: string, id = 'i1', body = '') =>
    rawCall(server, `${method} /inventory/`, { query: { inventory: '', inventoryId: id }, body });
  const list = () => rawCall(server, 'GET /inventory/', { query: { inventory: '' } });
  expect((await call('GET')).code).toBe('NoSuchInventory');
  expect(await list()).toMatchObject({ status: 404, code: 'NoSuchInventory' });
  await expectOk(call('PUT', 'i1', document));
  expect((await call('PUT', 'i1', document)).code).toBe('InventoryAlreadyExist');
  expect((await call('PUT', 'i2', document)).code).toBe('InvalidArgument');
  const got = (await call('GET')).body.replace(/>\s+</g, '><');
  expect(got).toContain(document);
  expect((await list()).body).toContain('<Id>i1</Id>');
  expect((await call('DELETE')).status).toBe(204);
  expect((await list()).code).toBe('NoSuchInventory');
  const filter = '<IsEnabled>true</IsEnabled><Filter><StorageClass>Standard,IA</StorageClass></Filter>';
  await expectOk(call('PUT', 'i1', document.replace('<IsEnabled>true</IsEnabled>', filter)));
  expect((await call('GET')).body).toContain('<StorageClass>IA,Standard</StorageClass>');
  expect((await call('DELETE')).status).toBe(204);
  expect((await call('GET')).code).toBe('NoSuchInventory');
});

describe('lifecycle', () => {
  const rule = (inner: string) =>
    `<LifecycleConfiguration><Rule><ID>r</ID><Prefix>old/</Prefix><Status>Enabled</Status>${inner}</Rule></LifecycleConfiguration>`;

  test('rules come back as they were set, and are gone when deleted', async () => {
    await makeBucket(server, 'rules');
    expect((await rawCall(server, 'GET /rules/', { query: { lifecycle: '' } })).code).toBe('NoSuchLifecycle');
    const document = rule('<Expiration><Days>3</Days></Expiration>');
    await expectOk(put('rules', 'lifecycle', document));
    const got = await rawCall(server, 'GET /rules/', { query: { lifecycle: '' } });
    expect(got.body.replace(/>\s+</g, '><')).toContain(document);
    expect((await put('rules', 'lifecycle', rule('<Transition><Days>3</Days></Transition>'))).code).toBe(
      'MalformedXML',
    );
    await expectOk(rawCall(server, 'DELETE /rules/', { query: { lifecycle: '' } }));
    expect((await rawCall(server, 'GET /rules/', { query: { lifecycle: '' } })).code).toBe('NoSuchLifecycle');
  });

  test('old objects of the prefix go, and those under a WORM policy only when it ends', async () => {
    await makeBucket(server, 'worm');
    const initiate =
      '<InitiateWormConfiguration><RetentionPeriodInDays>5</RetentionPeriodInDays></InitiateWormConfiguration>';
    const { headers } = await rawCall(server, 'POST /worm/', { query: { worm: '' }, body: initiate });
    const wormId = String(headers['x-oss-worm-id']);
    await expectOk(rawCall(server, 'POST /worm/', { query: { wormId } }));
    await putObject(server, '/worm/old/a');
    await putObject(server, '/worm/new/a');
    await expectOk(put('worm', 'lifecycle', rule('<Expiration><Days>3</Days></Expiration>')));
    const status = async (key: string) => (await rawCall(server, `HEAD /worm/${key}`)).status;
    server.advance(4 * day);
    server.oss.runLifecycle();
    expect(await status('old/a')).toBe(200);
    server.advance(day);
    server.oss.runLifecycle();
    expect(await status('old/a')).toBe(404);
    expect(await status('new/a')).toBe(200);
  });

  test('noncurrent versions go by their own age, but not those under legal hold', async () => {
    await makeBucket(server, 'versions', { objectWorm: true });
    const held = await putObject(server, '/versions/old/a', '1', { 'x-oss-object-worm-legal-hold': 'ON' });
    const free = await putObject(server, '/versions/old/a', '2');
    const current = await putObject(server, '/versions/old/a', '3');
    const noncurrent =
      '<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration>';
    await expectOk(put('versions', 'lifecycle', rule(noncurrent)));
    const status = async (versionId: string) =>
      (await rawCall(server, 'HEAD /versions/old/a', { query: { versionId } })).status;
    server.advance(2 * day - 1000);
    server.oss.runLifecycle();
    expect(await status(free)).toBe(200);
    server.advance(1000);
    server.oss.runLifecycle();
    expect([await status(held), await status(free), await status(current)]).toEqual([200, 404, 200]);
  });
});

test('uploads that go on are listed by key, page by page, and rolled up', async () => {
  await makeBucket(server, 'uploads');
  for (const key of ['a', 'dir/x', 'dir/y', 'z']) {
    await expectOk(rawCall(server, `POST /uploads/${key}`, { query: { uploads: '' } }));
  }
  const seen: string[] = [];
  let marker: Record<string, string> = {};
  for (let page = 0; page < 4; page++) {
    const query = { uploads: '', delimiter: '/', 'max-uploads': '1', ...marker };
    const { body } = await expectOk(rawCall(server, 'GET /uploads/', { query }));
    seen.push(
      ...[...body.matchAll(/<(?:Key|CommonPrefixes>\s*<Prefix)>(.*?)</g)].map(([, name = '']) => name),
    );
    if (!body.includes('<IsTruncated>true')) break;
    marker = {
      'key-marker': /<NextKeyMarker>(.*?)</.exec(body)?.[1] ?? '',
      'upload-id-marker': /<NextUploadIdMarker>(.*?)</.exec(body)?.[1] ?? '',
    };
  }
  expect(seen).toEqual(['a', 'dir/', 'z']);
});

test('a part is copied out of an object, by range and on conditions', async () => {
  await makeBucket(server, 'parts');
  await putObject(server, '/parts/source', '0123456789');
  const { body } = await rawCall(server, 'POST /parts/target', { query: { uploads: '' } });
  const uploadId = /<UploadId>(.*?)</.exec(body)?.[1] ?? '';
  const copy = (headers: Record<string, string>) =>
    rawCall(server, 'PUT /parts/target', {
      query: { partNumber: '1', uploadId },
      headers: { 'x-oss-copy-source': '/parts/source', ...headers },
    });
  expect((await copy({ 'x-oss-copy-source-if-match': '"OTHER"' })).code).toBe('PreconditionFailed');
  expect((await copy({ 'x-oss-copy-source-range': 'bytes=20-30' })).code).toBe('InvalidArgument');
  const part = await expectOk(copy({ 'x-oss-copy-source-range': 'bytes=2-4' }));
  const complete = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`;
  await expectOk(rawCall(server, 'POST /parts/target', { query: { uploadId }, body: complete }));
  expect((await rawCall(server, 'GET /parts/target')).body).toBe('234');
});
