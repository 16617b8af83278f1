import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ZodError, z } from 'zod';
import { requestLog } from '../../../local/oss/request-log.ts';
import { makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'faulty');
  await putObject(server, '/faulty/a');
});
afterAll(() => server.close());
beforeEach(() => server.oss.faults.clear());

test('an error reply, as often as asked for, and only where it was asked for', async () => {
  const effect = { status: 503, code: 'TotalQpsLimitExceeded' };
  server.oss.faults.add({
    operation: 'HeadObject',
    bucket: 'faulty',
    key: 'a',
    principal: 'user holdfast',
    times: 2,
    effect,
  });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await rawCall(server, 'HEAD /faulty/a')).status);
  expect(statuses).toEqual([503, 503, 200]);
  expect(server.oss.requests.list().at(-2)).toMatchObject({ status: 503, code: 'TotalQpsLimitExceeded' });
});

test.each([{ operation: 'GetObject' }, { bucket: 'other' }, { key: 'b' }, { principal: 'user other' }])(
  'a rule for %j leaves other requests alone',
  async (rule) => {
    server.oss.faults.add({ ...rule, effect: { status: 500, code: 'InternalError' } });
    expect((await rawCall(server, 'HEAD /faulty/a')).status).toBe(200);
  },
);

test.each([
  ['before', 404],
  ['after', 200],
] as const)('a connection reset %s the effect: reading afterwards gives %i', async (reset, status) => {
  const key = `reset-${reset}`;
  server.oss.faults.add({ operation: 'PutObject', effect: { reset } });
  await expect(rawCall(server, `PUT /faulty/${key}`, { body: 'x' })).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
  expect((await rawCall(server, `HEAD /faulty/${key}`)).status).toBe(status);
  const record = server.oss.requests.list().at(-2);
  expect(record).toMatchObject({ operation: 'PutObject', status: 0, code: 'ConnectionReset' });
});

test('a delay, then the reply', async () => {
  server.oss.faults.add({ effect: { delayMs: 1 } });
  expect((await rawCall(server, 'HEAD /faulty/a')).status).toBe(200);
});

test('an unsigned request meets its refusal, not the fault', async () => {
  server.oss.faults.add({ effect: { status: 500, code: 'InternalError' } });
  expect((await rawCall(server, 'HEAD /faulty/a', { headers: { 'x-oss-date': 'x' } })).status).toBe(403);
});

describe('rules', () => {
  const rule = { operation: 'GetObject', rate: 0.5, effect: { reset: 'after' } };

  test('are plain JSON, one or a list, with a seed or without', () => {
    const { faults } = server.oss;
    faults.add(JSON.parse(JSON.stringify(rule)));
    faults.add([rule, rule]);
    faults.add({ seed: 3, rules: [rule] });
    faults.add({ seed: 4 });
    expect(faults.list()).toEqual([rule, rule, rule, rule]);
    faults.clear();
    expect(faults.list()).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no rule', null, /expected object/],
    ['no effect', {}, /effect/],
    [
      'an effect that is none',
      { effect: { explode: true } },
      /an effect has one of status, reset, hang, cut, delayMs/,
    ],
    ['a success as an error', { effect: { status: 200, code: 'x' } }, />=400[\s\S]*effect.status/],
    ['two effects in one', { effect: { reset: 'after', cut: 0.5 } }, /Unrecognized key: "cut"[\s\S]*effect/],
    ['a delay nobody knows', { effect: { delayMs: { poisson: 3 } } }, /expected milliseconds, {"uniform"/],
    ['a key nobody knows', { ...rule, extra: 1 }, /Unrecognized key: "extra"/],
    ['a bad one in a list', [rule, { effect: { cut: 2 } }], /<=0.99[\s\S]*\[1\].effect.cut/],
  ])('that make no sense are refused with the reason, and nothing is added: %s', (_name, wrong, reason) => {
    const message = () => {
      try {
        server.oss.faults.add(wrong);
        return 'accepted';
      } catch (error) {
        return error instanceof ZodError ? z.prettifyError(error) : String(error);
      }
    };
    expect(message()).toMatch(reason);
    expect(server.oss.faults.list()).toEqual([]);
  });
});

test('the request log keeps the last records only', () => {
  const log = requestLog(3);
  const record = {
    requestId: '',
    principal: '',
    operation: '',
    method: '',
    bucket: '',
    versionId: '',
    status: 0,
    code: '',
    time: '',
    ignored: [],
  };
  for (let i = 0; i < 20; i++) log.add({ ...record, key: String(i) });
  expect(log.list().map((each) => each.key)).toEqual(['17', '18', '19']);
  log.clear();
  expect(log.list()).toEqual([]);
});
