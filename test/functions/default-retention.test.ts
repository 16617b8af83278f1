import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { createObsBucket, createObsRetentionBucket, plainObsClient } from '../../local/plain-obs.ts';
import { keepDefaults } from '../../shared/defaults/run.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import { createObsStorage } from '../../shared/storage/obs/index.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import type { BucketSummary, ObjectStore } from '../../shared/storage/port.ts';
import { type LogLine, logOf } from '../support/holdfast-cloud.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { writeRules } from '../support/rules-file.ts';

/** The timer of both clouds keeps the default retention of buckets in place: one cloud for the whole file. */

const rules = `
version: 1
limits: { maxRetention: 10y }
deadLetters: [oss://letters/dead/, obs://letters/dead/]
audit: [oss://evidence/audit/, obs://evidence/audit/]
objects:
  - { name: fin, match: { bucket: fin-* }, retain: 7y }
defaults:
  - { name: month, match: { bucket: fin-* }, retain: 30d }
  - { name: twice, match: { bucket: "*-twice" }, retain: 1y }
`;

const timer = 'holdfast-policy-timer';
const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
const folder = mkdtempSync(join(tmpdir(), 'holdfast-defaults-'));
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({
    instances: inlineInstances,
    template: 's.yaml',
    clouds: ['oss', 'obs'],
    clock: new Date('2027-03-01T10:05:00.300Z'),
    rules: writeRules(folder, rules),
    deliver: () => [], // what an upload has by itself is what counts
  });
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

interface World {
  readonly storage: ObjectStore;
  createBucket(bucket: string): Promise<unknown>;
  createRetentionBucket(bucket: string): Promise<unknown>;
  /** @returns the end of the retention that it has at once */
  upload(bucket: string): Promise<Date | undefined>;
  run(): Promise<{ lines: LogLine[]; message: string | undefined }>;
}

function worldOf(name: CloudName): World {
  const url = name === 'oss' ? cloud.url : (cloud.obs?.url ?? '');
  const options = { endpoint: url, credentials };
  const storage =
    name === 'oss'
      ? createOssStorage({ ...options, region: 'cn-hangzhou' })
      : createObsStorage({ ...options, region: 'cn-north-4' });
  const client = (bucket: string) =>
    name === 'oss' ? plainClient(url, bucket) : plainObsClient(url, bucket);
  const event = name === 'oss' ? { triggerName: 't' } : { version: 'v1.0', trigger_type: 'TIMER' };
  return {
    storage,
    createBucket: (bucket) =>
      name === 'oss' ? plainClient(url, bucket).putBucket(bucket) : createObsBucket(url, bucket),
    createRetentionBucket: (bucket) =>
      name === 'oss' ? createRetentionBucket(url, bucket) : createObsRetentionBucket(url, bucket),
    async upload(bucket) {
      await client(bucket).put('k', Buffer.from('x'));
      const head = await storage.headObject({ bucket, key: 'k' });
      return typeof head === 'string' ? undefined : head.retention?.until;
    },
    async run() {
      const platform = name === 'oss' ? cloud.fc : cloud.graph;
      const { invocation } = await platform.invoke(timer, Buffer.from(JSON.stringify(event)));
      return { lines: logOf(invocation), message: invocation.error?.errorMessage };
    },
  };
}

