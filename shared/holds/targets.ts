import { placesReach } from '../matters/places.ts';
import type { HoldfastError } from '../platform/errors.ts';
import { failure } from '../platform/errors.ts';
import type { BucketSummary, ObjectStore } from '../storage/port.ts';
import type { MatterScopes } from './deps.ts';

/** The buckets that scopes reach. */
export interface HoldTargets {
  /** Buckets here, each with what the keys of all its versions in the scopes begin with; by their names. */
  readonly buckets: readonly { readonly bucket: string; readonly prefix: string }[];
  /** Buckets that are reached and not served from here. */
  readonly elsewhere: readonly HoldfastError[];
}

/** Lists the buckets of the account, and finds those that scopes reach. @throws what listing throws */
export async function findHoldTargets(
  storage: Pick<ObjectStore, 'listBuckets'>,
  scopes: MatterScopes,
  { matter, region }: { readonly matter: string; readonly region: string },
): Promise<HoldTargets> {
  const reached: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) {
    if (scopes.some(({ places }) => placesReach(places, bucket.name))) reached.push(bucket);
  }
  const here = reached.filter((bucket) => bucket.region === region).map(({ name }) => name);
  return {
    buckets: here.sort().map((bucket) => ({ bucket, prefix: commonPrefix(scopes, bucket) })),
    elsewhere: reached
      .filter((bucket) => bucket.region !== region)
      .map(({ name, region: there }) =>
        failure('HOLD_ELSEWHERE', { matter, bucket: name, region: there, here: region }),
      ),
  };
}

/** Returns what the key of every version in the scopes begins with, so that no more is listed than is needed. */
export function commonPrefix(scopes: MatterScopes, bucket: string): string {
  const prefixes = scopes
    .flatMap(({ places }) => places.included.filter((place) => place.bucket.matches(bucket)))
    .flatMap(({ key }) => key.data.positive.map(({ prefix }) => prefix));
  const [first = '', ...rest] = prefixes;
  let length = first.length;
  for (const each of rest) {
    while (!each.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}
