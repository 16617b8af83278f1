import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../../../shared/platform/clock.ts';
import { connectOss, createOssStorage } from '../../../../shared/storage/oss/index.ts';
import { policiesOf } from '../../../../shared/storage/policies.ts';
import { withRetry } from '../../../../shared/storage/retry.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { type RawServer, rawServer } from '../../../support/raw-server.ts';
import { ways } from '../../../support/ways.ts';

/** How long a request may take, and that its connection is gone afterwards: both seen at the server. */

const bucket = 'examplebucket';
const at = { bucket, key: 'a' };
const credentials = { accessKeyId: 'id', accessKeySecret: 'secret' };
const head = 'HTTP/1.1 200 OK\r\nx-oss-request-id: R1\r\ncontent-type: application/xml\r\n';
const whole = `${head}content-length: 26\r\n\r\n<VersioningConfiguration/>`;
const timeout = { code: 'UNREACHABLE', transient: true, message: expect.stringContaining('timeout after') };

describe.each(ways)('over %s', (_way, connections) => {
  let server: RawServer;
  const base = () => ({
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    credentials,
    connections: connections(),
  });
  afterEach(() => server.close());

  async function connect(
    onHead: (socket: Socket) => void,
    options: { timeoutMs?: number; clock?: Clock } = {},
  ) {
    server = await rawServer(onHead);
    return connectOss({ ...base(), ...options });
  }

  /** The first request of all takes longer than others: code is compiled for it. */
  beforeAll(async () => {
    await (await connect((socket) => socket.write(whole))).storage().getVersioning(bucket);
    await server.close();
  });

  describe('a request ends at its limit, and its connection is closed, when the service', () => {
    test.each<[string, (socket: Socket) => void]>([
      ['never answers', () => undefined],
      ['stops within the head', (socket) => socket.write('HTTP/1.1 200 OK\r\nx-oss-')],
      ['stops before the body', (socket) => socket.write(`${head}content-length: 25\r\n\r\n`)],
      ['stops within the body', (socket) => socket.write(`${head}content-length: 25\r\n\r\n<Version`)],
      [
        'stops within a chunk',
        (socket) => socket.write(`${head}transfer-encoding: chunked\r\n\r\n8\r\n<Ver`),
      ],
      [
        'goes on for ever, a little at a time',
        (socket) => {
          socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
          const timer = setInterval(() => socket.write('1\r\n \r\n'), 5);
          socket.once('close', () => clearInterval(timer));
        },
      ],
    ])('%s', async (_what, onHead) => {
      const storage = (await connect(onHead, { timeoutMs: 60 })).storage();
      await expect(storage.getVersioning(bucket)).rejects.toMatchObject(timeout);
      await server.closed(0);
      expect(server.connections).toBe(1);
    });

    test('only says to wait', async () => {
      const onHead = (socket: Socket) => void socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      const storage = (await connect(onHead, { timeoutMs: 60 })).storage();
      const error = { code: 'UNREACHABLE', message: expect.stringMatching(/timeout after|100 Continue/) };
      await expect(storage.getVersioning(bucket)).rejects.toMatchObject(error);
      await server.closed(0);
    });

    test('stops within an object that is read as it comes', async () => {
      const storage = (
        await connect((socket) => socket.write(`${head}content-length: 25\r\n\r\nbegin`), { timeoutMs: 60 })
      ).storage();
      await expect(storage.readObject(at).then(buffer)).rejects.toMatchObject(timeout);
      await server.closed(0);
    });
  });

  test('an object that nobody reads to its end closes its connection', async () => {
    const { storage } = await connect((socket) => socket.write(`${head}content-length: 25\r\n\r\nbegin`));
    for await (const chunk of await storage().readObject(at)) {
      expect(String(chunk)).toBe('begin');
      break;
    }
    await server.closed(0);
  });

  describe('a deadline', () => {
    const start = '2026-11-28T12:00:00Z';
    const in40ms = new Date('2026-11-28T12:00:00.040Z');

    test('shortens the limit of each request, and says so', async () => {
      const { storage } = await connect(() => undefined, { clock: manualClock(start) });
      await expect(storage(in40ms).getVersioning(bucket)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        message: expect.stringContaining('timeout after 40 ms, all that was left of the time'),
      });
      await server.closed(0);
    });

    test('bounds the wait within an object', async () => {
      const { storage } = await connect((socket) => socket.write(`${head}content-length: 25\r\n\r\nbegin`), {
        clock: manualClock(start),
      });
      await expect(storage(in40ms).readObject(at).then(buffer)).rejects.toMatchObject(timeout);
      await server.closed(0);
    });

    test('lets nothing begin when it has come', async () => {
      const clock = manualClock(start);
      const { storage } = await connect((socket) => socket.write(whole), { clock });
      for (const deadline of [new Date(start), new Date(Number.NaN), () => new Date(start)]) {
        await expect(storage(deadline).getVersioning(bucket)).rejects.toMatchObject({
          code: 'NO_TIME_LEFT',
          transient: true,
          notSent: true,
        });
      }
      expect(server.connections).toBe(0);
    });

    test('that is a function is asked before every request', async () => {
      const { storage } = await connect((socket) => socket.write(whole), { clock: manualClock(start) });
      const deadlines = [new Date('2026-11-28T12:01:00Z'), undefined, new Date(start)];
      const scoped = storage(() => deadlines.shift());
      await scoped.getVersioning(bucket);
      await scoped.getVersioning(bucket);
      await expect(scoped.getVersioning(bucket)).rejects.toMatchObject({ code: 'NO_TIME_LEFT' });
    });

    test('is that of one piece of work; the connection serves the next', async () => {
      const { storage } = await connect((socket) => socket.write(whole), { clock: manualClock(start) });
      await storage(new Date('2026-11-28T12:01:00Z')).getVersioning(bucket);
      await storage(new Date('2026-11-28T12:02:00Z')).getVersioning(bucket);
      await storage().getVersioning(bucket);
      expect(server.connections).toBe(1);
    });
  });

  test('a connection that was idle for too long by the clock is not used again', async () => {
    const clock = manualClock('2026-11-28T12:00:00Z');
    const { storage } = await connect((socket) => socket.write(whole), { clock });
    await storage().getVersioning(bucket);
    await clock.sleep(3999);
    await storage().getVersioning(bucket);
    expect(server.connections).toBe(1);
    await clock.sleep(4000);
    await storage().getVersioning(bucket);
    expect(server.connections).toBe(2);
  });

  test('a connection that is refused had no effect', async () => {
    server = await rawServer(() => undefined);
    await server.close();
    const storage = createOssStorage(base());
    await expect(storage.policies.abortPolicy(bucket)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      notSent: true,
    });
    server = await rawServer((socket) => socket.destroy());
    const broken = createOssStorage(base());
    await expect(broken.policies.abortPolicy(bucket)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      notSent: false,
    });
  });

  test('a call that must not be done twice is repeated while the connection is not made', async () => {
    server = await rawServer(() => undefined);
    await server.close();
    const clock = manualClock('2026-11-28T12:00:00Z');
    const attempts: number[] = [];
    const storage = withRetry(createOssStorage(base()), {
      clock,
      attempts: 3,
      onRetry: (_error, attempt) => attempts.push(attempt),
    });
    await expect(policiesOf(storage, bucket).initiatePolicy(bucket, 30)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    expect(attempts).toEqual([1, 2]);
    server = await rawServer(() => undefined);
  });
});
