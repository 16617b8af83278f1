import type { Cloud } from '../../local/cloud.ts';
import { type DemoFilled, type DemoStore, demoBuckets, fillDemo } from '../../local/demo/fill.ts';
import { obsUploadsOf, type Upload, uploadsOf } from '../../local/demo/uploads.ts';
import { createObsBucket, createObsRetentionBucket, plainObsClient } from '../../local/plain-obs.ts';
import { uploadVersion } from '../../local/plain-uploads.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { labelled } from './greeting.ts';
import { createPlainBucket, createVersionedBucket, localTransport, uploadLocal } from './store.ts';

/** The demo in one cloud: what was filled in, or that its buckets were there before. */
export type DemoInCloud =
  | ({ readonly cloud: CloudName; readonly state: 'filled' } & DemoFilled)
  | { readonly cloud: CloudName; readonly state: 'already there' };

/**
 * Fills the served clouds with the demo's buckets, policies and objects, and waits for the functions that this fires. A
 * cloud that has one of the buckets, because --data kept it, is left as it is.
 * @throws HoldfastError when the embedded cloud refuses a call
 */
export async function fillClouds(cloud: Cloud, clouds: readonly CloudName[]): Promise<DemoInCloud[]> {
  const year = cloud.time.now().getUTCFullYear();
  const filled: DemoInCloud[] = [];
  if (clouds.includes('oss')) filled.push(await fillOss(cloud.url, uploadsOf(year)));
  if (cloud.obs !== undefined) filled.push(await fillObs(cloud.obs.url, obsUploadsOf(year)));
  await cloud.idle();
  return filled;
}

async function fillOss(url: string, uploads: readonly Upload[]): Promise<DemoInCloud> {
  const transport = localTransport(url);
  const storage = storageOver(transport);
  const store: DemoStore = {
    createBucket: (bucket) => createPlainBucket(transport, bucket),
    async createRetentionBucket(bucket) {
      await createVersionedBucket(transport, bucket);
      await storage.putObjectWorm(bucket, {});
    },
    async upload(bucket, content) {
      await uploadLocal(transport, bucket, content);
    },
    async initiatePolicy(bucket, days) {
      await storage.policies.initiatePolicy(bucket, days);
    },
  };
  try {
    const names = demoBuckets(uploads);
    for await (const { name } of storage.listBuckets()) {
      if (names.has(name)) return { cloud: 'oss', state: 'already there' };
    }
    return { cloud: 'oss', state: 'filled', ...(await fillDemo(store, uploads)) };
  } finally {
    storage.close();
  }
}

async function fillObs(url: string, uploads: readonly Upload[]): Promise<DemoInCloud> {
  const store: DemoStore = {
    createBucket: (bucket) => createObsBucket(url, bucket),
    async createRetentionBucket(bucket) {
      await createObsRetentionBucket(url, bucket);
    },
    async upload(bucket, content) {
      await uploadVersion(plainObsClient(url, bucket), content);
    },
    initiatePolicy: undefined,
  };
  const [first] = uploads;
  const found = first && (await hasObsBucket(url, first.bucket));
  if (found === true) return { cloud: 'obs', state: 'already there' };
  return { cloud: 'obs', state: 'filled', ...(await fillDemo(store, uploads)) };
}

async function hasObsBucket(url: string, bucket: string): Promise<boolean> {
  const params = { method: 'HEAD', bucket, subres: {}, headers: {} };
  const { status } = await plainObsClient(url, bucket).request(params);
  return status === 200;
}

/** Makes the line that tells of the demo in one cloud. */
export function demoLine(demo: DemoInCloud): string {
  if (demo.state === 'already there') return labelled('demo', `its buckets are on ${demo.cloud}:// already`);
  const { cloud, buckets, policies, versions } = demo;
  const withPolicies = policies === 0 ? '' : `, ${policies} WORM policies that nobody has locked`;
  return labelled('demo', `${cloud}://: ${buckets} buckets, ${versions} versions${withPolicies}`);
}
