import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createOssStorage, type OssStorage } from '../../../../shared/storage/oss/index.ts';
import { policiesOf } from '../../../../shared/storage/policies.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { withRetry } from '../../../../shared/storage/retry.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { type RawServer, rawServer } from '../../../support/raw-server.ts';
import { ways } from '../../../support/ways.ts';

/** A connection that was kept, and that the service gives up just before the next request, or as it comes. */

const bucket = 'examplebucket';
const at = { bucket, key: 'a', versionId: versionId('v') };
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
const whole = 'HTTP/1.1 200 OK\r\nx-oss-request-id: R1\r\ncontent-length: 0\r\n\r\n';

describe.each(ways)('over %s', (_way, connections) => {
  let server: RawServer;
  let storage: OssStorage;
  afterEach(async () => {
    storage.close();
    await server.close();
  });

  /** @param answer is given the number of the request, from 1 */
  async function answering(answer: (socket: Socket, number: number) => void): Promise<void> {
    server = await rawServer((socket) => answer(socket, server.heads.length));
    const credentials = { accessKeyId: 'id', accessKeySecret: 'secret' };
    const { endpoint } = server;
    storage = createOssStorage({ region: 'cn-hangzhou', endpoint, credentials, connections: connections() });
  }
  const repeating = () => withRetry(storage, { clock: manualClock('2026-11-28T12:00:00Z'), attempts: 3 });

  test('it is not used again once the service has closed it', async () => {
    await answering((socket, number) => (number === 1 ? socket.end(whole) : socket.write(whole)));
    await storage.putRetention(at, retention);
    await server.closed(0);
    await storage.putRetention(at, retention);
    expect(server.connections).toBe(2);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['with an end', (socket) => socket.end()],
    ['with a reset', (socket) => socket.resetAndDestroy()],
    ['within the reply', (socket) => socket.end(whole.slice(0, 30))],
  ])('a write that it breaks %s is sent again where it may be, over another one', async (_how, breaks) => {
    await answering((socket, number) => (number === 2 ? breaks(socket) : socket.write(whole)));
    await storage.putRetention(at, retention);
    await repeating().putRetention(at, retention);
    expect(server.heads).toHaveLength(3);
    expect(server.connections).toBe(2);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['with an end', (socket) => socket.end()],
    ['with a reset', (socket) => socket.resetAndDestroy()],
  ])(
    'a write that may have taken effect when it breaks %s is not sent again by itself',
    async (_how, breaks) => {
      await answering((socket, number) => (number === 2 ? breaks(socket) : socket.write(whole)));
      await storage.putRetention(at, retention);
      await expect(policiesOf(repeating(), bucket).initiatePolicy(bucket, 30)).rejects.toMatchObject({
        ...{ code: 'UNREACHABLE', transient: true, notSent: false },
      });
      expect(server.heads).toHaveLength(2);
    },
  );

  test('a write that meets the end of its connection on the way is done in the end', async () => {
    await answering((socket, number) => (number % 2 === 1 ? socket.end(whole) : socket.write(whole)));
    for (let sent = 0; sent < 4; sent += 1) await repeating().putRetention(at, retention);
    expect(server.heads.length).toBeGreaterThanOrEqual(4);
  });
});
