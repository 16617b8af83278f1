import { expect, test } from 'vitest';
import type { OssEvent } from '../../../local/fc/triggers.ts';
import { day, hour, minute } from '../../../shared/platform/instant.ts';
import { functionProps, ossTrigger, runtimeWith, timerTrigger } from '../../support/functions.ts';

const start = new Date('2026-11-20T10:07:00Z');

function upload(key: string, changes: { bucket?: string; eventName?: string } = {}): OssEvent {
  return {
    eventName: changes.eventName ?? 'ObjectCreated:PutObject',
    eventTime: '2026-11-20T10:07:00.000Z',
    region: 'cn-hangzhou',
    oss: { bucket: { name: changes.bucket ?? 'records', ownerIdentity: '1' }, object: { key } },
  };
}

const echo = 'exports.handler = async (event) => event;';
const fail = `exports.handler = async () => { throw new Error('always'); };`;
const failUntil = (attempt: number) => `
  let attempts = 0;
  exports.handler = async () => { if (++attempts < ${attempt}) throw new Error('attempt ' + attempts); };`;

/** Minutes since the start, for each attempt. */
const minutes = (list: readonly { startedAt: string }[]) =>
  list.map(({ startedAt }) => Math.floor((Date.parse(startedAt) - start.getTime()) / minute));

test('an upload fires the function with the event in the native form', async () => {
  const runtime = runtimeWith({ f: { code: echo } });
  runtime.onOssEvent(upload('a.txt'));
  await runtime.idle();
  const [run] = runtime.invocations();
  expect(run).toMatchObject({
    status: 'succeeded',
    trigger: 'uploads',
    event: { events: [upload('a.txt')] },
  });
});

test.each([
  ['another bucket', upload('a.txt', { bucket: 'other' }), {}],
  ['another kind of event', upload('a.txt', { eventName: 'ObjectRemoved:DeleteObject' }), {}],
  ['another prefix', upload('b/a.txt'), { prefix: 'a/', suffix: '' }],
  ['another suffix', upload('a.csv'), { prefix: '', suffix: '.txt' }],
])('an event of %s fires nothing', async (_name, event, key) => {
  const filter = { key: { prefix: '', suffix: '', ...key } };
  const triggerConfig = { events: ['oss:ObjectCreated:*'], filter };
  const runtime = runtimeWith({ f: { code: echo, triggers: [ossTrigger({ triggerConfig })] } });
  runtime.onOssEvent(event);
  await runtime.idle();
  expect(runtime.invocations()).toEqual([]);
});

test('a wildcard, a prefix and a suffix match what they say', async () => {
  const triggerConfig = {
    events: ['oss:ObjectCreated:*'],
    filter: { key: { prefix: '账/', suffix: '.csv' } },
  };
  const runtime = runtimeWith({ f: { code: echo, triggers: [ossTrigger({ triggerConfig })] } });
  runtime.onOssEvent(upload('账/a b.csv', { eventName: 'ObjectCreated:CopyObject' }));
  await runtime.idle();
  expect(runtime.invocations()).toHaveLength(1);
});

test('with everyBucket a trigger stands for every bucket', async () => {
  const runtime = runtimeWith({ f: { code: echo } }, { everyBucket: true });
  runtime.onOssEvent(upload('a.txt', { bucket: 'other' }));
  await runtime.idle();
  expect(runtime.invocations()).toHaveLength(1);
});

test('with everyBucket one of several triggers stands for a bucket that has none, and its own where it has one', async () => {
  const triggers = ['records', 'ledgers'].map((bucket) =>
    ossTrigger({ triggerName: bucket, sourceArn: `acs:oss:cn-hangzhou:1234567890123456:${bucket}` }),
  );
  const runtime = runtimeWith({ f: { code: echo, triggers } }, { everyBucket: true });
  for (const bucket of ['other', 'ledgers']) runtime.onOssEvent(upload('a.txt', { bucket }));
  await runtime.idle();
  expect(
    runtime
      .invocations()
      .map(({ trigger }) => trigger)
      .sort(),
  ).toEqual(['ledgers', 'records']);
});

