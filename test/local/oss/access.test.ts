import type { ClientOptions } from 'ali-oss';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aliOss } from '../../support/ali-oss.ts';
import { expectOk, makeBucket, putObject, rawCall, send } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  server.keys.set('STS.temporary', {
    secret: 'temporary-secret',
    securityToken: 'token',
    principal: 'function object-created',
  });
  await makeBucket(server, 'access');
  await putObject(server, '/access/a.txt', 'hello');
});
afterAll(() => server.close());

function client(options: Partial<ClientOptions>) {
  const own = { accessKeyId, accessKeySecret, bucket: 'access', region: 'oss-cn-hangzhou', sldEnable: true };
  return aliOss({ ...own, endpoint: `http://localhost:${server.port}`, ...options });
}

test('a temporary key works with its token, and the log names its principal', async () => {
  const temporary = { accessKeyId: 'STS.temporary', accessKeySecret: 'temporary-secret', stsToken: 'token' };
  for (const authorizationV4 of [true, false]) {
    await client({ ...temporary, authorizationV4 }).head('a.txt');
    expect(server.oss.requests.list().at(-1)?.principal).toBe('function object-created');
  }
});

test.each([
  ['without its token', { stsToken: '' }, 'InvalidAccessKeyId'],
  ['with a wrong token', { stsToken: 'other' }, 'SecurityTokenInvalid'],
])('a temporary key %s is refused', async (_name, options, code) => {
  const temporary = { accessKeyId: 'STS.temporary', accessKeySecret: 'temporary-secret' };
  await expect(client({ ...temporary, ...options }).get('a.txt')).rejects.toMatchObject({
    code,
    status: 403,
  });
});

test('URLs that ali-oss signs work until they expire, V1 and V4', async () => {
  const v1 = client({}).signatureUrl('a.txt', { expires: 60 });
  const v4: string = await client({ authorizationV4: true }).signatureUrlV4('GET', 60, undefined, 'a.txt');
  for (const url of [v1, v4]) {
    const path = url.slice(url.indexOf('/', 8));
    expect((await send(server, 'GET', path)).body).toBe('hello');
    expect((await send(server, 'PUT', path)).code).toBe('SignatureDoesNotMatch');
    expect((await send(server, 'GET', path.replace('a.txt', 'b.txt'))).code).toBe('SignatureDoesNotMatch');
  }
});

test('a V4 signature covers the additional headers it names', async () => {
  const request = { headers: { 'X-Case': 'a' } };
  const url = await client({ authorizationV4: true }).signatureUrlV4('GET', 60, request, 'a.txt', ['X-Case']);
  const path = url.slice(url.indexOf('/', 8));
  expect((await send(server, 'GET', path, { headers: { 'x-case': 'a' } })).body).toBe('hello');
  expect((await send(server, 'GET', path, { headers: { 'x-case': 'b' } })).code).toBe(
    'SignatureDoesNotMatch',
  );
  expect(await send(server, 'GET', path)).toMatchObject({ status: 400, code: 'InvalidArgument' });
});

test('a signed URL is refused after its time', async () => {
  const expired = await startOss();
  await makeBucket(expired, 'access');
  const url = aliOss({
    accessKeyId,
    accessKeySecret,
    bucket: 'access',
    endpoint: 'http://localhost:1',
  }).signatureUrl('a.txt', { expires: -1 });
  const reply = await send(expired, 'GET', `/access/a.txt?${url.split('?')[1]}`);
  await expired.close();
  expect(reply).toMatchObject({ status: 403, code: 'AccessDenied' });
  expect(reply.body).toContain('Request has expired.');
});

test.each([
  ['GET /access/', { replication: '' }],
  ['PUT /access/', { accessPointPolicy: '' }],
  ['GET /access/', { metaQuery: '' }],
  ['GET /access/a.txt', { live: '' }],
  ['GET /access/a.txt', { 'x-oss-process': 'image/resize' }],
  ['PUT /access/a.txt', { tagging: '', acl: '' }],
  ['DELETE /access/', { redundancyTransition: '' }],
  ['POST /access/a.txt', { select: '' }],
])('%s with %j is refused, not taken for the plain request', async (target, query) => {
  expect(await rawCall(server, target, { query })).toMatchObject({ status: 501, code: 'NotImplemented' });
  expect((await rawCall(server, 'GET /access/a.txt')).body).toBe('hello');
});

test.each(['x-oss-object-worm-surprise', 'x-oss-server-side-encryption-customer-key', 'x-oss-callback'])(
  'an upload with the header %s is refused, not stored without it',
  async (header) => {
    const reply = await rawCall(server, 'PUT /access/h.txt', { headers: { [header]: 'ON' } });
    expect(reply).toMatchObject({ status: 501, code: 'NotImplemented' });
    expect((await rawCall(server, 'HEAD /access/h.txt')).status).toBe(404);
  },
);

test.each([
  ['not a digest', 'abc', 'InvalidDigest'],
  ['the digest of something else', 'XUFAKrxLKna5cZ2REBfFkg==', 'InvalidDigest'],
])('Content-MD5 that is %s is refused and nothing is stored', async (_name, digest, code) => {
  const headers = { 'content-md5': digest };
  expect(await rawCall(server, 'PUT /access/md5.txt', { headers, body: 'other' })).toMatchObject({
    status: 400,
    code,
  });
  expect((await rawCall(server, 'HEAD /access/md5.txt')).status).toBe(404);
});

test('a path or query that cannot be decoded is refused', async () => {
  expect((await send(server, 'GET', '/access/%ff')).code).toBe('InvalidArgument');
  expect((await send(server, 'GET', '/access/?prefix=%ff')).code).toBe('InvalidArgument');
});

test('a body in chunks without a length, after 100-continue', async () => {
  const headers = { 'transfer-encoding': 'chunked', expect: '100-continue' };
  await expectOk(rawCall(server, 'PUT /access/chunked.txt', { headers, body: 'in chunks' }));
  expect((await rawCall(server, 'GET /access/chunked.txt')).body).toBe('in chunks');
});

test('an error on HEAD carries its document in x-oss-err', async () => {
  const reply = await rawCall(server, 'HEAD /access/missing.txt');
  expect(reply).toMatchObject({ status: 404, body: '', code: 'NoSuchKey' });
  expect(reply.headers['x-oss-ec']).toBe('0026-00000001');
});

test('the log keeps operation, address, version, status and code of every request', async () => {
  server.oss.requests.clear();
  await rawCall(server, 'GET /access/文 件+%.txt', { query: { versionId: 'CAEQabc' } });
  await send(server, 'PUT', '/access/?worm');
  expect(server.oss.requests.list()).toMatchObject([
    {
      operation: 'GetObject',
      principal: 'user holdfast',
      bucket: 'access',
      key: '文 件+%.txt',
      versionId: 'CAEQabc',
      status: 404,
      code: 'NoSuchVersion',
    },
    { operation: 'Unknown', principal: 'anonymous', bucket: 'access', status: 403, code: 'AccessDenied' },
  ]);
});
