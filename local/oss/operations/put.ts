import { receive } from '../body.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket } from '../state.ts';
import { findBucket, type NewObject, type Written, writeObject } from '../versions.ts';
import { writeEncryption } from './encryption.ts';
import { checkKey, checkOverwrite, readAttributes, uploadHeaders } from './object-headers.ts';

export const putOperations: readonly Operation[] = [
  { name: 'PutObject', method: 'PUT', on: 'object', headers: uploadHeaders, run: putObject },
];

async function putObject(call: Call, cloud: Cloud): Promise<Reply> {
  checkKey(call.key);
  findBucket(cloud.store, call.bucket);
  const received = await receive(call);
  const bucket = findBucket(cloud.store, call.bucket);
  const { version } = store(call, cloud, bucket, 'ObjectCreated:PutObject', {
    type: 'Normal',
    content: received.content,
    etag: received.etag,
    md5: received.md5,
    crc64: received.crc64,
    ...readAttributes(call, bucket, cloud),
  });
  const headers: Record<string, string> = {
    'Content-MD5': received.md5,
    ETag: `"${version.etag}"`,
    'x-oss-hash-crc64ecma': version.crc64,
  };
  if (version.encryption) Object.assign(headers, writeEncryption(version.encryption));
  return { status: 200, headers: Object.assign(headers, versionHeader(bucket, version.versionId)) };
}

/** Writes a new version of the request's key and raises its event. */
export function store(call: Call, cloud: Cloud, bucket: Bucket, event: string, draft: NewObject): Written {
  checkOverwrite(call, bucket, cloud.store);
  const written = writeObject(cloud.store, bucket, call.key, draft, cloud.now());
  const { size } = draft.content;
  cloud.announce(call, {
    name: event,
    key: call.key,
    size,
    deltaSize: size - written.replacedSize,
    etag: draft.etag,
    metadata: draft.metadata,
    versionId: written.version.versionId,
  });
  return written;
}
