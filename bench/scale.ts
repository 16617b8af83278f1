import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeBody } from '../local/oss/content.ts';
import { createOss } from '../local/oss/index.ts';
import { openDiskStore } from '../local/oss/store/disk.ts';
import { memoryStore } from '../local/oss/store/memory.ts';
import type { Store } from '../local/oss/store/store.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { sendAll } from './raw-client.ts';
import { serve } from './serve.ts';
import { signer } from './sign.ts';

/**
 * `npm run bench:scale [-- OBJECTS]`: memory while 1 GB comes in and goes out, and a million small objects (or as many as
 * are asked for) listed.
 */
const GIGABYTE = 1024 ** 3;
const OBJECTS = Number(process.argv[2] ?? 1_000_000);
const FOLDERS = 1000;

async function timed<T>(what: string, work: () => Promise<T> | T): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.log(`  ${what}: ${((performance.now() - started) / 1000).toFixed(3)} s`);
  return result;
}

async function transfer(port: number, method: 'PUT' | 'GET'): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const signed = signer(systemClock.now())(method, '/bench/large', '');
  const length = method === 'PUT' ? `Content-Length: ${GIGABYTE}\r\n` : '';
  socket.write(`${method} /bench/large HTTP/1.1\r\nHost: localhost:${port}\r\n${length}${signed}\r\n\r\n`);
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; method === 'PUT' && sent < GIGABYTE; sent += chunk.length) {
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  let received = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (data) => {
      received += data.length;
      if (method === 'PUT' || received > GIGABYTE) resolve();
    });
  });
  socket.destroy();
}

async function largeBody(): Promise<void> {
  console.log('1 GB through the server');
  const server = await serve();
  const now = systemClock.now();
  const one = { connections: 1, pipelined: 1 };
  await sendAll(server.port, now, 1, one, () => ({ method: 'PUT', path: '/bench/' }));
  let peak = (await server.usage()).rss;
  console.log(`  memory before: ${Math.round(peak / 1024 ** 2)} MB`);
  for (const method of ['PUT', 'GET'] as const) {
    let done = false;
    const transferred = timed(method, () => transfer(server.port, method)).then(() => {
      done = true;
    });
    while (!done) {
      peak = Math.max(peak, (await server.usage()).rss);
      await systemClock.sleep(50);
    }
    await transferred;
  }
  console.log(`  memory at most: ${Math.round(peak / 1024 ** 2)} MB`);
  await server.end();
}

async function fill(store: Store): Promise<void> {
  const now = systemClock.now();
  store.saveBucket({ name: 'bench', createdAt: now, storageClass: 'Standard', versioning: 'Unversioned' });
  const lease = store.lease();
  const taking = lease.receive();
  await taking.write(Buffer.from('small'));
  const content = wholeBody(await taking.end());
  const version = { kind: 'object', versionId: 'null', type: 'Normal', lastModified: now } as const;
  const rest = { etag: 'E'.repeat(32), crc64: '1', metadata: {}, storageClass: 'Standard', tags: {} };
  for (let start = 0; start < OBJECTS; start += 1000) {
    store.atomically(() => {
      for (let i = start; i < start + 1000; i++) {
        const key = `${String(i % FOLDERS).padStart(3, '0')}/object-${i}`;
        store.saveVersions('bench', key, [{ ...version, ...rest, content }]);
      }
    });
  }
  lease.end();
}

async function list(store: Store): Promise<void> {
  const oss = createOss({
    region: 'cn-hangzhou',
    accountId: '1',
    now: systemClock.now,
    wallNow: systemClock.now,
    findKey: () => ({ secret: 'holdfast-secret', principal: 'user holdfast' }),
    store,
  });
  const server = createServer((request, response) => void oss.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  const get = (query: string) =>
    sendAll(port, systemClock.now(), 1, { connections: 1, pipelined: 1 }, () => ({
      method: 'GET',
      path: '/bench/',
      query,
    }));
  await timed('first page of 1,000', () => get('max-keys=1000'));
  await timed('again', () => get('max-keys=1000'));
  await timed('a page from the middle', () => get('marker=500%2Fobject-1&max-keys=1000'));
  await timed('1,000 objects by prefix', () => get('max-keys=1000&prefix=777%2F'));
  await timed('1,000 common prefixes', () => get('delimiter=%2F&max-keys=1000'));
  server.close();
  await oss.close();
}

await largeBody();
console.log(`${OBJECTS} small objects in memory`);
const inMemory = memoryStore();
await timed('put', () => fill(inMemory));
await list(inMemory);
console.log(`${OBJECTS} small objects with --data`);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
try {
  const first = await openDiskStore(folder);
  await timed('put', () => fill(first));
  await first.close();
  await list(await timed('open again', () => openDiskStore(folder)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
