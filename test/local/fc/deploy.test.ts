import * as fc from '@alicloud/fc20230330';
import {
  ListFunctionsRequest,
  ListTriggersRequest,
  PutConcurrencyConfigRequest,
  PutConcurrencyInput,
} from '@alicloud/fc20230330';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Cloud } from '../../../local/cloud.ts';
import { minute } from '../../../shared/platform/instant.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import { callFc } from '../../support/fc-client.ts';
import {
  bucketArn,
  callLocal,
  codeOf,
  emptyCloud,
  fcArn,
  fcSdk,
  makeLogs,
  ossOf,
  ossTriggerOf,
  roleArn,
  zipOf,
} from '../../support/fc-sdk.ts';

const saying = (text: string) => codeOf(`exports.handler = async () => '${text}';`);

const uploadToken = z.object({
  credentials: z.object({ AccessKeyId: z.string(), AccessKeySecret: z.string(), SecurityToken: z.string() }),
  ossBucket: z.string(),
  objectName: z.string(),
});

test('a function that is created runs, and shows its settings and the defaults of the service', async () => {
  const cloud = await emptyCloud({ clock: new Date('2026-11-20T10:00:00Z') });
  const sdk = fcSdk(cloud);
  await sdk.create('f', {
    code: saying('one'),
    memorySize: undefined,
    cpu: undefined,
    timeout: undefined,
  });
  const { body } = await sdk.client.getFunction('f', new fc.GetFunctionRequest());
  expect(body).toMatchObject({
    functionName: 'f',
    functionArn: fcArn('f'),
    runtime: 'nodejs20',
    role: roleArn('worker'),
    cpu: 0.35,
    memorySize: 512,
    diskSize: 512,
    timeout: 3,
    instanceConcurrency: 1,
    internetAccess: true,
    state: 'Active',
    lastUpdateStatus: 'Successful',
    createdTime: expect.stringMatching(/^2026-11-20T10:/),
    codeSize: expect.any(Number),
    codeChecksum: expect.stringMatching(/^\d+$/),
  });
  const { invocation } = await cloud.fc.invoke('f', Buffer.from('{}'));
  expect(invocation.result).toBe('one');
});

test('an update changes what it names, keeps the rest, and new code runs with the next request', async () => {
  const cloud = await emptyCloud();
  const sdk = fcSdk(cloud);
  await sdk.create('f', { code: saying('one'), environmentVariables: { A: '1' } });
  const said = async () => (await cloud.fc.invoke('f', Buffer.from('{}'))).invocation;
  expect((await said()).result).toBe('one');
  expect((await said()).cold).toBe(false);
  await sdk.update('f', { code: saying('two') });
  const { result, cold } = await said();
  expect([result, cold]).toEqual(['two', true]);
  const updated = await sdk.update('f', { environmentVariables: { B: '2' }, timeout: 30 });
  expect(updated).toMatchObject({ environmentVariables: { B: '2' }, timeout: 30, memorySize: 256 });
  expect((await said()).result).toBe('two');
});

test('a request under way ends on the code that it began with', async () => {
  const cloud = await emptyCloud();
  const sdk = fcSdk(cloud);
  // It waits for a file that the test writes by another function's upload; here: for the object `go` in the bucket.
  const waits = `
    const { request } = require('node:http');
    const ask = () => new Promise((done) => request(process.env.HOLDFAST_OSS_ENDPOINT + '/_local/requests', (reply) => {
      let text = '';
      reply.on('data', (part) => { text += part; });
      reply.on('end', () => done(text));
    }).end());
    exports.handler = async () => { while (!(await ask()).includes('"key":"go"')); return 'old'; };`;
  await sdk.create('f', { code: codeOf(waits) });
  const running = cloud.fc.invoke('f', Buffer.from('{}'));
  await expect.poll(() => cloud.fc.invocations().length).toBe(1);
  await sdk.update('f', { code: saying('new') });
  expect((await cloud.fc.invoke('f', Buffer.from('{}'))).invocation.result).toBe('new');
  await ossOf(cloud, 'records').put('go', Buffer.from(''));
  expect((await running).invocation.result).toBe('old');
});

