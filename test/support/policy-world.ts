import { onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { plainClient } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { type CliResult, cloudEnvironment, folderWith, runCli } from './cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy:
      days: { atLeast: 180, atMost: 3650 }
      lock: { after: 20h }
      extend: { within: 30d, by: 365d, upTo: 3650d }
  - name: fresh
    match: { bucket: fresh-* }
    policy: { days: 90, initiate: true, lock: { after: 20h } }
`;

/** An embedded cloud without functions, so that nothing but the commands under test acts on its policies. */
export interface PolicyWorld {
  readonly cloud: Cloud;
  readonly folder: string;
  /** Makes a bucket with an unlocked policy, with a plain client. */
  initiate(bucket: string, days: number): Promise<void>;
  policy(bucket: string): ReturnType<ReturnType<typeof plainClient>['getBucketWorm']>;
  run(...args: string[]): Promise<CliResult>;
  /** The operations since the last call that are no reads. */
  writes(): string[];
}

/** Starts it at a fixed time, with the rules above in its folder; it ends with the test. */
export async function policyWorld(): Promise<PolicyWorld> {
  const cloud = await startCloud({ clock: new Date('2026-11-20T10:00:00Z') });
  onTestFinished(() => cloud.close());
  const folder = folderWith({ 'rules.yaml': rules });
  const client = plainClient(cloud.url, 'archive-1');
  return {
    cloud,
    folder,
    async initiate(bucket, days) {
      await client.putBucket(bucket);
      await client.initiateBucketWorm(bucket, String(days));
    },
    policy: (bucket) => client.getBucketWorm(bucket),
    run: (...args) => runCli(args, { cwd: folder, env: cloudEnvironment(cloud.url) }),
    writes() {
      const requests = cloud.oss.requests.list().map(({ operation }) => operation);
      cloud.oss.requests.clear();
      return requests.filter((operation) => !/^(Get|List|Head)/.test(operation));
    },
  };
}

/** Old enough to be locked by the rules above. */
export const afterLockAge = 21 * hour;
