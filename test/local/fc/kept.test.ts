import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionRequest, ListTriggersRequest } from '@alicloud/fc20230330';
import { expect, onTestFinished, test } from 'vitest';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { minute } from '../../../shared/platform/instant.ts';
import { changeRole, codeOf, emptyCloud, fcSdk, makeLogs, ossOf, policyOf } from '../../support/fc-sdk.ts';

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-kept-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function restarted(data: string): Promise<Cloud> {
  const cloud = await startCloud({ instances: 'threads', data });
  onTestFinished(() => cloud.close());
  return cloud;
}

const saying = (text: string) => codeOf(`exports.handler = async () => '${text}';`);

test('functions, triggers, timers, roles and log projects are there after a restart, and fire', async () => {
  const data = dataFolder();
  const cloud = await emptyCloud({ data, clock: new Date('2026-11-20T10:00:30Z') });
  const sdk = fcSdk(cloud);
  await makeLogs(cloud, 'logs', 'functions');
  await sdk.create('f', { code: saying('one') });
  await sdk.update('f', { code: saying('two') });
  await sdk.create('gone', { code: saying('gone') });
  await sdk.createTrigger('f', {});
  const triggerConfig = JSON.stringify({ cronExpression: '0 */10 * * * *', enable: true });
  const none = { sourceArn: undefined, invocationRole: undefined };
  await sdk.createTrigger('f', { triggerName: 'timer', triggerType: 'timer', triggerConfig, ...none });
  await sdk.putAsync('f', { maxAsyncRetryAttempts: 0 });
  await sdk.client.deleteFunction('gone');
  const before = await sdk.client.getFunction('f', new GetFunctionRequest());
  await cloud.close();

  const again = await restarted(data);
  const { client, ...other } = fcSdk(again);
  expect((await client.getFunction('f', new GetFunctionRequest())).body).toEqual(before.body);
  expect([...again.fc.functions.keys()]).toEqual(['f']);
  const { body } = await client.listTriggers('f', new ListTriggersRequest());
  expect(body?.triggers?.map(({ triggerName }) => triggerName)).toEqual(['uploads-records', 'timer']);
  await ossOf(again, 'records').put('a', Buffer.from(''));
  await again.advance(10 * minute);
  expect(again.fc.invocations().map(({ trigger, result }) => [trigger, result])).toEqual([
    ['uploads-records', 'two'],
    ['timer', 'two'],
  ]);
  await other.create('g', { code: saying('g') }); // its role is there still
  await changeRole(again, 'worker', policyOf([['oss:*'], ['*']]));
});

test('code that nobody runs any more is removed, also what an ended process has left', async () => {
  const data = dataFolder();
  const cloud = await emptyCloud({ data });
  const sdk = fcSdk(cloud);
  await sdk.create('f', { code: saying('one') });
  await sdk.update('f', { code: saying('two') });
  await expect.poll(() => readdirSync(join(data, 'code'))).toHaveLength(2); // one folder and its zip
  await cloud.close();
  mkdirSync(join(data, 'code', 'half-unpacked'));
  writeFileSync(join(data, 'code', 'half-unpacked', 'index.js'), '');
  const again = await restarted(data);
  expect(readdirSync(join(data, 'code'))).toHaveLength(2);
  expect((await again.fc.invoke('f', Buffer.from('{}'))).invocation.result).toBe('two');
});

test('a file that cannot be read as what was kept is an error, and the folder is free again', async () => {
  const data = dataFolder();
  for (const text of ['{', '{"format":2}', '{"format":1}']) {
    writeFileSync(join(data, 'deployment.json'), text);
    await expect(startCloud({ data })).rejects.toMatchObject({ code: 'DATA_UNUSABLE' });
  }
  rmSync(join(data, 'deployment.json'));
  await restarted(data);
  expect(existsSync(join(data, 'index'))).toBe(true);
});