test('functions are listed in pages, and a deleted one is gone with its triggers and configurations', async () => {
  const cloud = await emptyCloud();
  const { client, ...sdk } = fcSdk(cloud);
  for (const name of ['b', 'a', 'other']) await sdk.create(name, { code: saying(name) });
  const names = async (request: Partial<ListFunctionsRequest>) => {
    const { body } = await client.listFunctions(new ListFunctionsRequest(request));
    return [body?.functions?.map(({ functionName }) => functionName), body?.nextToken];
  };
  expect(await names({})).toEqual([['a', 'b', 'other'], undefined]);
  expect(await names({ limit: 2 })).toEqual([['a', 'b'], '2']);
  expect(await names({ limit: 2, nextToken: '2' })).toEqual([['other'], undefined]);
  expect(await names({ prefix: 'o' })).toEqual([['other'], undefined]);
  await sdk.createTrigger('a', {});
  await sdk.putAsync('a', { maxAsyncRetryAttempts: 0 });
  await client.deleteFunction('a');
  expect(await names({})).toEqual([['b', 'other'], undefined]);
  await ossOf(cloud, 'records').put('x', Buffer.from(''));
  await cloud.idle();
  expect(cloud.fc.invocations()).toEqual([]);
  await sdk.create('a', { code: saying('a') });
  const { body } = await client.listTriggers('a', new ListTriggersRequest());
  expect(body?.triggers).toEqual([]);
});

describe('triggers', () => {
  test('an OSS trigger fires for its bucket until it is deleted', async () => {
    const cloud = await emptyCloud();
    const { client, ...sdk } = fcSdk(cloud);
    await sdk.create('f', { code: saying('done') });
    const trigger = await sdk.createTrigger('f', {});
    expect(trigger).toMatchObject({
      triggerName: 'uploads-records',
      qualifier: 'LATEST',
      targetArn: `${fcArn('f')}/LATEST`,
    });
    const oss = ossOf(cloud, 'records');
    await oss.put('one', Buffer.from(''));
    await cloud.idle();
    await client.deleteTrigger('f', 'uploads-records');
    await oss.put('two', Buffer.from(''));
    await cloud.idle();
    const keys = cloud.fc.invocations().map(({ event }) => JSON.stringify(event).match(/"key":"(\w+)"/)?.[1]);
    expect(keys).toEqual(['one']);
  });

  test('an update changes the filter, and never the bucket', async () => {
    const cloud = await emptyCloud();
    const { client, ...sdk } = fcSdk(cloud);
    const oss = ossOf(cloud, 'records');
    await oss.putBucket('other');
    await sdk.create('f', { code: saying('done') });
    await sdk.createTrigger('f', {});
    const { triggerConfig } = ossTriggerOf('records', { prefix: 'in/', suffix: '' });
    const changes = { triggerConfig, sourceArn: bucketArn('other') };
    const answered = await callFc(cloud, 'f/triggers/uploads-records', {
      method: 'PUT',
      body: JSON.stringify(changes),
    });
    expect(answered.status).toBe(200);
    const { body } = await client.getTrigger('f', 'uploads-records');
    expect(body).toMatchObject({ sourceArn: bucketArn('records'), triggerConfig });
    await oss.put('in/a', Buffer.from(''));
    await oss.put('out/a', Buffer.from(''));
    await cloud.idle();
    expect(cloud.fc.invocations()).toHaveLength(1);
  });

  test('a timer fires, changes and goes while the cloud runs', async () => {
    const cloud = await emptyCloud({ clock: new Date('2026-11-20T10:00:30Z') });
    const { client, ...sdk } = fcSdk(cloud);
    await sdk.create('f', { code: saying('done') });
    const timer = (cronExpression: string) => ({
      triggerType: 'timer',
      triggerConfig: JSON.stringify({ cronExpression, enable: true, payload: '' }),
    });
    const none = { sourceArn: undefined, invocationRole: undefined };
    await sdk.createTrigger('f', { triggerName: 'timer', ...none, ...timer('0 */10 * * * *') });
    await cloud.advance(20 * minute);
    expect(cloud.fc.invocations()).toHaveLength(2);
    await sdk.updateTrigger('f', 'timer', { triggerConfig: timer('0 */5 * * * *').triggerConfig });
    await sdk.update('f', { description: 'no matter for the timer' });
    await cloud.advance(10 * minute);
    expect(cloud.fc.invocations()).toHaveLength(4);
    await client.deleteTrigger('f', 'timer');
    await cloud.advance(30 * minute);
    expect(cloud.fc.invocations()).toHaveLength(4);
  });
});

