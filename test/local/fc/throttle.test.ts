import { expect, test } from 'vitest';
import { day, hour, minute, second } from '../../../shared/platform/instant.ts';
import { runtimeWith, timerTrigger } from '../../support/functions.ts';

const start = new Date('2026-11-20T10:07:00Z');
/** Answers at once, unless it is to hold its instance for so many milliseconds. */
const holding = `exports.handler = (event) => new Promise((resolve) => setTimeout(resolve, Number(event)));`;
const echo = 'exports.handler = async (event) => event;';

test('an event that finds every instance busy is tried again later, and it is no failed attempt', async () => {
  const runtime = runtimeWith({ f: { code: holding } }, { start, instanceLimit: 1 });
  runtime.submit('f', Buffer.from('30'));
  runtime.submit('f', Buffer.from('0'));
  expect(runtime.throttled('f')).toBe(true);
  await runtime.idle();
  expect(runtime.invocations()).toHaveLength(1);
  await runtime.time.advance(minute);
  expect(runtime.invocations().map(({ status, attempt }) => [status, attempt])).toEqual([
    ['succeeded', 1],
    ['succeeded', 1],
  ]);
});

test.each([
  ['five hours', 86400, 5 * hour],
  ['its maximum age', 600, 600 * second],
])('an event that is throttled for longer than %s is given up', async (_what, age, limit) => {
  const asyncInvokeConfig = { maxAsyncRetryAttempts: 3, maxAsyncEventAgeInSeconds: age };
  const functions = { f: { code: echo, props: { asyncInvokeConfig } } };
  const runtime = runtimeWith(functions, { start, instanceLimit: 0 });
  const requestId = runtime.startTask('f', 'a', Buffer.from('{}'));
  await runtime.time.advance(day);
  const task = runtime.tasks.find('f', 'a');
  expect(task).toMatchObject({ status: 'Expired', requestId });
  expect(runtime.invocations()).toEqual([]);
  const waited = (task?.endTime ?? 0) - start.getTime();
  expect(waited).toBeGreaterThan(limit);
  expect(waited).toBeLessThan(2 * limit + minute);
});

test('an event that is too old before its first attempt goes to the failure destination untried', async () => {
  const asyncInvokeConfig = {
    maxAsyncRetryAttempts: 3,
    maxAsyncEventAgeInSeconds: 60,
    destinationConfig: {
      onFailure: { destination: 'acs:fc:cn-hangzhou:1000000000000001:functions/letters' },
    },
  };
  const letters = { code: echo, triggers: [timerTrigger('@every 900h')] };
  const runtime = runtimeWith({ f: { code: echo, props: { asyncInvokeConfig } }, letters }, { start });
  runtime.submit('f', Buffer.from('late'), 2 * minute);
  await runtime.time.advance(hour);
  expect(runtime.invocations('f')).toEqual([]);
  const [letter] = runtime.invocations('letters');
  expect(letter?.event).toMatchObject({
    requestContext: { condition: 'EventExpired', approximateInvokeCount: 0 },
    requestPayload: 'late',
  });
});

test('without a limit requests wait for this machine, and none is throttled', async () => {
  const runtime = runtimeWith({ f: { code: holding } });
  for (let n = 0; n < 8; n += 1) runtime.submit('f', Buffer.from('10'));
  expect(runtime.throttled('f')).toBe(false);
  await runtime.idle();
  expect(runtime.invocations().map(({ status }) => status)).toEqual(Array(8).fill('succeeded'));
});

test('the first request of an instance is cold, the next is warm', async () => {
  const runtime = runtimeWith({ f: { code: echo } });
  for (let n = 0; n < 2; n += 1) await runtime.invoke('f', Buffer.from('{}'));
  expect(runtime.invocations().map(({ cold }) => cold)).toEqual([true, false]);
});
