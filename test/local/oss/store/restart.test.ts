import { once } from 'node:events';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud.ts';
import { openDiskStore } from '../../../../local/oss/store/disk.ts';
import { day } from '../../../../shared/platform/instant.ts';
import { aliOss } from '../../../support/ali-oss.ts';
import { expectOk, makeBucket, putObject, rawCall } from '../../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../../support/oss-server.ts';
import { filesIn, temporaryFolder } from '../../../support/store.ts';

async function serve(folder: string): Promise<OssServer> {
  const server = await startOss(undefined, { store: await openDiskStore(folder) });
  onTestFinished(() => server.close().catch(() => undefined)); // most have been closed by then
  return server;
}

async function startWith(data: string, clock?: Date): Promise<Cloud> {
  return await startCloud({ data, ...(clock && { clock }) });
}

const until = '2033-01-01T00:00:00.000Z';
const retention = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`;
const reads = [
  ['GET /worm/', { worm: '' }],
  ['GET /keeps/', { objectWorm: '' }],
  ['GET /keeps/', { versioning: '' }],
  ['GET /keeps/', { versions: '' }],
  ['GET /keeps/a', { retention: '' }],
  ['GET /keeps/a', { tagging: '' }],
  ['GET /keeps/a', {}],
  ['GET /keeps/big', {}],
  ['GET /', {}],
] as const;

test("the folder is its owner's alone, also when it was there before, open to all", async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const server = await serve(folder);
  await makeBucket(server, 'mine');
  await putObject(server, '/mine/large', 'x'.repeat(1_000_000));
  await server.close();
  const paths = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  const modes = paths.map((path) => {
    const stat = statSync(join(folder, path));
    return [path, stat.mode & 0o777, stat.isDirectory() ? 0o700 : 0o600];
  });
  expect(modes.length).toBeGreaterThan(4);
  expect(modes.filter(([, mode, wanted]) => mode !== wanted)).toEqual([]);
});

test('buckets, versions, bodies, tags, retention, policies and uploads are as they were after a restart', async () => {
  const folder = temporaryFolder();
  const before = await serve(folder);
  await makeBucket(before, 'worm');
  await makeBucket(before, 'keeps', { objectWorm: true });
  const policy =
    '<InitiateWormConfiguration><RetentionPeriodInDays>7</RetentionPeriodInDays></InitiateWormConfiguration>';
  const initiated = await expectOk(rawCall(before, 'POST /worm/', { query: { worm: '' }, body: policy }));
  const wormId = String(initiated.headers['x-oss-worm-id']);
  await expectOk(rawCall(before, 'POST /worm/', { query: { wormId } }));
  await putObject(before, '/keeps/a', 'old');
  await putObject(before, '/keeps/a', 'new', { 'x-oss-tagging': 'class=finance', 'x-oss-meta-author': 'me' });
  await putObject(before, '/keeps/big', 'b'.repeat(300_000));
  await putObject(before, '/keeps/gone', 'x');
  await expectOk(rawCall(before, 'DELETE /keeps/gone'));
  await expectOk(rawCall(before, 'PUT /keeps/a', { query: { retention: '' }, body: retention }));
  const begun = await expectOk(rawCall(before, 'POST /keeps/parts', { query: { uploads: '' } }));
  const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
  await expectOk(rawCall(before, 'PUT /keeps/parts', { query: { partNumber: '1', uploadId }, body: 'one' }));
  const list = [...reads, ['GET /keeps/parts', { uploadId }] as const];
  const answers = async (server: OssServer) => {
    const replies = list.map(([target, query]) => expectOk(rawCall(server, target, { query: { ...query } })));
    return (await Promise.all(replies)).map(({ status, headers, body }) => ({
      status,
      // A server on another port names itself so.
      body: body.replace(/127\.0\.0\.1:\d+/g, ''),
      etag: headers['etag'],
      meta: headers['x-oss-meta-author'],
      version: headers['x-oss-version-id'],
    }));
  };
  const expected = await answers(before);
  await before.close();
  const after = await serve(folder);
  expect(await answers(after)).toEqual(expected);
  const deletion = await rawCall(after, 'DELETE /keeps/a', {
    query: { versionId: String(expected[6]?.version) },
  });
  expect([deletion.status, deletion.code]).toEqual([409, 'FileImmutable']);
});

test('time goes on where it was, and never back', async () => {
  const data = temporaryFolder();
  const first = await startWith(data, new Date('2031-05-05T00:00:00Z'));
  await first.advance(20 * day);
  await first.close();
  const second = await startWith(data, new Date('2031-05-06T00:00:00Z'));
  expect(second.time.now().toISOString()).toMatch(/^2031-05-25T00:/);
  await second.close();
  const third = await startWith(data, new Date('2032-01-01T00:00:00Z'));
  expect(third.time.now().toISOString()).toMatch(/^2032-01-01T00:/);
  await third.close();
});

test('a folder belongs to one process at a time', async () => {
  const data = temporaryFolder();
  const cloud = await startWith(data);
  await expect(startWith(data)).rejects.toMatchObject({ code: 'DATA_IN_USE' });
  await cloud.close();
  await (await startWith(data)).close();
});

test('a folder that cannot be made is named', async () => {
  for (const folder of ['/dev/null/data', '/proc/nothing/data'])
    await expect(startWith(folder)).rejects.toMatchObject({ code: 'DATA_UNUSABLE' });
});

test('no key climbs out of the folder', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const large = 'b'.repeat(100_000);
  const server = await serve(data);
  await makeBucket(server, 'keeps');
  for (const key of ['../../out', 'a/../../../out', '..\\out'])
    await putObject(server, `/keeps/${key}`, large);
  expect(readdirSync(folder)).toEqual(['data']);
  expect(readdirSync(data).sort()).toEqual(['bodies', 'index']);
});

test('an upload that is cut leaves nothing', async () => {
  const folder = temporaryFolder();
  const server = await serve(folder);
  await makeBucket(server, 'keeps');
  await putObject(server, '/keeps/a', 'old');
  const count = () => filesIn(join(folder, 'bodies')).length;
  const client = aliOss({
    accessKeyId,
    accessKeySecret,
    bucket: 'keeps',
    endpoint: 'http://localhost:1',
    sldEnable: true,
  });
  const { pathname, search } = new URL(client.signatureUrl('a', { method: 'PUT', expires: 600 }));
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`);
  socket.write(Buffer.alloc(500_000));
  await expect.poll(count).toBe(1);
  socket.destroy();
  await once(socket, 'close');
  await expect.poll(count).toBe(0);
  expect((await rawCall(server, 'GET /keeps/a')).body).toBe('old');
});
