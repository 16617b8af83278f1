import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { carryOutDecision } from '../../../../shared/objects/settle.ts';
import { createObsStorage } from '../../../../shared/storage/obs/index.ts';
import type { Storage } from '../../../../shared/storage/port.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { type ObsServer, startObs } from '../../../support/obs-server.ts';
import { scriptedServer } from '../../../support/scripted-server.ts';

let server: ObsServer;
let storage: Storage & { close(): void };
const at = { bucket: 'records', key: 'k' };
const until = new Date('2033-01-01T00:00:00Z');

beforeEach(async () => {
  server = await startObs();
  storage = make('holdfast-secret');
  server.store.saveBucket({
    name: 'records',
    cloud: 'obs',
    createdAt: server.now(),
    storageClass: 'Standard',
    versioning: 'Enabled',
    objectWorm: {},
  });
});
afterEach(async () => {
  storage.close();
  await server.close();
});

function make(accessKeySecret: string, securityToken?: string) {
  return createObsStorage({
    region: 'cn-north-4',
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: 'holdfast', accessKeySecret, securityToken },
    clock: { now: () => server.now(), sleep: () => Promise.resolve() },
  });
}

const upload = async () => ({
  ...at,
  versionId: (await storage.writeText(at, 'x')).versionId ?? versionId('none'),
});

describe('an error names the cloud', () => {
  test('of a bucket that does not exist', async () => {
    await expect(storage.getVersioning('absent')).rejects.toMatchObject({
      code: 'NO_SUCH_BUCKET',
      message: expect.stringContaining('bucket obs://absent does not exist'),
    });
  });

  test('whose service has not answered', async () => {
    const stranger = await scriptedServer();
    onTestFinished(() => stranger.close());
    stranger.script({ status: 403, headers: { 'content-type': 'text/html' }, body: 'blocked' });
    await expect(
      createObsStorage({
        region: 'cn-north-4',
        endpoint: stranger.endpoint,
        credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
      }).getVersioning('records'),
    ).rejects.toMatchObject({
      code: 'UNEXPECTED_REPLY',
      message: expect.stringContaining('status 403 from something that is not OBS'),
    });
  });
});

test('a text that is not UTF-8 is refused as a file is', async () => {
  const server = await scriptedServer();
  onTestFinished(() => server.close());
  const headers = { etag: '"a"', 'x-obs-request-id': 'R' };
  server.script({ status: 200, headers, body: Buffer.from([0xba, 0xcf]) });
  await expect(
    createObsStorage({
      region: 'cn-north-4',
      endpoint: server.endpoint,
      credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
    }).readText(at),
  ).rejects.toMatchObject({
    code: 'TEXT_ENCODING',
    message: expect.stringContaining('obs://records/k is not UTF-8 text: byte 1'),
  });
});

describe('what OBS refuses with one code is told apart by what is stored', () => {
  test('the same date again, as after a lost reply, is no failure', async () => {
    const version = await upload();
    await storage.putRetention(version, { mode: 'COMPLIANCE', until });
    expect(await storage.putRetention(version, { mode: 'COMPLIANCE', until })).toMatchObject({ sent: true });
    expect(server.obs.requests.list().map(({ status }) => status)).toContain(400);
  });

  test('a nearer date is refused, and what stands above reads the later one back', async () => {
    const version = await upload();
    await storage.putRetention(version, { mode: 'COMPLIANCE', until });
    const nearer = new Date('2030-01-01T00:00:00Z');
    await expect(storage.putRetention(version, { mode: 'COMPLIANCE', until: nearer })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
    const decision = {
      action: 'protect',
      until: nearer,
      previousUntil: undefined,
      rule: 'all',
      others: [],
      warnings: [],
      problems: [],
    } as const;
    const outcome = await carryOutDecision(storage, { ...version, decision, errors: [] });
    expect(outcome).toMatchObject({
      decision: { action: 'already-protected', previousUntil: until },
      errors: [],
    });
  });

  test('WORM that is off is named', async () => {
    const version = await upload();
    const bucket = server.store.bucket('records');
    if (bucket === undefined) throw new Error('there is no bucket');
    const { objectWorm, ...plain } = bucket;
    expect(objectWorm).toEqual({});
    server.store.saveBucket(plain);
    await expect(storage.putRetention(version, { mode: 'COMPLIANCE', until })).rejects.toMatchObject({
      code: 'OBJECT_WORM_OFF',
    });
  });

  test('a retention that may not be read leaves a real refusal', async () => {
    const version = await upload();
    await storage.putRetention(version, { mode: 'COMPLIANCE', until });
    server.obs.quirks.set({ retentionHidden: true });
    await expect(storage.putRetention(version, { mode: 'COMPLIANCE', until })).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
      reply: { code: 'InvalidRequest' },
    });
  });
});

test('a region without WORM is named, and is neither a delete marker nor WORM that is off', async () => {
  const version = await upload();
  server.obs.quirks.set({ noWorm: true });
  const notOffered = {
    code: 'WORM_NOT_OFFERED',
    transient: false,
    message: expect.stringContaining('records'),
  };
  await expect(storage.putRetention(version, { mode: 'COMPLIANCE', until })).rejects.toMatchObject(
    notOffered,
  );
  await expect(storage.getRetention(version)).rejects.toMatchObject(notOffered);
  await expect(storage.getObjectWorm('records')).rejects.toMatchObject(notOffered);
  await expect(storage.putObjectWorm('records', {})).rejects.toMatchObject(notOffered);
});

test('tags that a region does not offer are no delete marker and no empty set', async () => {
  await upload();
  expect(await storage.getTags(at)).toMatchObject({ tags: new Map() });
  server.obs.quirks.set({ noTags: true });
  await expect(storage.getTags(at)).rejects.toMatchObject({ code: 'TAGS_NOT_OFFERED', transient: false });
});

test('no count of tags is not taken for none', async () => {
  await upload();
  expect(await storage.headObject(at)).toMatchObject({ tagCount: undefined });
});

test('Last-Modified of HEAD and of lists is one date, in whole seconds', async () => {
  await upload();
  const [listed] = (await storage.listVersions('records', '').first()).items;
  const head = await storage.headObject(at);
  expect(listed?.lastModified.getMilliseconds()).toBe(0);
  expect(head).toMatchObject({ lastModified: listed?.lastModified });
});

test('a security token is signed', async () => {
  server.keys.set('holdfast', { secret: 'holdfast-secret', securityToken: 'token', principal: 'function f' });
  await expect(storage.headObject(at)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  const temporary = make('holdfast-secret', 'token');
  expect(await temporary.headObject(at)).toBe('absent');
  temporary.close();
});

test('another secret, and a bucket whose name has a period', async () => {
  const wrong = make('wrong-secret');
  await expect(wrong.headObject(at)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  wrong.close();
  await expect(storage.getVersioning('a.b.c')).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' });
});
