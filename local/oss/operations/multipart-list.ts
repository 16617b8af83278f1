import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Upload } from '../state.ts';
import { type Xml, xmlDate } from '../xml.ts';
import { keyEncoding } from './paging.ts';
import { findUpload } from './uploads.ts';

const MAX_PARTS = 1000;

/** Elements of a list of parts for metadata of client-side encryption (asserted by the Python SDK v2's suite). */
const clientElements = [
  ['ClientEncryptionKey', 'key'],
  ['ClientEncryptionStart', 'start'],
  ['ClientEncryptionCekAlg', 'cek-alg'],
  ['ClientEncryptionWrapAlg', 'wrap-alg'],
  ['ClientEncryptionDataSize', 'data-size'],
  ['ClientEncryptionPartSize', 'part-size'],
] as const;

function clientEncryption(metadata: Upload['metadata']): Xml {
  return Object.fromEntries(
    clientElements.map(([element, name]) => [element, metadata[`x-oss-meta-client-side-encryption-${name}`]]),
  );
}

/** Returns the parts uploaded so far, by number. @throws NoSuchUpload, InvalidArgument */
export function listParts(call: Call, cloud: Cloud): Reply {
  const upload = findUpload(call, cloud);
  const { type, text } = keyEncoding(call);
  const limit = Math.min(Number(call.query.get('max-parts') || MAX_PARTS), MAX_PARTS);
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
      ...clientEncryption(upload.metadata),
      Part: page.map((part) => ({
        PartNumber: part.number,
        LastModified: xmlDate(part.lastModified),
        ETag: `"${part.etag}"`,
        HashCrc64ecma: part.crc64,
        Size: part.content.size,
      })),
    },
  });
}
