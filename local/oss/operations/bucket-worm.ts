import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket, WormPolicy } from '../state.ts';
import { findBucket, wholeSeconds } from '../versions.ts';
import { policyState } from '../worm.ts';
import { xmlDate } from '../xml.ts';

const MAX_DAYS = 25550;

const period = z.strictObject({ RetentionPeriodInDays: z.string() });
const initiateConfiguration = z.strictObject({ InitiateWormConfiguration: period });
const extendConfiguration = z.strictObject({ ExtendWormConfiguration: period });

export const getBucketWorm: Operation = {
  name: 'GetBucketWorm',
  method: 'GET',
  on: 'bucket',
  requires: ['worm'],
  run: get,
};

/** The five calls of the bucket WORM policy (reference/oss-retention.md, section 1). */
export const bucketWormOperations: readonly Operation[] = [
  { name: 'InitiateBucketWorm', method: 'POST', on: 'bucket', requires: ['worm'], run: initiate },
  getBucketWorm,
  { name: 'CompleteBucketWorm', method: 'POST', on: 'bucket', requires: ['wormId'], run: complete },
  { name: 'ExtendBucketWorm', method: 'POST', on: 'bucket', requires: ['wormExtend', 'wormId'], run: extend },
  { name: 'AbortBucketWorm', method: 'DELETE', on: 'bucket', requires: ['worm'], run: abort },
];

/**
 * Initiates a policy. What Initiate does while there is one is documented nowhere; it is refused, also for a lapsed
 * policy, which operators abort first (gardener). The newer documents want versioning enabled or never enabled.
 */
async function initiate(call: Call, cloud: Cloud): Promise<Reply> {
  const { InitiateWormConfiguration } = await receiveXml(call, initiateConfiguration);
  const bucket = findBucket(cloud.store, call.bucket);
  const days = readDays(InitiateWormConfiguration.RetentionPeriodInDays);
  if (bucket.objectWorm || bucket.versioning === 'Suspended') {
    throw refuse('InvalidBucketState', { details: { BucketName: bucket.name } });
  }
  if (bucket.policy) throw refuse('WORMConfigurationAlreadyExists', { details: { BucketName: bucket.name } });
  const policy = newPolicy(days, cloud.now());
  cloud.store.saveBucket({ ...bucket, policy });
  return { status: 200, headers: { 'x-oss-worm-id': policy.id } };
}

function get(call: Call, cloud: Cloud): Reply {
  const { policy } = findPolicy(call, cloud);
  return xmlReply({
    WormConfiguration: {
      WormId: policy.id,
      State: policyState(policy, cloud.now()),
      RetentionPeriodInDays: policy.days,
      CreationDate: xmlDate(policy.createdAt),
    },
  });
}

/** Locks the policy. Locking it again changes nothing; a lapsed one can no longer be locked. */
function complete(call: Call, cloud: Cloud): Reply {
  const { bucket, policy } = findPolicy(call, cloud, call.query.get('wormId'));
  if (policyState(policy, cloud.now()) === 'Expired') throw invalid(bucket);
  cloud.store.saveBucket({ ...bucket, policy: { ...policy, locked: true } });
  return { status: 200 };
}

/** The new period is a total, it has to be longer, and only a locked policy takes it. */
async function extend(call: Call, cloud: Cloud): Promise<Reply> {
  const { ExtendWormConfiguration } = await receiveXml(call, extendConfiguration);
  const { bucket, policy } = findPolicy(call, cloud, call.query.get('wormId'));
  const days = readDays(ExtendWormConfiguration.RetentionPeriodInDays);
  if (!policy.locked || days <= policy.days) throw invalid(bucket);
  cloud.store.saveBucket({ ...bucket, policy: { ...policy, days } });
  return { status: 200 };
}

function abort(call: Call, cloud: Cloud): Reply {
  const { bucket, policy } = findPolicy(call, cloud);
  if (policy.locked) throw refuse('WORMConfigurationLocked', { details: { BucketName: bucket.name } });
  const { policy: _aborted, ...rest } = bucket;
  cloud.store.saveBucket(rest);
  return { status: 204 };
}

/** Does what a person does who aborts a policy that is in progress, and initiates another with the same days. */
export function renewPolicy(name: string, { store, now }: Pick<Cloud, 'store' | 'now'>): void {
  const bucket = store.bucket(name);
  if (!bucket?.policy || policyState(bucket.policy, now()) !== 'InProgress') return;
  store.saveBucket({ ...bucket, policy: newPolicy(bucket.policy.days, now()) });
}

/** Makes a policy that is in progress from this instant on. */
const newPolicy = (days: number, now: Date): WormPolicy => ({
  id: newLongId(),
  days,
  createdAt: wholeSeconds(now),
  locked: false,
});

/** @throws NoSuchWORMConfiguration when there is none, or none of that id */
function findPolicy(call: Call, cloud: Cloud, id?: string): { bucket: Bucket; policy: WormPolicy } {
  const bucket = findBucket(cloud.store, call.bucket);
  const { policy } = bucket;
  if (!policy || (id !== undefined && id !== policy.id)) {
    throw refuse('NoSuchWORMConfiguration', { details: { BucketName: bucket.name } });
  }
  return { bucket, policy };
}

function readDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text)) throw refuse('MalformedXML', { ec: '0027-00000005' });
  if (days < 1 || days > MAX_DAYS) throw refuse('InvalidArgument', { ec: '0027-00000002' });
  return days;
}

function invalid(bucket: Bucket) {
  return refuse('InvalidWORMConfiguration', { details: { BucketName: bucket.name } });
}