test('an EventBridge trigger hands over a CloudEvent, or the bare event', async () => {
  const trigger = (eventSchema: string) => ({
    triggerName: eventSchema,
    triggerType: 'eventbridge',
    triggerConfig: {
      triggerEnable: true,
      asyncInvocationType: true,
      eventRuleFilterPattern: '{"source":["acs.oss"],"type":["oss:ObjectCreated:PutObject"]}',
      eventSourceConfig: { eventSourceType: 'Default' },
      eventSinkConfig: { deliveryOption: { eventSchema } },
    },
  });
  const runtime = runtimeWith({ f: { code: echo, triggers: [trigger('CloudEvents'), trigger('RawData')] } });
  runtime.onOssEvent(upload('k'));
  await runtime.idle();
  const events = Object.fromEntries(runtime.invocations().map((run) => [run.trigger, run.event]));
  expect(events['CloudEvents']).toEqual({
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    source: 'acs.oss',
    specversion: '1.0',
    type: 'oss:ObjectCreated:PutObject',
    subject: 'acs:oss:cn-hangzhou:1:records/k',
    time: '2026-11-20T10:07:00.000Z',
    datacontenttype: 'application/json;charset=utf-8',
    aliyunaccountid: '1',
    aliyunoriginalaccountid: '1',
    aliyunregionid: 'cn-hangzhou',
    aliyuneventbusname: 'default',
    aliyunpublishtime: '2026-11-20T10:07:00.000Z',
    aliyunpublishaddr: '127.0.0.1',
    data: upload('k'),
  });
  expect(events['RawData']).toEqual(upload('k'));
});

test('a failed event is tried again, later each time, until it succeeds', async () => {
  const runtime = runtimeWith({ f: { code: failUntil(3) } }, { start });
  runtime.onOssEvent(upload('a'));
  await runtime.time.advance(hour);
  const runs = runtime.invocations();
  expect(runs.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 'retrying'],
    [2, 'retrying'],
    [3, 'succeeded'],
  ]);
  expect(minutes(runs)).toEqual([0, 1, 3]);
  expect(new Set(runs.map(({ requestId }) => requestId)).size).toBe(1);
});

