import { decideDefault } from '../defaults/decide.ts';
import { defaultInWords } from '../defaults/record.ts';
import { describeDefault, judgeDefault } from '../objects/default-retention.ts';
import { formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import type { Rules } from '../rules/types.ts';
import type { ObjectWormConfiguration } from '../storage/port.ts';
import { type Check, type DoctorFinding, findingsForEach, type Lines, linesOf } from './finding.ts';
import {
  lockedBuckets,
  type MatchedBucket,
  nameOfBucket,
  objectBuckets,
  policyBuckets,
} from './matched-buckets.ts';

/**
 * Regions that OSS lists for ObjectWorm (PutObjectRetention, 2026; translations disagree on Hohhot and Ulanqab, so both
 * are here). A recording shows it working in cn-shanghai, which is not listed: the list is no proof.
 */
const offered: ReadonlySet<string> = new Set([
  ...['cn-hangzhou', 'cn-chengdu', 'cn-shenzhen', 'cn-guangzhou', 'cn-qingdao', 'cn-beijing'],
  ...[
    'cn-huhehaote',
    'cn-wulanchabu',
    'cn-heyuan',
    'cn-hongkong',
    'eu-central-1',
    'ap-northeast-1',
    'ap-northeast-2',
  ],
  ...['ap-southeast-1', 'ap-southeast-3', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
  ...['me-central-1', 'me-east-1'],
]);

/** ObjectWorm is offered where the object rules need it. */
export const regionCheck: Check = {
  name: 'region',
  async run({ rules, region }) {
    const { ok, warning } = linesOf('region');
    const { objects } = await rules.need();
    if (objects.length === 0) return [ok(region, 'no object rules, so no ObjectWorm is needed')];
    if (offered.has(region)) return [ok(region, 'is listed for ObjectWorm')];
    return [
      warning(
        region,
        'is not listed for ObjectWorm',
        'ask the support of Alibaba Cloud, or use another region',
      ),
    ];
  },
};

const versioning = linesOf('versioning');

/** Retention is put on versions, so the bucket must keep them. */
export const versioningCheck: Check = {
  name: 'versioning',
  async run(world) {
    return await findingsForEach(versioning, await lockedBuckets(world), nameOfBucket, async ({ name }) => {
      const status = await world.storage.getVersioning(name);
      if (status === 'Enabled') return versioning.ok(name, 'is on');
      const command = cloudWords[world.storage.cloud].versioningOn(name);
      return versioning.failure(name, status === undefined ? 'is off' : 'is suspended', command);
    });
  },
};

/** Without object lock the service refuses every retention. */
export const objectWormCheck: Check = {
  name: 'ObjectWorm',
  async run(world) {
    const words = cloudWords[world.storage.cloud];
    const objectLock = linesOf(words.objectLock);
    const buckets = await lockedBuckets(world);
    return await findingsForEach(objectLock, buckets, nameOfBucket, async (bucket) => {
      const { name } = bucket;
      const worm = await world.storage.getObjectWorm(name);
      if (worm !== undefined) return judgeWorm(objectLock, bucket, worm, await world.rules.need());
      return objectLock.failure(name, 'is off', words.objectLockOn(name));
    });
  },
};

function judgeWorm(
  objectLock: Lines,
  { name: bucket, defaultRules }: MatchedBucket,
  worm: ObjectWormConfiguration,
  { limits }: Rules,
): DoctorFinding {
  const problem = judgeDefault(worm, limits.maxRetention);
  if (problem !== undefined) return objectLock.failure(bucket, problem.message, problem.remedy);
  const [rule, ...others] = defaultRules;
  if (rule !== undefined && others.length === 0) {
    const decision = decideDefault({ rule, worm, limit: limits.maxRetention });
    const words = `is on; its default retention: ${defaultInWords(rule, decision)}`;
    if (decision.action === 'default-in-place') return objectLock.ok(bucket, words);
    const mend =
      decision.action === 'set-default'
        ? 'the next run of policy-timer puts it; if it does not, see its log'
        : 'change the default retention by hand, or the rule (docs/default-retention.md)';
    return objectLock.warning(bucket, words, mend);
  }
  const { defaultRetention } = worm;
  return objectLock.ok(
    bucket,
    defaultRetention === undefined
      ? 'is on'
      : `is on; default retention ${describeDefault(defaultRetention)}`,
  );
}

const exclusive = linesOf('exclusive');

/** OSS makes ObjectWorm and a bucket WORM policy exclusive: neither is where the rules assume the other. */
export const exclusiveCheck: Check = {
  name: 'exclusive',
  async run(world) {
    const { policies: calls } = world.storage;
    if (calls === undefined) return [];
    const [objects, policies] = await Promise.all([objectBuckets(world), policyBuckets(world)]);
    const found = await Promise.all([
      findingsForEach(exclusive, objects, nameOfBucket, async ({ name }) => {
        const policy = await calls.getPolicy(name);
        if (policy === undefined) return exclusive.ok(name, 'has no bucket WORM policy');
        return exclusive.failure(
          name,
          `has a bucket WORM policy (${policy.state}), and object rules match it`,
          policy.state === 'Locked'
            ? 'let a bucket rule match it instead: the policy is locked'
            : `holdfast policy abort ${formatAddress(world.storage.cloud, { bucket: name })}`,
        );
      }),
      findingsForEach(exclusive, policies, nameOfBucket, async ({ name }) => {
        const worm = await world.storage.getObjectWorm(name);
        if (worm === undefined) return exclusive.ok(name, 'has no ObjectWorm');
        const mend = 'let object rules match it instead: ObjectWorm stays for good';
        return exclusive.failure(name, 'has ObjectWorm, and a bucket rule matches it', mend);
      }),
    ]);
    return found.flat();
  },
};
