import { expect, test } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { refuseSignature } from '../../../local/fc/signature.ts';
import { minute, second } from '../../../shared/platform/instant.ts';
import { cloudWith } from '../../support/cloud.ts';
import { callFc, type FcRequest, fcKey as keys } from '../../support/fc-client.ts';

const echo = 'exports.handler = async (event) => event;';

const call = (cloud: Cloud, name: string, body: string | Buffer, request: FcRequest = {}) =>
  callFc(cloud, `${name}/invocations`, { body, ...request });

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
  const findKey = (id: string) => (id === keys.id ? { secret: keys.secret } : undefined);
  const verifier = { findKey, clocks: [() => new Date('2026-11-20T10:07:00Z')] };
  const mismatch = { status: 403, code: 'SignatureNotMatch' };
  expect(refuseSignature(request, verifier)).toBeUndefined();
  expect(refuseSignature({ ...request, method: 'PUT' }, verifier)).toMatchObject(mismatch);
  expect(refuseSignature({ ...request, path: `${request.path}x` }, verifier)).toMatchObject(mismatch);
  for (const name of Object.keys(request.headers)) {
    const headers = { ...request.headers, [name]: `${Reflect.get(request.headers, name)}x` };
    if (name !== 'authorization') expect(refuseSignature({ ...request, headers }, verifier)).toBeDefined();
  }
});

test.each([
  [15 * minute, undefined],
  [-15 * minute, undefined],
  [15 * minute + second, 'AccessDenied'],
  [-15 * minute - second, 'AccessDenied'],
])('a date that is %i ms off the clock is refused as %s', (off, code) => {
  const findKey = () => ({ secret: 's' });
  const now = new Date('2026-11-20T10:07:00Z');
  const headers = { date: new Date(now.getTime() + off).toUTCString(), authorization: 'FC a:b' };
  const request = { method: 'POST', path: '/', headers };
  const refused = refuseSignature(request, { findKey, clocks: [() => now] });
  expect(refused?.code).toBe(code ?? 'SignatureNotMatch');
});

test("the date may be the machine's or the cloud's own", async () => {
  const clock = new Date('2027-03-01T10:00:00Z');
  const cloud = await cloudWith({ f: { code: echo } }, { clock });
  expect((await call(cloud, 'f', '{}')).status).toBe(200);
  expect((await call(cloud, 'f', '{}', { date: clock })).status).toBe(200);
  const other = await call(cloud, 'f', '{}', { date: new Date('2028-03-01T10:00:00Z') });
  expect(await other.json()).toMatchObject({ ErrorCode: 'AccessDenied' });
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
  ['an unknown access key', 'f', { key: { id: 'nobody', secret: 'x' } }, 403, 'InvalidAccessKeyID'],
  ['a wrong secret', 'f', { key: { ...keys, secret: 'x' } }, 403, 'SignatureNotMatch'],
  ['another method', 'f', { method: 'GET' }, 501, 'NotImplemented'],
])('%s is refused', async (_what, name, how, status, code) => {
  const cloud = await cloudWith({ f: { code: echo } });
  const reply = await call(cloud, name, '{}', how);
  expect(reply.status).toBe(status);
  const message = expect.any(String);
  const RequestId = reply.headers.get('x-fc-request-id');
  const both = { ErrorCode: code, ErrorMessage: message, Code: code, Message: message };
  expect(await reply.json()).toEqual({ RequestId, ...both });
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
  const refused = await call(cloud, 'f', event, { headers });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ Code: 'EntityTooLarge' });
  expect(await (await call(cloud, 'f', event)).text()).toBe('131073');
});

test('the log comes along when it is asked for: its last 4 KB, between marker lines', async () => {
  const code = `
    exports.initializer = async () => { process.stdout.write('getting ready\\n'); };
    exports.handler = async (event) => {
      process.stdout.write('x'.repeat(Number(event)) + '\\n');
      if (Number(event) > 1) throw new Error('no');
    };`;
  const props = { instanceLifecycleConfig: { initializer: { handler: 'index.initializer' } } };
  const cloud = await cloudWith({ f: { code, props } });
  const headers = { 'x-fc-log-type': 'Tail' };
  const log = (reply: Response) =>
    Buffer.from(reply.headers.get('x-fc-log-result') ?? '', 'base64').toString();
  const cold = await call(cloud, 'f', '1', { headers });
  const id = cold.headers.get('x-fc-request-id');
  expect(log(cold).split('\n')).toEqual([
    `FC Initialize Start RequestId: ${id}`,
    'getting ready',
    `FC Initialize End RequestId: ${id}`,
    `FC Invoke Start RequestId: ${id}`,
    'x',
    `FC Invoke End RequestId: ${id}`,
    '',
  ]);
  const long = await call(cloud, 'f', '5000', { headers });
  expect(log(long)).toHaveLength(4096);
  expect(log(long)).toMatch(/^x+\nFC Invoke End RequestId: \S+, Error: Unhandled function error\n$/);
  expect((await call(cloud, 'f', '1')).headers.has('x-fc-log-result')).toBe(false);
});

test('an initializer that fails says so in a header', async () => {
  const code = `exports.initializer = async () => { throw new Error('no'); }; exports.handler = async () => {};`;
  const props = { instanceLifecycleConfig: { initializer: { handler: 'index.initializer' } } };
  const cloud = await cloudWith({ f: { code, props } });
  const reply = await call(cloud, 'f', '{}');
  expect(reply.status).toBe(200);
  expect(reply.headers.get('x-fc-error-type')).toBe('InitializationError');
});

test('a synchronous call is throttled while every instance that may be is busy', async () => {
  const code = `exports.handler = async (event) => {
    if (String(event) === 'hold') await new Promise((resolve) => setTimeout(resolve, 1e6));
  }`;
  const cloud = await cloudWith({ f: { code } }, { instanceLimit: 1 });
  void cloud.fc.invoke('f', Buffer.from('hold'));
  const reply = await call(cloud, 'f', '{}');
  expect(reply.status).toBe(429);
  expect(await reply.json()).toMatchObject({ ErrorCode: 'ResourceExhausted' });
  expect(cloud.fc.invocations()).toHaveLength(1);
});

test('an asynchronous call can be put off', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  const later = (delay: string) =>
    call(cloud, 'f', '{}', { headers: { 'x-fc-invocation-type': 'Async', 'x-fc-async-delay': delay } });
  expect((await later('600')).status).toBe(202);
  await cloud.idle();
  expect(cloud.fc.invocations()).toEqual([]);
  await cloud.advance(10 * minute);
  expect(cloud.fc.invocations()).toHaveLength(1);
  for (const delay of ['3600', '-1', 'soon']) expect((await later(delay)).status).toBe(400);
});
