import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Connections } from '../../../../shared/storage/oss/connections.ts';
import { createOssStorage } from '../../../../shared/storage/oss/index.ts';
import { proxiedConnections } from '../../../../shared/storage/oss/proxy.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../../support/oss-server.ts';
import { type ProxyServer, proxyServer } from '../../../support/proxy-server.ts';
import { ways } from '../../../support/ways.ts';

/** The way through a proxy, and TLS that is verified on it. */

const pem = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url));
const bucket = 'records';
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;

let oss: OssServer;
let secured: Server;
let proxy: ProxyServer;

beforeAll(async () => {
  oss = await startOss();
  const tls = { key: pem('localhost.key'), cert: pem('localhost.cert') };
  secured = createServer(tls, (request, response) => void oss.oss.handle(request, response));
  await new Promise<void>((resolve) => secured.listen(0, '127.0.0.1', resolve));
  const storage = open(`http://127.0.0.1:${oss.port}`);
  await storage.listBuckets().first();
});
afterAll(async () => {
  secured.close();
  secured.closeAllConnections();
  await oss.close();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

function open(endpoint: string, connections?: Connections) {
  const credentials = { accessKeyId, accessKeySecret };
  return createOssStorage({ region: 'cn-hangzhou', endpoint, credentials, connections });
}

async function through(refuse: Parameters<typeof proxyServer>[0], endpoint: string, user = '') {
  proxy = await proxyServer(refuse);
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) vi.stubEnv(name, '');
  vi.stubEnv('HTTP_PROXY', `http://${user}127.0.0.1:${proxy.port}`);
  vi.stubEnv('HTTPS_PROXY', `http://${user}127.0.0.1:${proxy.port}`);
  vi.stubEnv('NO_PROXY', '');
  return open(endpoint, proxiedConnections());
}

const plain = () => `http://127.0.0.1:${oss.port}`;
const tls = () => `https://localhost:${(secured.address() as AddressInfo).port}`; // a TCP server has a port

test('a plain endpoint is asked for by whole URLs, and every key reaches its own object', async () => {
  const storage = await through(undefined, plain());
  await storage.putObjectWorm(bucket, {}).catch(() => undefined);
  const refusedBefore = proxy.asked.length;
  expect(refusedBefore).toBe(1);
  expect(proxy.asked[0]).toBe(`PUT http://127.0.0.1:${oss.port}/records/?objectWorm`);
  expect(
    await storage.headObject({ bucket: 'absent-bucket', key: 'x/../y' }).catch((e: unknown) => e),
  ).toMatchObject({
    code: 'NO_SUCH_BUCKET',
  });
  expect(proxy.asked[1]).toBe(`HEAD http://127.0.0.1:${oss.port}/absent-bucket/x/../y`);
});

test('user and password go to the proxy, and are in no message', async () => {
  const storage = await through(407, plain(), 'me:p%40ss@');
  const error: unknown = await storage
    .listBuckets()
    .first()
    .catch((thrown: unknown) => thrown);
  expect(proxy.users).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  expect(error).toMatchObject({
    code: 'PROXY_REFUSED',
    transient: false,
    message: expect.stringContaining(`proxy http://127.0.0.1:${proxy.port}`),
  });
  expect(JSON.stringify([String(error), error])).not.toMatch(/p@ss|p%40ss|me:/);
});

describe('an endpoint with TLS is reached through a tunnel', () => {
  test('in which its certificate is verified, whatever the environment says', async () => {
    const storage = await through(undefined, tls());
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await expect(storage.listBuckets().first()).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
      transient: false,
      notSent: true,
    });
    expect(proxy.asked).toEqual([`CONNECT ${new URL(tls()).host}`]);
  });

  test.each([403, 407])('which a proxy refuses with %i', async (status) => {
    const storage = await through(status, tls());
    await expect(
      storage.putRetention({ bucket, key: 'a', versionId: versionId('V') }, retention),
    ).rejects.toMatchObject({
      code: 'PROXY_REFUSED',
      message: expect.stringMatching(/proxy http:\/\/127.0.0.1:\d+ does not let it through .* status 40[37]/),
    });
  });

  test('which a proxy cannot make for now', async () => {
    const storage = await through(503, tls());
    await expect(storage.listBuckets().first()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      transient: true,
      message: expect.stringContaining('it answers to CONNECT with status 503'),
    });
  });
});

test.each([
  ['an endpoint with TLS', tls],
  ['a plain endpoint', plain],
])('a proxy that is down is named, for %s', async (_what, endpoint) => {
  const storage = await through(undefined, endpoint());
  await proxy.close();
  await expect(storage.listBuckets().first()).rejects.toMatchObject({
    code: 'UNREACHABLE',
    notSent: true,
    message: expect.stringContaining(`proxy http://127.0.0.1:${proxy.port}: connect ECONNREFUSED`),
  });
});

test('a connection to the proxy sends at once, and is kept alive', async () => {
  const storage = await through(undefined, plain());
  const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
  await storage.listBuckets().first();
  expect(noDelay.mock.contexts[0]).toMatchObject({ remotePort: proxy.port });
  expect(keepAlive.mock.contexts[0]).toBe(noDelay.mock.contexts[0]);
  vi.restoreAllMocks();
});

test.each(['127.0.0.1', '*', 'localhost,127.0.0.1'])('NO_PROXY=%s leads past it', async (no) => {
  const storage = await through(407, plain());
  vi.stubEnv('NO_PROXY', no);
  await storage.listBuckets().first();
  expect(proxy.asked).toEqual([]);
});

test.each(ways)('past a proxy requests go as without one, over %s', async (_way, connections) => {
  await through(407, plain());
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  const storage = open(plain(), proxiedConnections(connections()));
  await storage.listBuckets().first();
  expect(proxy.asked).toEqual([]);
  storage.close();
});

test('NO_PROXY may name the endpoint without a bucket', async () => {
  const connections = await through(407, plain()).then(() => proxiedConnections());
  vi.stubEnv('NO_PROXY', 'oss-cn-hangzhou.aliyuncs.com');
  const at = (hostname: string) => connections.route({ secure: false, hostname, port: 80 }).proxy;
  expect(at('records.oss-cn-hangzhou.aliyuncs.com')).toBeUndefined();
  expect(at('records.oss-cn-beijing.aliyuncs.com')).toBe(`http://127.0.0.1:${proxy.port}`);
});

test.each(['socks5://me:hidden@127.0.0.1:1080', 'http://me:hidden@:x'])(
  '%s is no proxy that can be used',
  async (url) => {
    const storage = await through(undefined, plain());
    vi.stubEnv('HTTP_PROXY', url);
    const error: unknown = await storage
      .listBuckets()
      .first()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(String(error)).not.toContain('hidden');
  },
);

test.each(ways)('TLS is verified without a proxy too, over %s', async (_way, connections) => {
  proxy = await proxyServer();
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  await expect(open(tls(), connections()).listBuckets().first()).rejects.toMatchObject({
    code: 'CERTIFICATE_INVALID',
  });
});
