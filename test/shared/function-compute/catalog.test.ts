import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCatalog } from '../../../shared/function-compute/catalog.ts';
import { hour, minute } from '../../../shared/platform/instant.ts';
import type { Connections } from '../../../shared/storage/oss/connections.ts';
import { proxiedConnections } from '../../../shared/storage/oss/proxy.ts';
import { cloudWith } from '../../support/cloud.ts';
import { ossTrigger, timerTrigger } from '../../support/functions.ts';
import { proxyServer } from '../../support/proxy-server.ts';
import { type ScriptedReply, scriptedServer } from '../../support/scripted-server.ts';

const code = 'exports.handler = async () => "done";';

function catalogFor(endpoint: string, accessKeySecret = 'holdfast-secret', connections?: Connections) {
  const credentials = { accessKeyId: 'holdfast', accessKeySecret };
  return createCatalog({ region: 'cn-hangzhou', accountId: '1', endpoint, credentials, connections });
}

const asyncInvokeConfig = {
  asyncTask: true,
  maxAsyncRetryAttempts: 1,
  maxAsyncEventAgeInSeconds: 900,
  destinationConfig: {
    onFailure: { destination: 'acs:fc:cn-hangzhou:1000000000000001:functions/f' },
  },
};

describe('the catalog of deployed functions', () => {
  it('tells what the embedded cloud runs', async () => {
    const environmentVariables = { HOLDFAST_RULES: 'rules.yaml' };
    const triggers = [ossTrigger(), timerTrigger('0 0 * * * *')];
    const cloud = await cloudWith(
      { f: { code, triggers, props: { environmentVariables, asyncInvokeConfig } } },
      { clock: new Date('2026-11-20T10:30:00Z') },
    );
    const catalog = catalogFor(cloud.url);
    expect(await catalog.getFunction('f')).toEqual({
      runtime: 'nodejs20',
      handler: 'index.handler',
      role: 'acs:ram::1000000000000001:role/f',
      timeout: 600,
      memorySize: 256,
      cpu: 0.25,
      environmentVariables,
      initializer: undefined,
      log: { project: 'logs', logstore: 'functions', beginRule: 'None' },
    });
    expect(await catalog.getFunction('g')).toBeUndefined();
    expect(await catalog.getAsyncConfig('f')).toEqual({
      maxAsyncRetryAttempts: 1,
      maxAsyncEventAgeInSeconds: 900,
      failureDestination: asyncInvokeConfig.destinationConfig.onFailure.destination,
      asyncTask: true,
    });
    expect(await catalog.listTriggers('f')).toEqual([
      {
        triggerName: 'uploads',
        triggerType: 'oss',
        sourceArn: 'acs:oss:cn-hangzhou:1000000000000001:records',
        invocationRole: 'acs:ram::1000000000000001:role/trigger',
        config: ossTrigger().triggerConfig,
      },
      expect.objectContaining({ triggerName: 'timer', triggerType: 'timer' }),
    ]);
    const files = await catalog.getCode('f');
    expect([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()])).toEqual([
      ['index.js', code],
    ]);
    expect(await catalog.listRuns('f')).toEqual([]);
    await cloud.advance(2 * hour);
    const runs = await catalog.listRuns('f');
    expect(runs.map(({ status, startedAt }) => [status, Math.floor(startedAt.getTime() / minute)])).toEqual(
      ['2026-11-20T12:00:00Z', '2026-11-20T11:00:00Z'].map((at) => ['Succeeded', Date.parse(at) / minute]),
    );
  });

  it('looks through a proxy of the environment, for the code too', async () => {
    const cloud = await cloudWith({ f: { code } });
    const proxy = await proxyServer();
    onTestFinished(() => proxy.close());
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NO_PROXY', '');
    const files = await catalogFor(cloud.url, 'holdfast-secret', proxiedConnections()).getCode('f');
    expect([...files.keys()]).toEqual(['index.js']);
    expect(proxy.asked).toEqual([
      `GET ${cloud.url}/2023-03-30/functions/f/code`,
      expect.stringMatching(/^GET http:.*\/_fc-code\/f\.zip\?/),
    ]);
  });

  it('refuses a wrong secret, and hands code out behind a URL that is good for once', async () => {
    const cloud = await cloudWith({ f: { code } });
    await expect(catalogFor(cloud.url, 'wrong').getFunction('f')).rejects.toMatchObject({
      code: 'CREDENTIALS_INVALID',
    });
    expect((await fetch(`${cloud.url}/_fc-code/f.zip?signature=guess`)).status).toBe(404);
  });

  async function serverThat(...replies: readonly [ScriptedReply, ...ScriptedReply[]]) {
    const server = await scriptedServer();
    onTestFinished(() => server.close());
    server.script(...replies);
    return server;
  }
  const json = (body: unknown): ScriptedReply => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-fc-request-id': 'R' },
    body: JSON.stringify(body),
  });

  it('reads every page of triggers', async () => {
    const trigger = (triggerName: string) => ({ triggerName, triggerType: 'http', triggerConfig: '{}' });
    const server = await serverThat(
      json({ triggers: [trigger('a')], nextToken: 'more' }),
      json({ triggers: [trigger('b')], nextToken: '' }),
    );
    const found = await catalogFor(server.endpoint).listTriggers('f');
    expect(found.map(({ triggerName }) => triggerName)).toEqual(['a', 'b']);
    expect(server.requests.map(({ target }) => target)).toEqual([
      '/2023-03-30/functions/f/triggers?limit=100',
      '/2023-03-30/functions/f/triggers?limit=100&nextToken=more',
    ]);
  });

  it('takes a reply of another form for no answer', async () => {
    const server = await serverThat(
      json({ triggers: [{ triggerName: 'a', triggerType: 'oss', triggerConfig: '{' }] }),
    );
    await expect(catalogFor(server.endpoint).listTriggers('f')).rejects.toMatchObject({
      code: 'UNEXPECTED_REPLY',
      message: expect.stringContaining('triggers.0.triggerConfig'),
    });
    server.script(json({ url: `${server.endpoint}/code.zip` }), { status: 200, body: 'no zip' });
    await expect(catalogFor(server.endpoint).getCode('f')).rejects.toMatchObject({
      code: 'UNEXPECTED_REPLY',
    });
    server.script(json({ url: `${server.endpoint}/code.zip`.replace('http', 'ftp') }));
    await expect(catalogFor(server.endpoint).getCode('f')).rejects.toMatchObject({
      code: 'UNEXPECTED_REPLY',
      message: expect.stringContaining('url: '),
    });
    server.script(json({ url: `${server.endpoint}/code.zip` }), { status: 403 });
    await expect(catalogFor(server.endpoint).getCode('f')).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});
