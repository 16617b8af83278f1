import { Destination, DestinationConfig } from '@alicloud/fc20230330';
import { expect, test } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { minute } from '../../../shared/platform/instant.ts';
import { callFc } from '../../support/fc-client.ts';
import {
  callLocal,
  changeRole,
  codeOf,
  emptyCloud,
  fcArn,
  fcSdk,
  makeRole,
  ossOf,
  policyOf,
  roleArn,
} from '../../support/fc-sdk.ts';

const failing = codeOf(`exports.handler = async () => { throw new Error('no'); };`);
const taking = codeOf(`exports.handler = async () => 'taken';`);
const onFailure = (destination: string) =>
  new DestinationConfig({ onFailure: new Destination({ destination }) });

/** A function that fails at once and hands its events on to `letters`, by the role `narrow`. */
async function failingCloud(policy: string, told: unknown[] = []): Promise<Cloud> {
  const cloud = await emptyCloud({ onUndelivered: (event) => told.push(event) });
  const sdk = fcSdk(cloud);
  await makeRole(cloud, 'narrow', policy);
  await sdk.create('f', { code: failing, role: roleArn('narrow') });
  await sdk.create('letters', { code: taking });
  await sdk.putAsync('f', { maxAsyncRetryAttempts: 0, destinationConfig: onFailure(fcArn('letters')) });
  await sdk.createTrigger('f', {});
  return cloud;
}

const upload = async (cloud: Cloud, key: string) => {
  await ossOf(cloud, 'records').put(key, Buffer.from(''));
  await cloud.idle();
};
const ran = (cloud: Cloud) => cloud.fc.invocations().map(({ function: name }) => name);

test.each([
  ['the destination', fcArn('letters'), true],
  ['every function', fcArn('*'), true],
  ['another function', fcArn('other'), false],
  ['the versions of the destination alone', fcArn('letters/*'), false],
])('with a role that may invoke %s a dead letter arrives: %s', async (_what, resource, arrives) => {
  const told: unknown[] = [];
  const cloud = await failingCloud(policyOf([['fc:InvokeFunction'], [resource]]), told);
  await upload(cloud, 'a');
  expect(ran(cloud)).toEqual(arrives ? ['f', 'letters'] : ['f']);
  const refused = {
    kind: 'destination',
    function: 'f',
    target: fcArn('letters'),
    requestId: cloud.fc.invocations()[0]?.requestId,
    code: 'AccessDenied',
    message: `the role of function 'f' is not authorized to perform fc:InvokeFunction on ${fcArn('letters')}`,
  };
  expect(told).toMatchObject(arrives ? [] : [refused]);
  const shown = await fetch(`${cloud.url}/_local/undelivered`);
  expect(await shown.json()).toEqual(told);
});

test('a permission that is taken away counts with the next failure, and one that is given back too', async () => {
  const allowed = policyOf([['fc:InvokeFunction'], [fcArn('letters')]]);
  const told: unknown[] = [];
  const cloud = await failingCloud(allowed, told);
  await upload(cloud, 'a');
  await changeRole(cloud, 'narrow', policyOf([['oss:GetObject'], ['*']]));
  await upload(cloud, 'b');
  expect([ran(cloud), told.length]).toEqual([['f', 'letters', 'f'], 1]);
  await cloud.advance(60 * minute);
  expect(ran(cloud)).toHaveLength(3);
  await changeRole(cloud, 'narrow', allowed);
  await upload(cloud, 'c');
  expect(ran(cloud)).toEqual(['f', 'letters', 'f', 'f', 'letters']);
});

test('a destination that does not exist, and a role that has gone, lose the letter in a line', async () => {
  const told: unknown[] = [];
  const cloud = await failingCloud(policyOf([['fc:InvokeFunction'], ['*']]), told);
  await fcSdk(cloud).client.deleteFunction('letters');
  await upload(cloud, 'a');
  expect(told).toMatchObject([{ code: 'FunctionNotFound', message: "function 'letters' does not exist" }]);
  const narrow = { PolicyType: 'Custom', PolicyName: 'narrow', RoleName: 'narrow' };
  await callLocal(cloud, 'ram/DetachPolicyFromRole', narrow);
  await callLocal(cloud, 'ram/DeleteRole', narrow);
  await upload(cloud, 'b');
  expect(told).toMatchObject([{}, { code: 'AccessDenied' }]);
});

test("an event of OSS is handed over by the trigger's role, and not without its permission", async () => {
  const told: unknown[] = [];
  const cloud = await failingCloud(policyOf([['fc:InvokeFunction'], ['*']]), told);
  await changeRole(cloud, 'trigger', policyOf([['fc:InvokeFunction'], [fcArn('other')]]));
  await upload(cloud, 'a');
  expect(ran(cloud)).toEqual([]);
  expect(told).toMatchObject([{ kind: 'trigger', function: 'f', target: fcArn('f'), code: 'AccessDenied' }]);
});

test('a function may do what its role may do, from its next request on', async () => {
  const cloud = await emptyCloud();
  const code = codeOf(`
    const { createHmac } = require('node:crypto');
    exports.handler = async (event, { credentials }) => {
      const date = new Date().toUTCString();
      const token = 'x-oss-security-token:' + credentials.securityToken + '\\n';
      const text = ['GET', '', '', date, token + '/records/a'].join('\\n');
      const signature = createHmac('sha1', credentials.accessKeySecret).update(text).digest('base64');
      const authorization = 'OSS ' + credentials.accessKeyId + ':' + signature;
      const headers = { date, authorization, 'x-oss-security-token': credentials.securityToken };
      return String((await fetch(process.env.HOLDFAST_OSS_ENDPOINT + '/records/a', { headers })).status);
    };`);
  await makeRole(cloud, 'narrow', policyOf([['oss:GetObject'], ['acs:oss:*:*:records/*']]));
  await fcSdk(cloud).create('f', { code, role: roleArn('narrow') });
  await ossOf(cloud, 'records').put('a', Buffer.from('x'));
  const status = async () => (await cloud.fc.invoke('f', Buffer.from('{}'))).invocation.result;
  expect(await status()).toBe('200');
  await changeRole(cloud, 'narrow', policyOf([['oss:GetObject'], ['acs:oss:*:*:other/*']]));
  expect(await status()).toBe('403');
  await fcSdk(cloud).update('f', { role: '' });
  expect(await status()).toBe('403');
});

test('an event that waits for a function is dropped when the function goes, and said to have failed', async () => {
  const cloud = await emptyCloud();
  const sdk = fcSdk(cloud);
  await sdk.create('f', { code: failing });
  await sdk.putAsync('f', { asyncTask: true, maxAsyncRetryAttempts: 3 });
  const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-async-task-id': 'one' };
  await callFc(cloud, 'f/invocations', { body: '{}', headers });
  await cloud.idle();
  expect(cloud.fc.invocations()).toMatchObject([{ status: 'retrying' }]);
  await sdk.client.deleteFunction('f');
  await cloud.advance(10 * minute);
  expect(cloud.fc.invocations()).toHaveLength(1);
  expect(cloud.fc.tasks.find('f', 'one')).toMatchObject({ status: 'Failed' });
});