async function evidence({ storage }: World): Promise<string> {
  const texts: string[] = [];
  for await (const { key } of storage.listVersions('evidence', 'audit/')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await storage.readObject({ bucket: 'evidence', key })) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    texts.push((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
  }
  return texts.join('\n');
}

describe.each<CloudName>(['oss', 'obs'])('on %s', (name) => {
  it('the wished default is put where there is none or a shorter one, and nothing is shortened', async () => {
    const world = worldOf(name);
    const { storage } = world;
    for (const bucket of ['letters', 'evidence', 'fin-off']) await world.createBucket(bucket);
    for (const bucket of ['fin-none', 'fin-short', 'fin-long', 'fin-twice', 'other'])
      await world.createRetentionBucket(bucket);
    await storage.putObjectWorm('fin-short', { defaultRetention: { mode: 'COMPLIANCE', days: 10 } });
    await storage.putObjectWorm('fin-long', { defaultRetention: { mode: 'COMPLIANCE', years: 1 } });
    const now = cloud.time.now();

    const read = readOnly(storage, () => undefined);
    const deps = {
      storage: read,
      rules: rulesFrom(rules, 'rules.yaml', name),
      clock: { now: () => now, sleep: () => new Promise<never>(() => undefined) },
      region: name === 'oss' ? 'cn-hangzhou' : 'cn-north-4',
    };
    const found: BucketSummary[] = [];
    for await (const bucket of storage.listBuckets()) found.push(bucket);
    const dry = await keepDefaults(deps, found, new Date(now.getTime() + 60_000));
    expect(dry.outcomes.map(({ bucket, receipt }) => [bucket, receipt?.sent])).toEqual(
      expect.arrayContaining([
        ['fin-none', false],
        ['fin-short', false],
      ]),
    );
    expect(await storage.getObjectWorm('fin-none'), 'a dry run writes nothing').toEqual({});

    const { lines, message } = await world.run();
    const said = (bucket: string) => lines.filter((line) => line['bucket'] === bucket && 'rule' in line);
    expect(said('fin-none')).toMatchObject([
      { level: 'info', action: 'set-default', rule: 'month', defaultRetention: 'COMPLIANCE, 30d' },
    ]);
    expect(said('fin-short')).toMatchObject([{ action: 'set-default', previousDefault: 'COMPLIANCE, 10d' }]);
    expect(said('fin-long')).toMatchObject([{ level: 'warn', action: 'report', problem: 'default-longer' }]);
    expect(said('fin-off')).toMatchObject([{ level: 'error', action: 'report', problem: 'object-lock-off' }]);
    expect(said('fin-twice')).toMatchObject([
      { level: 'error', action: 'failed', code: 'DEFAULT_RULES_OVERLAP' },
    ]);
    expect(said('other')).toEqual([]);
    expect(message).toMatch(/fin-off: object-lock-off: .*rule month asks for 30d/);
    expect(message).not.toMatch(/fin-(long|none|short)/);

    const thirty = { defaultRetention: { mode: 'COMPLIANCE', days: 30 } };
    for (const bucket of ['fin-none', 'fin-short'])
      expect(await storage.getObjectWorm(bucket)).toEqual(thirty);
    expect(await storage.getObjectWorm('fin-long')).toEqual({
      defaultRetention: { mode: 'COMPLIANCE', years: 1 },
    });
    expect(await storage.getObjectWorm('fin-off'), 'object lock is never turned on').toBeUndefined();
    expect(await storage.getObjectWorm('fin-twice')).toEqual({});
    const until = await world.upload('fin-none');
    expect(
      (until?.getTime() ?? 0) - now.getTime(),
      'an upload is kept from its first instant',
    ).toBeGreaterThan(29.9 * 86_400_000);
    expect((await evidence(world)).match(/"action":"set-default"/g)).toHaveLength(2);

    const again = await world.run();
    expect(again.lines.filter(({ action }) => action === 'set-default')).toEqual([]);
    expect(again.lines.find((line) => line['bucket'] === 'fin-none' && 'rule' in line)).toMatchObject({
      action: 'default-in-place',
    });
  });

  it('a refusal is told by its code with the permission, and the next run tries again', async () => {
    const world = worldOf(name);
    await world.createRetentionBucket('fin-refused');
    const operation =
      name === 'oss' ? 'PutBucketObjectWormConfiguration' : 'PutBucketObjectLockConfiguration';
    cloud.oss.faults.add({ operation, bucket: 'fin-refused', effect: { status: 403, code: 'AccessDenied' } });
    const { message } = await world.run();
    expect(message).toMatch(new RegExp(`fin-refused: ACCESS_DENIED: ${operation} on ${name}://fin-refused`));
    cloud.oss.faults.clear();
    await world.run();
    expect(await world.storage.getObjectWorm('fin-refused')).toMatchObject({
      defaultRetention: { days: 30 },
    });
  });
});

it('GOVERNANCE is replaced by what is as long or longer, and else reported', async () => {
  const world = worldOf('oss');
  for (const [bucket, days] of [
    ['fin-gov-7', 7],
    ['fin-gov-90', 90],
  ] as const) {
    await world.createRetentionBucket(bucket);
    await world.storage.putObjectWorm(bucket, { defaultRetention: { mode: 'GOVERNANCE', days } });
  }
  const { message } = await world.run();
  expect(await world.storage.getObjectWorm('fin-gov-7')).toEqual({
    defaultRetention: { mode: 'COMPLIANCE', days: 30 },
  });
  expect(await world.storage.getObjectWorm('fin-gov-90')).toMatchObject({
    defaultRetention: { mode: 'GOVERNANCE' },
  });
  expect(message).toMatch(/fin-gov-90: default-governance: /);
});
