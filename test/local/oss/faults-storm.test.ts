import { describe, expect, it, onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import {
  createRetentionBucket,
  heldPolicy,
  plainClient,
  retainedUntil,
} from '../../../local/plain-client.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import type { Storage } from '../../../shared/storage/port.ts';
import { withRetry } from '../../../shared/storage/retry.ts';
import { holdfastCloud, objectCreated, policyTimer } from '../../support/holdfast-cloud.ts';

const day = 86_400_000;
const minute = 60_000;

/** One request in five goes wrong, in every way that a client has to expect. */
const storm = (seed: number, principal: string) => ({
  seed,
  rules: [
    { rate: 0.04, effect: { status: 500, code: 'InternalError' } },
    { rate: 0.02, effect: { status: 500, code: 'InternalError', after: true } },
    { rate: 0.04, effect: { status: 503, code: 'TotalQpsLimitExceeded' } },
    { rate: 0.04, effect: { reset: 'before' } },
    { rate: 0.03, effect: { reset: 'after' } },
    { rate: 0.03, effect: { cut: 0.5 } },
  ].map((rule) => ({ ...rule, principal })),
});

/** How many requests the storm has hit. */
const failures = (cloud: Cloud) => cloud.oss.requests.list().filter(({ code }) => code !== '').length;

describe('through a storm in which one request in five fails', () => {
  async function everything(storage: Storage, bucket: string) {
    const versions = [];
    for await (const version of storage.listVersions(bucket, '')) versions.push(version);
    const details = versions.map(async ({ key, versionId }) => {
      const at = { bucket, key, versionId };
      const [head, tags] = [await storage.headObject(at), await storage.getTags(at)];
      return { head, tags, retention: await storage.getRetention(at) };
    });
    return { versions, details: await Promise.all(details) };
  }

  it('the storage adapter reads all there is, as in calm weather, and every write arrives', async () => {
    const cloud = await startCloud();
    onTestFinished(() => cloud.close());
    const bucket = 'storm';
    const client = await createRetentionBucket(cloud.url, bucket);
    for (let index = 0; index < 24; index++) {
      const headers = index % 3 === 0 ? { 'x-oss-tagging': `n=${index}` } : {};
      await client.put(`k${index % 8}`, Buffer.from(`content ${index}`), { headers });
    }
    const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
    const calm = createOssStorage({ region: 'cn-hangzhou', endpoint: cloud.url, credentials });
    onTestFinished(() => calm.close());
    const stormy = withRetry(calm, { clock: systemClock, random: () => 0, attempts: 12 });

    const before = await everything(calm, bucket);
    expect(before.versions).toHaveLength(24);
    for (const seed of [1, 2]) {
      cloud.oss.requests.clear();
      cloud.oss.faults.clear();
      cloud.oss.faults.add(storm(seed, 'user holdfast'));
      expect(await everything(stormy, bucket)).toEqual(before);
      const part = failures(cloud) / cloud.oss.requests.list().length;
      expect(part).toBeGreaterThan(0.1);
    }
    const until = new Date(Math.ceil(cloud.time.now().getTime() / 1000) * 1000 + 30 * day);
    for (const { key, versionId } of before.versions) {
      await stormy.putRetention({ bucket, key, versionId }, { mode: 'COMPLIANCE', until });
    }
    cloud.oss.faults.clear();
    const after = await everything(calm, bucket);
    expect(after.details.map(({ retention }) => retention)).toEqual(
      Array(24).fill({ mode: 'COMPLIANCE', until }),
    );
  });

  it('every upload ends protected until its own date', async () => {
    const cloud = await holdfastCloud(`
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: tagged, match: { bucket: storm-*, tags: { until: "*" } }, retain: { untilTag: until } }
  - { name: base, match: { bucket: storm-* }, retain: 30d }
`);
    cloud.oss.faults.add(storm(4, `function ${objectCreated}`));
    const client = await createRetentionBucket(cloud.url, 'storm-a');
    const written = [];
    for (let index = 0; index < 16; index++) {
      const tagged = index % 2 === 0;
      const options = tagged ? { headers: { 'x-oss-tagging': 'until=2031-05-01' } } : {};
      const { res } = await client.put(`k${index % 4}`, Buffer.from(`content ${index}`), options);
      written.push({ key: `k${index % 4}`, versionId: String(res.headers['x-oss-version-id']), tagged });
    }
    await cloud.advance(14 * minute); // FC repeats what failed after one minute, then after two
    for (const { key, versionId, tagged } of written) {
      const { res } = await client.head(key, { versionId });
      const modified = Date.parse(String(res.headers['last-modified']));
      const expected = new Date(tagged ? '2031-05-02T00:00:00Z' : modified + 30 * day);
      expect(await retainedUntil(client, key, versionId)).toEqual(expected);
    }
    expect(failures(cloud)).toBeGreaterThan(5);
    expect(cloud.fc.invocations(objectCreated).filter(({ status }) => status === 'failed')).toEqual([]);
  });

  it('every policy is locked and extended once, though reads are stale after the extension', async () => {
    const cloud = await holdfastCloud(`
version: 1
limits: { maxRetention: 10y }
buckets:
  - name: archive
    match: { bucket: storm-* }
    policy: { days: 30, lock: { after: 1min }, extend: { within: 30d, by: 35d, upTo: 730d } }
`);
    cloud.oss.faults.add(storm(5, `function ${policyTimer}`));
    cloud.oss.faults.add({ operation: 'ExtendBucketWorm', effect: { stale: { reads: 2 } } });
    const buckets = ['storm-a', 'storm-b', 'storm-c', 'storm-d', 'storm-e'];
    for (const bucket of buckets) {
      const client = plainClient(cloud.url, bucket);
      await client.putBucket(bucket);
      await client.initiateBucketWorm(bucket, '30');
    }
    await cloud.advance(2 * 60 * minute);
    cloud.oss.faults.clear();
    const policies = await Promise.all(
      buckets.map((bucket) => heldPolicy(plainClient(cloud.url, bucket), bucket)),
    );
    expect(policies.map((policy) => `${policy?.state} ${policy?.days}`)).toEqual(Array(5).fill('Locked 65'));
    expect(failures(cloud)).toBeGreaterThan(5);
  });
});
