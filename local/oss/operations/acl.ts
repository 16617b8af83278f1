import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { checkPublicAcl } from '../public-access.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Acl, ObjectAcl } from '../state.ts';
import { findBucket, updateObject } from '../versions.ts';
import { checkBucketName, newBucket } from './new-bucket.ts';
import { findStored } from './stored.ts';

const ofBucket = { on: 'bucket', requires: ['acl'] } as const;
const ofObject = { on: 'object', requires: ['acl'], allows: ['versionId'] } as const;

/** ACLs of buckets and objects. What a public one allows is in anonymous.ts. */
export const aclOperations: readonly Operation[] = [
  {
    name: 'PutBucketAcl',
    method: 'PUT',
    ...ofBucket,
    runsWithoutBucket: true,
    headers: ['x-oss-acl'],
    run: putBucketAcl,
  },
  { name: 'GetBucketAcl', method: 'GET', ...ofBucket, run: getBucketAcl },
  { name: 'PutObjectAcl', method: 'PUT', ...ofObject, headers: ['x-oss-object-acl'], run: putObjectAcl },
  { name: 'GetObjectAcl', method: 'GET', ...ofObject, run: getObjectAcl },
];

/** Returns the ACL that a bucket is to have; undefined without the header. @throws InvalidArgument */
export function readBucketAcl(call: Call): Acl | undefined {
  const value = call.headers['x-oss-acl'];
  return value === undefined ? undefined : checkAcl(value, 'x-oss-acl');
}

/** Returns the ACL that an object is to have; undefined without the header. @throws InvalidArgument */
export function readObjectAcl(call: Call): ObjectAcl | undefined {
  const value = call.headers['x-oss-object-acl'];
  if (value === undefined || value === 'default') return value;
  return checkAcl(value, 'x-oss-object-acl');
}

function checkAcl(value: string, header: string): Acl {
  if (value === 'private' || value === 'public-read' || value === 'public-read-write') return value;
  throw refuse('InvalidArgument', { details: { ArgumentName: header, ArgumentValue: value } });
}

/** It makes a bucket that does not exist, as the vendors' suites expect (ali-oss, Go v2). */
function putBucketAcl(call: Call, cloud: Cloud): Reply {
  checkBucketName(call.bucket);
  const acl = readBucketAcl(call) ?? checkAcl('', 'x-oss-acl');
  const existing = cloud.store.bucket(call.bucket);
  const bucket = existing ?? newBucket(call.bucket, cloud.now(), 'Standard');
  checkPublicAcl(bucket, acl, 'bucket', cloud.store);
  cloud.store.saveBucket({ ...bucket, acl });
  return { status: 200 };
}

function getBucketAcl(call: Call, cloud: Cloud): Reply {
  const { acl } = findBucket(cloud.store, call.bucket);
  return policyReply(cloud, acl ?? 'private', {});
}

function putObjectAcl(call: Call, cloud: Cloud): Reply {
  const acl = readObjectAcl(call) ?? checkAcl('', 'x-oss-object-acl');
  const { bucket, version } = findStored(call, cloud);
  checkPublicAcl(bucket, acl, 'object', cloud.store);
  updateObject(cloud.store, bucket.name, call.key, version, { acl });
  return { status: 200, headers: versionHeader(bucket, version.versionId) };
}

function getObjectAcl(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = findStored(call, cloud);
  return policyReply(cloud, version.acl ?? 'default', versionHeader(bucket, version.versionId));
}

function policyReply(cloud: Cloud, grant: string, headers: Record<string, string>): Reply {
  return xmlReply(
    {
      AccessControlPolicy: {
        Owner: { ID: cloud.accountId, DisplayName: cloud.accountId },
        AccessControlList: { Grant: grant },
      },
    },
    headers,
  );
}
