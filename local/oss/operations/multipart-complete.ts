import { createHash } from 'node:crypto';
import { z } from 'zod';
import { receiveXml } from '../body.ts';
import { joinContents } from '../content.ts';
import { joinCrc64 } from '../crc64.ts';
import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Part, Upload } from '../state.ts';
import { findBucket } from '../versions.ts';
import { keyEncoding } from './paging.ts';
import { store } from './put.ts';
import { findUpload } from './uploads.ts';

const completeDocument = z.strictObject({
  CompleteMultipartUpload: z.strictObject({
    Part: z
      .array(z.strictObject({ PartNumber: z.string().regex(/^\d+$/).transform(Number), ETag: z.string() }))
      .min(1),
  }),
});

/** Makes the object of the parts named. Whatever protects the object that it would replace is asked now. */
export async function completeUpload(call: Call, cloud: Cloud): Promise<Reply> {
  const { CompleteMultipartUpload } = await receiveXml(call, completeDocument, ['Part']);
  const { type, text } = keyEncoding(call);
  const upload = findUpload(call, cloud);
  const parts = choose(upload, CompleteMultipartUpload.Part);
  const content = joinContents(parts.map((part) => part.content));
  const bucket = findBucket(cloud.store, call.bucket);
  const { metadata, storageClass, tags, retention, legalHold, acl } = upload;
  const version = cloud.store.atomically(() => {
    const written = store(call, cloud, bucket, 'ObjectCreated:CompleteMultipartUpload', {
      type: 'Multipart',
      content,
      etag: joinedEtag(parts),
      crc64: joinedCrc64(parts),
      metadata,
      storageClass,
      tags,
      ...(retention && { retention }),
      ...(legalHold && { legalHold }),
      ...(acl && { acl }),
    });
    cloud.store.removeUpload(bucket.name, upload.id);
    return written.version;
  });
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

/** @throws InvalidPartOrder, InvalidPart */
function choose({ parts }: Upload, wanted: readonly { PartNumber: number; ETag: string }[]): Part[] {
  let last = 0;
  return wanted.map(({ PartNumber: number, ETag }) => {
    if (number <= last) throw refuse('InvalidPartOrder');
    last = number;
    const part = parts.get(number);
    const etag = ETag.replace(/"/g, '').toUpperCase();
    if (part?.etag === etag) return part;
    throw refuse('InvalidPart', { details: { PartNumber: String(number), ETag } });
  });
}

/** The MD5 of the parts' ETags as text, one behind the other, which a recorded reply of the service shows. */
function joinedEtag(parts: readonly Part[]): string {
  const etags = parts.map((part) => part.etag).join('');
  return `${createHash('md5').update(etags).digest('hex').toUpperCase()}-${parts.length}`;
}

function joinedCrc64(parts: readonly Part[]): string {
  return parts.reduce((crc, part) => joinCrc64(crc, part.crc64, part.content.size), '0');
}
