import { createHash } from 'node:crypto';
import { z } from 'zod';
import { receive, receiveXml } from '../body.ts';
import { joinContents } from '../content.ts';
import { crc64 } from '../crc64.ts';
import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Part, Upload } from '../state.ts';
import { findBucket } from '../versions.ts';
import {
  checkKey,
  readMetadata,
  readRetention,
  readStorageClass,
  readTags,
  uploadHeaders,
} from './object-headers.ts';
import { keyEncoding } from './paging.ts';
import { store } from './put.ts';

const MAX_PART_NUMBER = 10_000;

const completeDocument = z.strictObject({
  CompleteMultipartUpload: z.strictObject({
    Part: z
      .array(z.strictObject({ PartNumber: z.string().regex(/^\d+$/).transform(Number), ETag: z.string() }))
      .min(1),
  }),
});

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
    run: complete,
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

async function complete(call: Call, cloud: Cloud): Promise<Reply> {
  const { CompleteMultipartUpload } = await receiveXml(call, completeDocument, ['Part']);
  const { type, text } = keyEncoding(call);
  const parts = choose(findUpload(call, cloud), CompleteMultipartUpload.Part);
  const content = joinContents(parts.map((part) => part.content));
  const checksum = crc64();
  for await (const chunk of content.read(0, content.size)) checksum.update(chunk);
  const upload = findUpload(call, cloud);
  const bucket = findBucket(cloud.store, call.bucket);
  const { version } = store(call, cloud, bucket, 'ObjectCreated:CompleteMultipartUpload', {
    type: 'Multipart',
    content,
    etag: joinedEtag(parts),
    crc64: checksum.digest(),
    metadata: upload.metadata,
    storageClass: upload.storageClass,
    tags: upload.tags,
    ...(upload.retention && { retention: upload.retention }),
  });
  cloud.store.removeUpload(bucket.name, upload.id);
  const etag = `"${version.etag}"`;
  return xmlReply(
    {
      CompleteMultipartUploadResult: {
        EncodingType: type,
        Location: call.url,
        Bucket: bucket.name,
        Key: text(call.key),
        ETag: etag,
      },
    },
    { ETag: etag, 'x-oss-hash-crc64ecma': version.crc64, ...versionHeader(bucket, version.versionId) },
  );
}

function abort(call: Call, cloud: Cloud): Reply {
  const upload = findUpload(call, cloud);
  cloud.store.removeUpload(call.bucket, upload.id);
  announce(call, cloud, 'ObjectRemoved:AbortMultipartUpload', 0, '', upload);
  return { status: 204 };
}

function listParts(call: Call, cloud: Cloud): Reply {
  const upload = findUpload(call, cloud);
  const { type, text } = keyEncoding(call);
  const limit = Math.min(Number(call.query.get('max-parts') || 1000), 1000);
  const marker = Number(call.query.get('part-number-marker') || 0);
  if (!(limit >= 1) || !(marker >= 0)) throw refuse('InvalidArgument');
  const later = [...upload.parts.values()]
    .sort((a, b) => a.number - b.number)
    .filter((part) => part.number > marker);
  const page = later.slice(0, limit);
  return xmlReply({
    ListPartsResult: {
      EncodingType: type,
      Bucket: upload.bucket,
      Key: text(upload.key),
      UploadId: upload.id,
      StorageClass: upload.storageClass,
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.number ?? 0,
      MaxParts: limit,
      IsTruncated: later.length > page.length,
      Part: page.map((part) => ({
        PartNumber: part.number,
        LastModified: part.lastModified.toISOString(),
        ETag: `"${part.etag}"`,
        HashCrc64ecma: part.crc64,
        Size: part.content.size,
      })),
    },
  });
}

function findUpload(call: Call, cloud: Cloud): Upload {
  findBucket(cloud.store, call.bucket);
  const id = call.query.get('uploadId') ?? '';
  const upload = cloud.store.upload(call.bucket, id);
  if (upload?.key === call.key) return upload;
  throw refuse('NoSuchUpload', { details: { UploadId: id } });
}

/** @throws InvalidPartOrder, InvalidPart */
function choose(upload: Upload, wanted: readonly { PartNumber: number; ETag: string }[]): Part[] {
  let last = 0;
  return wanted.map(({ PartNumber: number, ETag }) => {
    if (number <= last) throw refuse('InvalidPartOrder');
    last = number;
    const part = upload.parts.get(number);
    const etag = ETag.replace(/"/g, '').toUpperCase();
    if (part?.etag === etag) return part;
    throw refuse('InvalidPart', { details: { PartNumber: String(number), ETag } });
  });
}

function joinedEtag(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'));
  return `${md5.digest('hex').toUpperCase()}-${parts.length}`;
}

function announce(call: Call, cloud: Cloud, name: string, size: number, etag: string, upload: Upload): void {
  cloud.announce(call, { name, key: upload.key, size, deltaSize: size, etag, metadata: upload.metadata });
}
