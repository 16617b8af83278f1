import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import type { Call } from '../request.ts';
import type { Part, Upload } from '../state.ts';
import { findBucket } from '../versions.ts';

const MAX_PART_NUMBER = 10_000;

/**
 * Returns the multipart upload that a request goes on with. It takes its tags and retention from its beginning;
 * retention that comes only later would be lost in silence, hence is refused.
 * @param ec of NoSuchUpload, which differs between the operations
 * @throws NoSuchBucket, NoSuchUpload, NotImplemented
 */
export function findUpload(call: Call, cloud: Cloud, ec?: string): Upload {
  findBucket(cloud.store, call.bucket);
  const id = call.query.get('uploadId') ?? '';
  const upload = cloud.store.upload(call.bucket, id);
  if (upload?.key !== call.key)
    throw refuse('NoSuchUpload', { details: { UploadId: id }, ...(ec && { ec }) });
  const late = Object.keys(call.headers).find((name) => name.startsWith('x-oss-object-worm-'));
  if (late && !upload.retention && !upload.legalHold) {
    throw refuse('NotImplemented', { details: { Header: late } });
  }
  return upload;
}

/** @throws InvalidArgument unless it is 1 to 10,000 */
export function readPartNumber(call: Call): number {
  const text = call.query.get('partNumber') ?? '';
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw refuse('InvalidArgument', { details: { ArgumentName: 'partNumber', ArgumentValue: text } });
}

/** @throws PartNotSequential, PartAlreadyExist for a part out of order of an upload that began with `sequential` */
export function checkSequence({ isSequential, parts }: Upload, number: number): void {
  if (isSequential === undefined || number === parts.size + 1) return;
  throw refuse(number <= parts.size ? 'PartAlreadyExist' : 'PartNotSequential', {
    details: { PartNumber: number },
  });
}

/** Adds a part, or replaces the one of its number. @throws NoSuchUpload when the upload has ended meanwhile, and what checkSequence throws */
export function savePart(call: Call, cloud: Cloud, part: Part, ec: string): void {
  const upload = findUpload(call, cloud, ec);
  checkSequence(upload, part.number);
  cloud.store.savePart(upload.bucket, upload.id, part);
  announceUpload(call, cloud, 'ObjectCreated:UploadPart', upload, part);
}

/** Raises an event about an upload that is no object yet. */
export function announceUpload(call: Call, cloud: Cloud, name: string, upload: Upload, part?: Part): void {
  const { key, metadata } = upload;
  const size = part?.content.size ?? 0;
  cloud.announce(call, { name, key, size, deltaSize: size, etag: part?.etag ?? '', metadata });
}
