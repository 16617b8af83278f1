import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { refuseSignature } from '../../../local/fc/signature.ts';
import { cloudWith } from '../../support/cloud.ts';

const echo = 'exports.handler = async (event) => event;';
const keys = { id: 'holdfast', secret: 'holdfast-secret' };

/** Calls a function as @alicloud/fc2 2.6.6 does with its version set to 2023-03-30. */
async function call(
  cloud: Cloud,
  name: string,
  event: string | Buffer,
  { headers = {}, key = keys, method = 'POST' } = {},
): Promise<Response> {
  const path = `/2023-03-30/functions/${name}/invocations`;
  const sent: Record<string, string> = {
    date: 'Fri, 20 Nov 2026 10:07:00 GMT',
    'content-type': 'application/octet-stream',
    'content-md5': createHash('md5').update(event).digest('base64'),
    'x-fc-account-id': '1000000000000001',
    ...headers,
  };
  const fcHeaders = Object.entries(sent)
    .filter(([header]) => header.startsWith('x-fc-'))
    .map(([header, value]) => `${header}:${value}\n`)
    .sort()
    .join('');
  const text = `${method}\n${sent['content-md5']}\n${sent['content-type']}\n${sent['date']}\n${fcHeaders}${path}`;
  const signature = createHmac('sha256', key.secret).update(text).digest('base64');
  const authorization = `FC ${key.id}:${signature}`;
  const body = method === 'GET' ? {} : { body: event };
  return await fetch(`${cloud.url}${path}`, { method, headers: { ...sent, authorization }, ...body });
}

test('a signature that @alicloud/fc2 has made is right, and wrong for anything else', () => {
  const request = {
    method: 'POST',
    path: '/2023-03-30/functions/f/invocations',
    headers: {
      date: 'Fri, 20 Nov 2026 10:07:00 GMT',
      'x-fc-account-id': '1000000000000001',
      'x-fc-invocation-type': 'Async',
      'content-type': 'application/octet-stream',
      'content-md5': 'OTk5MTRiOTMyYmQzN2E1MGI5ODNjNWU3YzkwYWU5M2I=',
      authorization: 'FC holdfast:Zsxcm80X2h0q9L3BU4d4uDAKV9DTq0jXRkKtLavxK1s=',
    },
  };
  const find = (id: string) => (id === keys.id ? { secret: keys.secret } : undefined);
  expect(refuseSignature(request, find)).toBeUndefined();
  expect(refuseSignature({ ...request, method: 'PUT' }, find)).toBe('the signature does not match');
  expect(refuseSignature({ ...request, path: `${request.path}x` }, find)).toBe(
    'the signature does not match',
  );
  for (const name of Object.keys(request.headers)) {
    const headers = { ...request.headers, [name]: `${Reflect.get(request.headers, name)}x` };
    if (name !== 'authorization') expect(refuseSignature({ ...request, headers }, find)).toBeDefined();
  }
});

test('a synchronous call answers with what the function returns', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  const reply = await call(cloud, 'f', '{"n":"账"}');
  expect(reply.status).toBe(200);
  expect(await reply.text()).toBe('{"n":"账"}');
  expect(reply.headers.get('x-fc-request-id')).toBe(cloud.fc.invocations()[0]?.requestId);
});

test("a function's error is a 200 that says so in a header", async () => {
  const cloud = await cloudWith({ f: { code: `exports.handler = async () => { throw new Error('no'); }` } });
  const reply = await call(cloud, 'f', '{}');
  expect(reply.status).toBe(200);
  expect(reply.headers.get('x-fc-error-type')).toBe('UnhandledInvocationError');
  expect(await reply.json()).toMatchObject({ errorMessage: 'no', errorType: 'Error' });
});

test('an asynchronous call is accepted at once and tried again when it fails', async () => {
  const cloud = await cloudWith({ f: { code: `exports.handler = async () => { throw new Error('no'); }` } });
  const reply = await call(cloud, 'f', '{}', { headers: { 'x-fc-invocation-type': 'Async' } });
  expect(reply.status).toBe(202);
  await cloud.idle();
  expect(cloud.fc.invocations()).toMatchObject([
    { requestId: reply.headers.get('x-fc-request-id'), status: 'retrying', trigger: 'api' },
  ]);
});

test.each([
  ['an unknown function', 'g', {}, 404, 'FunctionNotFound'],
  ['an unknown access key', 'f', { key: { id: 'nobody', secret: 'x' } }, 403, 'AccessDenied'],
  ['a wrong secret', 'f', { key: { ...keys, secret: 'x' } }, 403, 'AccessDenied'],
  ['another method', 'f', { method: 'GET' }, 501, 'NotImplemented'],
])('%s is refused', async (_what, name, how, status, code) => {
  const cloud = await cloudWith({ f: { code: echo } });
  const reply = await call(cloud, name, '{}', how);
  expect(reply.status).toBe(status);
  expect(await reply.json()).toEqual({ ErrorCode: code, ErrorMessage: expect.any(String) });
  expect(cloud.fc.invocations()).toEqual([]);
});

test('a request without a signature is refused', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  const reply = await fetch(`${cloud.url}/2023-03-30/functions/f/invocations`, {
    method: 'POST',
    body: '{}',
  });
  expect(reply.status).toBe(403);
});

test('a temporary key needs its security token', async () => {
  const code = 'exports.handler = async (event, context) => context.credentials';
  const cloud = await cloudWith({ f: { code } });
  const { invocation } = await cloud.fc.invoke('f', Buffer.from('{}'));
  const { accessKeyId: id, accessKeySecret: secret, securityToken } = JSON.parse(invocation.result ?? '');
  const headers = { 'x-fc-security-token': securityToken };
  expect((await call(cloud, 'f', '{}', { key: { id, secret }, headers })).status).toBe(200);
  expect((await call(cloud, 'f', '{}', { key: { id, secret } })).status).toBe(403);
});

test('an asynchronous event above 128 KB is refused, a synchronous one is not', async () => {
  const cloud = await cloudWith({ f: { code: 'exports.handler = async (event) => event.length' } });
  const event = Buffer.alloc(128 * 1024 + 1, 'x');
  const headers = { 'x-fc-invocation-type': 'Async' };
  expect((await call(cloud, 'f', event, { headers })).status).toBe(413);
  expect(await (await call(cloud, 'f', event)).text()).toBe('131073');
});
