import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { ObjectVersion } from '../state.ts';
import { findBucket } from '../versions.ts';
import { xmlDate } from '../xml.ts';
import { copySourceHeaders, findSource } from './copy-source.ts';
import { writeEncryption } from './encryption.ts';
import { checkKey, readAttributes, uploadHeaders } from './object-headers.ts';
import { store } from './put.ts';

export const copyOperations: readonly Operation[] = [
  {
    name: 'CopyObject',
    method: 'PUT',
    on: 'object',
    requiresHeader: 'x-oss-copy-source',
    headers: [...uploadHeaders, ...copySourceHeaders, 'x-oss-metadata-directive', 'x-oss-tagging-directive'],
    refuses: ['x-oss-copy-source-range'],
    run: copyObject,
  },
];

/** A copy never carries the source's retention, hold or ACL; the default of its own bucket applies. */
function copyObject(call: Call, cloud: Cloud): Reply {
  checkKey(call.key);
  const bucket = findBucket(cloud.store, call.bucket);
  const { version: source, headers } = findSource(call, cloud);
  const attributes = readAttributes(call, bucket, cloud);
  const { version } = store(call, cloud, bucket, 'ObjectCreated:CopyObject', {
    type: 'Normal',
    content: source.content,
    etag: source.etag,
    ...(source.md5 !== undefined && { md5: source.md5 }),
    crc64: source.crc64,
    ...attributes,
    metadata: copiedMetadata(call, attributes.metadata, source.metadata),
    ...(directive(call, 'x-oss-tagging-directive') === 'COPY' && { tags: source.tags }),
  });
  return xmlReply(
    { CopyObjectResult: { ETag: `"${version.etag}"`, LastModified: xmlDate(version.lastModified) } },
    {
      ETag: `"${version.etag}"`,
      'x-oss-hash-crc64ecma': version.crc64,
      'x-oss-copied-size': String(version.content.size),
      'x-oss-ia-retrieve-flow-type': '0',
      ...writeEncryption(version.encryption),
      ...versionHeader(bucket, version.versionId),
      ...headers,
    },
  );
}

/** Metadata of client-side encryption, without which a copy could not be decrypted. */
const clientKeys = /^x-oss-meta-client-side-encryption-/;

/**
 * REPLACE without a Content-Type keeps the type of the source, and always its keys of client-side encryption (asserted by the
 * Python SDK v2's suite).
 */
function copiedMetadata(
  call: Call,
  sent: ObjectVersion['metadata'],
  source: ObjectVersion['metadata'],
): ObjectVersion['metadata'] {
  if (directive(call, 'x-oss-metadata-directive') === 'COPY') return source;
  const kept = Object.fromEntries(Object.entries(source).filter(([name]) => clientKeys.test(name)));
  const { 'Content-Type': type } = source;
  const isTyped = type === undefined || call.headers['content-type'];
  return { ...kept, ...sent, ...(!isTyped && { 'Content-Type': type }) };
}

function directive(call: Call, name: string): 'COPY' | 'REPLACE' {
  const value = (call.headers[name] ?? 'COPY').toUpperCase();
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw refuse('InvalidArgument', { details: { ArgumentName: name, ArgumentValue: value } });
}
