import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { faultList } from '../../../local/oss/faults.ts';
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
  const target = { operation: 'GetObject', bucket: 'b', key: 'k', principal: 'p' };

  test('are plain JSON, and what is none is refused', () => {
    const faults = faultList();
    const rule = { operation: 'GetObject', rate: 0.5, effect: { reset: 'after' } };
    faults.add(JSON.parse(JSON.stringify(rule)));
    expect(faults.list()).toEqual([rule]);
    for (const wrong of [
      {},
      { effect: {} },
      { effect: { status: 200, code: 'x' } },
      { ...rule, extra: 1 },
      null,
    ]) {
      expect(() => faults.add(wrong)).toThrow();
    }
    faults.clear();
    expect(faults.list()).toEqual([]);
  });

  test('with a rate hit about that part of the requests, the same ones for the same seed', () => {
    const run = (seed: number) => {
      const faults = faultList(seed);
      faults.add({ rate: 0.25, effect: { delayMs: 0 } });
      return Array.from({ length: 1000 }, () => faults.hit(target).length);
    };
    const hits = run(7).reduce((sum, hit) => sum + hit, 0);
    expect(hits).toBeGreaterThan(150);
    expect(hits).toBeLessThan(350);
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
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
  };
  for (let i = 0; i < 20; i++) log.add({ ...record, key: String(i) });
  expect(log.list().map((each) => each.key)).toEqual(['17', '18', '19']);
  log.clear();
  expect(log.list()).toEqual([]);
});
