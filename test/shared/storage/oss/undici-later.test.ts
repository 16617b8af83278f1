import { channel } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connections, directConnections } from '../../../../shared/storage/oss/connections.ts';
import { createOssStorage } from '../../../../shared/storage/oss/index.ts';
import { requestChannels } from '../../../../shared/storage/oss/request-channels.ts';
import { tellOfRequest } from '../../../../shared/storage/oss/tell-of-request.ts';
import { undiciLater } from '../../../../shared/storage/oss/undici-later.ts';
import { type RawServer, rawServer } from '../../../support/raw-server.ts';

const answer =
  'HTTP/1.1 200 OK\r\nx-oss-request-id: R1\r\ncontent-length: 26\r\n\r\n<VersioningConfiguration/>';

let server: RawServer;
beforeAll(async () => {
  server = await rawServer((socket) => void socket.write(answer));
});
afterAll(() => server.close());

function storageOver(connections: Connections) {
  const credentials = { accessKeyId: 'id', accessKeySecret: 'secret' };
  return createOssStorage({
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    credentials,
    connections,
  });
}

test('a command that sends many requests changes to undici, which tells of each as node:http does', async () => {
  const messages: unknown[] = [];
  const hear = (message: unknown) => void messages.push(message);
  const channels = Object.values(requestChannels).map(channel);
  for (const each of channels) each.subscribe(hear);
  const connections = undiciLater(2);
  const storage = storageOver(connections);
  const ask = () => storage.getVersioning('examplebucket');
  try {
    for (let sent = 0; sent < 3; sent += 1) await ask();
    await connections.loaded();
    expect(messages).toEqual([]);

    await ask();
    const request = { method: 'GET', host: '127.0.0.1', path: '/?versioning', protocol: 'http:' };
    const headers = { 'x-oss-request-id': 'R1', 'content-length': '26' };
    expect(messages).toMatchObject([{ request }, { request, response: { statusCode: 200, headers } }]);
    expect(server.heads).toHaveLength(4);
    expect(server.connections).toBe(2);
  } finally {
    for (const each of channels) each.unsubscribe(hear);
    storage.close();
  }
});

test('the headers of a reply are made for whoever reads them alone', () => {
  const asked: string[] = [];
  const head = {
    status: 200,
    names: () => ['etag'],
    header(name: string) {
      asked.push(name);
      return 'AA';
    },
  };
  const told: unknown[] = [];
  const hear = (message: unknown) => void told.push(message);
  const channels = Object.values(requestChannels).map(channel);
  for (const each of channels) each.subscribe(hear);
  try {
    const route = directConnections().route({ secure: false, hostname: 'oss', port: 80 });
    const wire = {
      method: 'HEAD',
      route,
      servername: '',
      target: '/',
      headers: [],
      body: undefined,
    } as const;
    tellOfRequest(wire)?.answered(head);
    expect(told).toHaveLength(2);
    expect(asked).toEqual([]);
    expect(told[1]).toMatchObject({ response: { statusCode: 200, headers: { etag: 'AA' } } });
  } finally {
    for (const each of channels) each.unsubscribe(hear);
  }
});

test('connections that were closed can be used again', async () => {
  const connections = undiciLater(0);
  const storage = storageOver(connections);
  for (let sent = 0; sent < 3; sent += 1) {
    expect(await storage.getVersioning('examplebucket')).toBeUndefined();
    await connections.loaded();
    storage.close();
  }
});