test('configurations of asynchronous invocations and reserved instances are put, listed and deleted', async () => {
  const cloud = await emptyCloud();
  const { client, ...sdk } = fcSdk(cloud);
  await sdk.create('f', { code: saying('done') });
  const none = client.getAsyncInvokeConfig('f', new fc.GetAsyncInvokeConfigRequest());
  await expect(none).rejects.toMatchObject({ statusCode: 404, code: 'AsyncConfigNotExists' });
  const destinationConfig = new fc.DestinationConfig({
    onFailure: new fc.Destination({ destination: fcArn('g') }),
  });
  await sdk.putAsync('f', { destinationConfig, asyncTask: true, maxAsyncRetryAttempts: 1 });
  const expected = {
    functionArn: fcArn('f'),
    asyncTask: true,
    maxAsyncRetryAttempts: 1,
    maxAsyncEventAgeInSeconds: 86400,
  };
  const { body } = await client.getAsyncInvokeConfig(
    'f',
    new fc.GetAsyncInvokeConfigRequest({ qualifier: 'LATEST' }),
  );
  expect(body).toMatchObject(expected);
  const listed = await client.listAsyncInvokeConfigs(
    new fc.ListAsyncInvokeConfigsRequest({ functionName: 'f' }),
  );
  expect(listed.body?.configs).toMatchObject([expected]);
  await client.deleteAsyncInvokeConfig('f', new fc.DeleteAsyncInvokeConfigRequest());
  await expect(client.getAsyncInvokeConfig('f', new fc.GetAsyncInvokeConfigRequest())).rejects.toMatchObject({
    code: 'AsyncConfigNotExists',
  });

  await expect(client.getConcurrencyConfig('f')).rejects.toMatchObject({ code: 'ConcurrencyConfigNotFound' });
  const reserved = new PutConcurrencyConfigRequest({
    body: new PutConcurrencyInput({ reservedConcurrency: 2 }),
  });
  await client.putConcurrencyConfig('f', reserved);
  expect((await client.getConcurrencyConfig('f')).body).toMatchObject({ reservedConcurrency: 2 });
  await client.deleteConcurrencyConfig('f');
  await expect(client.deleteConcurrencyConfig('f')).rejects.toMatchObject({
    code: 'ConcurrencyConfigNotFound',
  });
});

test('versions, aliases, VPC bindings, scaling and provisioned instances are those of an account without any', async () => {
  const cloud = await emptyCloud();
  const { client, ...sdk } = fcSdk(cloud);
  await sdk.create('f', { code: saying('done') });
  expect(
    (await client.listFunctionVersions('f', new fc.ListFunctionVersionsRequest())).body?.versions,
  ).toEqual([]);
  expect((await client.listAliases('f', new fc.ListAliasesRequest())).body?.aliases).toEqual([]);
  expect((await client.listVpcBindings('f')).body?.vpcIds).toEqual([]);
  expect((await client.listScalingConfigs(new fc.ListScalingConfigsRequest())).body?.scalingConfigs).toEqual(
    [],
  );
  expect(
    (await client.listProvisionConfigs(new fc.ListProvisionConfigsRequest())).body?.provisionConfigs,
  ).toEqual([]);
  expect((await client.getScalingConfig('f', new fc.GetScalingConfigRequest())).statusCode).toBe(200);
});

const right = { runtime: 'nodejs20', handler: 'index.handler', memorySize: 256, cpu: 0.25 };
const invalid = 'InvalidArgument';

interface Settings {
  readonly functionName?: string;
  readonly code?: unknown;
  readonly [name: string]: unknown;
}

