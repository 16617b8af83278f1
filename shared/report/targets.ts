import type { ObservedBucket } from '../buckets/observe.ts';
import { type BucketDeps, observeBuckets } from '../buckets/run.ts';
import { type FailedBucket, findSubjects, missingBuckets } from '../buckets/subjects.ts';
import { judgeDefault } from '../objects/default-retention.ts';
import { failure } from '../platform/errors.ts';
import { ruleNames } from '../rules/collision.ts';
import { bucketRules, objectRulesOfBucket } from '../rules/match.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { BucketSummary } from '../storage/port.ts';
import type { UnreadableBucket } from './unreadable-bucket.ts';

/** A bucket, or what is under a prefix of it, whose versions are looked at. */
export interface PostureTarget extends ObjectPrefix {
  /** Its WORM policy, if a bucket rule matches the bucket. */
  readonly policy: ObservedBucket | undefined;
}

export interface Scope {
  readonly targets: readonly PostureTarget[];
  /** Buckets that cannot be reported on, and why. */
  readonly troubles: readonly FailedBucket[];
  /** The account whose buckets were listed; undefined when none were, or the service did not say. */
  readonly account?: string | undefined;
}

/**
 * Tells what the default retention of the buckets under object rules does against the rules, as troubles of those
 * buckets.
 */
export async function findDefaults(
  { storage, rules }: Pick<BucketDeps, 'storage' | 'rules'>,
  targets: readonly PostureTarget[],
): Promise<UnreadableBucket[]> {
  const names = new Set(targets.flatMap(({ bucket, policy }) => (policy === undefined ? [bucket] : [])));
  const judged = await Promise.all(
    [...names].map(async (bucket): Promise<UnreadableBucket[]> => {
      // Whoever may not read it learns the rest of the report all the same.
      const worm = await storage.getObjectWorm(bucket).catch(() => undefined);
      const problem = worm && judgeDefault(worm, rules.limits.maxRetention);
      return problem === undefined ? [] : [{ bucket, ...problem }];
    }),
  );
  return judged.flat();
}

/**
 * Tells what a report is about: the folders named, or all buckets of the account that a rule matches. A bucket in
 * another region, one that rules contradict each other about, and one that a rule names and nobody has are troubles.
 * @throws what listing the buckets throws
 */
export async function findTargets(
  deps: BucketDeps,
  named: readonly ObjectPrefix[] | undefined,
): Promise<Scope> {
  return named === undefined ? await everyBucket(deps) : await these(deps, named);
}

async function everyBucket(deps: BucketDeps): Promise<Scope> {
  const { storage, rules, region } = deps;
  const buckets: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  const subjects = findSubjects(rules, buckets, region);
  const surveyed = await observeBuckets(deps, subjects.subjects);
  const withObjects = buckets
    .filter(({ name }) => bucketRules(rules, name).length === 0)
    .map((bucket) => ({ ...bucket, matching: objectRulesOfBucket(rules, bucket.name) }))
    .filter(({ matching }) => matching.length > 0);
  const elsewhere = withObjects.filter((bucket) => bucket.region !== region);
  const here = withObjects.filter((bucket) => bucket.region === region);
  const whole = (bucket: string, policy?: ObservedBucket): PostureTarget => ({ bucket, prefix: '', policy });
  return {
    account: buckets[0]?.account,
    targets: [
      ...here.map(({ name }) => whole(name)),
      ...surveyed.surveyed.map((policy) => whole(policy.bucket, policy)),
    ],
    troubles: [
      ...missingBuckets(rules.objects, new Set(buckets.map(({ name }) => name))),
      ...elsewhere.map(({ name: bucket, region: there, matching }) => {
        const rule = ruleNames(matching);
        return {
          bucket,
          rule,
          error: failure('BUCKET_ELSEWHERE', { rule, bucket, region: there, here: region }),
        };
      }),
      ...subjects.troubles,
      ...surveyed.troubles,
    ],
  };
}

async function these(deps: BucketDeps, named: readonly ObjectPrefix[]): Promise<Scope> {
  const names = [...new Set(named.map(({ bucket }) => bucket))];
  const assumed = names.map((name) => ({ name, region: deps.region }));
  const { subjects, troubles } = findSubjects(deps.rules, assumed, deps.region);
  const surveyed = await observeBuckets(deps, subjects);
  const troubled = [...troubles, ...surveyed.troubles].filter(({ bucket }) => names.includes(bucket));
  const policies = new Map(surveyed.surveyed.map((policy) => [policy.bucket, policy]));
  return {
    targets: named
      .filter(({ bucket }) => !troubled.some((trouble) => trouble.bucket === bucket))
      .map((target) => ({ ...target, policy: policies.get(target.bucket) })),
    troubles: troubled,
  };
}
