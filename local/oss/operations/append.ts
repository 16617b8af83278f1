import { createHash } from 'node:crypto';
import { receive } from '../body.ts';
import { joinContents } from '../content.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket, ObjectVersion } from '../state.ts';
import { findBucket, findObject, immutable, updateObject, wholeSeconds } from '../versions.ts';
import { isImmutable } from '../worm.ts';
import { encryptionHeaders, writeEncryption } from './encryption.ts';
import { checkKey, readAttributes } from './object-headers.ts';
import { store } from './put.ts';

export const appendOperations: readonly Operation[] = [
  {
    name: 'AppendObject',
    method: 'POST',
    on: 'object',
    requires: ['append', 'position'],
    headers: [
      'x-oss-meta-*',
      'x-oss-tagging',
      'x-oss-storage-class',
      'x-oss-object-acl',
      ...encryptionHeaders,
    ],
    run: appendObject,
  },
  {
    name: 'SealAppendObject',
    method: 'POST',
    on: 'object',
    requires: ['seal', 'position'],
    run: sealObject,
  },
];

/** Refused where ObjectWorm is on (documented), and for an object that a WORM policy protects. */
async function appendObject(call: Call, cloud: Cloud): Promise<Reply> {
  checkKey(call.key);
  const before = checkAppendable(call, cloud).existing;
  const received = await receive(call, before && { crcBefore: before.crc64 });
  const { bucket, existing } = checkAppendable(call, cloud);
  if (existing?.etag !== before?.etag) throw notAtEnd(existing);
  const content = existing ? joinContents([existing.content, received.content]) : received.content;
  const etag = appendableEtag(received.crc64, content.size);
  const change = { content, crc64: received.crc64, etag };
  const { versionId, encryption } = existing
    ? extend(call, cloud, bucket, existing, change)
    : store(call, cloud, bucket, 'ObjectCreated:AppendObject', {
        type: 'Appendable',
        ...change,
        ...readAttributes(call, bucket, cloud),
      }).version;
  return {
    status: 200,
    headers: {
      ETag: `"${etag}"`,
      'x-oss-hash-crc64ecma': received.crc64,
      'x-oss-next-append-position': String(content.size),
      ...writeEncryption(encryption),
      ...versionHeader(bucket, versionId),
    },
  };
}

/** @throws OperationNotSupported, ObjectNotAppendable, AppendSealedObjectNotAllowed, FileImmutable, PositionNotEqualToLength */
function checkAppendable(call: Call, cloud: Cloud): { bucket: Bucket; existing: ObjectVersion | undefined } {
  const bucket = findBucket(cloud.store, call.bucket);
  if (bucket.objectWorm) throw refuse('OperationNotSupported', { details: { BucketName: bucket.name } });
  const current = cloud.store.versions(bucket.name, call.key)[0];
  const existing = current?.kind === 'object' ? current : undefined;
  if (existing && existing.type !== 'Appendable') {
    throw refuse('ObjectNotAppendable', { details: { ObjectName: call.key } });
  }
  if (existing?.sealedAt) throw sealed(call);
  if (existing && isImmutable(bucket, existing, cloud.now())) throw immutable(call.key);
  if (call.query.get('position') !== String(existing?.content.size ?? 0)) throw notAtEnd(existing);
  return { bucket, existing };
}

/** Ends appending for good. Sealing again changes nothing, and says when it was (documented). */
function sealObject(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const object = findObject(cloud.store, bucket.name, call.key);
  if (object.type !== 'Appendable') throw sealed(call);
  if (call.query.get('position') !== String(object.content.size)) throw notAtEnd(object);
  const sealedAt = object.sealedAt ?? wholeSeconds(cloud.now());
  updateObject(cloud.store, bucket.name, call.key, object, { sealedAt });
  return {
    status: 200,
    headers: {
      ETag: `"${object.etag}"`,
      'Last-Modified': object.lastModified.toUTCString(),
      'x-oss-object-type': object.type,
      'x-oss-storage-class': object.storageClass,
      'x-oss-sealed-time': sealedAt.toUTCString(),
      ...versionHeader(bucket, object.versionId),
    },
  };
}

function sealed(call: Call) {
  return refuse('AppendSealedObjectNotAllowed', { details: { ObjectName: call.key } });
}

function notAtEnd(existing: ObjectVersion | undefined) {
  const length = String(existing?.content.size ?? 0);
  return refuse('PositionNotEqualToLength', { headers: { 'x-oss-next-append-position': length } });
}

function extend(
  call: Call,
  cloud: Cloud,
  bucket: Bucket,
  existing: ObjectVersion,
  change: Pick<ObjectVersion, 'content' | 'crc64' | 'etag'>,
): ObjectVersion {
  const now = wholeSeconds(cloud.now());
  updateObject(cloud.store, bucket.name, call.key, existing, { ...change, lastModified: now });
  const { size } = change.content;
  cloud.announce(call, {
    name: 'ObjectCreated:AppendObject',
    key: call.key,
    size,
    deltaSize: size - existing.content.size,
    etag: change.etag,
    metadata: existing.metadata,
  });
  return existing;
}

/** The service does not document how it makes this ETag; it is no MD5 of the content. */
function appendableEtag(crc: string, size: number): string {
  return createHash('md5').update(`${crc}:${size}`).digest('hex').toUpperCase();
}
