import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { sendBytes } from '../support/raw-http.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ names: ['holdfast.test', 'oss'] });
});
afterAll(() => cloud.close());

/** Sends a request with just these headers, and `Host` if they have none. */
async function call(target: string, headers: Record<string, string> = {}, body = '') {
  const lines = Object.entries({ host: `127.0.0.1:${cloud.port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const length = body === '' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
  const { status, text } = await sendBytes(
    cloud.port,
    `${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`,
  );
  return { status, body: text.slice(text.indexOf('\r\n\r\n') + 4) };
}

const offset = () => cloud.time.offsetMs;
const json = { 'content-type': 'application/json' };
const advance = '{"advance":"1h"}';
const moveClock = (headers: Record<string, string>) => call('POST /_local/clock', headers, advance);

/** Every kind of path: the admin API, Function Compute, the object store. */
const paths = [
  'GET /_local/health',
  'GET /_local/requests',
  'POST /2023-03-30/functions/f/invocations',
  'GET /',
  'GET /records/a',
  'PUT /records/a',
  'OPTIONS /records/a',
];

describe('Host', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9:1',
    '[::1]:9000',
    'localhost',
    'LOCALHOST:9000',
    'records.localhost:9000',
    'oss-cn-hangzhou.aliyuncs.com',
    'records.oss-cn-hangzhou.aliyuncs.com',
    '.oss-cn-hangzhou.aliyuncs.com',
    'holdfast.test:9000',
    'records.Holdfast.test',
    'oss',
  ])('%s is served', async (host) => {
    expect((await call('GET /_local/nothing', { host })).body).not.toContain('FOREIGN');
    expect((await call('GET /records/a', { host })).body).not.toContain('which is not served here');
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    'notlocalhost',
    'aliyuncs.com.evil.example',
    'evilaliyuncs.com',
    '.evil.example',
    '127.0.0.1.evil.example',
    '1.2.3.4',
    '0.0.0.0',
    '2130706433',
    '[::2]',
    'evil.example:127.0.0.1',
    'evil@localhost',
    'holdfast.test.evil.example',
    'xoss',
    '',
  ])('"%s" is refused on every path', async (host) => {
    for (const path of paths) {
      const reply = await call(path, { host, ...json });
      expect(reply, path).toMatchObject({ status: 403 });
      expect(reply.body, path).toContain('which is not served here');
    }
  });

  test('that comes twice, or beside another one in the target, has to be served in each', async () => {
    const twice = `GET /_local/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n`;
    expect((await sendBytes(cloud.port, twice)).status).not.toBe(200);
    expect((await call('GET http://evil.example/_local/health')).status).toBe(403);
  });
});

describe('a page of another site', () => {
  test.each([
    { origin: 'http://evil.example' },
    { origin: 'https://localhost.evil.example' },
    { origin: 'null' },
    { origin: 'nonsense' },
    { origin: 'file://' },
    { origin: 'chrome-extension://localhost' },
    { origin: 'http://records.oss-cn-hangzhou.aliyuncs.com' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    { origin: 'http://evil.example', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ] as Record<string, string>[])('with %j is refused on every path', async (headers) => {
    for (const path of paths) {
      const reply = await call(path, { ...json, ...headers });
      expect(reply, path).toMatchObject({ status: 403 });
      expect(reply.body, path).toContain('a web page of another site');
    }
  });

  test('of an old browser, which sends a Referer only, changes nothing', async () => {
    const before = offset();
    const reply = await moveClock({ ...json, referer: 'http://evil.example/page' });
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body)).toEqual({
      code: 'FOREIGN_ORIGIN',
      error: expect.stringContaining('evil.example'),
      remedy: expect.any(String),
    });
    expect(offset()).toBe(before);
  });

  test('a link that a person follows shows its object', async () => {
    const followed = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await call('GET /_local/health', followed)).status).toBe(200);
    expect((await call('POST /_local/clock', followed)).status).toBe(403);
  });

  test.each([
    { origin: 'http://localhost:3000' },
    { origin: 'http://127.0.0.1:9000' },
    { origin: 'https://app.holdfast.test' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { referer: 'http://localhost:9000/' },
  ] as Record<string, string>[])('%j is of no other site', async (headers) => {
    expect((await moveClock({ ...json, ...headers })).status).toBe(200);
  });
});

describe('what a form can send', () => {
  const forms = [
    'application/x-www-form-urlencoded',
    'text/plain',
    'text/plain; charset=utf-8',
    'text/plain;charset=UTF-8',
    'TEXT/PLAIN',
    'multipart/form-data; boundary=x',
  ];
  const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };

  test.each(forms)('%s changes nothing, from whatever page and by whatever program', async (type) => {
    const before = offset();
    for (const more of [
      {},
      firefox,
      { ...firefox, origin: 'http://localhost:9000' },
      { 'user-agent': 'x' },
    ]) {
      const reply = await moveClock({ 'content-type': type, ...more });
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.body)).toEqual({
        code: 'FORM_REQUEST',
        error: expect.stringContaining(type),
        remedy: expect.stringContaining('application/json'),
      });
    }
    for (const path of ['timer/x', 'faults', 'idle', 'nothing']) {
      expect((await call(`POST /_local/${path}`, { 'content-type': type })).status).toBe(403);
    }
    expect(offset()).toBe(before);
    expect(cloud.oss.faults.list()).toEqual([]);
  });

  test.each([
    json,
    { 'content-type': 'application/json; charset=utf-8' },
    { 'x-holdfast': '1', 'content-type': 'text/plain' },
    {},
    { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'curl/8.14.1' },
    { 'content-type': 'text/plain;charset=UTF-8', 'user-agent': 'node' },
  ] as Record<string, string>[])('%j is beyond a form', async (headers) => {
    expect((await moveClock(headers)).status).toBe(200);
  });

  test('a program with the marks of a page is none', async () => {
    const curl = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'curl/8.14.1' };
    expect((await moveClock({ ...curl, origin: 'http://localhost' })).status).toBe(403);
  });

  test('fetch of Node, as it is, moves the clock', async () => {
    const reply = await fetch(`${cloud.url}/_local/clock`, { method: 'POST', body: advance });
    expect(reply.status).toBe(200);
    expect((await fetch(`${cloud.url}/_local/idle`, { method: 'POST' })).status).toBe(200);
  });

  test('a POST to the object store that is signed in its query alone is refused', async () => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status, body } = await call('POST /records?worm&Signature=x', type, 'a=b');
    expect(status).toBe(403);
    expect(body).toContain("a web page's form could send this request");
  });
});

test('no request of any Host and Origin but the served ones is let in', async () => {
  const word = fc.stringMatching(/^[a-z0-9.:@[\]-]{1,20}$/);
  const hosts = fc.oneof(
    word,
    fc.ipV4(),
    fc.domain(),
    fc.domain().map((name) => `localhost.${name}`),
  );
  const isServed =
    /^(?:127\.[0-9.]+|\[::1\]|(?:.+\.)?localhost|(?:.+\.)?holdfast\.test|(?:.+\.)?oss|.+\.aliyuncs\.com)(?::\d*)?$/;
  await fc.assert(
    fc.asyncProperty(hosts, async (host) => {
      fc.pre(!isServed.test(host));
      expect((await call('GET /_local/health', { host })).status).not.toBe(200);
      expect((await call('GET /_local/health', { origin: `http://${host}` })).status).toBe(403);
    }),
    { numRuns: 40 },
  );
});

test('over another address only the admin API is for this machine', async () => {
  const wide = await startCloud({ host: '0.0.0.0' });
  try {
    expect(wide.url).toBe(`http://127.0.0.1:${wide.port}`);
    expect((await fetch(`${wide.url}/_local/health`)).status).toBe(200);
    const socket = connect(wide.port, '127.0.0.2');
    socket.write('GET /_local/health HTTP/1.1\r\nHost: 127.0.0.2\r\nConnection: close\r\n\r\n');
    const [head] = await once(socket, 'data');
    expect(String(head)).toMatch(/^HTTP\/1\.1 200/);
    socket.destroy();
  } finally {
    await wide.close();
  }
});