const wrongSettings: readonly (readonly [
  what: string,
  settings: Settings,
  status: number,
  code: string,
  message: RegExp,
])[] = [
  ['a role that does not exist', { role: roleArn('nobody') }, 400, invalid, /role '.*nobody' does not exist/],
  ['a role of another account', { role: 'acs:ram::42:role/worker' }, 400, invalid, /does not exist/],
  [
    'a role that Function Compute cannot take on',
    { role: roleArn('others') },
    400,
    invalid,
    /does not trust fc.aliyuncs.com/,
  ],
  [
    'a log project that does not exist',
    { logConfig: { project: 'none', logstore: 'functions' } },
    400,
    invalid,
    /project 'none' does not exist/,
  ],
  [
    "another account's log project",
    { logConfig: { project: 'foreign', logstore: 'functions' } },
    400,
    invalid,
    /project 'foreign' does not exist/,
  ],
  [
    'a logstore that does not exist',
    { logConfig: { project: 'logs', logstore: 'none' } },
    400,
    invalid,
    /logstore 'none' does not exist/,
  ],
  ['a function that is there', { functionName: 'there' }, 409, 'FunctionAlreadyExists', /already exists/],
  ['no code', { code: null }, 400, invalid, /code is required/],
  [
    'code that is not there',
    { code: { ossBucketName: 'records', ossObjectName: 'none.zip' } },
    400,
    invalid,
    /does not exist/,
  ],
  [
    'code that is no zip',
    { code: { zipFile: Buffer.from('no zip').toString('base64') } },
    400,
    invalid,
    /not a zip/,
  ],
  ['another checksum', { code: { ...saying('x'), checksum: '1' } }, 400, invalid, /checksum 1 is not/],
  ['a name that is none', { functionName: '1' }, 400, invalid, /functionName/],
  ['another language', { runtime: 'python3.10' }, 400, invalid, /runtime/],
  ['too little memory for its CPU', { cpu: 4 }, 400, invalid, /memorySize/],
  ['no handler', { handler: 'index' }, 400, invalid, /handler/],
  ['a reserved variable', { environmentVariables: { FC_REGION: 'x' } }, 400, invalid, /FC_REGION/],
  ['a disk of another size', { diskSize: 1 }, 400, invalid, /diskSize/],
];

