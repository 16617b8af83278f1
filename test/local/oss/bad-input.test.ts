import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBucket, putObject, rawCall, send } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';
import { sendBytes } from '../../support/raw-http.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'input');
  await putObject(server, '/input/a', 'hello');
});
afterAll(() => server.close());

const entities = '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]>';

test.each([
  ['nothing', ''],
  ['no XML', 'hello'],
  ['an element that is not closed', '<Delete><Object>'],
  ['another document', '<Tagging/>'],
  ['entities to expand', `${entities}<Delete><Object><Key>&d;</Key></Object></Delete>`],
  ['a reference to no entity', '<Delete><Object><Key>&d;</Key></Object></Delete>'],
  ['a reference beyond Unicode', '<Delete><Object><Key>&#x110000;</Key></Object></Delete>'],
  ['ten thousand levels', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`],
  ['bytes that are no UTF-8', Buffer.from([0x3c, 0xff, 0xfe, 0x3e])],
  ['a prototype to pollute', '<Delete><__proto__><x>1</x></__proto__></Delete>'],
])('a document of %s is malformed', async (_name, body) => {
  const reply = await rawCall(server, 'POST /input/', { query: { delete: '' }, body });
  expect(reply).toMatchObject({ status: 400, code: 'MalformedXML' });
  expect((await rawCall(server, 'GET /input/a')).body).toBe('hello');
});

test('keys of control characters, as Go and Java escape them, are deleted', async () => {
  await putObject(server, '/input/\u0001\u000b', 'x');
  const body = '<Delete><Object><Key>&#1;&#x0B;</Key></Object></Delete>';
  const reply = await rawCall(server, 'POST /input/', { query: { delete: '' }, body });
  expect(reply.status).toBe(200);
  expect((await rawCall(server, 'GET /input/', { query: { prefix: '\u0001' } })).body).not.toContain(
    '<Contents>',
  );
});

test.each(['/input/../../etc/passwd', '/input/..%2f..%2fetc/passwd', '/input/%2e%2e/%2e%2e/secret'])(
  '%s climbs nowhere: a key is a name and no path',
  async (path) => {
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
    expect(await sendBytes(server.port, request)).toMatchObject({ status: 403, code: 'AccessDenied' });
  },
);

test('/../input/a is about a bucket of the name `..`, which cannot be', async () => {
  const request = 'GET /../input/a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  expect(await sendBytes(server.port, request)).toMatchObject({ status: 400, code: 'InvalidBucketName' });
});

test('a key with dots is stored under that very name', async () => {
  await putObject(server, '/input/x/../y', 'dots');
  expect((await rawCall(server, 'GET /input/x/../y')).body).toBe('dots');
  expect((await rawCall(server, 'GET /input/y')).code).toBe('NoSuchKey');
});

test.each([
  ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nx: \0\r\n\r\n'],
  ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n'],
  ['two lengths', 'PUT /input/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['headers of 100 KB', `GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
])('a request with %s is refused', async (_name, bytes) => {
  const { status } = await sendBytes(server.port, bytes);
  expect([400, 431]).toContain(status);
});

test('header bytes above ASCII do no harm', async () => {
  const bytes = Buffer.from(
    'GET /input/a HTTP/1.1\r\nHost: \xff\xfe\r\nAuthorization: OSS \xe9:\xe9\r\nDate: \xff\r\n\r\n',
    'latin1',
  );
  expect((await sendBytes(server.port, bytes)).status).toBe(403);
});

test('a client that closes its side still gets its reply', async () => {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end('GET /input/a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'end');
  socket.destroy();
  expect(text).toMatch(/^HTTP\/1\.1 403 /);
});

test('a slow body holds nobody else up', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write('PUT /input/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx');
  await once(socket, 'connect');
  expect((await rawCall(server, 'GET /input/a')).body).toBe('hello');
  socket.destroy();
  expect((await rawCall(server, 'HEAD /input/slow')).status).toBe(404);
});

test('a thousand idle connections leave room for work', async () => {
  const sockets: Socket[] = [];
  for (let batch = 0; batch < 10; batch++) {
    const opened = Array.from({ length: 100 }, () => connect(server.port, '127.0.0.1'));
    await Promise.all(opened.map((socket) => once(socket, 'connect')));
    sockets.push(...opened);
  }
  expect((await rawCall(server, 'GET /input/a')).body).toBe('hello');
  for (const socket of sockets) socket.destroy();
  expect((await send(server, 'GET', '/input/a')).status).toBe(403);
});
