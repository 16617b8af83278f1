import type { CloudName } from '../../shared/platform/address.ts';
import { day, hour } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { Bucket, DefaultRetention, WormPolicy } from '../oss/state.ts';
import { policyState } from '../oss/worm.ts';
import type { BucketView, PolicyView } from './shown.ts';

/** Tells of a bucket and its WORM state at an instant. */
export function bucketView(cloud: CloudName, bucket: Bucket, now: Date): BucketView {
  const { name, createdAt, versioning, objectWorm, policy } = bucket;
  return {
    cloud,
    name,
    createdAt: createdAt.toISOString(),
    versioning,
    objectWorm: objectWorm !== undefined,
    ...(objectWorm?.defaultRetention && { defaultRetention: inWords(objectWorm.defaultRetention) }),
    ...(policy && { policy: policyView(policy, now) }),
  };
}

/** Tells of a WORM policy at an instant. One that nobody locks within 24 hours lapses. */
function policyView(policy: WormPolicy, now: Date): PolicyView {
  const { id, days, createdAt } = policy;
  const state = policyState(policy, now);
  const leftMs = createdAt.getTime() + day - now.getTime();
  return {
    id,
    state,
    days,
    createdAt: createdAt.toISOString(),
    ...(state === 'InProgress' && { hoursToLock: leftMs / hour }),
  };
}

function inWords({ mode, period }: DefaultRetention): { mode: string; period: string } {
  return { mode, period: 'years' in period ? quantity(period.years, 'year') : quantity(period.days, 'day') };
}
