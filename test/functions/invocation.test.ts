import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FcContext, functionCompute } from '../../functions/fc.ts';
import { functionGraph, type GraphContext } from '../../functions/huawei.ts';
import type { Invocation } from '../../functions/invocation.ts';
import type { FunctionPlatform } from '../../functions/platform.ts';
import { createRuntime } from '../../functions/runtime.ts';
import { failure } from '../../shared/platform/errors.ts';
import { scriptedServer } from '../support/scripted-server.ts';

// What one invocation logs, keeps and refuses, in the process of the tests: the log is what goes to standard output.

const rules = `version: 1
limits: { maxRetention: 1y }
objects: [{ name: all, match: { bucket: "*" }, retain: 1d }]
`;
const audited = `${rules}audit: oss://evidence/audit/\n`;

const context = (part: Partial<FcContext> = {}): FcContext => ({
  requestId: 'request-1',
  credentials: { accessKeyId: 'LTAIid', accessKeySecret: 'the-secret', securityToken: 'the-token' },
  function: { name: 'holdfast-x', timeout: 60 },
  region: 'cn-hangzhou',
  accountId: '1',
  ...part,
});

const runtimeOn = (text: string | undefined, environment: Readonly<Record<string, string>> = {}) =>
  runtimeOf(functionCompute, text, environment);

