import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { systemClock } from '../../shared/platform/clock.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { createSigner, signatureTime } from '../../shared/storage/oss/signature.ts';
import { type Storage, versionId } from '../../shared/storage/port.ts';
import { cpuMs, type Figure, median } from './figure.ts';

const objects = 3000;
const underWay = 64;
const rounds = 5;
const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
const until = new Date('2066-01-01T00:00:00Z');

/** Answers as OSS would to HEAD and to PutObjectRetention, and does nothing else. */
const server = `
  const headers = { 'x-oss-request-id': 'R', etag: '"00"', 'x-oss-object-type': 'Normal', 'x-oss-version-id': 'V',
    'last-modified': 'Fri, 24 Feb 2012 06:07:48 GMT', 'content-length': 0 };
  const server = require('http').createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, headers).end());
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

/** CPU for HEAD and PutObjectRetention of each object, against a bare client that signs and sends the same. */
export const transport: Figure = async () => {
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await portOf(child);
    const storage = createOssStorage({
      region: 'cn-hangzhou',
      endpoint: `http://127.0.0.1:${port}`,
      credentials,
    });
    const bare = bareClient(port);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await cpuFor(bare));
      ours.push(await cpuFor((key) => protect(storage, key)));
    }
    const each = (values: number[]) => (median(values) / objects) * 1000;
    return [
      {
        what: 'transport, CPU for HEAD and PutObjectRetention',
        value: `${each(ours).toFixed(0)} µs`,
        reference: `bare client, ${each(theirs).toFixed(0)} µs`,
        measured: each(ours) / each(theirs),
        goal: 1.25,
      },
    ];
  } finally {
    child.kill();
  }
};

async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('the server has no output');
  const [line] = await once(stdout, 'data');
  return Number(String(line));
}

async function protect(storage: Storage, key: string): Promise<void> {
  await storage.headObject({ bucket: 'bench', key, versionId: versionId('V') });
  await storage.putRetention(
    { bucket: 'bench', key, versionId: versionId('V') },
    { mode: 'COMPLIANCE', until },
  );
}

/** Sends by node:http alone, with the signature that OSS wants. */
function bareClient(port: number): (key: string) => Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const sign = createSigner('cn-hangzhou');
  const xml = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${until.toISOString()}</RetainUntilDate></Retention>`;
  const send = (method: string, key: string, query: string, body: string) =>
    new Promise<void>((resolve, reject) => {
      const time = signatureTime(systemClock.now());
      const signed = [
        ['x-oss-content-sha256', 'UNSIGNED-PAYLOAD'],
        ['x-oss-date', time],
      ] as const;
      const authorization = sign(
        { method, resource: `/bench/${key}`, query, headers: signed },
        time,
        credentials,
      );
      const headers = {
        ...Object.fromEntries(signed),
        authorization,
        host: 'bench.oss-cn-hangzhou.aliyuncs.com',
      };
      request({ agent, host: '127.0.0.1', port, method, path: `/${key}?${query}`, headers }, (reply) =>
        reply.resume().once('end', resolve),
      )
        .once('error', reject)
        .end(body);
    });
  return async (key) => {
    await send('HEAD', key, 'versionId=V', '');
    await send('PUT', key, 'retention&versionId=V', xml);
  };
}

async function cpuFor(each: (key: string) => Promise<void>): Promise<number> {
  const before = cpuMs();
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < objects; index = next++) await each(`key-${index}`);
  };
  await Promise.all(Array.from({ length: underWay }, worker));
  return cpuMs() - before;
}
