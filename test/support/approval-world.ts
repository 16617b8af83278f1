import { plainClient } from '../../local/plain-client.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { cloudEnvironment, runCli } from './cli.ts';
import { type HoldTestWorld, holdTestWorld, otherAccessKey } from './hold-world.ts';

/** What the rules of a test with approvals are made of. */
interface ApprovalRulesParts {
  readonly cloud?: CloudName;
  readonly maxRetention?: string;
  /** Of the map `approvals`, in YAML. */
  readonly approvals: string;
  /** Object rules, each in YAML. */
  readonly objects: readonly string[];
  /** The policy of the buckets `archive-*`, in YAML; no bucket rule unless given. */
  readonly policy?: string;
}

/** Returns rules that ask for approvals, with evidence in `evidence/decisions/`. */
export const approvalRulesOf = ({
  cloud = 'oss',
  maxRetention = '10y',
  approvals,
  objects,
  policy,
}: ApprovalRulesParts): string =>
  [
    'version: 1',
    `limits: { maxRetention: ${maxRetention} }`,
    `audit: ${cloud}://evidence/decisions/`,
    `approvals: { ${approvals} }`,
    'objects:',
    ...objects.map((rule) => `  - { ${rule} }`),
    ...(policy === undefined
      ? []
      : [`buckets: [{ name: archives, match: { bucket: "archive-*" }, policy: { ${policy} } }]`]),
    '',
  ].join('\n');

export const approvalRules = approvalRulesOf({
  approvals: 'lock: true, extend: true, release: true, retain: { longerThan: 5y }, protect: { moreThan: 2 }',
  objects: [
    'name: evidence, match: { bucket: evidence }, retain: 9y',
    'name: fin, match: { bucket: "fin-*" }, retain: 1y',
  ],
  policy:
    'days: { atLeast: 365, atMost: 3650 }, lock: { after: 1h }, extend: { within: 30d, by: 90d, upTo: 3000d }',
});

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
        ...cloudEnvironment(world.cloud.url, key),
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