async function runtimeOf<Context>(
  platform: FunctionPlatform<Context>,
  text: string | undefined,
  environment: Readonly<Record<string, string>> = {},
) {
  const server = await scriptedServer();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-invocation-'));
  if (text !== undefined) writeFileSync(join(folder, 'rules.yaml'), text);
  for (const [name, value] of Object.entries({ HOLDFAST_OSS_ENDPOINT: server.endpoint, ...environment })) {
    vi.stubEnv(name, value);
  }
  const lines: Record<string, unknown>[] = [];
  const writeSync = fs.writeSync;
  fs.writeSync = ((target: number, data: Uint8Array) => {
    if (target !== 1) return writeSync(target, data);
    lines.push(JSON.parse(Buffer.from(data).toString()));
    return data.length;
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
  onTestFinished(async () => {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
    await server.close();
  });
  return { server, lines, runtime: createRuntime('x', folder, platform) };
}

const nothing = () => Promise.resolve('done');

describe('evidence', () => {
  const decide = ({ decided }: Pick<Invocation, 'decided'>) => {
    decided('warn', { bucket: 'records', key: 'k', action: 'at-cap' }, 'cannot be longer');
    return Promise.resolve('done');
  };

  it('that cannot be written fails the invocation, and is in the log as a whole', async () => {
    const { server, lines, runtime } = await runtimeOn(audited);
    server.script({
      status: 403,
      headers: { 'x-oss-request-id': 'R' },
      body: '<Error><Code>AccessDenied</Code></Error>',
    });
    await expect(runtime.invoke(context(), decide)).rejects.toMatchObject({ name: 'AUDIT_UNWRITTEN' });
    expect(lines).toMatchObject([
      { level: 'warn', function: 'x', requestId: 'request-1', action: 'at-cap', msg: 'cannot be longer' },
      { level: 'error', code: 'AUDIT_UNWRITTEN', record: { action: 'at-cap' }, msg: 'not in the audit' },
      { level: 'error', code: 'AUDIT_UNWRITTEN', msg: 'the invocation failed' },
    ]);
  });

  it('that is not under retention is told, and fails nothing', async () => {
    const { server, lines, runtime } = await runtimeOn(audited);
    server.script({ status: 200, headers: { 'x-oss-request-id': 'R' } }); // no version id: the bucket keeps none
    expect(await runtime.invoke(context(), decide)).toBe('done');
    expect(lines.at(-1)).toMatchObject({
      ...{
        level: 'error',
        code: 'VERSIONING_OFF',
        bucket: 'evidence',
        msg: 'evidence is not under retention',
      },
      key: expect.stringMatching(/^audit\/.*\.jsonl$/),
    });
  });
});

describe('a failure', () => {
  it('is one line with its code, its request, and what is nowhere else', async () => {
    const { lines, runtime } = await runtimeOn(rules);
    const fail = () => Promise.reject(failure('TIME_RAN_OUT', { bucket: 'b' }));
    await expect(runtime.invoke(context(), fail, { envelope: 'e' })).rejects.toMatchObject({
      name: 'TIME_RAN_OUT',
      message: expect.stringContaining('before bucket b was served'),
    });
    expect(lines).toMatchObject([
      {
        ...{ level: 'error', function: 'x', requestId: 'request-1', code: 'TIME_RAN_OUT', envelope: 'e' },
        msg: 'the invocation failed',
      },
    ]);
  });

  it('that is no error is passed on as it is', async () => {
    const { runtime } = await runtimeOn(rules);
    await expect(runtime.invoke(context(), () => Promise.reject('text'))).rejects.toBe('text');
  });

  it('before there is an instance is logged all the same', async () => {
    const { lines, runtime } = await runtimeOn(rules, { HOLDFAST_DRY_RUN: 'maybe' });
    await expect(runtime.invoke(context(), nothing)).rejects.toMatchObject({ name: 'CONFIG_INVALID' });
    expect(lines).toMatchObject([
      {
        ...{ level: 'error', function: 'x', requestId: 'request-1', code: 'CONFIG_INVALID' },
        msg: 'the invocation failed',
      },
    ]);
  });
});

describe('FunctionGraph', () => {
  const withoutAgency: GraphContext = {
    getRequestID: () => 'request-2',
    getRemainingTimeInMilliSeconds: () => 60_000,
    getFunctionName: () => 'holdfast-x',
    getSecurityAccessKey: () => null,
    getSecuritySecretKey: () => null,
    getSecurityToken: () => null,
    getUserData: () => null,
  };

  it('gives a function without an agency no credentials, which is told with the id of the call', async () => {
    const { lines, runtime } = await runtimeOf(functionGraph, rules);
    await expect(runtime.initialize(withoutAgency)).rejects.toMatchObject({ name: 'AGENCY_MISSING' });
    await expect(runtime.invoke(withoutAgency, nothing)).rejects.toMatchObject({ name: 'AGENCY_MISSING' });
    expect(lines).toMatchObject([
      { level: 'error', requestId: 'request-2', code: 'AGENCY_MISSING', msg: 'the invocation failed' },
    ]);
  });
});

describe('the initializer', () => {
  it('ends well where an event would', async () => {
    const { runtime, lines } = await runtimeOn(rules);
    await runtime.initialize(context());
    expect(lines).toEqual([]);
  });

  it.each<[string, string | undefined, Readonly<Record<string, string>>, string]>([
    ['a variable that is wrong', rules, { HOLDFAST_DRY_RUN: 'maybe' }, 'CONFIG_INVALID'],
    ['rules that are not there', undefined, {}, 'RULES_UNREADABLE'],
    ['rules that are wrong', 'version: 2\n', {}, 'RULES_INVALID'],
  ])('fails by %s, with its code', async (_what, text, environment, name) => {
    const { runtime } = await runtimeOn(text, environment);
    await expect(runtime.initialize(context())).rejects.toMatchObject({ name });
  });
});

describe('the region', () => {
  it('that nobody tells is a configuration error', async () => {
    const nowhere = {
      ...functionCompute,
      callOf: (given: FcContext) => ({ ...functionCompute.callOf(given), region: undefined }),
    };
    const { runtime } = await runtimeOf(nowhere, rules);
    await expect(runtime.invoke(context(), nothing)).rejects.toMatchObject({
      name: 'CONFIG_INVALID',
      message: expect.stringMatching(/HOLDFAST_REGION.*does not say in which region/),
    });
  });

  it('is that of the variable before that of the platform, and each has its own connections', async () => {
    const { server, runtime } = await runtimeOn(rules);
    server.script({ status: 200, headers: { 'x-oss-request-id': 'R' }, body: '<VersioningConfiguration/>' });
    const look = (part: Partial<FcContext>) =>
      runtime.invoke(context(part), ({ storage, region }) =>
        storage.getVersioning('bucket').then(() => region),
      );
    expect(await look({})).toBe('cn-hangzhou');
    expect(await look({ region: 'cn-beijing' })).toBe('cn-beijing');
    const scopes = server.requests.map(({ headers }) => headers.authorization?.split('/')[2]);
    expect(scopes).toEqual(['cn-hangzhou', 'cn-beijing']);

    const { server: other, runtime: named } = await runtimeOn(rules, { HOLDFAST_REGION: 'cn-shanghai' });
    other.script({ status: 200, headers: { 'x-oss-request-id': 'R' }, body: '<VersioningConfiguration/>' });
    await named.invoke(context(), ({ storage }) => storage.getVersioning('bucket'));
    expect(other.requests[0]?.headers.authorization).toContain('/cn-shanghai/');
  });
});

it('a dry run says at level debug what it keeps back', async () => {
  const { lines, runtime } = await runtimeOn(rules, {
    HOLDFAST_DRY_RUN: 'true',
    HOLDFAST_LOG_LEVEL: 'debug',
  });
  await runtime.invoke(context(), ({ storage }) => storage.writeText({ bucket: 'b', key: 'k' }, 'x'));
  expect(lines).toContainEqual(
    expect.objectContaining({
      ...{ level: 'debug', requestId: 'request-1', msg: 'dry run: not sent' },
      ...{ operation: 'writeText', args: [{ bucket: 'b', key: 'k' }, 'x'] },
    }),
  );
});

it('work ends in time for the evidence, where there is some to write', async () => {
  const now = new Date('2026-11-30T10:00:00Z');
  vi.useFakeTimers({ now, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const secondsOfWork = async (text: string) => {
    const { runtime } = await runtimeOn(text);
    return await runtime.invoke(context(), ({ deadline }) =>
      Promise.resolve((deadline.getTime() - now.getTime()) / 1000),
    );
  };
  expect(await secondsOfWork(rules)).toBe(58);
  expect(await secondsOfWork(audited)).toBe(55);
});

it('rules in an object are read with the credentials of the invocation', async () => {
  const { server, runtime } = await runtimeOn(undefined, { HOLDFAST_RULES: 'oss://config/rules.yaml' });
  server.script({ status: 200, headers: { 'x-oss-request-id': 'R', etag: '"E1"' }, body: rules });
  const names = await runtime.invoke(context(), ({ rules: read }) =>
    Promise.resolve(read.objects.map(({ name }) => name)),
  );
  expect(names).toEqual(['all']);
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    target: expect.stringContaining('rules.yaml'),
    headers: { authorization: expect.stringContaining('LTAIid') },
  });
});
