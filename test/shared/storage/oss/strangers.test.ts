import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { createOssStorage, type OssStorage } from '../../../../shared/storage/oss/index.ts';
import { etag, versionId, wormId } from '../../../../shared/storage/port.ts';
import { withRetry } from '../../../../shared/storage/retry.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { type RawServer, rawServer } from '../../../support/raw-server.ts';
import { type ScriptedReply, scriptedServer } from '../../../support/scripted-server.ts';
import { scriptedStorage, unexpected } from '../../../support/scripted-storage.ts';
import { ways } from '../../../support/ways.ts';

/** Replies of something that is not OSS, or that does not speak HTTP. */

const bucket = 'examplebucket';
const at = { bucket, key: 'a', versionId: versionId('V1') };
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
const portal = { 'content-type': 'text/html' };

describe.each(ways)('over %s', (_way, connections) => {
  const scripted = scriptedStorage(connections);

  describe('a reply that is not from OSS is not believed', () => {
    test.each<[string, ScriptedReply, (storage: OssStorage) => Promise<unknown>]>([
      ['success of a write', { status: 200 }, (s) => s.putRetention(at, retention)],
      [
        'a page for a write',
        { status: 200, headers: portal, body: '<p>Sign in' },
        (s) => s.putRetention(at, retention),
      ],
      ['success of a lock', { status: 200 }, (s) => s.policies.extendPolicy(bucket, wormId('W1'), 2)],
      ['success of an abort', { status: 204 }, (s) => s.policies.abortPolicy(bucket)],
      ['success of evidence', { status: 200 }, (s) => s.writeText(at, 'x')],
      [
        'a page for a policy',
        { status: 200, headers: portal, body: '<p>Sign in' },
        (s) => s.policies.getPolicy(bucket),
      ],
      ['absence of an object', { status: 404 }, (s) => s.headObject(at)],
      ['a delete marker', { status: 405 }, (s) => s.headObject(at)],
      ['absence of tags', { status: 404, body: '<html/>' }, (s) => s.getTags(at)],
      ['a refusal', { status: 403, headers: portal, body: 'blocked' }, (s) => s.headObject(at)],
      ['a request to sign in', { status: 511, body: 'x' }, (s) => s.listBuckets().first()],
    ])('%s', async (_what, reply, call) => {
      await expect(scripted.on(reply, call)).rejects.toMatchObject({
        ...unexpected,
        remedy: expect.stringContaining('check the endpoint'),
      });
    });

    test.each([301, 302, 303, 307, 308])('a redirect of status %i, which is not followed', async (status) => {
      const elsewhere = await scriptedServer();
      try {
        const headers = { location: `${elsewhere.endpoint}/login?token=secret` };
        const error = await scripted
          .on({ status, headers }, (s) => s.putRetention(at, retention))
          .catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ ...unexpected, reply: { status } });
        expect(String(error)).toContain(`a redirect to ${elsewhere.endpoint} that is not followed`);
        expect(elsewhere.requests).toEqual([]);
        expect(scripted.server.requests).toHaveLength(1);
      } finally {
        await elsewhere.close();
      }
    });

    test.each([502, 503, 504])('a gateway with status %i fails for now', async (status) => {
      await expect(
        scripted.on({ status, body: '<html/>' }, (s) => s.putRetention(at, retention)),
      ).rejects.toMatchObject({ transient: true });
    });
  });

  describe('more than is read', () => {
    const large = 'x'.repeat(70_000);

    test('of a refusal', async () => {
      await expect(
        scripted.on({ status: 400, body: large }, (s) => s.policies.getPolicy(bucket)),
      ).rejects.toMatchObject({ ...unexpected, message: expect.stringContaining('larger than 65536 bytes') });
    });

    test('of a refusal to give an object', async () => {
      await expect(
        scripted.on({ status: 403, body: large }, async (s) => await buffer(await s.readObject(at))),
      ).rejects.toMatchObject({ ...unexpected, message: expect.stringContaining('larger than 65536 bytes') });
    });

    test('of a list', async () => {
      await expect(
        scripted.on({ status: 200, body: Buffer.alloc(9 * 1024 * 1024, ' ') }, (s) =>
          s.listVersions(bucket, '').first(),
        ),
      ).rejects.toMatchObject({
        ...unexpected,
        message: expect.stringContaining('larger than 8388608 bytes'),
      });
    });
  });

  describe('on the wire', () => {
    let server: RawServer;
    let storage: OssStorage;
    const ok = 'HTTP/1.1 200 OK\r\nx-oss-request-id: R1\r\n';
    const xml = '<VersioningConfiguration/>';
    afterEach(() => server.close());

    async function answering(answer: (socket: Socket, head: string) => void): Promise<void> {
      server = await rawServer(answer);
      const credentials = { accessKeyId: 'id', accessKeySecret: 'secret' };
      storage = createOssStorage({
        region: 'cn-hangzhou',
        endpoint: server.endpoint,
        credentials,
        timeoutMs: 60_000,
        connections: connections(),
      });
    }

    test.each([
      ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
      ['a length that is no number', `${ok}content-length: many\r\n\r\n${xml}`],
      ['a negative length', `${ok}content-length: -1\r\n\r\n${xml}`],
      ['two lengths', `${ok}content-length: 26\r\ncontent-length: 5\r\n\r\n${xml}`],
      [
        'a length and chunks',
        `${ok}content-length: 26\r\ntransfer-encoding: chunked\r\n\r\n1a\r\n${xml}\r\n0\r\n\r\n`,
      ],
      [
        'a chunk whose length is no number',
        `${ok}transfer-encoding: chunked\r\n\r\nzz\r\n${xml}\r\n0\r\n\r\n`,
      ],
      ['a head without end', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}`],
    ])('%s is no reply of OSS', async (_what, bytes) => {
      await answering((socket) => socket.write(bytes));
      await expect(storage.getVersioning(bucket)).rejects.toMatchObject(unexpected);
      await server.closed(0);
    });

    test.each([
      [
        'chunks',
        `${ok}transfer-encoding: chunked\r\n\r\n5\r\n<Vers\r\n15\r\nioningConfiguration/>\r\n0\r\n\r\n`,
      ],
      ['a body until the connection ends', `${ok}connection: close\r\n\r\n${xml}`],
      [
        'hints before the reply',
        `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}content-length: 26\r\n\r\n${xml}`,
      ],
    ])('%s is read', async (_what, bytes) => {
      await answering((socket) => {
        socket.write(bytes);
        if (bytes.includes('connection: close')) socket.end();
      });
      expect(await storage.getVersioning(bucket)).toBeUndefined();
    });

    test.each([
      ['whose end is that of the connection', `${ok}etag: "00"\r\nconnection: close\r\n\r\nhalf`],
      ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nx-oss-request-id: R1\r\netag: "00"\r\n\r\nhalf'],
    ])('a content %s may be cut short, and is never taken for whole', async (_what, bytes) => {
      await answering((socket) => socket.end(bytes));
      await expect(storage.readText(at)).rejects.toMatchObject(unexpected);
      const reading = storage.readObject(at).then(async (body) => await buffer(body));
      await expect(reading).rejects.toMatchObject(unexpected);
    });

    test.each([
      ['chunks', `${ok}transfer-encoding: chunked\r\n\r\n8\r\nhalf`],
      ['chunks without a last one', `${ok}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
      ['a length', `${ok}content-length: 8\r\n\r\nhalf`],
      ['a head', `${ok}content-le`],
    ])('%s that end too early are asked for again', async (_what, bytes) => {
      await answering((socket) => socket.end(bytes));
      await expect(storage.readText(at)).rejects.toMatchObject({ code: 'UNREACHABLE', transient: true });
    });

    test('a text that is unchanged is told by a reply that names its length too', async () => {
      await answering((socket) =>
        socket.write('HTTP/1.1 304 Not Modified\r\nx-oss-request-id: R1\r\ncontent-length: 5\r\n\r\n'),
      );
      expect(await storage.readText(at, etag('00'))).toBe('unchanged');
      expect(await storage.readText(at, etag('00'))).toBe('unchanged');
    });

    test.each(['000', '99', '099'])('a status of %s is none', async (status) => {
      await answering((socket) =>
        socket.write(`HTTP/1.1 ${status} x\r\nx-oss-request-id: R1\r\ncontent-length: 0\r\n\r\n`),
      );
      await expect(storage.getVersioning(bucket)).rejects.toMatchObject(unexpected);
    });

    test('a word to go on before the reply is read over, by a repetition at the latest', async () => {
      await answering((socket) => {
        socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}content-length: 26\r\n\r\n${xml}`);
      });
      const repeating = withRetry(storage, { clock: manualClock('2026-11-28T12:00:00Z'), attempts: 2 });
      expect(await repeating.getVersioning(bucket)).toBeUndefined();
    });

    test('a retention that comes twice is not taken for none', async () => {
      const object = 'ETag: "00"\r\nETag: "11"\r\nx-oss-object-type: Normal\r\ncontent-length: 0\r\n';
      const dated = `${object}last-modified: Fri, 24 Feb 2012 06:07:48 GMT\r\n`;
      const until = 'x-oss-object-worm-retain-until-date: 2030-01-01T00:00:00.000Z\r\n';
      const mode = 'X-OSS-Object-Worm-Mode: COMPLIANCE\r\n';
      const replies = [`${mode}${until}`, `${mode}${mode}${until}`];
      await answering((socket) => socket.write(`${ok}${dated}${replies.shift()}\r\n`));
      expect(await storage.headObject(at)).toMatchObject({ etag: '00', retention: { mode: 'COMPLIANCE' } });
      await expect(storage.headObject(at)).rejects.toMatchObject(unexpected);
    });

    test('a change to another protocol is no reply', async () => {
      await answering((socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      );
      await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    });

    test('a body after a HEAD is never taken for the reply to the next request', async () => {
      const headers = `etag: "00"\r\nx-oss-object-type: Normal\r\nlast-modified: Fri, 24 Feb 2012 06:07:48 GMT\r\n`;
      const forged = `${ok}content-length: 63\r\n\r\n<VersioningConfiguration><Status>Enabled</Status></VersioningC`;
      await answering((socket, head) => {
        if (!head.startsWith('HEAD')) {
          socket.write(`${ok}content-length: 26\r\n\r\n${xml}`);
          return;
        }
        socket.write(`${ok}${headers}content-length: 5\r\n\r\n`, () =>
          setImmediate(() => socket.write(forged)),
        );
      });
      await storage.headObject(at).catch(() => undefined);
      expect(await storage.getVersioning(bucket).catch(() => undefined)).toBeUndefined();
    });
  });

  test('nothing that was sent comes back in the words of an error', async () => {
    const words = `OSS4-HMAC-SHA256 Credential=LTAIid/20261128/cn-hangzhou/oss/aliyun_v4_request,Signature=0123456789abcdef token-secret top-secret`;
    for (const [status, code] of [
      [403, 'SignatureDoesNotMatch'],
      [400, 'token-secret'],
      [403, 'UserDisable'],
      [400, 'InvalidArgument'],
    ] as const) {
      const body = `<Error><Code>${code}</Code><Message>${words}</Message><RequestId>top-secret</RequestId></Error>`;
      const error = await scripted
        .on({ status, body }, (s) => s.policies.getPolicy(bucket))
        .catch((thrown: unknown) => thrown);
      const all = JSON.stringify([String(error), error, error instanceof Error ? String(error.cause) : '']);
      expect(all).not.toMatch(/token-secret|top-secret|LTAIid|0123456789abcdef/);
    }
  });
});
