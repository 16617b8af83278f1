import { afterAll, beforeAll } from 'vitest';
import { day } from '../../../../shared/platform/instant.ts';
import type {
  BucketPolicies,
  Retention,
  Storage,
  VersionAt,
  VersionId,
} from '../../../../shared/storage/port.ts';
import type { StorageHarness } from '../harness.ts';

/** What the tests of the contract stand on. */
export interface ContractWorld {
  readonly harness: StorageHarness;
  /** The storage that is held to the contract. */
  readonly storage: Storage;
  /** Its bucket policies, and those without decorators. */
  readonly policies: BucketPolicies;
  readonly directPolicies: BucketPolicies;
  newBucket(versioning?: 'Enabled'): Promise<string>;
  /** A new bucket that takes retention. */
  wormBucket(): Promise<string>;
  /** Uploads to a bucket that keeps versions. */
  upload(bucket: string, key: string, text: string, tags?: Record<string, string>): Promise<VersionAt>;
  /** COMPLIANCE retention for so many days from now. */
  inDays(days: number): Retention;
}

/** Keys that were trouble somewhere: escapes, plus, percent, quotes, other scripts, slashes. */
export const awkwardKeys = [
  'a b+c%20.txt',
  '账本/2026 年/ü.txt',
  '50%',
  "it's (1)!*~",
  'a//b/',
  'q?x=1&y=2#z',
  '<&>"',
];

/** One harness for all tests of the suite it is called in. */
export function contractWorld(makeHarness: () => Promise<StorageHarness>): ContractWorld {
  let harness: StorageHarness;
  let buckets = 0;
  beforeAll(async () => {
    harness = await makeHarness();
  });
  afterAll(() => harness.close());

  const world: ContractWorld = {
    get harness() {
      return harness;
    },
    get policies() {
      return offered(harness.storage.policies);
    },
    get directPolicies() {
      return offered(harness.direct.policies);
    },
    get storage() {
      return harness.storage;
    },
    async newBucket(versioning) {
      buckets += 1;
      const bucket = `contract-${buckets}`;
      await harness.createBucket(bucket, versioning && { versioning });
      return bucket;
    },
    async wormBucket() {
      const bucket = await world.newBucket('Enabled');
      await harness.direct.putObjectWorm(bucket, {});
      return bucket;
    },
    async upload(bucket, key, text, tags) {
      return { bucket, key, versionId: known(await harness.upload(bucket, key, text, tags)) };
    },
    inDays(days) {
      const seconds = Math.ceil(harness.now().getTime() / 1000) * 1000;
      return { mode: 'COMPLIANCE', until: new Date(seconds + days * day) };
    },
  };
  return world;
}

function offered(policies: BucketPolicies | undefined): BucketPolicies {
  if (policies === undefined) throw new Error('this backend has no bucket policies');
  return policies;
}

/** The version id that a bucket with versions always gives. */
export function known(id: VersionId | undefined): VersionId {
  if (id === undefined) throw new Error('the bucket keeps no versions');
  return id;
}
