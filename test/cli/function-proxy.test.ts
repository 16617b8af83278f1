import { afterEach, expect, test } from 'vitest';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { cloudWith } from '../support/cloud.ts';
import { type ProxyServer, proxyServer } from '../support/proxy-server.ts';

/** The proxies of the environment count for Function Compute as they do for OSS. */

const code = 'exports.handler = async () => "done";';
const path = '/2023-03-30/functions/f/invocations';

let proxy: ProxyServer;
afterEach(() => proxy.close());

async function invokeThrough(refuse?: number) {
  const cloud = await cloudWith({ f: { code } });
  proxy = await proxyServer(refuse);
  const env = {
    ...cloudEnvironment(cloud.url),
    HOLDFAST_FC_ENDPOINT: cloud.url,
    HTTP_PROXY: `http://me:secret@127.0.0.1:${proxy.port}`,
  };
  return { cloud, env, ...(await runCli(['invoke', 'f'], { env })) };
}

test('a function is invoked through a proxy', async () => {
  const { cloud, code, stdout } = await invokeThrough();
  expect(code).toBe(0);
  expect(stdout).toContain('f succeeded: "done"');
  expect(proxy.asked).toEqual([`POST ${cloud.url}${path}`]);
});

test('NO_PROXY leads past it', async () => {
  const { env } = await invokeThrough(407);
  const { code } = await runCli(['invoke', 'f'], { env: { ...env, NO_PROXY: '127.0.0.1' } });
  expect(code).toBe(0);
  expect(proxy.asked).toHaveLength(1);
});

test('a proxy that refuses is named, without its password', async () => {
  const { code, stderr } = await invokeThrough(407);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `error PROXY_REFUSED: InvokeFunction on function f: proxy http://127.0.0.1:${proxy.port} does not let it through`,
  );
  expect(stderr).not.toContain('secret');
});

test('one that makes no tunnel to an endpoint with TLS is named too', async () => {
  proxy = await proxyServer(403);
  const env = {
    ...cloudEnvironment('https://localhost:1'),
    HOLDFAST_FC_ENDPOINT: 'https://localhost:1',
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
  };
  const { code, stderr } = await runCli(['invoke', 'f'], { env });
  expect(code).toBe(1);
  expect(stderr).toContain('error PROXY_REFUSED: InvokeFunction on function f');
  expect(proxy.asked).toEqual(['CONNECT localhost:1']);
});
