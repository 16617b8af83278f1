import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

// Single replies in which the service differs from what one would guess.

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'replies');
  await putObject(server, '/replies/a.txt', 'hello');
});
afterAll(() => server.close());

test('a part of an object has no Content-MD5, the whole one has', async () => {
  const part = await rawCall(server, 'GET /replies/a.txt', { headers: { range: 'bytes=1-2' } });
  expect(part).toMatchObject({ status: 206, body: 'el' });
  expect(part.headers['content-md5']).toBeUndefined();
  expect(part.headers['etag']).toBeDefined();
  expect((await rawCall(server, 'GET /replies/a.txt')).headers['content-md5']).toBeDefined();
});

test('an empty object comes without x-oss-server-time', async () => {
  await putObject(server, '/replies/empty', '');
  expect((await rawCall(server, 'GET /replies/empty')).headers['x-oss-server-time']).toBeUndefined();
  expect((await rawCall(server, 'GET /replies/a.txt')).headers['x-oss-server-time']).toBeDefined();
});

test('Content-Length together with chunks: the chunks count', async () => {
  const text = 'as a stream of known length';
  const signed = await signedHeaders('PUT /replies/stream');
  const head = [
    'PUT /replies/stream HTTP/1.1',
    'host: localhost',
    ...signed,
    `content-length: ${text.length}`,
    'transfer-encoding: chunked',
    'connection: close',
  ];
  const body = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  expect(await sendText(`${head.join('\r\n')}\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 200 /);
  expect((await rawCall(server, 'GET /replies/stream')).body).toBe(text);
});

/** The lines of the headers that sign a request; read from the wire of a request that is sent elsewhere. */
async function signedHeaders(target: string): Promise<string[]> {
  let lines: string[] = [];
  const { createServer } = await import('node:http');
  const listener = createServer((request, response) => {
    lines = ['x-oss-date', 'authorization'].map((name) => `${name}: ${request.headers[name]}`);
    response.end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await rawCall({ port, now: () => server.now() }, target);
  listener.closeAllConnections();
  listener.close();
  return lines;
}

function sendText(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    let reply = '';
    socket.on('data', (chunk) => {
      reply += chunk.toString();
    });
    socket.on('end', () => resolve(reply));
    socket.on('error', reject);
  });
}

describe('text', () => {
  const long = 'a line of text\n'.repeat(100);

  test.each([
    ['text/css', long, true],
    ['application/json; charset=utf-8', long, true],
    ['text/plain', 'short', false],
    ['application/octet-stream', long, false],
    ['image/png', long, false],
  ])('of type %s says Vary when it is long: %#', async (type, body, isVaried) => {
    await putObject(server, '/replies/t', body, { 'content-type': type });
    const plain = await rawCall(server, 'GET /replies/t');
    expect(plain.headers['vary']).toBe(isVaried ? 'Accept-Encoding' : undefined);
    expect(plain.body).toBe(body);
  });

  test('goes out with gzip when the client takes it, without ETag and length', async () => {
    await putObject(server, '/replies/z', long, { 'content-type': 'text/css' });
    const reply = await fetch(await signedUrl('/replies/z'), { headers: { 'accept-encoding': 'gzip' } });
    expect(reply.headers.get('content-encoding')).toBe('gzip');
    expect(reply.headers.get('etag')).toBeNull();
    expect(reply.headers.get('content-length')).toBeNull();
    expect(await reply.text()).toBe(long);
  });

  test('that was stored compressed is not compressed again', async () => {
    const headers = { 'content-type': 'text/css', 'content-encoding': 'gzip' };
    const { gzipSync } = await import('node:zlib');
    const stored = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i) % 251)));
    await expectOk(rawCall(server, 'PUT /replies/zz', { headers, body: stored }));
    const raw = await fetch(await signedUrl('/replies/zz'), { headers: { 'accept-encoding': 'gzip' } });
    expect(Buffer.from(await raw.arrayBuffer())).toEqual(gunzipSync(stored));
  });

  async function signedUrl(path: string): Promise<string> {
    await expectOk(
      rawCall(server, `PUT ${path}`, { query: { acl: '' }, headers: { 'x-oss-object-acl': 'public-read' } }),
    );
    return `http://127.0.0.1:${server.port}${path}`;
  }
});

test('ListObjectsV2 counts behind what it lists', async () => {
  const reply = await rawCall(server, 'GET /replies/', { query: { 'list-type': '2' } });
  expect(reply.body.indexOf('<KeyCount>')).toBeGreaterThan(reply.body.lastIndexOf('</Contents>'));
});

test('ListMultipartUploads names the next markers also when there is no more', async () => {
  const begun = await rawCall(server, 'POST /replies/m', { query: { uploads: '' } });
  const id = /<UploadId>(\w+)/.exec(begun.body)?.[1];
  const { body } = await rawCall(server, 'GET /replies/', { query: { uploads: '' } });
  expect(body).toContain('<IsTruncated>false</IsTruncated>');
  expect(body).toContain('<NextKeyMarker>m</NextKeyMarker>');
  expect(body).toContain(`<NextUploadIdMarker>${id}</NextUploadIdMarker>`);
});

test('ListBuckets says where it stands only when there is more', async () => {
  expect((await rawCall(server, 'GET /')).body).not.toContain('IsTruncated');
  await makeBucket(server, 'replies-2');
  const { body } = await rawCall(server, 'GET /', { query: { 'max-keys': '1' } });
  expect(body).toContain('<NextMarker>replies</NextMarker>');
});

const long = 'k'.repeat(1025);
test.each([
  ['ListObjects', { prefix: long }],
  ['ListObjects', { marker: long }],
  ['ListObjects', { delimiter: long }],
  ['ListObjectsV2', { 'list-type': '2', 'start-after': long }],
  ['ListObjectsV2', { 'list-type': '2', prefix: long }],
  ['ListObjectVersions', { versions: '', prefix: long }],
  ['ListObjectVersions', { versions: '', 'key-marker': long }],
  ['ListMultipartUploads', { uploads: '', prefix: long }],
  ['ListMultipartUploads', { uploads: '', 'key-marker': long }],
  ['ListObjectsV2', { 'list-type': '2', 'continuation-token': 'not a token' }],
  ['ListObjectsV2', { 'list-type': '2', 'continuation-token': 'abc' }],
])('%s refuses what is too long or no token: %#', async (_name, query) => {
  const reply = await rawCall(server, 'GET /replies/', { query });
  expect(reply).toMatchObject({ status: 400, code: 'InvalidArgument' });
});

test('a text of 1,024 bytes is taken', async () => {
  const query = { prefix: 'k'.repeat(1024) };
  expect((await rawCall(server, 'GET /replies/', { query })).status).toBe(200);
});

test.each([
  ['k'.repeat(1024), '0016-00000003'],
  ['/slash', '0016-00000005'],
])('a key that cannot be has the EC of its fault: %#', async (key, ec) => {
  const reply = await rawCall(server, `PUT /replies/${key}`);
  expect(reply.code).toBe('InvalidObjectName');
  expect(reply.headers['x-oss-ec']).toBe(ec);
});

test.each([
  ['if-match', '"other"', 'If-Match'],
  ['if-unmodified-since', 'Sun, 22 Nov 2020 10:00:00 GMT', 'If-Unmodified-Since'],
])('a precondition that fails is named: %s', async (name, value, condition) => {
  const reply = await rawCall(server, 'GET /replies/a.txt', { headers: { [name]: value } });
  expect(reply).toMatchObject({ status: 412, code: 'PreconditionFailed' });
  expect(reply.body).toContain(`<Condition>${condition}</Condition>`);
});
