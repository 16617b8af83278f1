import { receiveDocument } from '../body.ts';
import { isPublicPolicy, readBucketPolicy } from '../bucket-policy.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { blocksPublicAccess } from '../public-access.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { findBucket } from '../versions.ts';
import { keptOperations } from './kept.ts';

const sub = { on: 'bucket', requires: ['policy'] } as const;

const publicAccessBlock = {
  resource: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  missing: {
    document:
      '<PublicAccessBlockConfiguration><BlockPublicAccess>false</BlockPublicAccess></PublicAccessBlockConfiguration>',
  },
} as const;

/** The policy of a bucket, which counts where it denies (bucket-policy.ts), and the switch against public access. */
export const policyOperations: readonly Operation[] = [
  { name: 'PutBucketPolicy', method: 'PUT', ...sub, run: put },
  { name: 'GetBucketPolicy', method: 'GET', ...sub, run: get },
  { name: 'DeleteBucketPolicy', method: 'DELETE', ...sub, run: remove },
  { name: 'GetBucketPolicyStatus', method: 'GET', on: 'bucket', requires: ['policyStatus'], run: getStatus },
  ...keptOperations({
    ...publicAccessBlock,
    put: 'PutBucketPublicAccessBlock',
    get: 'GetBucketPublicAccessBlock',
    remove: 'DeleteBucketPublicAccessBlock',
  }),
  ...keptOperations({
    ...publicAccessBlock,
    on: 'service',
    put: 'PutPublicAccessBlock',
    get: 'GetPublicAccessBlock',
    remove: 'DeletePublicAccessBlock',
  }),
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const text = (await receiveDocument(call)).toString('utf8');
  const bucket = findBucket(cloud.store, call.bucket);
  if (isPublicPolicy(readBucketPolicy(text)) && blocksPublicAccess(bucket, cloud.store)) {
    throw refuse('AccessDenied', { message: 'Put public bucket policy is not allowed.' });
  }
  cloud.store.saveBucket({ ...bucket, configurations: { ...bucket.configurations, policy: text } });
  return { status: 200 };
}

function get(call: Call, cloud: Cloud): Reply {
  const { name, configurations } = findBucket(cloud.store, call.bucket);
  const text = configurations?.['policy'];
  if (text === undefined) throw refuse('NoSuchBucketPolicy', { details: { BucketName: name } });
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: text };
}

function remove(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const { policy: _gone, ...configurations } = bucket.configurations ?? {};
  cloud.store.saveBucket({ ...bucket, configurations });
  return { status: 204 };
}

function getStatus(call: Call, cloud: Cloud): Reply {
  const text = findBucket(cloud.store, call.bucket).configurations?.['policy'];
  const isPublic = text !== undefined && isPublicPolicy(readBucketPolicy(text));
  return xmlReply({ PolicyStatus: { IsPublic: isPublic } });
}
