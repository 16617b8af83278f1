import { receive } from '../body.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Upload } from '../state.ts';
import { findBucket } from '../versions.ts';
import { copySourceHeaders } from './copy-source.ts';
import { encryptionHeaders, refuseEncryption, writeEncryption } from './encryption.ts';
import { completeUpload } from './multipart-complete.ts';
import { uploadPartCopy } from './multipart-copy.ts';
import { listParts } from './multipart-list.ts';
import { listUploads } from './multipart-uploads.ts';
import { checkKey, readAttributes, uploadHeaders } from './object-headers.ts';
import { keyEncoding } from './paging.ts';
import { announceUpload, checkSequence, findUpload, readPartNumber, savePart } from './uploads.ts';

/** WORM headers of the upload, which clients repeat in later requests of it; uploads.ts says when they may. */
const repeatedHeaders = uploadHeaders.filter((name) => name.startsWith('x-oss-object-worm-'));

export const multipartOperations: readonly Operation[] = [
  {
    name: 'InitiateMultipartUpload',
    method: 'POST',
    on: 'object',
    requires: ['uploads'],
    allows: ['encoding-type', 'sequential'],
    headers: uploadHeaders,
    run: initiate,
  },
  {
    name: 'UploadPartCopy',
    method: 'PUT',
    on: 'object',
    requires: ['partNumber', 'uploadId'],
    requiresHeader: 'x-oss-copy-source',
    headers: [...repeatedHeaders, ...copySourceHeaders, 'x-oss-copy-source-range'],
    run: uploadPartCopy,
  },
  {
    name: 'UploadPart',
    method: 'PUT',
    on: 'object',
    requires: ['partNumber', 'uploadId'],
    headers: [...repeatedHeaders, ...encryptionHeaders],
    run: uploadPart,
  },
  {
    name: 'CompleteMultipartUpload',
    method: 'POST',
    on: 'object',
    requires: ['uploadId'],
    allows: ['encoding-type'],
    headers: [
      ...repeatedHeaders,
      ...encryptionHeaders,
      'x-oss-forbid-overwrite',
      'x-oss-object-acl',
      'x-oss-complete-all',
    ],
    run: completeUpload,
  },
  {
    name: 'AbortMultipartUpload',
    method: 'DELETE',
    on: 'object',
    requires: ['uploadId'],
    headers: repeatedHeaders,
    run: abort,
  },
  {
    name: 'ListParts',
    method: 'GET',
    on: 'object',
    requires: ['uploadId'],
    allows: ['encoding-type', 'max-parts', 'part-number-marker'],
    headers: repeatedHeaders,
    run: listParts,
  },
  {
    name: 'ListMultipartUploads',
    method: 'GET',
    on: 'bucket',
    requires: ['uploads'],
    allows: ['delimiter', 'prefix', 'key-marker', 'upload-id-marker', 'max-uploads', 'encoding-type'],
    run: listUploads,
  },
];

/** Tags and retention are given here and take effect when the upload is completed. */
function initiate(call: Call, cloud: Cloud): Reply {
  checkKey(call.key);
  const bucket = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const upload: Upload = {
    id: newLongId(),
    bucket: bucket.name,
    key: call.key,
    initiatedAt: cloud.now(),
    ...readAttributes(call, bucket, cloud),
    ...(call.query.has('sequential') && { isSequential: true }),
    parts: new Map(),
  };
  cloud.store.saveUpload(upload);
  announceUpload(call, cloud, 'ObjectCreated:InitiateMultipartUpload', upload);
  return xmlReply(
    {
      InitiateMultipartUploadResult: {
        EncodingType: type,
        Bucket: bucket.name,
        Key: text(call.key),
        UploadId: upload.id,
      },
    },
    writeEncryption(upload.encryption),
  );
}

/** The EC of NoSuchUpload from UploadPart, asserted by the Go SDK v2's suite. */
const PART_EC = '0042-00000104';

async function uploadPart(call: Call, cloud: Cloud): Promise<Reply> {
  const number = readPartNumber(call);
  refuseEncryption(call);
  const upload = findUpload(call, cloud, PART_EC);
  checkSequence(upload, number);
  const received = await receive(call);
  const part = { number, ...received, lastModified: cloud.now() };
  savePart(call, cloud, part, PART_EC);
  return {
    status: 200,
    headers: {
      'Content-MD5': part.md5,
      ETag: `"${part.etag}"`,
      'x-oss-hash-crc64ecma': part.crc64,
      ...writeEncryption(upload.encryption),
    },
  };
}

function abort(call: Call, cloud: Cloud): Reply {
  const upload = findUpload(call, cloud);
  cloud.store.removeUpload(call.bucket, upload.id);
  announceUpload(call, cloud, 'ObjectRemoved:AbortMultipartUpload', upload);
  return { status: 204 };
}
