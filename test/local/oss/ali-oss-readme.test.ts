import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PassThrough, Readable } from 'node:stream';
import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

// Every method that the README of ali-oss lists for buckets and objects, against the embedded OSS.

let server: OssServer;
beforeAll(async () => {
  // ali-oss dates its requests by the machine, and restored objects are awaited.
  server = await startOss();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

/** The methods of ali-oss as the README has them; its own types end long before. */
type Client = Record<string, (...args: unknown[]) => Promise<Answer> & Answer>;
interface Answer {
  readonly status?: number;
  readonly res?: { readonly status: number; readonly headers: Record<string, string> };
  readonly [field: string]: unknown;
}

/** The methods that the README names in its lists of bucket and object operations. */
function listed(): string[] {
  const file = createRequire(import.meta.url)
    .resolve('ali-oss/package.json')
    .replace('package.json', 'README.md');
  const text = readFileSync(file, 'utf8');
  const section = text.slice(text.indexOf('- [Bucket Operations]'), text.indexOf('- [RTMP Operations]'));
  return [...section.matchAll(/- \[\.(\w+)\(/g)].map(([, name = '']) => name);
}

const statusOf = (answer: Answer) => answer.res?.status ?? answer.status;
const text = (content: unknown) => String(content);

/** Drives every method once; returns what was called. */
async function everything(client: Client, bucket: string): Promise<Set<string>> {
  const called = new Set<string>();
  const method = (name: string) => {
    called.add(name);
    const found = client[name];
    if (!found) throw new Error(`ali-oss has no ${name}`);
    return found.bind(client);
  };
  const ok = async (name: string, args: unknown[], status = 200): Promise<Answer> => {
    const answer = await method(name)(...args);
    expect(`${name} ${statusOf(answer)}`).toBe(`${name} ${status}`);
    return answer;
  };

  await ok('putBucket', [bucket, { acl: 'public-read-write', storageClass: 'Standard' }]);
  method('useBucket')(bucket);
  const buckets = await method('listBuckets')({ prefix: bucket, 'max-keys': 10 });
  expect(buckets['buckets']).toMatchObject([{ name: bucket }]);
  expect((await ok('getBucketInfo', [bucket]))['bucket']).toMatchObject({ Name: bucket });
  expect((await ok('getBucketStat', [bucket]))['stat']).toMatchObject({ ObjectCount: '0' });
  expect((await method('getBucketLocation')(bucket))['location']).toBe('oss-cn-hangzhou');
  await ok('putBucketACL', [bucket, 'private']);
  expect((await ok('getBucketACL', [bucket]))['acl']).toBe('private');
  await ok('putBucketLogging', [bucket, 'logs/']);
  expect((await ok('getBucketLogging', [bucket]))['prefix']).toBe('logs/');
  await ok('deleteBucketLogging', [bucket], 204);
  await ok('putBucketWebsite', [bucket, { index: 'i.html', error: 'e.html' }]);
  expect((await ok('getBucketWebsite', [bucket]))['index']).toBe('i.html');
  await ok('deleteBucketWebsite', [bucket], 204);
  await ok('putBucketReferer', [bucket, false, ['http://a', 'http://b']]);
  expect(await ok('getBucketReferer', [bucket])).toMatchObject({
    allowEmpty: false,
    referers: ['http://a', 'http://b'],
  });
  await ok('deleteBucketReferer', [bucket]);
  const rule = {
    id: 'r',
    prefix: 'logs/',
    status: 'Enabled',
    expiration: { createdBeforeDate: '2020-02-18T00:00:00.000Z' },
    transition: { createdBeforeDate: '2020-02-17T00:00:00.000Z', storageClass: 'Archive' },
    tag: { key: 'a', value: '1' },
  };
  await ok('putBucketLifecycle', [bucket, [rule]]);
  expect((await ok('getBucketLifecycle', [bucket]))['rules']).toMatchObject([{ id: 'r' }]);
  await ok('deleteBucketLifecycle', [bucket], 204);
  const cors = {
    allowedOrigin: '*',
    allowedMethod: 'GET',
    allowedHeader: '*',
    exposeHeader: 'ETag',
    maxAgeSeconds: '30',
  };
  await ok('putBucketCORS', [bucket, [cors]]);
  expect((await ok('getBucketCORS', [bucket]))['rules']).toEqual([cors]);
  await ok('deleteBucketCORS', [bucket], 204);
  await ok('putBucketRequestPayment', [bucket, 'Requester']);
  expect((await method('getBucketRequestPayment')(bucket))['payer']).toBe('Requester');
  await ok('putBucketEncryption', [bucket, { SSEAlgorithm: 'AES256' }]);
  expect((await ok('getBucketEncryption', [bucket]))['encryption']).toEqual({ SSEAlgorithm: 'AES256' });
  await ok('deleteBucketEncryption', [bucket], 204);
  await ok('putBucketTags', [bucket, { a: '1', b: '2' }]);
  expect((await ok('getBucketTags', [bucket]))['tag']).toEqual({ a: '1', b: '2' });
  const byTag = await method('listBuckets')({ prefix: bucket, subres: { tagging: '"a":"1"' } });
  expect(byTag['buckets']).toMatchObject([{ name: bucket, tag: { a: '1', b: '2' } }]);
  await ok('deleteBucketTags', [bucket], 204);
  const policy = {
    Version: '1',
    Statement: [
      { Action: ['oss:PutObject'], Effect: 'Deny', Principal: ['42'], Resource: ['acs:oss:*:42:*/*'] },
    ],
  };
  await ok('putBucketPolicy', [bucket, policy]);
  expect((await ok('getBucketPolicy', [bucket]))['policy']).toEqual(policy);
  await ok('deleteBucketPolicy', [bucket], 204);
  expect((await method('getBucketPolicy')(bucket))['policy']).toBeNull();
  const inventory = {
    id: 'i',
    isEnabled: false,
    OSSBucketDestination: { format: 'CSV', accountId: '1', rolename: 'r', bucket },
    frequency: 'Daily',
    includedObjectVersions: 'All',
    optionalFields: { field: ['Size'] },
  };
  await ok('putBucketInventory', [bucket, inventory]);
  expect((await ok('getBucketInventory', [bucket, 'i']))['inventory']).toMatchObject({ id: 'i' });
  expect((await ok('listBucketInventory', [bucket]))['inventoryList']).toHaveLength(1);
  await ok('deleteBucketInventory', [bucket, 'i'], 204);
  const worm = await ok('initiateBucketWorm', [bucket, '1']);
  expect((await ok('getBucketWorm', [bucket]))['state']).toBe('InProgress');
  await ok('abortBucketWorm', [bucket], 204);
  expect(statusOf(await method('completeBucketWorm')(bucket, worm['wormId']))).toBe(404); // resolves: see real-clients.md
  await expect(method('extendBucketWorm')(bucket, worm['wormId'], '2')).rejects.toMatchObject({
    code: 'NoSuchWORMConfiguration',
  });

  await ok('put', ['dir/a.js', Buffer.from('content of a'), { meta: { uid: 1 } }]);
  await ok('putStream', ['stream', Readable.from([Buffer.from('as a '), Buffer.from('stream')])]);
  const known = { contentLength: 11 };
  await ok('putStream', ['stream', new PassThrough().end('as a stream'), known]);
  expect(text((await ok('get', ['stream']))['content'])).toBe('as a stream');
  expect((await ok('append', ['log', Buffer.from('abc')]))['nextAppendPosition']).toBe('3');
  expect((await ok('append', ['log', Buffer.from('def'), { position: '3' }]))['nextAppendPosition']).toBe(
    '6',
  );
  expect(method('getObjectUrl')('dir/a.js', 'https://c.example/')).toBe('https://c.example/dir/a.js');
  expect(method('generateObjectUrl')('dir/a.js')).toContain('dir/a.js');
  expect((await ok('head', ['dir/a.js']))['meta']).toEqual({ uid: '1' });
  expect((await ok('getObjectMeta', ['dir/a.js'])).res?.headers['content-length']).toBe('12');
  const range = await ok('get', ['dir/a.js', { headers: { Range: 'bytes=0-6' } }], 206);
  expect(text(range['content'])).toBe('content');
  const read = (await ok('getStream', ['dir/a.js']))['stream'] as Readable;
  const chunks: Buffer[] = await read.toArray();
  expect(Buffer.concat(chunks).toString()).toBe('content of a');
  await ok('copy', ['b.js', 'dir/a.js', { meta: { uid: '2' } }]);
  await ok('putMeta', ['b.js', { uid: '3' }]);
  expect((await ok('head', ['b.js']))['meta']).toEqual({ uid: '3' });
  expect((await ok('list', [{ prefix: 'dir/' }, {}]))['objects']).toMatchObject([{ name: 'dir/a.js' }]);
  expect((await ok('listV2', [{ 'start-after': 'dir/', 'max-keys': 1 }]))['keyCount']).toBe(1);
  await ok('putBucketVersioning', [bucket, 'Enabled']);
  expect((await ok('getBucketVersioning', [bucket]))['versionStatus']).toBe('Enabled');
  expect((await ok('getBucketVersions', [{ prefix: 'dir/' }, {}]))['objects']).toHaveLength(1);

  const signed = [
    method('signatureUrl')('dir/a.js', { expires: 60, filename: 'x.js', trafficLimit: 819_200 }),
    await method('asyncSignatureUrl')('dir/a.js', { expires: 60 }),
    await method('signatureUrlV4')('GET', 60, undefined, 'dir/a.js'),
  ];
  for (const url of signed) expect(await (await fetch(text(url))).text()).toBe('content of a');

  await ok('putACL', ['dir/a.js', 'public-read']);
  expect((await ok('getACL', ['dir/a.js']))['acl']).toBe('public-read');
  await ok('put', ['ice', Buffer.from('x'), { headers: { 'x-oss-storage-class': 'Archive' } }]);
  await ok('restore', ['ice'], 202);
  await expect(method('restore')('ice')).rejects.toMatchObject({ code: 'RestoreAlreadyInProgress' });
  await ok('putSymlink', ['link', 'dir/a.js', { storageClass: 'IA', meta: { uid: '1' } }]);
  expect((await ok('getSymlink', ['link']))['targetName']).toBe('dir/a.js');
  await ok('putObjectTagging', ['dir/a.js', { a: '1' }]);
  expect((await ok('getObjectTagging', ['dir/a.js']))['tag']).toEqual({ a: '1' });
  await ok('deleteObjectTagging', ['dir/a.js'], 204);

  const size = 150 * 1024;
  const big = Buffer.alloc(2 * size, 'b');
  const begun = await ok('initMultipartUpload', [
    'big',
    { headers: { 'x-oss-server-side-encryption': 'AES256' } },
  ]);
  const id = begun['uploadId'];
  const first = await ok('uploadPart', ['big', id, 1, big, 0, size]);
  const source = { sourceKey: 'stream', sourceBucketName: bucket };
  const second = await ok('uploadPartCopy', ['big', id, 2, '0-10', source]);
  expect((await ok('listParts', ['big', id, { 'max-parts': 10 }]))['parts']).toHaveLength(2);
  expect((await ok('listUploads', [{ 'max-uploads': 10 }]))['uploads']).toMatchObject([{ name: 'big' }]);
  await ok('completeMultipartUpload', [
    'big',
    id,
    [
      { number: 1, etag: first['etag'] },
      { number: 2, etag: second['etag'] },
    ],
  ]);
  const other = await ok('initMultipartUpload', ['never']);
  await ok('abortMultipartUpload', ['never', other['uploadId']], 204);
  const headers = { 'x-oss-tagging': 'a=1', 'x-oss-object-acl': 'private' };
  await ok('multipartUpload', ['whole', big, { partSize: size, headers }]);
  expect((await ok('getObjectTagging', ['whole']))['tag']).toEqual({ a: '1' });
  await ok('multipartUploadCopy', [
    'copied',
    { sourceKey: 'whole', sourceBucketName: bucket },
    { partSize: size },
  ]);

  const later = new Date('2090-01-01T00:00:00Z'); // by the server's clock and by the machine's
  const form = { expiration: later.toISOString(), conditions: [{ bucket }] };
  for (const fields of [
    method('calculatePostSignature')(form),
    postV4(method('signPostObjectPolicyV4'), later, bucket),
  ]) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ ...fields, key: 'posted' })) body.append(name, text(value));
    body.append('file', new Blob(['by form']), 'f.txt');
    const reply = await fetch(`http://127.0.0.1:${server.port}/${bucket}/`, { method: 'POST', body });
    expect(reply.status).toBe(204);
  }

  await ok('delete', ['dir/a.js'], 204);
  const gone = await ok('deleteMulti', [['b.js', 'log', 'none']]);
  expect(gone['deleted']).toMatchObject([{ Key: 'b.js' }, { Key: 'log' }, { Key: 'none' }]);
  await expect(method('deleteBucket')(bucket)).rejects.toMatchObject({ code: 'BucketNotEmpty' });
  return called;
}

