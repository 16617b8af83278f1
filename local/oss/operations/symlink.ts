import { createHash } from 'node:crypto';
import { emptyContent } from '../content.ts';
import { crc64 } from '../crc64.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { checkPublicAcl } from '../public-access.ts';
import { type Reply, versionHeader } from '../reply.ts';
import type { Call } from '../request.ts';
import { encode } from '../signature/request.ts';
import { readTagHeader } from '../tags.ts';
import { findBucket, findObject } from '../versions.ts';
import { readObjectAcl } from './acl.ts';
import { checkKey, readMetadata, readStorageClass } from './object-headers.ts';
import { store } from './put.ts';

export const symlinkOperations: readonly Operation[] = [
  {
    name: 'PutSymlink',
    method: 'PUT',
    on: 'object',
    requires: ['symlink'],
    headers: [
      'x-oss-symlink-target',
      'x-oss-forbid-overwrite',
      'x-oss-storage-class',
      'x-oss-meta-*',
      'x-oss-object-acl',
      'x-oss-tagging',
    ],
    run: putSymlink,
  },
  {
    name: 'GetSymlink',
    method: 'GET',
    on: 'object',
    requires: ['symlink'],
    allows: ['versionId'],
    run: getSymlink,
  },
];

function putSymlink(call: Call, cloud: Cloud): Reply {
  checkKey(call.key);
  const bucket = findBucket(cloud.store, call.bucket);
  const target = decodeURIComponent(call.headers['x-oss-symlink-target'] ?? '');
  if (target === '') {
    throw refuse('InvalidArgument', { details: { ArgumentName: 'x-oss-symlink-target', ArgumentValue: '' } });
  }
  const acl = readObjectAcl(call);
  checkPublicAcl(bucket, acl, 'object', cloud.store);
  const { version } = store(call, cloud, bucket, 'ObjectCreated:PutSymlink', {
    type: 'Symlink',
    content: emptyContent,
    etag: createHash('md5').update(target).digest('hex').toUpperCase(),
    crc64: crc64().digest(),
    metadata: readMetadata(call),
    storageClass: readStorageClass(call, bucket.storageClass),
    tags: readTagHeader(call.headers['x-oss-tagging'] ?? ''),
    ...(acl && { acl }),
    symlinkTarget: target,
  });
  return { status: 200, headers: versionHeader(bucket, version.versionId) };
}

function getSymlink(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const version = findObject(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  if (version.symlinkTarget === undefined) throw refuse('NotSymlink', { details: { ObjectName: call.key } });
  return {
    status: 200,
    headers: {
      ETag: `"${version.etag}"`,
      'Last-Modified': version.lastModified.toUTCString(),
      'x-oss-symlink-target': encode(version.symlinkTarget),
      ...versionHeader(bucket, version.versionId),
    },
  };
}
