import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AliOss, aliOss } from '../../support/ali-oss.ts';
import { send } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());

const key = '目录/a b+c%20d?.txt';

/** Every way in which ali-oss addresses and signs (reference/real-clients.md, section 2). */
const ways = [
  ['V4, IP address (bucket in Host)', { host: '127.0.0.1', authorizationV4: true }],
  ['V1, IP address (bucket in Host)', { host: '127.0.0.1' }],
  [
    'V4, IP address with sldEnable (bucket in Host and path)',
    { host: '127.0.0.1', authorizationV4: true, sldEnable: true },
  ],
  [
    'V4, localhost with sldEnable (bucket in path)',
    { host: 'localhost', authorizationV4: true, sldEnable: true },
  ],
  ['V1, localhost with sldEnable (bucket in path)', { host: 'localhost', sldEnable: true }],
] as const;

describe.each(ways)('ali-oss, %s', (name, { host, ...options }) => {
  const bucket = `client-${ways.findIndex(([way]) => way === name)}`;
  const client = () => connect(host, options, bucket);

  test('buckets', async () => {
    const oss = client();
    await oss.putBucket(bucket);
    const listed = (await oss.listBuckets()).buckets?.find((each) => each.name === bucket);
    expect(listed).toMatchObject({ name: bucket, region: 'oss-cn-hangzhou' });
    const info = (await oss.getBucketInfo(bucket)).bucket;
    expect(info).toMatchObject({
      Name: bucket,
      Location: 'oss-cn-hangzhou',
      CreationDate: '2026-11-22T10:00:00.000Z',
      ExtranetEndpoint: `http://${host}:${server.port}`,
    });
    expect((await oss.getBucketLocation(bucket)).location).toBe('oss-cn-hangzhou');
    expect((await oss.getBucketVersioning(bucket)).versionStatus).toBeUndefined();
    await oss.putBucketVersioning(bucket, 'Enabled');
    expect((await oss.getBucketVersioning(bucket)).versionStatus).toBe('Enabled');
  });

  test('objects, their versions and tags', async () => {
    const oss = client();
    const headers = { 'x-oss-tagging': 'class=finance&team=%E4%B8%AD%20a' };
    const first = await oss.put(key, Buffer.from('first'), {
      headers,
      meta: { case: 'A-1' },
      mime: 'text/csv',
    });
    const firstId = String(first.res.headers['x-oss-version-id']);
    expect(firstId).toMatch(/^CAEQ[A-Za-z0-9._-]{64}$/);
    expect(first.res.headers).toMatchObject({
      etag: '"8B04D5E3775D298E78455EFC5CA404D5"',
      'x-oss-hash-crc64ecma': expect.stringMatching(/^\d+$/),
    });
    await oss.put(key, Buffer.from('second'));

    const head = await oss.head(key, { versionId: firstId });
    expect(head.meta).toEqual({ case: 'A-1' });
    expect(head.res.headers).toMatchObject({
      'content-length': '5',
      'content-type': 'text/csv',
      'last-modified': 'Sun, 22 Nov 2026 10:00:00 GMT',
      'x-oss-object-type': 'Normal',
      'x-oss-storage-class': 'Standard',
      'x-oss-tagging-count': '2',
      'x-oss-version-id': firstId,
    });
    expect((await oss.head(key)).res.headers).not.toHaveProperty('x-oss-tagging-count');
    expect((await oss.getObjectMeta(key)).res.headers['content-length']).toBe('6');
    expect(String((await oss.get(key)).content)).toBe('second');
    expect(String((await oss.get(key, { versionId: firstId })).content)).toBe('first');
    const part = await oss.get(key, { headers: { Range: 'bytes=1-3' } });
    expect([part.res.status, String(part.content)]).toEqual([206, 'eco']);

    expect((await oss.getObjectTagging(key, { versionId: firstId })).tag).toEqual({
      class: 'finance',
      team: '中 a',
    });
    await oss.putObjectTagging(key, { state: 'done' });
    expect((await oss.getObjectTagging(key)).tag).toEqual({ state: 'done' });
    await oss.deleteObjectTagging(key);
    expect((await oss.getObjectTagging(key)).tag).toEqual({});

    const copy = await oss.copy('copy.txt', key, { versionId: firstId });
    expect(copy.res.status).toBe(200);
    expect(String((await oss.get('copy.txt')).content)).toBe('first');
    expect((await oss.getObjectTagging('copy.txt')).tag).toMatchObject({ class: 'finance' });
  });

  test('delete markers', async () => {
    const oss = client();
    const removed = await oss.delete(key);
    expect(removed.res.headers['x-oss-delete-marker']).toBe('true');
    const versionId = String(removed.res.headers['x-oss-version-id']);
    await expect(oss.get(key)).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
    await expect(oss.head(key, { versionId })).rejects.toMatchObject({ status: 405 });
    const listed = await oss.getBucketVersions({ prefix: key });
    expect(listed.objects?.map(({ name, size, isLatest }) => [name, size, isLatest])).toEqual([
      [key, 6, false],
      [key, 5, false],
    ]);
    expect(listed.deleteMarker).toMatchObject([{ name: key, versionId }]);
    await oss.delete(key, { versionId });
    expect(String((await oss.get(key)).content)).toBe('second');
  });

  test('multipart uploads', async () => {
    const oss = client();
    const headers = { 'x-oss-tagging': 'class=big' };
    const content = Buffer.from('0123456789'.repeat(25_000));
    const done = await oss.multipartUpload('big.bin', content, {
      headers,
      partSize: 100 * 1024,
      parallel: 2,
    });
    expect(done.etag).toMatch(/^"[0-9A-F]{32}-3"$/);
    expect((await oss.get('big.bin')).content.equals(content)).toBe(true);
    const range = await oss.get('big.bin', { headers: { Range: 'bytes=102398-102405' } });
    expect(String(range.content)).toBe('89012345');
    const whole = await oss.put('big-whole.bin', content);
    const { headers: stored } = (await oss.head('big.bin')).res;
    expect(stored).toMatchObject({
      'x-oss-object-type': 'Multipart',
      'x-oss-tagging-count': '1',
      'x-oss-hash-crc64ecma': whole.res.headers['x-oss-hash-crc64ecma'],
    });
    const again = await oss.initMultipartUpload('big.bin');
    await oss.abortMultipartUpload('big.bin', again.uploadId);
    await expect(oss.listParts('big.bin', again.uploadId)).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  test('appendable objects and symlinks', async () => {
    const oss = client();
    const { nextAppendPosition } = await oss.append('log', Buffer.from('one '));
    await oss.append('log', Buffer.from('two'), { position: nextAppendPosition });
    expect(String((await oss.get('log')).content)).toBe('one two');
    const { headers } = (await oss.head('log')).res;
    expect(headers).toMatchObject({ 'x-oss-object-type': 'Appendable', 'x-oss-next-append-position': '7' });
    const whole = await oss.put('whole', Buffer.from('one two'));
    expect(headers['x-oss-hash-crc64ecma']).toBe(whole.res.headers['x-oss-hash-crc64ecma']);
    await expect(oss.append('log', Buffer.from('x'), { position: 3 })).rejects.toMatchObject({
      code: 'PositionNotEqualToLength',
    });
    await oss.putSymlink('链接', 'log', {});
    expect((await oss.getSymlink('链接')).targetName).toBe('log');
    expect(String((await oss.get('链接')).content)).toBe('one two');
  });

  test('listings', async () => {
    const oss = client();
    const all = (await oss.list({ 'max-keys': 1000 })).objects?.map((object) => object.name);
    expect(all).toEqual(['big-whole.bin', 'big.bin', 'copy.txt', 'log', 'whole', key, '链接']);
    const first = await oss.listV2({ 'max-keys': 5 });
    expect(first).toMatchObject({ isTruncated: true, keyCount: 5 });
    const rest = await oss.listV2({ 'max-keys': 5, 'continuation-token': first.nextContinuationToken });
    expect(rest.objects?.map((object) => object.name)).toEqual([key, '链接']);
    expect((await oss.list({ delimiter: '/' })).prefixes).toEqual(['目录/']);
  });

  test('deleting many, then the bucket', async () => {
    const oss = client();
    await expect(oss.deleteBucket(bucket)).rejects.toMatchObject({ code: 'BucketNotEmpty', status: 409 });
    const { deleted } = await oss.deleteMulti(['log', 'no such key']);
    expect(deleted?.map((each) => each.Key)).toEqual(['log', 'no such key']);
    const { objects = [], deleteMarker = [] } = await oss.getBucketVersions({ 'max-keys': 1000 });
    const versions = [...objects, ...deleteMarker].map(({ name, versionId }) => ({ key: name, versionId }));
    await oss.deleteMulti(versions, { quiet: true });
    expect((await oss.deleteBucket(bucket)).res.status).toBe(204);
    await expect(oss.getBucketInfo(bucket)).rejects.toMatchObject({ code: 'NoSuchBucket' });
  });

  test('the bucket WORM policy', async () => {
    const oss = client();
    const name = `${bucket}-worm`;
    await oss.putBucket(name);
    const { wormId } = await oss.initiateBucketWorm(name, '30');
    expect(wormId).toMatch(/^[0-9A-F]{32}$/);
    expect(await oss.getBucketWorm(name)).toMatchObject({
      wormId,
      state: 'InProgress',
      days: '30',
      creationDate: '2026-11-22T10:00:00.000Z',
    });
    expect((await oss.completeBucketWorm(name, wormId)).status).toBe(200);
    expect((await oss.extendBucketWorm(name, wormId, '31')).status).toBe(200);
    expect(await oss.getBucketWorm(name)).toMatchObject({ state: 'Locked', days: '31' });
    expect((await oss.abortBucketWorm(name)).status).toBe(403);
  });
});

test('the bucket in a host name below localhost', async () => {
  const oss = connect('127.0.0.1', {}, 'below');
  await oss.putBucket('below');
  const signed = aliOss({ accessKeyId, accessKeySecret, bucket: 'below', endpoint: 'http://localhost:1' });
  const { search } = new URL(signed.signatureUrl('missing', { expires: 60 }));
  const reply = await send(server, 'GET', `/missing${search}`, {
    headers: { host: `below.localhost:${server.port}` },
  });
  expect(reply.code).toBe('NoSuchKey');
});

function connect(host: string, options: object, bucket: string): AliOss {
  return aliOss({
    accessKeyId,
    accessKeySecret,
    bucket,
    region: 'oss-cn-hangzhou',
    endpoint: `http://${host}:${server.port}`,
    ...options,
  });
}
