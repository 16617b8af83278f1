import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type FcContext, functionCompute } from '../../functions/fc.ts';
import { createRuntime } from '../../functions/runtime.ts';
import { scriptedServer } from '../support/scripted-server.ts';

const contextWith = (id: string, securityToken: string): FcContext => ({
  requestId: `request of ${id}`,
  credentials: { accessKeyId: id, accessKeySecret: `secret-of-${id}`, securityToken },
  function: { name: 'holdfast-x', timeout: 60 },
  region: 'cn-hangzhou',
  accountId: '1',
});

async function runtimeOn(environment: Readonly<Record<string, string>> = {}, moreRules = '') {
  const server = await scriptedServer();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-runtime-'));
  writeFileSync(
    join(folder, 'rules.yaml'),
    'version: 1\nlimits: { maxRetention: 1y }\nobjects: [{ name: all, match: { bucket: records }, retain: 1d }]\n' +
      moreRules,
  );
  const variables = { HOLDFAST_OSS_ENDPOINT: server.endpoint, ...environment };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
    await server.close();
  });
  return { server, runtime: createRuntime('x', folder, functionCompute) };
}

it('every invocation signs with its own credentials, since they rotate, over the same connections', async () => {
  const { server, runtime } = await runtimeOn();
  server.script({ status: 200, body: '<VersioningConfiguration/>' });
  for (const id of ['LTAIfirst', 'LTAIsecond']) {
    await runtime.invoke(contextWith(id, `token-of-${id}`), ({ storage }) => storage.getVersioning('bucket'));
  }
  const signed = server.requests.map(({ headers }) => [
    headers.authorization,
    headers['x-oss-security-token'],
  ]);
  expect(signed).toEqual([
    [expect.stringContaining('LTAIfirst'), 'token-of-LTAIfirst'],
    [expect.stringContaining('LTAIsecond'), 'token-of-LTAIsecond'],
  ]);
});

it('what the service repeats of a secret is not passed on to Function Compute', async () => {
  const { server, runtime } = await runtimeOn();
  const body = `<Error><Code>Odd</Code><Message>token-of-LTAIthird and secret-of-LTAIthird</Message></Error>`;
  server.script({ status: 400, body });
  const work = runtime.invoke(contextWith('LTAIthird', 'token-of-LTAIthird'), ({ storage }) =>
    storage.getVersioning('bucket'),
  );
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'REQUEST_REFUSED' });
  expect(String(error)).not.toMatch(/(token|secret)-of/);
});

it('an error that is none of ours reaches Function Compute without secrets too', async () => {
  const { runtime } = await runtimeOn();
  const work = runtime.invoke(contextWith('LTAIfourth', 'token-of-LTAIfourth'), () =>
    Promise.reject(new TypeError('broke at token-of-LTAIfourth')),
  );
  await expect(work).rejects.toMatchObject({
    ...{ name: 'TypeError', message: 'broke at [secret]' },
    stack: expect.stringMatching(/^TypeError: broke at \[secret\]\n +at /),
  });
});

it('a dry run lets no write through, whatever the function', async () => {
  const { server, runtime } = await runtimeOn({ HOLDFAST_DRY_RUN: 'true' });
  server.script({ status: 200 });
  const receipt = await runtime.invoke(
    contextWith('LTAIfifth', 'token'),
    async ({ storage, storageWith }) => [
      await storage.writeText({ bucket: 'bucket', key: 'k' }, 'x'),
      await storageWith((each) => each).writeText({ bucket: 'bucket', key: 'k' }, 'x'),
    ],
  );
  expect(receipt).toMatchObject([{ sent: false }, { sent: false }]);
  expect(server.requests).toEqual([]);
});

it('what was decided is evidence also when the work then fails', async () => {
  const { server, runtime } = await runtimeOn({}, 'audit: oss://evidence/audit/\n');
  server.script({ status: 200, headers: { 'x-oss-request-id': 'R1' } });
  const work = runtime.invoke(contextWith('LTAIsixth', 'token'), ({ decided }) => {
    decided('info', { bucket: 'records', key: 'k', action: 'protect' }, 'protect');
    return Promise.reject(new RangeError('and then it broke'));
  });
  await expect(work).rejects.toMatchObject({ name: 'RangeError' });
  const [written, ...more] = server.requests;
  expect(more).toEqual([]);
  expect(written).toMatchObject({ method: 'PUT', target: expect.stringMatching(/^\/audit\/.*\.jsonl$/) });
  expect(written?.body).toContain('"action":"protect"');
});
