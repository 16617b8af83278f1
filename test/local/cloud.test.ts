import { once } from 'node:events';
import { connect } from 'node:net';
import OSS, { type ClientOptions } from 'ali-oss';
import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { day, hour, minute } from '../../shared/platform/instant.ts';
import { cloudWith } from '../support/cloud.ts';
import { timerTrigger } from '../support/functions.ts';

const echo = 'exports.handler = async (event) => event;';

function client(endpoint: string, changes: Partial<ClientOptions> = {}) {
  const keys = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret', refreshSTSTokenInterval: hour };
  return new OSS({ endpoint, bucket: 'records', ...keys, ...changes });
}

test('an upload through ali-oss fires the function', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  const oss = client(cloud.url);
  await oss.putBucket('records');
  await oss.put('账本/a b+c%.txt', Buffer.from('x'));
  await cloud.idle();
  const [run] = cloud.fc.invocations();
  const object = { key: '账本/a b+c%.txt', size: 1 };
  expect(run).toMatchObject({
    status: 'succeeded',
    event: { events: [{ eventName: 'ObjectCreated:PutObject', oss: { object } }] },
  });
});

test('a function finds the cloud and its rules in its environment', async () => {
  const code = 'exports.handler = async () => process.env';
  const cloud = await cloudWith({ f: { code } }, { rules: 'my-rules.yaml', environment: { EXTRA: '1' } });
  const { invocation } = await cloud.fc.invoke('f', Buffer.from('{}'));
  expect(JSON.parse(invocation.result ?? '')).toMatchObject({
    HOLDFAST_OSS_ENDPOINT: cloud.url,
    HOLDFAST_RULES: `${process.cwd()}/my-rules.yaml`,
    EXTRA: '1',
  });
});

test('the credentials of an invocation open the object store, as the function', async () => {
  const code = 'exports.handler = async (event, context) => context.credentials';
  const cloud = await cloudWith({ f: { code } });
  const { invocation } = await cloud.fc.invoke('f', Buffer.from('{}'));
  const { securityToken, ...keys } = JSON.parse(invocation.result ?? '');
  await client(cloud.url, { ...keys, stsToken: securityToken }).putBucket('records');
  await expect(client(cloud.url, keys).putBucket('others')).rejects.toMatchObject({ status: 403 });
  expect(cloud.oss.requests.list()[0]).toMatchObject({ principal: 'function f', operation: 'PutBucket' });
});

test('object store, functions and timers live on the same virtual time', async () => {
  const start = new Date('2031-05-05T00:00:00Z');
  const code = 'exports.handler = async () => new Date();';
  const cloud = await cloudWith({ f: { code, triggers: [timerTrigger('0 0 */6 * * *')] } }, { clock: start });
  await cloud.advance(day);
  const oss = client(cloud.url);
  await oss.putBucket('records');
  await oss.put('a', Buffer.from('x'));
  const head = await oss.head('a');
  const modified = new Date(head.res.headers['last-modified'] ?? '');
  expect(modified.toISOString().slice(0, 16)).toBe('2031-05-06T00:00');
  const seen = cloud.fc.invocations().map(({ result }) => JSON.parse(result ?? '').slice(0, 13));
  expect(seen).toEqual(['2031-05-05T06', '2031-05-05T12', '2031-05-05T18', '2031-05-06T00']);
});

test('it can be reached on both loopback addresses, and as localhost', async () => {
  const cloud = await cloudWith({});
  const hosts = ['127.0.0.1', 'localhost'];
  const replies = await Promise.all(hosts.map((host) => fetch(`http://${host}:${cloud.port}/_local/health`)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
});

test('on a host that names a bucket, _local is the key of an object', async () => {
  const cloud = await cloudWith({});
  const oss = client(cloud.url);
  await oss.putBucket('records');
  await oss.put('_local/health', Buffer.from('mine'));
  expect(cloud.oss.requests.list().at(-1)).toMatchObject({ operation: 'PutObject', key: '_local/health' });
});

test('after closing, its port is free and its functions are gone', async () => {
  const code = 'exports.handler = async (event) => String(process.pid)';
  const cloud = await cloudWith({ f: { code } }, { instances: 'processes' });
  const { invocation } = await cloud.fc.invoke('f', Buffer.from('{}'));
  await cloud.close();
  expect(() => process.kill(Number(invocation.result), 0)).toThrow('ESRCH');
  await expect(fetch(`${cloud.url}/_local/health`)).rejects.toThrow();
});

test('closing ends an invocation that still runs, and schedules no further attempt', async () => {
  const code = 'exports.handler = () => new Promise(() => setInterval(() => {}, 1000));';
  const cloud = await cloudWith({ f: { code } });
  const running = cloud.fc.invoke('f', Buffer.from('{}'));
  cloud.fc.submit('f', Buffer.from('{}'));
  await cloud.close();
  expect((await running).invocation.status).toBe('failed');
  expect(cloud.fc.invocations().map(({ status }) => status)).toEqual(['failed', 'failed']);
});

test('a client that goes away in the middle of a request harms nobody', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  for (const path of ['/2023-03-30/functions/f/invocations', '/_local/clock', '/records/a']) {
    const socket = connect(cloud.port, '127.0.0.1');
    socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf`);
    socket.end();
    await once(socket.resume(), 'close');
  }
  expect((await fetch(`${cloud.url}/_local/health`)).status).toBe(200);
});

test('without a template it is an object store, and needs nothing built', async () => {
  const cloud = await startCloud({ bootstrap: 'nowhere.js' });
  onTestFinished(() => cloud.close());
  await client(cloud.url).putBucket('records');
  expect([...cloud.fc.functions]).toEqual([]);
});

test('a port that is taken is an error', async () => {
  const cloud = await cloudWith({});
  await expect(cloudWith({}, { port: cloud.port })).rejects.toThrow('EADDRINUSE');
});

test('it tells of every finished invocation', async () => {
  const told: unknown[] = [];
  const cloud = await cloudWith(
    { f: { code: echo, triggers: [timerTrigger('@every 20m')] } },
    { onInvocation: ({ function: name, status }) => told.push([name, status]) },
  );
  await cloud.advance(hour + minute);
  expect(told).toEqual(Array(3).fill(['f', 'succeeded']));
});