test('after its attempts a failed event goes to the failure destination, with the error and the event', async () => {
  const asyncInvokeConfig = {
    maxAsyncRetryAttempts: 2,
    maxAsyncEventAgeInSeconds: 3600,
    destinationConfig: {
      onFailure: { destination: 'acs:fc:cn-hangzhou:1000000000000001:functions/letters' },
    },
  };
  const runtime = runtimeWith(
    {
      f: { code: fail, props: { asyncInvokeConfig } },
      letters: { code: echo, triggers: [timerTrigger('@every 9h')] },
    },
    { start },
  );
  runtime.onOssEvent(upload('a'));
  await runtime.time.advance(hour);
  expect(runtime.invocations('f').map(({ status }) => status)).toEqual(['retrying', 'retrying', 'dead']);
  const [letter, ...others] = runtime.invocations('letters');
  expect(others).toEqual([]);
  const envelope = JSON.parse(letter?.result ?? '');
  expect(envelope).toMatchObject({
    requestContext: {
      requestId: runtime.invocations('f')[0]?.requestId,
      functionArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/f',
      condition: 'UnhandledInvocationError',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
  });
  expect(JSON.parse(envelope.requestPayload)).toEqual({ events: [upload('a')] });
  expect(JSON.parse(envelope.responsePayload)).toMatchObject({ errorMessage: 'always', errorType: 'Error' });
});

test('an event that has grown too old is not tried again', async () => {
  const asyncInvokeConfig = { maxAsyncRetryAttempts: 8, maxAsyncEventAgeInSeconds: 300 };
  const runtime = runtimeWith({ f: { code: fail, props: { asyncInvokeConfig } } }, { start });
  runtime.onOssEvent(upload('a'));
  await runtime.time.advance(day);
  expect(minutes(runtime.invocations())).toEqual([0, 1, 3]);
  expect(runtime.invocations().at(-1)?.status).toBe('dead');
});

test('a synchronous call is not tried again', async () => {
  const runtime = runtimeWith({ f: { code: fail } }, { start });
  const { invocation } = await runtime.invoke('f', Buffer.from('{}'));
  await runtime.time.advance(hour);
  expect(invocation.status).toBe('failed');
  expect(runtime.invocations()).toHaveLength(1);
});

test('being at rest does not wait for a retry that comes later', async () => {
  const runtime = runtimeWith({ f: { code: fail } }, { start });
  runtime.onOssEvent(upload('a'));
  await runtime.idle();
  expect(runtime.invocations().map(({ status }) => status)).toEqual(['retrying']);
});

test.each([
  ['lost', [], []],
  ['delivered twice', [0, 0], [0, 0]],
  ['delayed', [5 * minute], [5]],
])('an event can be %s on its way', async (_name, delays, expected) => {
  const runtime = runtimeWith({ f: { code: echo } }, { start, deliver: () => delays });
  runtime.onOssEvent(upload('a'));
  await runtime.time.advance(hour);
  expect(minutes(runtime.invocations())).toEqual(expected);
});

test('a day passes in a moment: every run of a timer, in order, and the function sees its time', async () => {
  const code = `exports.handler = async (event) => ({ event: JSON.parse(event), now: new Date(), text: Date() });`;
  const runtime = runtimeWith(
    { f: { code, triggers: [timerTrigger('0 */15 * * * *', { payload: 'p' })] } },
    { start },
  );
  await runtime.time.advance(day);
  const runs = runtime.invocations().map(({ result }) => JSON.parse(result ?? ''));
  expect(runs).toHaveLength(96);
  const first = new Date('2026-11-20T10:15:00Z').getTime();
  for (const [index, { event, now, text }] of runs.entries()) {
    const due = new Date(first + index * 15 * minute);
    const triggerTime = `${due.toISOString().slice(0, 19)}Z`;
    expect(event).toEqual({ triggerTime: expect.any(String), triggerName: 'timer', payload: 'p' });
    expect(event.triggerTime.slice(0, 16)).toBe(triggerTime.slice(0, 16));
    expect(now.slice(0, 16)).toBe(triggerTime.slice(0, 16));
    expect(new Date(text).toISOString().slice(0, 16)).toBe(triggerTime.slice(0, 16));
  }
});

test('a timer can follow a time zone', async () => {
  const runtime = runtimeWith(
    { f: { code: echo, triggers: [timerTrigger('CRON_TZ=Asia/Shanghai 0 0 4 * * *')] } },
    { start },
  );
  await runtime.time.advance(day);
  expect(runtime.invocations().map(({ startedAt }) => startedAt.slice(0, 16))).toEqual(['2026-11-20T20:00']);
});

test('a timer that is not enabled fires by hand only', async () => {
  const runtime = runtimeWith(
    { f: { code: echo, triggers: [timerTrigger('@every 1h', { enable: false })] } },
    { start },
  );
  await runtime.time.advance(day);
  expect(runtime.invocations()).toEqual([]);
  expect(await runtime.fireTimer('timer')).toMatchObject({ status: 'succeeded', trigger: 'timer' });
  expect(await runtime.fireTimer('f')).toMatchObject({ status: 'succeeded', trigger: 'timer' });
  expect(runtime.fireTimer('nothing')).toBeUndefined();
});

test('Date is virtual in every way it is asked, and stays a Date', async () => {
  const code = `exports.handler = async () => ({
    now: Date.now(), instance: new Date() instanceof Date, same: new Date().constructor === Date,
    of: new Date(0).toISOString(), parsed: Date.parse('2020-01-01T00:00:00Z'),
    sub: new (class Day extends Date {})(5).getTime(),
  });`;
  const runtime = runtimeWith({ f: { code } }, { start });
  await runtime.invoke('f', Buffer.from('{}'));
  await runtime.time.advance(1000 * day);
  const { invocation } = await runtime.invoke('f', Buffer.from('{}'));
  const { now, ...rest } = JSON.parse(invocation.result ?? '');
  expect(Math.floor((now - start.getTime()) / day)).toBe(1000);
  expect(rest).toEqual({
    instance: true,
    same: true,
    of: '1970-01-01T00:00:00.000Z',
    parsed: Date.UTC(2020, 0, 1),
    sub: 5,
  });
});

test('code that is not built is a clear error at the start', () => {
  const props = { ...functionProps('f', [ossTrigger()]), code: './nowhere' };
  expect(() => runtimeWith({ f: { code: echo, props } })).toThrow(
    /^function f is not built: there is no .*nowhere\/index\.js$/,
  );
});
