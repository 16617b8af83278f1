import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { delayOf, draw } from '../../../local/oss/faults/random.ts';
import { aliOss } from '../../support/ali-oss.ts';
import { makeBucket, putObject, type RawReply, rawCall } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'weather');
  await putObject(server, '/weather/a', 'x'.repeat(1000));
});
afterAll(() => server.close());
beforeEach(() => server.oss.faults.clear());

const head = (key = 'a') => rawCall(server, `HEAD /weather/${key}`);
const lastRecord = () => server.oss.requests.list().at(-1);

describe('an error', () => {
  test.each([
    [500, 'InternalError'],
    [503, 'PartitionQpsLimitted'],
    [503, 'MetaOperationQpsLimitExceeded'],
    [403, 'AccessDenied'],
  ])('%i %s comes instead of the effect', async (status, code) => {
    server.oss.faults.add({ operation: 'PutObject', effect: { status, code } });
    expect(await rawCall(server, 'PUT /weather/never', { body: 'x' })).toMatchObject({ status, code });
    expect((await head('never')).status).toBe(404);
  });

  test('asked for after the effect comes although it took place', async () => {
    server.oss.faults.add({
      operation: 'PutObject',
      effect: { status: 500, code: 'InternalError', after: true },
    });
    expect(await rawCall(server, 'PUT /weather/done', { body: 'x' })).toMatchObject({ status: 500 });
    expect((await head('done')).status).toBe(200);
  });

  test('spares the first requests when they are to be skipped', async () => {
    server.oss.faults.add({ skip: 2, times: 1, effect: { status: 500, code: 'InternalError' } });
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push((await head()).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
  });
});

describe('a reply', () => {
  const key = { accessKeyId, accessKeySecret, bucket: 'weather', sldEnable: true };

  /** The bytes that arrive of a body, and whether it was whole. */
  async function arrived(path: string): Promise<{ length: number; promised: number; whole: boolean }> {
    const client = aliOss({ ...key, endpoint: `http://localhost:${server.port}` });
    const url = new URL(client.signatureUrl(path, { expires: 600 }));
    const outgoing = request({ port: server.port, path: url.pathname + url.search }).end();
    const [reply] = await once(outgoing, 'response');
    let length = 0;
    reply.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    const whole = await text(reply).then(
      () => true,
      () => false,
    );
    return { length, promised: Number(reply.headers['content-length']), whole };
  }

  test('cut short promises all of its body and ends in the middle', async () => {
    server.oss.faults.add({ operation: 'GetObject', effect: { cut: 0.5 } });
    expect(await arrived('a')).toEqual({ length: 500, promised: 1000, whole: false });
    server.oss.faults.clear();
    expect(await arrived('a')).toEqual({ length: 1000, promised: 1000, whole: true });
  });

  test('cut short without any body does not arrive, and what was asked for is done', async () => {
    server.oss.faults.add({ operation: 'PutObject', effect: { cut: 0 } });
    await expect(rawCall(server, 'PUT /weather/cut', { body: 'x' })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect((await head('cut')).status).toBe(200);
  });

  test('of XML can be cut short as well', async () => {
    server.oss.faults.add({ operation: 'ListObjects', effect: { cut: 0.9 } });
    await expect(rawCall(server, 'GET /weather/')).rejects.toThrow('aborted');
  });

  test.each([
    ['before', 404],
    ['after', 200],
  ])('that never comes leaves the connection open; the request stops %s the effect', async (hang, status) => {
    server.oss.faults.add({ operation: 'PutObject', effect: { hang } });
    const arrival = once(server.http, 'request');
    const client = new AbortController();
    const given = rawCall(server, `PUT /weather/hang-${hang}`, { body: 'x', signal: client.signal });
    const gone = expect(given).rejects.toThrow('aborted');
    await arrival;
    if (hang === 'after') await expect.poll(async () => (await head('hang-after')).status).toBe(200);
    client.abort();
    await gone;
    await expect.poll(lastRecord).toMatchObject({ operation: 'PutObject', status: 0, code: 'NeverAnswered' });
    expect((await head(`hang-${hang}`)).status).toBe(status);
  });
});

describe('a limit of requests a second', () => {
  const delayTime = ({ headers }: RawReply) => headers['x-oss-qos-delay-time'];

  test('of the account lets a burst through, then as many as come by in time', async () => {
    server.oss.faults.add({ effect: { qps: { limit: 2, burst: 3, per: 'account' } } });
    for (let count = 0; count < 3; count++) expect((await head()).status).toBe(200);
    const refused = await head();
    expect(refused).toMatchObject({ status: 503, code: 'TotalQpsLimitExceeded' });
    expect(refused.headers['x-oss-ec']).toBe('0004-00000302');
    expect(delayTime(refused)).toBe('500');
    server.advance(499);
    expect(delayTime(await head())).toBe('1');
    server.advance(1);
    expect((await head()).status).toBe(200);
    expect((await head()).status).toBe(503);
    server.advance(3_600_000);
    const later = await Promise.all([head(), head(), head(), head()]);
    expect(later.map(({ status }) => status).sort()).toEqual([200, 200, 200, 503]);
  });

  test('of prefixes counts each folder by itself', async () => {
    server.oss.faults.add({ effect: { qps: { limit: 1, per: 'prefix' } } });
    expect((await head('logs/a')).status).toBe(404);
    expect((await head('logs/b')).code).toBe('PartitionQpsLimitted');
    expect((await head('logs/deep/b')).status).toBe(404);
    expect((await head('other/a')).status).toBe(404);
  });

  test('of bucket management spares objects', async () => {
    server.oss.faults.add({ effect: { qps: { limit: 1, per: 'management' } } });
    expect((await rawCall(server, 'GET /weather/')).status).toBe(200);
    expect((await rawCall(server, 'GET /weather/')).code).toBe('MetaOperationQpsLimitExceeded');
    expect((await head()).status).toBe(200);
    expect((await head()).status).toBe(200);
  });
});

test('a policy in progress is renewed before its reply arrives, a locked one is not', async () => {
  await makeBucket(server, 'renewed');
  const body =
    '<InitiateWormConfiguration><RetentionPeriodInDays>10</RetentionPeriodInDays></InitiateWormConfiguration>';
  const { headers } = await rawCall(server, 'POST /renewed/', { query: { worm: '' }, body });
  const first = String(headers['x-oss-worm-id']);
  const idSeen = async () => {
    const reply = await rawCall(server, 'GET /renewed/', { query: { worm: '' } });
    return /<WormId>(\w+)/.exec(reply.body)?.[1] ?? '';
  };
  server.oss.faults.add({ operation: 'GetBucketWorm', bucket: 'renewed', effect: { renew: true } });
  expect(await idSeen()).toBe(first);
  const second = await idSeen();
  expect(second).not.toBe(first);
  server.oss.faults.clear();
  const third = await idSeen();
  const locked = await rawCall(server, 'POST /renewed/', { query: { wormId: second } });
  expect(locked.code).toBe('NoSuchWORMConfiguration');
  await rawCall(server, 'POST /renewed/', { query: { wormId: third } });
  server.oss.faults.add({ operation: 'GetBucketWorm', bucket: 'renewed', effect: { renew: true } });
  expect([await idSeen(), await idSeen()]).toEqual([third, third]);
  server.oss.faults.clear();
});

describe('a stale read', () => {
  const xml = (root: string, days: number) =>
    `<${root}><RetentionPeriodInDays>${days}</RetentionPeriodInDays></${root}>`;
  const days = async (bucket: string) => {
    const { body, code } = await rawCall(server, `GET /${bucket}/`, { query: { worm: '' } });
    return /<RetentionPeriodInDays>(\d+)/.exec(body)?.[1] ?? code;
  };

  async function locked(bucket: string): Promise<string> {
    await makeBucket(server, bucket);
    const { headers } = await rawCall(server, `POST /${bucket}/`, {
      query: { worm: '' },
      body: xml('InitiateWormConfiguration', 10),
    });
    const wormId = String(headers['x-oss-worm-id']);
    await rawCall(server, `POST /${bucket}/`, { query: { wormId } });
    return wormId;
  }
  const extend = (bucket: string, wormId: string, to: number) =>
    rawCall(server, `POST /${bucket}/`, {
      query: { wormExtend: '', wormId },
      body: xml('ExtendWormConfiguration', to),
    });

  test('shows the policy from before an extension for so many reads', async () => {
    const wormId = await locked('stale-reads');
    server.oss.faults.add({ operation: 'ExtendBucketWorm', effect: { stale: { reads: 2 } } });
    expect((await extend('stale-reads', wormId, 20)).status).toBe(200);
    expect([await days('stale-reads'), await days('stale-reads'), await days('stale-reads')]).toEqual([
      '10',
      '10',
      '20',
    ]);
  });

  test('shows it for so long, and only where an extension took effect', async () => {
    const wormId = await locked('stale-time');
    server.oss.faults.add({ operation: 'ExtendBucketWorm', effect: { stale: { ms: 1000 } } });
    expect((await extend('stale-time', wormId, 5)).code).toBe('InvalidWORMConfiguration');
    expect((await extend('stale-time', wormId, 20)).status).toBe(200);
    server.advance(999);
    expect(await days('stale-time')).toBe('10');
    server.advance(1);
    expect(await days('stale-time')).toBe('20');
  });

  test('can be of a policy that was not there yet', async () => {
    await makeBucket(server, 'stale-none');
    server.oss.faults.add({ operation: 'InitiateBucketWorm', effect: { stale: { reads: 1 } } });
    await rawCall(server, 'POST /stale-none/', {
      query: { worm: '' },
      body: xml('InitiateWormConfiguration', 10),
    });
    expect(await days('stale-none')).toBe('NoSuchWORMConfiguration');
    expect(await days('stale-none')).toBe('10');
  });
});

describe('a clock that is off', () => {
  // Both clocks of this server are the test's, so that no request is near the machine's date by chance.
  let server: OssServer;
  beforeAll(async () => {
    server = await startOss(undefined, { wallNow: () => server.now() });
    await makeBucket(server, 'weather');
    await putObject(server, '/weather/a', 'x');
  });
  beforeEach(() => server.oss.faults.clear());
  afterAll(() => server.close());

  test.each([14, -14])('by %i minutes is within what the service allows', async (minutes) => {
    const before = Date.parse(String((await rawCall(server, 'HEAD /weather/a')).headers['date']));
    server.oss.faults.add({ effect: { clockOffsetMs: minutes * 60_000 } });
    const { status, headers } = await rawCall(server, 'HEAD /weather/a');
    expect(status).toBe(200);
    expect(Date.parse(String(headers['date'])) - before).toBe(minutes * 60_000);
  });

  test.each([16, -16])("by %i minutes refuses requests, and tells the server's time", async (minutes) => {
    server.oss.faults.add({ effect: { clockOffsetMs: minutes * 60_000 } });
    const { code, body } = await rawCall(server, 'GET /weather/a');
    expect(code).toBe('RequestTimeTooSkewed');
    const serverTime = /<ServerTime>(.*)<\/ServerTime>/.exec(body)?.[1] ?? '';
    expect(Date.parse(serverTime) - server.now().getTime()).toBe(minutes * 60_000);
  });
});

describe('chance', () => {
  const statuses = async (keys: readonly string[]) => {
    const replies = new Map<string, number[]>();
    for (const key of keys) replies.set(key, [...(replies.get(key) ?? []), (await head(key)).status]);
    return Object.fromEntries(replies);
  };
  const keys = Array.from({ length: 40 }, (_, index) => `k${index % 8}`);
  const storm = (seed: number) => ({
    seed,
    rules: [{ rate: 0.4, effect: { status: 500, code: 'InternalError' } }],
  });

  test('is the same for the same seed, whatever the order of the requests, and another for another', async () => {
    const run = async (seed: number, order: readonly string[]) => {
      server.oss.faults.clear();
      server.oss.faults.add(storm(seed));
      return await statuses(order);
    };
    const first = await run(7, keys);
    expect(await run(7, keys)).toEqual(first);
    expect(await run(7, [...keys].sort())).toEqual(first);
    expect(await run(8, keys)).not.toEqual(first);
    expect(new Set(Object.values(first).flat())).toEqual(new Set([404, 500]));
  });

  test('hits about the part of the requests that it is told', () => {
    const hits = Array.from({ length: 4000 }, (_, index) => draw(1, index)).filter((each) => each < 0.2);
    expect(hits.length / 4000).toBeCloseTo(0.2, 1);
  });
});

describe('a delay', () => {
  const sample = (delay: Parameters<typeof delayOf>[0]) =>
    Array.from({ length: 4000 }, (_, index) => delayOf(delay, (name) => draw(index, name)));
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const deviation = (values: readonly number[]) =>
    Math.sqrt(mean(values.map((each) => (each - mean(values)) ** 2)));

  test('comes before the effect and is drawn anew for each request', async () => {
    server.oss.faults.add({ effect: { delayMs: { uniform: [0, 2] } } });
    expect((await head()).status).toBe(200);
  });

  test('can be uniform, normal or exponential', () => {
    const uniform = sample({ uniform: [10, 30] });
    expect(mean(uniform)).toBeCloseTo(20, 0);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...uniform)).toBeLessThan(30);
    const normal = sample({ normal: { mean: 100, deviation: 10 } });
    expect(mean(normal) / 100).toBeCloseTo(1, 1);
    expect(deviation(normal) / 10).toBeCloseTo(1, 1);
    const exponential = sample({ exponential: { mean: 50 } });
    expect(mean(exponential) / 50).toBeCloseTo(1, 1);
    expect(deviation(exponential) / 50).toBeCloseTo(1, 1);
  });

  test('is never negative', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(1000),
        (chance, deviation) => {
          const delay = delayOf({ normal: { mean: 5, deviation } }, () => chance);
          return delay >= 0 && Number.isFinite(delay);
        },
      ),
    );
  });
});