describe('what is missing or wrong is refused as the service refuses it', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await emptyCloud({}, afterAll);
    await makeLogs(cloud, 'logs', 'functions');
    await callLocal(cloud, 'sls/CreateProject', { projectName: 'foreign', foreign: 'true' });
    const Principal = { Service: ['ecs.aliyuncs.com'] };
    const trust = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] };
    const others = { RoleName: 'others', AssumeRolePolicyDocument: JSON.stringify(trust) };
    await callLocal(cloud, 'ram/CreateRole', others);
    const sdk = fcSdk(cloud);
    const logConfig = new fc.LogConfig({ project: 'logs', logstore: 'functions' });
    await sdk.create('there', { code: saying('here'), logConfig });
    for (const name of ['f', 'g']) await sdk.create(name, { code: saying('x') });
    const first = { ...ossTriggerOf('records', { prefix: 'a/', suffix: '' }), triggerName: 'first' };
    await sdk.createTrigger('f', first);
  });

  test.each(wrongSettings)('CreateFunction: %s', async (_what, settings, status, code, message) => {
    const body = { ...right, functionName: 'new', code: saying('x'), ...settings };
    const refused = await callFc(cloud, '', { body: JSON.stringify(body) });
    expect(refused.status).toBe(status);
    expect(await refused.json()).toMatchObject({ Code: code, Message: expect.stringMatching(message) });
    expect([...cloud.fc.functions.keys()]).toEqual(['there', 'f', 'g']);
  });

  const forUpdates = wrongSettings.filter(
    ([, settings]) => settings.functionName === undefined && settings.code !== null,
  );
  test.each(forUpdates)('UpdateFunction: %s', async (_what, settings, status, code, message) => {
    const refused = await callFc(cloud, 'there', { method: 'PUT', body: JSON.stringify(settings) });
    expect(refused.status).toBe(status);
    expect(await refused.json()).toMatchObject({ Code: code, Message: expect.stringMatching(message) });
    expect((await cloud.fc.invoke('there', Buffer.from('{}'))).invocation.result).toBe('here');
  });

  const source = (message: string) => `event source 'oss' returned error: ${message}`;
  const overlap = source('Cannot specify overlapping prefix and suffix with same event type.');
  test.each([
    [
      'the same name',
      { ...ossTriggerOf('records', { prefix: 'b/', suffix: '' }), triggerName: 'first' },
      409,
      "trigger 'first' already exists",
    ],
    [
      'a prefix within that of another',
      ossTriggerOf('records', { prefix: 'a/b/', suffix: '' }),
      400,
      overlap,
    ],
    ['a prefix around that of another', ossTriggerOf('records', { prefix: '', suffix: '' }), 400, overlap],
    [
      'a bucket that does not exist',
      ossTriggerOf('nowhere'),
      400,
      source('The specified bucket does not exist.'),
    ],
    [
      'a bucket of another region',
      { ...ossTriggerOf('records'), sourceArn: bucketArn('records').replace('cn-hangzhou', 'cn-beijing') },
      400,
      'sourceArn',
    ],
    [
      'a role that does not exist',
      { ...ossTriggerOf('records', { prefix: 'b/', suffix: '' }), invocationRole: roleArn('nobody') },
      400,
      'does not exist',
    ],
    [
      'no role',
      { ...ossTriggerOf('records', { prefix: 'b/', suffix: '' }), invocationRole: undefined },
      400,
      'invocationRole is required',
    ],
    ['no bucket', { ...ossTriggerOf('records'), sourceArn: undefined }, 400, 'sourceArn is required'],
    [
      'events that OSS does not have',
      { ...ossTriggerOf('records'), triggerConfig: '{"events":["oss:Anything"],"filter":{"key":{}}}' },
      400,
      'invalid OSS trigger config',
    ],
    [
      'a configuration that is no JSON',
      { ...ossTriggerOf('records'), triggerConfig: '{' },
      400,
      'invalid OSS trigger config',
    ],
    [
      'a schedule that is none',
      { triggerName: 't', triggerType: 'timer', triggerConfig: '{"cronExpression":"soon","enable":true}' },
      400,
      'invalid timer trigger config',
    ],
    [
      'a type that is not served',
      { triggerName: 't', triggerType: 'http', triggerConfig: '{}' },
      501,
      'not served',
    ],
  ])('CreateTrigger: %s', async (_what, trigger, status, message) => {
    const name = status === 409 ? 'f' : 'g';
    const refused = await callFc(cloud, `${name}/triggers`, { body: JSON.stringify(trigger) });
    expect(refused.status).toBe(status);
    expect(await refused.json()).toMatchObject({ Message: expect.stringContaining(message) });
    expect([...cloud.fc.functions.values()].map(({ triggers }) => triggers.length)).toEqual([0, 1, 0]);
  });

  test('an update that makes a trigger overlap is refused, and one that leaves it is not', async () => {
    const sdk = fcSdk(cloud);
    const config = (prefix: string) => ossTriggerOf('records', { prefix, suffix: '' });
    await sdk.createTrigger('f', { ...config('b/'), triggerName: 'b' });
    await sdk.updateTrigger('f', 'b', { triggerConfig: config('b/c/').triggerConfig });
    const refused = sdk.updateTrigger('f', 'b', { triggerConfig: config('').triggerConfig });
    await expect(refused).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('overlapping prefix'),
    });
  });

  test.each([
    ['GET', 'none', 'FunctionNotFound'],
    ['PUT', 'none', 'FunctionNotFound'],
    ['DELETE', 'none', 'FunctionNotFound'],
    ['GET', 'none/triggers', 'FunctionNotFound'],
    ['GET', 'none/vpc-bindings', 'FunctionNotFound'],
    ['GET', 'f/triggers/none', 'TriggerNotFound'],
    ['PUT', 'f/triggers/none', 'TriggerNotFound'],
    ['DELETE', 'f/triggers/none', 'TriggerNotFound'],
    ['DELETE', 'f/async-invoke-config', 'AsyncConfigNotExists'],
    ['GET', 'f?qualifier=1', 'VersionNotFound'],
  ])('%s %s is %s', async (method, target, code) => {
    const refused = await callFc(cloud, target, { method, ...(method === 'GET' ? {} : { body: '{}' }) });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ Code: code });
  });

  test('a body that is no JSON, and a call that is not served, are answered with their code', async () => {
    const broken = await callFc(cloud, '', { body: '{' });
    expect([broken.status, await broken.json()]).toMatchObject([400, { Code: 'InvalidArgument' }]);
    const unserved = await callFc(cloud, 'f/sessions', { method: 'GET' });
    expect([unserved.status, await unserved.json()]).toMatchObject([501, { Code: 'NotImplemented' }]);
  });
});