/** The fields of a form with V4, as the README makes them. */
function postV4(
  sign: (policy: unknown, date: Date) => unknown,
  until: Date,
  bucket: string,
): Record<string, unknown> {
  const date = server.now();
  const day = date.toISOString().slice(0, 10).replace(/-/g, '');
  const credential = `${accessKeyId}/${day}/cn-hangzhou/oss/aliyun_v4_request`;
  const conditions = [{ bucket }, { 'x-oss-credential': credential }];
  const policy = { expiration: until.toISOString(), conditions };
  return {
    policy: Buffer.from(JSON.stringify(policy)).toString('base64'),
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': credential,
    'x-oss-date': `${day}T000000Z`,
    'x-oss-signature': sign(policy, date),
  };
}

describe.each([
  ['V1', false, false],
  ['V4', true, false],
  ['V1 and x-oss-user-agent', false, true],
  ['V4 and x-oss-user-agent', true, true],
])('ali-oss with %s', (name, authorizationV4, hasUserAgent) => {
  test('every method of its README runs', async () => {
    const client = new OSS({
      accessKeyId,
      accessKeySecret,
      region: 'oss-cn-hangzhou',
      endpoint: `http://localhost:${server.port}`,
      sldEnable: true,
      authorizationV4,
    }) as unknown as Client;
    if (hasUserAgent) vi.stubGlobal('window', {}); // what ali-oss takes for a browser
    try {
      const bucket = `readme-${name.toLowerCase().replace(/\W+/g, '-')}`;
      const called = await everything(client, bucket);
      expect([...called].sort()).toEqual([...new Set(listed())].sort());
    } finally {
      vi.unstubAllGlobals();
    }
    const seen = server.oss.requests.list().some(({ ignored }) => ignored.includes('x-oss-user-agent'));
    expect(seen).toBe(hasUserAgent);
    server.oss.requests.clear();
  });
});
