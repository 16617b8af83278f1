import { expect, test } from 'vitest';
import * as z from 'zod';
import type { Cloud } from '../../../local/cloud.ts';
import { day, hour, minute } from '../../../shared/platform/instant.ts';
import { cloudWith } from '../../support/cloud.ts';
import { callFc } from '../../support/fc-client.ts';

const echo = 'exports.handler = async (event) => event;';
const fail = `exports.handler = async () => { throw new Error('always'); };`;
const hang = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 1e6));';

const start = (cloud: Cloud, id: string, name = 'x-fc-async-task-id', body = '{}') =>
  callFc(cloud, 'f/invocations', { headers: { 'x-fc-invocation-type': 'Async', [name]: id }, body });

const get = (cloud: Cloud, path: string) => callFc(cloud, `f/${path}`, { method: 'GET' });

const taskView = z.looseObject({
  status: z.string(),
  startedTime: z.number(),
  endTime: z.number().optional(),
  durationMs: z.number().optional(),
  events: z.array(z.looseObject({ status: z.string() })),
});

/** The task `a`, and the statuses it went through. */
async function taskA(cloud: Cloud) {
  const reply = await get(cloud, 'async-tasks/a');
  expect(reply.status).toBe(200);
  const task = taskView.parse(await reply.json());
  return { task, statuses: task.events.map(({ status }) => status) };
}

const listView = z.strictObject({
  tasks: z.array(z.looseObject({ taskId: z.string(), taskPayload: z.string().optional() })),
  nextToken: z.string().optional(),
});

const listTasks = async (cloud: Cloud, query: string) =>
  listView.parse(await (await get(cloud, `async-tasks?${query}`)).json());

test.each(['x-fc-async-task-id', 'x-fc-stateful-async-invocation-id'])(
  'a task id given by %s runs once, and is a conflict ever after',
  async (name) => {
    const cloud = await cloudWith({ f: { code: echo } });
    const first = await start(cloud, 'shard-1', name);
    expect(first.status).toBe(202);
    const again = await start(cloud, 'shard-1', name);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ ErrorCode: 'StatefulAsyncInvocationAlreadyExists' });
    await cloud.idle();
    expect((await start(cloud, 'shard-1', name)).status).toBe(409);
    expect((await start(cloud, 'shard-2', name)).status).toBe(202);
    await cloud.idle();
    expect(cloud.fc.invocations()).toHaveLength(2);
  },
);

test('a task id is forgotten seven days after the task has ended', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  await start(cloud, 'a');
  await cloud.advance(7 * day - minute);
  expect((await start(cloud, 'a')).status).toBe(409);
  await cloud.advance(2 * minute);
  expect((await get(cloud, 'async-tasks/a')).status).toBe(404);
  expect((await start(cloud, 'a')).status).toBe(202);
});

test.each(['1a', 'a b', '-a', 'a'.repeat(129), 'ä'])('"%s" is no task id', async (id) => {
  const cloud = await cloudWith({ f: { code: echo } });
  const reply = await start(cloud, Buffer.from(id).toString('latin1'));
  expect(reply.status).toBe(400);
});

test('a task shows what became of it', async () => {
  const cloud = await cloudWith({ f: { code: echo } }, { clock: new Date('2026-11-20T10:00:00Z') });
  const accepted = await start(cloud, 'a', undefined, '{"n":1}');
  await cloud.idle();
  const { task, statuses } = await taskA(cloud);
  expect(task).toMatchObject({
    taskId: 'a',
    requestId: accepted.headers.get('x-fc-request-id'),
    functionArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/f',
    status: 'Succeeded',
    taskPayload: '{"n":1}',
    returnPayload: '{"n":1}',
    alreadyRetriedTimes: 0,
  });
  expect(statuses).toEqual(['Enqueued', 'Running', 'Succeeded']);
  expect(task.endTime).toBe(task.startedTime + (task.durationMs ?? Number.NaN));
});

test('a task that fails is retried, and says so', async () => {
  const asyncInvokeConfig = { maxAsyncRetryAttempts: 1, maxAsyncEventAgeInSeconds: 3600 };
  const cloud = await cloudWith({ f: { code: fail, props: { asyncInvokeConfig } } });
  await start(cloud, 'a');
  await cloud.advance(hour);
  const { task, statuses } = await taskA(cloud);
  expect(statuses).toEqual(['Enqueued', 'Running', 'Retrying', 'Running', 'Failed']);
  expect(task).toMatchObject({ status: 'Failed', alreadyRetriedTimes: 1, taskErrorMessage: 'always' });
});

test('a running task is stopped: its instance ends, and nobody tries again', async () => {
  const cloud = await cloudWith({ f: { code: hang, props: { timeout: 600 } } });
  await start(cloud, 'a');
  const stopped = await callFc(cloud, 'f/async-tasks/a/stop', { method: 'PUT' });
  expect(stopped.status).toBe(204);
  await cloud.advance(day);
  expect((await taskA(cloud)).statuses).toEqual(['Enqueued', 'Running', 'Stopping', 'Stopped']);
  expect(cloud.fc.invocations().map(({ status }) => status)).toEqual(['failed']);
});

test('a task that waits for a retry is stopped for good', async () => {
  const cloud = await cloudWith({ f: { code: fail } });
  await start(cloud, 'a');
  await cloud.idle();
  await callFc(cloud, 'f/async-tasks/a/stop', { method: 'PUT' });
  await cloud.advance(day);
  expect((await taskA(cloud)).statuses.slice(-2)).toEqual(['Retrying', 'Stopped']);
  expect(cloud.fc.invocations()).toHaveLength(1);
});

test('tasks are listed by prefix, status and page, without payload unless it is asked for', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  for (const id of ['a1', 'a2', 'a3', 'b1']) await start(cloud, id);
  await cloud.idle();
  const ids = async (query: string) => {
    const { tasks, nextToken } = await listTasks(cloud, query);
    return [tasks.map(({ taskId }) => taskId), nextToken];
  };
  expect(await ids('prefix=a')).toEqual([['a1', 'a2', 'a3'], undefined]);
  expect(await ids('status=Failed')).toEqual([[], undefined]);
  expect(await ids('sortOrderByTime=desc&limit=2')).toEqual([['b1', 'a3'], '2']);
  expect(await ids('sortOrderByTime=desc&limit=2&nextToken=2')).toEqual([['a2', 'a1'], undefined]);
  const payload = async (query: string) => (await listTasks(cloud, query)).tasks[0]?.taskPayload;
  expect(await payload('')).toBeUndefined();
  expect(await payload('includePayload=true')).toBe('{}');
});

test.each([
  ['GET', 'f/async-tasks/none', 404, 'StatefulAsyncInvocationNotFound'],
  ['PUT', 'f/async-tasks/none/stop', 404, 'StatefulAsyncInvocationNotFound'],
  ['GET', 'g/async-tasks', 404, 'FunctionNotFound'],
  ['DELETE', 'f/async-tasks/none', 501, 'NotImplemented'],
  ['GET', 'f/async-tasks?qualifier=prod', 501, 'NotImplemented'],
])('%s %s answers %i %s', async (method, target, status, code) => {
  const cloud = await cloudWith({ f: { code: echo } });
  const reply = await callFc(cloud, target, { method });
  expect(reply.status).toBe(status);
  expect(await reply.json()).toMatchObject({ Code: code });
});
