import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBucket, putObject, rawCall, send } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'there');
  await putObject(server, '/there/a');
});
afterAll(() => server.close());

const as = (accessKeyId: string, signature = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=') => ({
  date: server.now().toUTCString(),
  authorization: `OSS ${accessKeyId}:${signature}`,
});

const operations = [
  ['GET', '/BUCKET/'],
  ['HEAD', '/BUCKET/a'],
  ['GET', '/BUCKET/a'],
  ['PUT', '/BUCKET/a'],
  ['POST', '/BUCKET/a?uploads'],
  ['PUT', '/BUCKET/a?uploadId=1&partNumber=1'],
  ['DELETE', '/BUCKET/a'],
  ['POST', '/BUCKET/?delete'],
  ['GET', '/BUCKET/?acl'],
  ['GET', '/BUCKET/?bucketInfo'],
  ['GET', '/BUCKET/?worm'],
  ['POST', '/BUCKET/?worm'],
  ['PUT', '/BUCKET/?versioning'],
  ['DELETE', '/BUCKET/'],
] as const;

describe.each(operations)('%s %s', (method, path) => {
  test.each([
    ['an unknown key', () => as('nobody')],
    ['a wrong signature', () => as('holdfast')],
    ['nobody signing', () => ({})],
  ])('on a missing bucket, %s: the bucket comes first', async (_name, headers) => {
    const reply = await send(server, method, path.replace('BUCKET', 'missing'), { headers: headers() });
    expect(reply).toMatchObject({ status: 404, code: 'NoSuchBucket' });
    expect(reply.headers['x-oss-ec']).toBe('0015-00000101');
    expect(reply.headers['x-oss-server-time']).toBeUndefined();
  });

  test('on a bucket that is there, the key comes before what the operation looks for', async () => {
    const reply = await send(server, method, path.replace('BUCKET', 'there'), { headers: as('nobody') });
    expect(reply).toMatchObject({ status: 403, code: 'InvalidAccessKeyId' });
    expect(reply.headers['x-oss-ec']).toBe('0002-00000002');
  });
});

test('an unknown key of V4 has an EC of its own', async () => {
  const day = server.now().toISOString().slice(0, 10).replace(/-/g, '');
  const headers = {
    'x-oss-date': `${day}T100000Z`,
    'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
    authorization: `OSS4-HMAC-SHA256 Credential=nobody/${day}/cn-hangzhou/oss/aliyun_v4_request,Signature=00`,
  };
  const reply = await send(server, 'GET', '/there/', { headers });
  expect(reply).toMatchObject({ status: 403, code: 'InvalidAccessKeyId' });
  expect(reply.headers['x-oss-ec']).toBe('0002-00000902');
});

test.each([
  ['PUT', '/new-bucket/', {}],
  ['PUT', '/new-bucket/?acl', { 'x-oss-acl': 'private' }],
])('%s %s makes its bucket, so an unknown key is refused as such', async (method, path, more) => {
  const reply = await send(server, method, path, { headers: { ...as('nobody'), ...more } });
  expect(reply).toMatchObject({ status: 403, code: 'InvalidAccessKeyId' });
});

test.each(['GET /No_Bucket/', 'GET /ab/', 'DELETE /-ab/a', 'PUT /ABC/', 'PUT /ABC/a'])(
  '%s: the name is refused as a name',
  async (target) => {
    expect(await rawCall(server, target)).toMatchObject({ status: 400, code: 'InvalidBucketName' });
  },
);

test('what a request says of its sender is read before the bucket is looked for', async () => {
  const headers = { date: server.now().toUTCString(), authorization: 'Basic abc' };
  expect((await send(server, 'GET', '/missing/', { headers })).code).toBe('InvalidArgument');
});

test('PutBucketAcl makes a bucket that does not exist', async () => {
  const headers = { 'x-oss-acl': 'public-read' };
  expect((await rawCall(server, 'PUT /made-by-acl/', { query: { acl: '' }, headers })).status).toBe(200);
  const acl = await rawCall(server, 'GET /made-by-acl/', { query: { acl: '' } });
  expect(acl.body).toContain('<Grant>public-read</Grant>');
});

test('PutBucketObjectWormConfiguration on a missing bucket is 400 MalformedXML, GET is NoSuchBucket', async () => {
  const query = { objectWorm: '' };
  const body =
    '<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>';
  const put = await rawCall(server, 'PUT /missing/', { query, body });
  expect(put).toMatchObject({ status: 400, code: 'MalformedXML' });
  expect(put.headers['x-oss-ec']).toBe('0015-00000231');
  expect((await rawCall(server, 'GET /missing/', { query })).code).toBe('NoSuchBucket');
});

test.each([
  [
    'V4 in the header',
    '/there/',
    { authorization: 'AWS4-HMAC-SHA256 Credential=a/20261122/us-east-1/s3/aws4_request' },
  ],
  ['V2 in the header', '/there/', { authorization: 'AWS key:signature' }],
  ['V4 in the URL', '/there/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a', {}],
  ['V2 in the URL', '/missing/a?AWSAccessKeyId=a&Expires=1&Signature=b', {}],
])('an S3 client is told what is spoken: %s', async (_name, path, headers) => {
  const reply = await send(server, 'GET', path, { headers });
  expect(reply).toMatchObject({ status: 501, code: 'NotImplemented' });
  expect(reply.body).toContain('not the S3 dialect');
});
