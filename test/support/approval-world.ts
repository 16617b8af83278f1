import { plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment, runCli } from './cli.ts';
import { type HoldTestWorld, holdTestWorld, otherAccessKey } from './hold-world.ts';

export const approvalRules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
approvals:
  lock: true
  extend: true
  release: true
  retain: { longerThan: 5y }
  protect: { moreThan: 2 }
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - { name: fin, match: { bucket: "fin-*" }, retain: 1y }
buckets:
  - name: archives
    match: { bucket: "archive-*" }
    policy:
      days: { atLeast: 365, atMost: 3650 }
      lock: { after: 1h }
      extend: { within: 30d, by: 90d, upTo: 3000d }
`;

/** An embedded cloud with two people, whose rules ask for approvals. */
export interface ApprovalTestWorld extends HoldTestWorld {
  /** Runs a command with the key of the first person. */
  run(...args: string[]): ReturnType<typeof runCli>;
  /** Runs it with the key of the second one. */
  second(...args: string[]): ReturnType<typeof runCli>;
  /** Runs it with the key of the second one, as one of a session. */
  inSession(...args: string[]): ReturnType<typeof runCli>;
  /** Makes a bucket with a policy that is not locked. */
  initiate(bucket: string, days: number): Promise<void>;
  stateOf(bucket: string): Promise<string | undefined>;
}

/** Starts it. */
export async function approvalTestWorld(rules = approvalRules): Promise<ApprovalTestWorld> {
  const world = await holdTestWorld(['fin-1'], rules);
  const runAs = (key: typeof otherAccessKey | undefined, args: readonly string[], token?: string) =>
    runCli(args, {
      cwd: world.folder,
      env: {
        ...cloudEnvironment(world.cloud.url),
        ...(key && {
          ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
        }),
        ...(token && { ALIBABA_CLOUD_SECURITY_TOKEN: token }),
      },
    });
  return {
    ...world,
    run: (...args) => runAs(undefined, args),
    second: (...args) => runAs(otherAccessKey, args),
    inSession: (...args) => runAs(otherAccessKey, args, 'token'),
    async initiate(bucket, days) {
      const client = plainClient(world.cloud.url, bucket);
      await client.putBucket(bucket);
      await client.initiateBucketWorm(bucket, String(days));
    },
    stateOf: async (bucket) => (await world.storage.policies?.getPolicy(bucket))?.state,
  };
}
