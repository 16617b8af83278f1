import { formatAddress } from '../../shared/platform/address.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { BucketView, PolicyView } from '../views/shown.ts';

/** The part of an invocation that counts here. */
export interface FiredRun {
  readonly cloud: string;
  readonly function: string;
  readonly trigger: string;
  readonly status: string;
}

/** Runs of one function by one trigger that ended in the same way. */
export interface FiredCount extends FiredRun {
  readonly count: number;
}

/** A change of a bucket's WORM policy. */
export interface PolicyChange {
  readonly bucket: string;
  readonly before: string;
  readonly after: string;
}

/** Counts runs by function, trigger and how they ended, in the order of their first. Pure. */
export function countRuns(runs: readonly FiredRun[]): readonly FiredCount[] {
  const counts = new Map<string, FiredCount>();
  for (const { cloud, function: name, trigger, status } of runs) {
    const key = JSON.stringify([cloud, name, trigger, status]);
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, { cloud, function: name, trigger, status, count });
  }
  return [...counts.values()];
}

/** Lists how the policies of buckets have changed. Pure. */
export function policyChanges(
  before: readonly BucketView[],
  after: readonly BucketView[],
): readonly PolicyChange[] {
  const nameOf = ({ cloud, name }: BucketView) => formatAddress(cloud, { bucket: name });
  const known = new Map(before.map((bucket) => [nameOf(bucket), bucket.policy]));
  return after.flatMap((bucket) => {
    const change = {
      bucket: nameOf(bucket),
      before: policyInWords(known.get(nameOf(bucket))),
      after: policyInWords(bucket.policy),
    };
    return change.before === change.after ? [] : [change];
  });
}

/** Says in few words what state a policy is in. */
const policyInWords = (policy: PolicyView | undefined): string =>
  policy === undefined ? 'no policy' : `${policy.state}, ${quantity(policy.days, 'day')}`;
