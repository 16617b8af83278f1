import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aliOss } from '../../support/ali-oss.ts';
import { makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'robust');
});
afterAll(() => server.close());

/** Signs an upload whose body may be anything. */
function signedPut(key: string): URL {
  const endpoint = 'http://localhost:1';
  const oss = aliOss({ accessKeyId, accessKeySecret, bucket: 'robust', endpoint, sldEnable: true });
  return new URL(oss.signatureUrl(key, { method: 'PUT', expires: 600 }));
}

/** The beginning of an upload, whose body is not all there. */
const halfOf = ({ pathname, search }: URL) =>
  `PUT ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf`;

test('a document beyond 2 MiB is refused, announced or not', async () => {
  const body = `<Delete>${' '.repeat(2 * 1024 * 1024)}</Delete>`;
  const call = (headers = {}) => rawCall(server, 'POST /robust/', { query: { delete: '' }, headers, body });
  expect((await call()).code).toBe('EntityTooLarge');
  expect((await call({ 'transfer-encoding': 'chunked' })).code).toBe('EntityTooLarge');
});

test.each([
  ['while it is read', []],
  ['before it is read', [{ operation: 'PutObject', effect: { delayMs: 50 } }]],
])('an upload that breaks off %s stores nothing', async (_when, faults) => {
  const url = signedPut('broken');
  server.oss.requests.clear();
  server.oss.faults.add(faults);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(halfOf(url));
  await once(socket, 'ready');
  socket.destroySoon();
  await expect.poll(() => server.oss.requests.list().length).toBe(1);
  expect(server.oss.requests.list()[0]).toMatchObject({ operation: 'PutObject', key: 'broken', status: 0 });
  expect((await rawCall(server, 'HEAD /robust/broken')).status).toBe(404);
  server.oss.faults.clear();
});

test('requests that are no HTTP, or stop half way, disturb nobody', async () => {
  for (const text of [
    '\u0000\u0001garbage\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: \u00ff\u00fe\r\n\r\n',
    'PUT /robust/x HTTP/1.1\r\n',
  ]) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(text);
    await once(socket, 'close');
  }
  expect((await rawCall(server, 'HEAD /robust/')).status).toBe(200);
});

test('header values of odd bytes are stored and come back, line breaks do not get in', async () => {
  await putObject(server, '/robust/meta', 'x', { 'x-oss-meta-plain': 'a  b' });
  const split = { query: { 'response-content-type': 'text/html\r\nset-cookie: a' } };
  expect((await rawCall(server, 'GET /robust/meta', split)).code).toBe('InvalidArgument');
});

test('a server that is closed twice while a request is open tells both when it is done', async () => {
  const closing = await startOss();
  await makeBucket(closing, 'robust');
  const socket = connect(closing.port, '127.0.0.1');
  const begun = once(closing.http, 'request');
  socket.write(halfOf(signedPut('open')));
  await begun;
  const closed = [closing.oss.close(), closing.oss.close()];
  socket.destroy();
  await Promise.all(closed);
  await closing.close();
});
