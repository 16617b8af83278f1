import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../rules/match.ts';
import type { BucketRule, DefaultRule, ObjectRule } from '../rules/types.ts';
import type { World } from './world.ts';

/** A bucket of the account that rules match. */
export interface MatchedBucket {
  readonly name: string;
  readonly region: string;
  readonly objectRules: readonly ObjectRule[];
  readonly bucketRules: readonly BucketRule[];
  readonly defaultRules: readonly DefaultRule[];
}

/** Returns all of them, in whatever region. @throws Missing */
export async function matchedBuckets({ rules, buckets }: World): Promise<MatchedBucket[]> {
  const [ruled, all] = await Promise.all([rules.need(), buckets.need()]);
  return all
    .map(({ name, region }) => ({
      name,
      region,
      objectRules: objectRulesOfBucket(ruled, name),
      bucketRules: bucketRules(ruled, name),
      defaultRules: defaultsOfBucket(ruled, name),
    }))
    .filter((bucket) =>
      [bucket.objectRules, bucket.bucketRules, bucket.defaultRules].some(({ length }) => length > 0),
    );
}

/** Those under object rules that can be asked: of the region that is served. @throws Missing */
export async function objectBuckets(world: World): Promise<MatchedBucket[]> {
  const all = await matchedBuckets(world);
  return all.filter(({ region, objectRules }) => region === world.region && objectRules.length > 0);
}

/** Those that have to have object lock, under object rules or under one for the default retention. @throws Missing */
export async function lockedBuckets(world: World): Promise<MatchedBucket[]> {
  const all = await matchedBuckets(world);
  return all.filter(
    (bucket) =>
      bucket.region === world.region && (bucket.objectRules.length > 0 || bucket.defaultRules.length > 0),
  );
}

/** Finds the buckets that the checks of bucket rules are about. @throws Missing */
export async function policyBuckets(world: World): Promise<MatchedBucket[]> {
  const all = await matchedBuckets(world);
  return all.filter((bucket) => bucket.region === world.region && bucket.bucketRules.length > 0);
}

export const nameOfBucket = ({ name }: { readonly name: string }): string => name;
