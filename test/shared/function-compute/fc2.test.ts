import { readFileSync } from 'node:fs';
import Client from '@alicloud/fc2';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import type { Cloud } from '../../../local/cloud.ts';
import type { CloudOptions } from '../../../local/cloud-options.ts';
import { fcSignature, type InvokerOptions } from '../../../shared/function-compute/client.ts';
import { createInvoker } from '../../../shared/function-compute/fc2.ts';
import { cloudWith } from '../../support/cloud.ts';
import { type ScriptedReply, scriptedServer } from '../../support/scripted-server.ts';

const code = `
  exports.handler = async (event) => {
    const order = JSON.parse(event);
    process.stdout.write('got ' + event + '\\n');
    if (order.fail) throw new RangeError('too far');
    return order.binary ? Buffer.from([0xe8, 0xb4, 0xa6]) : { got: order };
  };`;

function invokerFor(endpoint: string, changes: Partial<InvokerOptions> = {}) {
  const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
  return createInvoker({ region: 'cn-hangzhou', accountId: '1', endpoint, credentials, ...changes });
}

const runningCloud = (options: CloudOptions = {}) => cloudWith({ f: { code } }, options);

/** A server that gives one reply, for what the embedded cloud does not do. */
async function serverThat(reply: ScriptedReply) {
  const server = await scriptedServer();
  onTestFinished(() => server.close());
  server.script(reply);
  return server;
}

const runs = (cloud: Cloud) => cloud.fc.invocations().map(({ event, status }) => [event, status]);

test('a function answers, and its log comes along', async () => {
  const cloud = await runningCloud();
  const result = await invokerFor(cloud.url).invoke('f', '{"n":"账"}');
  expect(result).toEqual({
    ok: true,
    requestId: cloud.fc.invocations()[0]?.requestId,
    body: '{"got":{"n":"账"}}',
    logs: [
      `FC Invoke Start RequestId: ${result.requestId}`,
      'got {"n":"账"}',
      `FC Invoke End RequestId: ${result.requestId}`,
    ],
  });
  expect(await invokerFor(cloud.url).invoke('f', '{"binary":true}')).toMatchObject({ ok: true, body: '账' });
});

test('a function that fails is a result, with what it threw', async () => {
  const cloud = await runningCloud();
  expect(await invokerFor(cloud.url).invoke('f', '{"fail":true}')).toMatchObject({
    ok: false,
    condition: 'UnhandledInvocationError',
    error: { errorType: 'RangeError', errorMessage: 'too far', stackTrace: expect.any(Array) },
    logs: expect.arrayContaining(['got {"fail":true}']),
  });
});

test('temporary credentials carry their token', async () => {
  const keep = 'exports.handler = async (event, context) => context.credentials;';
  const cloud = await cloudWith({ f: { code: keep } });
  const first = await invokerFor(cloud.url).invoke('f', '{}');
  const credentials = z
    .object({ accessKeyId: z.string(), accessKeySecret: z.string(), securityToken: z.string() })
    .parse(JSON.parse(first.ok ? first.body : ''));
  expect(await invokerFor(cloud.url, { credentials }).invoke('f', '{}')).toMatchObject({ ok: true });
});

test('a task is queued once, however often it is started', async () => {
  const cloud = await runningCloud();
  const invoker = invokerFor(cloud.url);
  expect(await invoker.start('f', '{"n":1}', 'shard-1')).toBe('accepted');
  expect(await invoker.start('f', '{"n":1}', 'shard-1')).toBe('already-known');
  expect(await invoker.start('f', '{"n":2}')).toBe('accepted');
  await cloud.idle();
  expect(runs(cloud)).toEqual([
    [{ n: 1 }, 'succeeded'],
    [{ n: 2 }, 'succeeded'],
  ]);
});

test.each([
  ['an unknown function', 'g', {}, 'NO_SUCH_FUNCTION', false, { status: 404, code: 'FunctionNotFound' }],
  [
    'a wrong secret',
    'f',
    { credentials: { accessKeyId: 'holdfast', accessKeySecret: 'x' } },
    'CREDENTIALS_INVALID',
    false,
    { status: 403, code: 'SignatureNotMatch' },
  ],
  [
    'an unknown access key',
    'f',
    { credentials: { accessKeyId: 'nobody', accessKeySecret: 'x' } },
    'CREDENTIALS_INVALID',
    false,
    { status: 403, code: 'InvalidAccessKeyID' },
  ],
])(
  '%s is a coded error, with what the service said',
  async (_what, name, changes, errorCode, transient, reply) => {
    const cloud = await runningCloud();
    await expect(invokerFor(cloud.url, changes).invoke(name, '{}')).rejects.toMatchObject({
      code: errorCode,
      transient,
      reply: { ...reply, requestId: expect.stringMatching(/^[\da-f-]{36}$/) },
    });
    expect(cloud.fc.invocations()).toEqual([]);
  },
);

