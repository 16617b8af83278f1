import { receive } from '../body.ts';
import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Upload } from '../state.ts';
import { findBucket } from '../versions.ts';
import { completeUpload } from './multipart-complete.ts';
import { listParts } from './multipart-list.ts';
import {
  checkKey,
  readMetadata,
  readRetention,
  readStorageClass,
  readTags,
  uploadHeaders,
} from './object-headers.ts';
import { keyEncoding } from './paging.ts';
import { findUpload } from './uploads.ts';

const MAX_PART_NUMBER = 10_000;

/** ali-oss repeats the upload's headers with every part and at the end, where they mean nothing. */
export const multipartOperations: readonly Operation[] = [
  {
    name: 'InitiateMultipartUpload',
    method: 'POST',
    on: 'object',
    requires: ['uploads'],
    allows: ['encoding-type'],
    headers: uploadHeaders,
    run: initiate,
  },
  {
    name: 'UploadPart',
    method: 'PUT',
    on: 'object',
    requires: ['partNumber', 'uploadId'],
    headers: uploadHeaders,
    run: uploadPart,
  },
  {
    name: 'CompleteMultipartUpload',
    method: 'POST',
    on: 'object',
    requires: ['uploadId'],
    allows: ['encoding-type'],
    headers: uploadHeaders,
    run: completeUpload,
  },
  { name: 'AbortMultipartUpload', method: 'DELETE', on: 'object', requires: ['uploadId'], run: abort },
  {
    name: 'ListParts',
    method: 'GET',
    on: 'object',
    requires: ['uploadId'],
    allows: ['encoding-type', 'max-parts', 'part-number-marker'],
    run: listParts,
  },
];

/** Tags and retention are given here and take effect when the upload is completed. */
function initiate(call: Call, cloud: Cloud): Reply {
  checkKey(call.key);
  const bucket = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const now = cloud.now();
  const retention = readRetention(call, bucket, now);
  const upload: Upload = {
    id: newLongId(),
    bucket: bucket.name,
    key: call.key,
    initiatedAt: now,
    metadata: readMetadata(call),
    storageClass: readStorageClass(call, bucket.storageClass),
    tags: readTags(call),
    ...(retention ? { retention } : {}),
    parts: new Map(),
  };
  cloud.store.saveUpload(upload);
  announce(call, cloud, 'ObjectCreated:InitiateMultipartUpload', 0, '', upload);
  return xmlReply({
    InitiateMultipartUploadResult: {
      EncodingType: type,
      Bucket: bucket.name,
      Key: text(call.key),
      UploadId: upload.id,
    },
  });
}

async function uploadPart(call: Call, cloud: Cloud): Promise<Reply> {
  const number = Number(call.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
    throw refuse('InvalidArgument', {
      details: { ArgumentName: 'partNumber', ArgumentValue: call.query.get('partNumber') ?? '' },
    });
  }
  findUpload(call, cloud);
  const received = await receive(call);
  const upload = findUpload(call, cloud);
  const part = { number, ...received, lastModified: cloud.now() };
  cloud.store.saveUpload({ ...upload, parts: new Map(upload.parts).set(number, part) });
  announce(call, cloud, 'ObjectCreated:UploadPart', part.content.size, part.etag, upload);
  return {
    status: 200,
    headers: { 'Content-MD5': part.md5, ETag: `"${part.etag}"`, 'x-oss-hash-crc64ecma': part.crc64 },
  };
}

function abort(call: Call, cloud: Cloud): Reply {
  const upload = findUpload(call, cloud);
  cloud.store.removeUpload(call.bucket, upload.id);
  announce(call, cloud, 'ObjectRemoved:AbortMultipartUpload', 0, '', upload);
  return { status: 204 };
}

function announce(call: Call, cloud: Cloud, name: string, size: number, etag: string, upload: Upload): void {
  cloud.announce(call, { name, key: upload.key, size, deltaSize: size, etag, metadata: upload.metadata });
}
