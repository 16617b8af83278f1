import { createHash } from 'node:crypto';
import * as z from 'zod';
import { receiveDocument, receiveXml } from '../body.ts';
import { type Content, joinContents } from '../content.ts';
import { joinCrc64 } from '../crc64.ts';
import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import { checkPublicAcl } from '../public-access.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Part, Upload } from '../state.ts';
import { findBucket } from '../versions.ts';
import { readObjectAcl } from './acl.ts';
import { digest } from './digest.ts';
import { refuseEncryption, writeEncryption } from './encryption.ts';
import { keyEncoding } from './paging.ts';
import { store } from './put.ts';
import { findUpload } from './uploads.ts';

const completeDocument = z.strictObject({
  CompleteMultipartUpload: z
    .strictObject({
      Part: z
        .array(z.strictObject({ PartNumber: z.string().regex(/^\d+$/).transform(Number), ETag: z.string() }))
        .min(1),
    })
    .or(z.literal('').transform(() => ({ Part: [] }))),
});

/**
 * Makes the object of the parts named, or of all parts with `x-oss-complete-all: yes`. No part makes an empty object.
 * Whatever protects the object that it would replace is asked now. An ACL that is given here counts more than that of the
 * upload's beginning.
 */
export async function completeUpload(call: Call, cloud: Cloud): Promise<Reply> {
  refuseEncryption(call);
  findUpload(call, cloud);
  const wanted = await receiveParts(call);
  const { type, text } = keyEncoding(call);
  const upload = findUpload(call, cloud);
  const parts = wanted === 'all' ? sortedParts(upload) : choose(upload, wanted);
  const content = joinContents(parts.map((part) => part.content));
  const whole = upload.isSequential && (await digestWhole(call, cloud, content));
  const bucket = findBucket(cloud.store, call.bucket);
  const { metadata, storageClass, tags, retention, legalHold, encryption } = upload;
  const acl = readObjectAcl(call) ?? upload.acl;
  checkPublicAcl(bucket, acl, 'object', cloud.store);
  const version = cloud.store.atomically(() => {
    const written = store(call, cloud, bucket, 'ObjectCreated:CompleteMultipartUpload', {
      type: 'Multipart',
      content,
      etag: joinedEtag(parts),
      ...(whole && { md5: whole.md5 }),
      crc64: joinedCrc64(parts),
      metadata,
      storageClass,
      tags,
      ...(retention && { retention }),
      ...(legalHold && { legalHold }),
      ...(acl && { acl }),
      ...(encryption && { encryption }),
    });
    cloud.store.removeUpload(bucket.name, upload.id);
    return written.version;
  });
  const etag = `"${version.etag}"`;
  return xmlReply(
    {
      CompleteMultipartUploadResult: {
        EncodingType: type,
        Location: call.url(),
        Bucket: bucket.name,
        Key: text(call.key),
        ETag: etag,
      },
    },
    {
      ETag: etag,
      'x-oss-hash-crc64ecma': version.crc64,
      ...writeEncryption(encryption),
      ...versionHeader(bucket, version.versionId),
    },
  );
}

type WantedPart = z.infer<typeof completeDocument>['CompleteMultipartUpload']['Part'][number];

/** Reads what a sequential upload has made, since its object has a Content-MD5 (asserted by oss2's and the Go SDK v2's suites). */
async function digestWhole(call: Call, cloud: Cloud, content: Content): Promise<{ md5: string }> {
  call.lease.keep(content);
  const { md5 } = await digest(content);
  findUpload(call, cloud); // it may have ended meanwhile
  return { md5 };
}

/** The parts that a request names. @throws InvalidArgument, MalformedXML */
async function receiveParts(call: Call): Promise<readonly WantedPart[] | 'all'> {
  const all = call.headers['x-oss-complete-all'];
  if (all === undefined) {
    return (await receiveXml(call, completeDocument, ['Part'])).CompleteMultipartUpload.Part;
  }
  const body = await receiveDocument(call);
  if (all.toLowerCase() !== 'yes') {
    throw refuse('InvalidArgument', {
      details: { ArgumentName: 'x-oss-complete-all', ArgumentValue: all },
    });
  }
  if (body.length === 0) return 'all';
  throw refuse('InvalidArgument', {
    message: 'Should not speficy both complete all header and http body.', // as the service spells it (Go v2's suite)
    ec: '0042-00000216',
  });
}

function sortedParts({ parts }: Upload): Part[] {
  return [...parts.values()].sort((a, b) => a.number - b.number);
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
