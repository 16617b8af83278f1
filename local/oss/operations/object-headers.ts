import { rememberLast } from '../../remember-last.ts';
import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import { forbidsOverwriting } from '../overwriting.ts';
import { checkPublicAcl } from '../public-access.ts';
import type { Call } from '../request.ts';
import type { Bucket, LegalHold, ObjectVersion, Retention } from '../state.ts';
import type { Store } from '../store/store.ts';
import { readTagHeader } from '../tags.ts';
import { readObjectAcl } from './acl.ts';
import { encryptionHeaders, readEncryption } from './encryption.ts';

/** Headers that say how an object is to be stored; PutObject, CopyObject and InitiateMultipartUpload take them. */
export const uploadHeaders = [
  'x-oss-meta-*',
  'x-oss-tagging',
  'x-oss-forbid-overwrite',
  'x-oss-storage-class',
  'x-oss-object-worm-mode',
  'x-oss-object-worm-retain-until-date',
  'x-oss-object-worm-legal-hold',
  'x-oss-object-acl',
  ...encryptionHeaders,
];

const storedHeaders = [
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Type',
  'Expires',
].map((name) => [name, name.toLowerCase()] as const);
const MODE = 'x-oss-object-worm-mode';
const UNTIL = 'x-oss-object-worm-retain-until-date';
const HOLD = 'x-oss-object-worm-legal-hold';

type Attributes = Pick<
  ObjectVersion,
  'metadata' | 'storageClass' | 'tags' | 'retention' | 'legalHold' | 'acl' | 'encryption'
>;

/**
 * Tells what the headers of an upload say of the object to come.
 * @throws InvalidArgument, InvalidTag, InvalidRequest, InvalidEncryptionAlgorithmError
 */
export function readAttributes(call: Call, bucket: Bucket, cloud: Cloud): Attributes {
  const retention = readRetention(call, bucket, cloud);
  const legalHold = readLegalHold(call, bucket);
  const acl = readObjectAcl(call);
  checkPublicAcl(bucket, acl, 'object', cloud.store);
  const encryption = readEncryption(call, bucket);
  const attributes: { -readonly [Name in keyof Attributes]: Attributes[Name] } = {
    metadata: readMetadata(call),
    storageClass: readStorageClass(call, bucket.storageClass),
    tags: readTagHeader(call.headers['x-oss-tagging'] ?? ''),
  };
  if (retention) attributes.retention = retention;
  if (legalHold) attributes.legalHold = legalHold;
  if (acl) attributes.acl = acl;
  if (encryption) attributes.encryption = encryption;
  return attributes;
}

/** Returns the headers that are kept with an object and come back on GET and HEAD. */
export function readMetadata(call: Call): Record<string, string> {
  const metadata: Record<string, string> = { 'Content-Type': 'application/octet-stream' };
  for (const [name, sent] of storedHeaders) {
    const value = call.headers[sent];
    if (value) metadata[name] = value;
  }
  for (const name in call.headers) {
    if (name.startsWith('x-oss-meta-')) metadata[name] = call.headers[name] ?? '';
  }
  return metadata;
}

/** @throws InvalidArgument for a storage class that OSS does not have */
export function readStorageClass(call: Call, usual: string): string {
  const value = call.headers['x-oss-storage-class'] ?? usual;
  if (/^(Standard|IA|Archive|ColdArchive|DeepColdArchive)$/.test(value)) return value;
  throw refuse('InvalidArgument', { details: { ArgumentName: 'x-oss-storage-class', ArgumentValue: value } });
}

/**
 * The retention that an upload asks for.
 * @throws InvalidArgument (one header without the other, unknown mode, bad or past date), InvalidRequest (bucket
 *   without ObjectWorm)
 */
function readRetention(call: Call, bucket: Bucket, cloud: Cloud): Retention | undefined {
  const mode = call.headers[MODE];
  const date = call.headers[UNTIL];
  if (mode === undefined && date === undefined) return undefined;
  checkObjectWorm(bucket);
  const retainUntil = readRetainUntil(date ?? '');
  if (mode !== 'COMPLIANCE' && mode !== 'GOVERNANCE') throw badHeader(MODE, mode);
  if (!retainUntil || retainUntil <= cloud.now()) throw badHeader(UNTIL, date);
  return { mode, retainUntil };
}

/** The legal hold that an upload asks for. @throws InvalidArgument, InvalidRequest */
function readLegalHold(call: Call, bucket: Bucket): LegalHold | undefined {
  const value = call.headers[HOLD];
  if (value === undefined) return undefined;
  checkObjectWorm(bucket);
  if (value !== 'ON' && value !== 'OFF') throw badHeader(HOLD, value);
  return value;
}

/** @throws InvalidRequest where neither retention nor legal hold can be set */
export function checkObjectWorm(bucket: Bucket): void {
  if (bucket.objectWorm) return;
  throw refuse('InvalidRequest', { message: 'Bucket is missing Object Worm Configuration.' });
}

/** Returns an ISO 8601 date in UTC, cut to the second; undefined when it is not one. */
export const readRetainUntil = rememberLast((text: string): Date | undefined => {
  const whole = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/.exec(text)?.[1];
  const instant = new Date(`${whole}Z`);
  const isReal =
    whole !== undefined && !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(whole);
  return isReal ? instant : undefined;
});

export function bypassesGovernance(call: Call): boolean {
  return call.headers['x-oss-bypass-governance-retention']?.toLowerCase() === 'true';
}

/** Keys have 1 to 1023 bytes and begin with neither slash (EC pages 0016-00000003 and 0016-00000005). */
export function checkKey(key: string): void {
  const details = { ObjectName: key };
  if (Buffer.byteLength(key) > 1023) {
    const message = 'The Length of Object name must be less than 1024.';
    throw refuse('InvalidObjectName', { message, ec: '0016-00000003', details });
  }
  if (/^[/\\]/.test(key)) throw refuse('InvalidObjectName', { ec: '0016-00000005', details });
}

/** `x-oss-forbid-overwrite` and the rules of the bucket count only where there are no versions. */
export function checkOverwrite(call: Call, bucket: Bucket, store: Store): void {
  if (bucket.versioning !== 'Unversioned' || store.versions(bucket.name, call.key).length === 0) return;
  const isForbidden = call.headers['x-oss-forbid-overwrite']?.toLowerCase() === 'true';
  if (isForbidden || forbidsOverwriting(bucket, call.key, call.senderNames())) {
    throw refuse('FileAlreadyExists', { details: { ObjectName: call.key } });
  }
}

function badHeader(name: string, value = '') {
  return refuse('InvalidArgument', { details: { ArgumentName: name, ArgumentValue: value } });
}