describe('a package of code', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await emptyCloud({}, afterAll);
  });
  const refusedWith = async (zip: Uint8Array) => {
    const code = new fc.InputCodeLocation({ zipFile: Buffer.from(zip).toString('base64') });
    const create = fcSdk(cloud).create('f', { code });
    return await create.then(
      () => 'taken',
      (error: Error) => error.message,
    );
  };
  const file = strToU8('x');

  test.each([
    ['a step up', '../evil.js'],
    ['a step up in the middle', 'a/../../evil.js'],
    ['an absolute path', '/tmp/evil.js'],
    ['a drive', 'C:/evil.js'],
    ['backslashes', 'a\\..\\..\\evil.js'],
  ])('with %s in a name is refused', async (_what, name) => {
    expect(await refusedWith(zipSync({ 'index.js': file, [name]: file }))).toMatch(
      /code: 400|InvalidArgument/,
    );
  });

  test('that is larger unpacked than it may be is refused before anything is written', async () => {
    const bomb = Buffer.from(zipSync({ 'index.js': file, 'more.js': file }));
    for (const [name, bytes] of [
      ['index.js', 1],
      ['more.js', 256 * 1024 * 1024],
    ] as const) {
      bomb.writeUInt32LE(bytes, bomb.lastIndexOf(name) - 46 + 24); // what the index says of it, and nothing else is believed
    }
    expect(await refusedWith(bomb)).toMatch(/more than 256 MB unpacked/);
  });

  test('whose index says less than there is is refused', async () => {
    const zip = Buffer.from(zipSync({ 'index.js': new Uint8Array(100_000) }));
    zip.writeUInt32LE(10, zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24);
    expect(await refusedWith(zip)).toMatch(/not a zip that can be unpacked/);
  });

  test('with a symbolic link is refused', async () => {
    const link = zipSync({ link: [strToU8('/etc/passwd'), { os: 3, attrs: 0o120777 * 2 ** 16 }] });
    expect(await refusedWith(link)).toMatch(/no plain file/);
  });

  test('with one name twice, or a file where a folder is, is refused', async () => {
    expect(await refusedWith(zipSync({ a: file, 'a/index.js': file }))).toMatch(/cannot be|can be unpacked/);
  });

  test('comes by tempBucketToken into the embedded OSS, whose list of buckets does not show where', async () => {
    const path = '/2016-08-15/tempBucketToken';
    const reply = await callFc(cloud, '', { method: 'GET', path });
    const { credentials, ossBucket, objectName } = uploadToken.parse(await reply.json());
    const {
      AccessKeyId: accessKeyId,
      AccessKeySecret: accessKeySecret,
      SecurityToken: stsToken,
    } = credentials;
    const keyed = ossOf(cloud, ossBucket, { accessKeyId, accessKeySecret, stsToken });
    const key = `1000000000000001/${objectName}`;
    await keyed.put(key, zipOf(`exports.handler = async () => 'uploaded';`));
    await expect(keyed.put('another', Buffer.from(''))).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(keyed.get(key)).rejects.toMatchObject({ code: 'AccessDenied' });
    await fcSdk(cloud).create('f', {
      code: new fc.InputCodeLocation({ ossBucketName: ossBucket, ossObjectName: key }),
    });
    expect((await cloud.fc.invoke('f', Buffer.from('{}'))).invocation.result).toBe('uploaded');
    const listing = createOssStorage({
      region: 'cn-hangzhou',
      endpoint: cloud.url,
      credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
    });
    const names: string[] = [];
    for await (const { name } of listing.listBuckets()) names.push(name);
    expect(names).toEqual(['records']);
  });
});
