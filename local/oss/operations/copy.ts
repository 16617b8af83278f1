import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { ObjectVersion } from '../state.ts';
import { findBucket, findObject } from '../versions.ts';
import {
  checkKey,
  readMetadata,
  readRetention,
  readStorageClass,
  readTags,
  uploadHeaders,
} from './object-headers.ts';
import { store } from './put.ts';

export const copyOperations: readonly Operation[] = [
  {
    name: 'CopyObject',
    method: 'PUT',
    on: 'object',
    requiresHeader: 'x-oss-copy-source',
    headers: [...uploadHeaders, 'x-oss-copy-source', 'x-oss-metadata-directive', 'x-oss-tagging-directive'],
    run: copyObject,
  },
];

/** A copy never carries the source's retention; the default of its own bucket applies. */
function copyObject(call: Call, cloud: Cloud): Reply {
  checkKey(call.key);
  const bucket = findBucket(cloud.store, call.bucket);
  const { source, sourceVersioning } = findSource(call, cloud);
  const retention = readRetention(call, bucket, cloud.now());
  const { version } = store(call, cloud, bucket, 'ObjectCreated:CopyObject', {
    type: 'Normal',
    content: source.content,
    etag: source.etag,
    ...(source.md5 !== undefined && { md5: source.md5 }),
    crc64: source.crc64,
    metadata: directive(call, 'x-oss-metadata-directive') === 'COPY' ? source.metadata : readMetadata(call),
    storageClass: readStorageClass(call, bucket.storageClass),
    tags: directive(call, 'x-oss-tagging-directive') === 'COPY' ? source.tags : readTags(call),
    ...(retention ? { retention } : {}),
  });
  return xmlReply(
    { CopyObjectResult: { ETag: `"${version.etag}"`, LastModified: version.lastModified.toISOString() } },
    {
      ETag: `"${version.etag}"`,
      'x-oss-hash-crc64ecma': version.crc64,
      'x-oss-copied-size': String(version.content.size),
      'x-oss-ia-retrieve-flow-type': '0',
      ...versionHeader(bucket, version.versionId),
      ...(sourceVersioning !== 'Unversioned' && { 'x-oss-copy-source-version-id': source.versionId }),
    },
  );
}

/** `/bucket/key[?versionId=…]`, the key percent-encoded. */
function findSource(call: Call, cloud: Cloud): { source: ObjectVersion; sourceVersioning: string } {
  const header = call.headers['x-oss-copy-source'] ?? '';
  const [, bucketName, path = '', versionId] =
    /^\/?([^/?]+)(?:\/|%2F)([^?]+)(?:\?versionId=(.+))?$/i.exec(header) ?? [];
  if (!bucketName) {
    throw refuse('InvalidArgument', {
      message: 'Copy Source must mention the source bucket and key: /sourcebucket/sourcekey',
      details: { ArgumentName: 'x-oss-copy-source', ArgumentValue: header },
    });
  }
  const { versioning } = findBucket(cloud.store, bucketName);
  const source = findObject(cloud.store, bucketName, decodeURIComponent(path), versionId);
  return { source, sourceVersioning: versioning };
}

function directive(call: Call, name: string): 'COPY' | 'REPLACE' {
  const value = (call.headers[name] ?? 'COPY').toUpperCase();
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw refuse('InvalidArgument', { details: { ArgumentName: name, ArgumentValue: value } });
}
