import { policiesOf } from './policies.ts';
import type { BucketPolicies, BucketSummary, Listing, ObjectStore } from './port.ts';

/**
 * Makes one store of several, such as one for each region of an account: every call goes to the store of its bucket.
 * @param home the store whose cloud and calls it has
 * @param storeOf tells the store of a bucket
 * @param buckets the list of buckets that it gives
 */
export function routedStore(
  home: ObjectStore,
  storeOf: (bucket: string) => ObjectStore,
  buckets: Listing<BucketSummary>,
): ObjectStore {
  return {
    cloud: home.cloud,
    headObject: (at) => storeOf(at.bucket).headObject(at),
    getTags: (at) => storeOf(at.bucket).getTags(at),
    getRetention: (at) => storeOf(at.bucket).getRetention(at),
    readText: (at, knownETag) => storeOf(at.bucket).readText(at, knownETag),
    readObject: (at) => storeOf(at.bucket).readObject(at),
    getVersioning: (bucket) => storeOf(bucket).getVersioning(bucket),
    getObjectWorm: (bucket) => storeOf(bucket).getObjectWorm(bucket),
    listVersions: (bucket, prefix, cursor) => storeOf(bucket).listVersions(bucket, prefix, cursor),
    listBuckets: () => buckets,
    putRetention: (at, retention, lastLook) => storeOf(at.bucket).putRetention(at, retention, lastLook),
    writeText: (at, text) => storeOf(at.bucket).writeText(at, text),
    putObjectWorm: (bucket, configuration) => storeOf(bucket).putObjectWorm(bucket, configuration),
    ...(home.policies !== undefined && { policies: routedPolicies(storeOf) }),
  };
}

function routedPolicies(storeOf: (bucket: string) => ObjectStore): BucketPolicies {
  const of = (bucket: string) => policiesOf(storeOf(bucket), bucket);
  return {
    getPolicy: (bucket) => of(bucket).getPolicy(bucket),
    initiatePolicy: (bucket, days) => of(bucket).initiatePolicy(bucket, days),
    lockPolicy: (bucket, id) => of(bucket).lockPolicy(bucket, id),
    extendPolicy: (bucket, id, days) => of(bucket).extendPolicy(bucket, id, days),
    abortPolicy: (bucket) => of(bucket).abortPolicy(bucket),
  };
}
