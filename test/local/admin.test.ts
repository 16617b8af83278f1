import { expect, test } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { hour } from '../../shared/platform/instant.ts';
import { cloudWith } from '../support/cloud.ts';
import { timerTrigger } from '../support/functions.ts';

const echo = 'exports.handler = async (event) => event;';
const start = new Date('2026-11-20T10:07:00Z');

async function timerCloud() {
  return await cloudWith({ f: { code: echo, triggers: [timerTrigger('0 0 * * * *')] } }, { clock: start });
}

/** Calls the admin API; a body that is a string goes as it is. */
async function admin(cloud: Cloud, method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = body === undefined ? { method } : { method, body: text };
  const reply = await fetch(`${cloud.url}/_local/${path}`, init);
  const json: unknown = await reply.json();
  return { status: reply.status, body: json };
}

test('health says that it is there and what runs on it', async () => {
  const cloud = await timerCloud();
  expect(await admin(cloud, 'GET', 'health')).toMatchObject({
    status: 200,
    body: {
      status: 'ok',
      region: 'cn-hangzhou',
      functions: ['f'],
      now: expect.stringMatching(/^2026-11-20T10:[01]\d/),
    },
  });
});

test.each([
  [{ advance: '21h' }, '2026-11-21T07:07', 21],
  [{ advance: '1d30min' }, '2026-11-21T10:37', 24],
  [{ advance: '3600s' }, '2026-11-20T11:07', 1],
  [{ set: '2026-11-20T13:00:00+01:00' }, '2026-11-20T12:00', 2],
  [{ leap: '150d' }, '2027-04-19T10:07', 1],
])('the clock moves by %j, and its timers have run when the answer comes', async (order, now, runs) => {
  const cloud = await timerCloud();
  const { body } = await admin(cloud, 'POST', 'clock', order);
  expect(body).toMatchObject({ now: expect.stringMatching(`^${now}`) });
  expect(cloud.fc.invocations().map(({ status }) => status)).toEqual(Array(runs).fill('succeeded'));
  expect((await admin(cloud, 'GET', 'clock')).body).toMatchObject({ now: expect.stringMatching(`^${now}`) });
});

test.each([
  ['POST', 'clock', { advance: '21' }, 400, '"21" is not a span of time'],
  ['POST', 'clock', { advance: '-1h' }, 400, '"-1h" is not a span of time'],
  ['POST', 'clock', { leap: '999999999d' }, 400, '"999999999d" is not a span of time'],
  ['POST', 'clock', { advance: 5 }, 400, 'one of advance, leap and set'],
  ['POST', 'clock', { advance: '1h', leap: '1h' }, 400, 'one of advance, leap and set'],
  ['POST', 'clock', { forward: '1h' }, 400, 'one of advance, leap and set'],
  ['POST', 'clock', { set: 'tomorrow' }, 400, 'one of advance, leap and set'],
  ['POST', 'clock', { set: '2020-01-01T00:00:00Z' }, 400, 'time moves forward only'],
  ['POST', 'clock', '{"advance":', 400, 'not JSON'],
  ['POST', 'clock', undefined, 400, 'one of advance, leap and set'],
  ['POST', 'clock', 'x'.repeat(1024 * 1024 + 1), 413, 'larger than 1 MB'],
  ['POST', 'timer/nothing', undefined, 404, 'there is no timer nothing'],
  ['POST', 'timer/%', undefined, 404, 'there is no timer %'],
  ['POST', 'faults', { effect: 'explode' }, 400, 'no fault rule'],
  ['DELETE', 'clock', undefined, 404, 'there is no DELETE /_local/clock'],
  ['GET', 'clock/more', undefined, 404, 'there is no GET /_local/clock/more'],
  ['GET', 'nothing', undefined, 404, 'there is no GET /_local/nothing'],
  ['GET', 'constructor', undefined, 404, 'there is no GET /_local/constructor'],
])('%s %s with %j is refused, with what to do', async (method, path, body, status, message) => {
  const cloud = await timerCloud();
  const reply = await admin(cloud, method, path, body);
  expect(reply.status).toBe(status);
  expect(reply.body).toEqual({ error: expect.stringContaining(message), remedy: expect.any(String) });
  expect(cloud.time.now().toISOString()).toMatch(/^2026-11-20T10:0/);
});

test.each(['timer', 'f'])(
  'a timer fires now by the name %s, and the answer is the invocation',
  async (name) => {
    const cloud = await timerCloud();
    expect(await admin(cloud, 'POST', `timer/${name}`)).toMatchObject({
      status: 200,
      body: { function: 'f', trigger: 'timer', status: 'succeeded', event: { triggerName: 'timer' } },
    });
  },
);

test('invocations are listed, of one function if asked', async () => {
  const functions = ['f', 'g'].map((name) => [name, { code: echo, triggers: [timerTrigger('@every 1h')] }]);
  const cloud = await cloudWith(Object.fromEntries(functions), { clock: start });
  await cloud.advance(2 * hour);
  expect((await admin(cloud, 'GET', 'invocations')).body).toHaveLength(4);
  expect((await admin(cloud, 'GET', 'invocations?function=g')).body).toMatchObject([
    { function: 'g' },
    { function: 'g' },
  ]);
});

test('faults are added, listed and taken away', async () => {
  const cloud = await timerCloud();
  const rule = { operation: 'GetService', effect: { status: 503, code: 'ServiceUnavailable' } };
  expect(await admin(cloud, 'POST', 'faults', rule)).toMatchObject({ status: 200, body: [rule] });
  expect((await admin(cloud, 'GET', 'faults')).body).toEqual([rule]);
  expect((await admin(cloud, 'DELETE', 'faults')).body).toEqual([]);
  expect(cloud.oss.faults.list()).toEqual([]);
});

test('the requests to the object store are listed and forgotten', async () => {
  const cloud = await timerCloud();
  await fetch(`${cloud.url}/records/a`);
  expect((await admin(cloud, 'GET', 'requests')).body).toMatchObject([
    { method: 'GET', bucket: 'records', key: 'a' },
  ]);
  expect((await admin(cloud, 'DELETE', 'requests')).body).toEqual([]);
  expect((await admin(cloud, 'GET', 'requests')).body).toEqual([]);
});

test('idle answers when nothing runs', async () => {
  const code = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 50));';
  const cloud = await cloudWith({ f: { code, triggers: [timerTrigger('@every 1h')] } });
  cloud.fc.submit('f', Buffer.from('{}'));
  await admin(cloud, 'POST', 'idle');
  expect(cloud.fc.invocations().map(({ status }) => status)).toEqual(['succeeded']);
});