test('a task id that is none is refused, and says why', async () => {
  const cloud = await runningCloud();
  await expect(invokerFor(cloud.url).start('f', '{}', '1 2')).rejects.toMatchObject({
    code: 'INVOKE_REFUSED',
    message: expect.stringContaining('1 2 is no task id'),
  });
});

test('a throttled function may be tried again', async () => {
  const cloud = await runningCloud({ instanceLimit: 0 });
  const error = { code: 'THROTTLED', transient: true };
  await expect(invokerFor(cloud.url).invoke('f', '{}')).rejects.toMatchObject(error);
});

const json = (status: number, ErrorCode: string): ScriptedReply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-fc-request-id': 'id-1' },
  body: JSON.stringify({ ErrorCode, ErrorMessage: 'said so' }),
});

test.each([
  ['500', json(500, 'InternalServerError'), 'INVOKE_FAILED', true],
  ['503 without JSON', { status: 503, body: 'sorry' }, 'INVOKE_FAILED', true],
  ['403', json(403, 'AccessDenied'), 'ACCESS_DENIED', false],
  ['409', json(409, 'Conflict'), 'INVOKE_REFUSED', false],
  [
    'JSON that is none',
    { status: 200, headers: { 'content-type': 'application/json' }, body: '{' },
    'UNEXPECTED_REPLY',
    false,
  ],
  ['a reset', 'reset', 'UNREACHABLE', true],
] satisfies readonly (readonly [string, ScriptedReply, string, boolean])[])(
  '%s is a coded error',
  async (_what, reply, errorCode, transient) => {
    const server = await serverThat(reply);
    const call = invokerFor(server.endpoint).invoke('f', '{}');
    await expect(call).rejects.toMatchObject({ code: errorCode, transient });
  },
);

test('a server that is down is named', async () => {
  const cloud = await runningCloud();
  await cloud.close();
  await expect(invokerFor(cloud.url).invoke('f', '{}')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    transient: true,
    message: expect.stringContaining(cloud.url),
  });
});

test("no function's bundle contains a client of others", () => {
  const sourceMap = z.object({ sources: z.array(z.string()) });
  for (const name of ['object-created', 'policy-timer', 'dead-letter', 'protect-existing']) {
    const { sources } = sourceMap.parse(JSON.parse(readFileSync(`dist/${name}/index.js.map`, 'utf8')));
    expect(sources.some((source) => source.includes('shared/storage/oss/exchange'))).toBe(true);
    expect(sources.filter((source) => /@alicloud|axios|urllib|ali-oss/.test(source))).toEqual([]);
  }
});

test('every signature is the one that @alicloud/fc2 makes', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019+/=._-'), minLength: 1, maxLength: 20 });
  const headers = fc.record(
    {
      date: text,
      'content-md5': text,
      'content-type': text,
      accept: text,
      'x-fc-account-id': text,
      'x-fc-security-token': text,
      'x-fc-invocation-type': text,
      'x-fc-async-task-id': text,
    },
    { requiredKeys: ['date'] },
  );
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'POST'),
      text,
      headers,
      text,
      text,
      (method, path, given, id, secret) => {
        const ours = fcSignature(method, `/${path}`, given, { accessKeyId: id, accessKeySecret: secret });
        expect(ours).toBe(Client.getSignature(id, secret, method, `/${path}`, given, null));
      },
    ),
  );
});

test.each<[what: string, reply: ScriptedReply]>([
  ['the page of a portal', { status: 200, body: '<html>please log in</html>' }],
  ['an acceptance by something else', { status: 202 }],
  ['a redirection', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
])('%s is no answer of a function', async (_what, reply) => {
  const server = await serverThat(reply);
  await expect(invokerFor(server.endpoint).invoke('f', '{}')).rejects.toMatchObject({
    code: 'UNEXPECTED_REPLY',
    message: expect.stringContaining('from something that is not Function Compute'),
  });
  expect(server.requests).toHaveLength(1);
});

test('the request id of the gateway of APIs is one as well', async () => {
  const server = await serverThat({ status: 200, headers: { 'x-acs-request-id': 'R' }, body: 'done' });
  expect(await invokerFor(server.endpoint).invoke('f', '{}')).toMatchObject({
    ok: true,
    requestId: 'R',
    body: 'done',
  });
});
