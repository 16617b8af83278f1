import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader } from '../reply.ts';
import type { Call } from '../request.ts';
import { checkReadable, restoreHeader } from '../restored.ts';
import type { Bucket, ObjectVersion } from '../state.ts';
import { findBucket, findObject } from '../versions.ts';
import { xmlDate } from '../xml.ts';
import { checkConditions, readConditions } from './conditions.ts';
import { writeEncryption } from './encryption.ts';
import { type ByteRange, readRange } from './range.ts';

const responseOverrides: Readonly<Record<string, string>> = {
  'response-content-type': 'Content-Type',
  'response-content-language': 'Content-Language',
  'response-expires': 'Expires',
  'response-cache-control': 'Cache-Control',
  'response-content-disposition': 'Content-Disposition',
  'response-content-encoding': 'Content-Encoding',
};

export const getOperations: readonly Operation[] = [
  {
    name: 'GetObject',
    method: 'GET',
    on: 'object',
    allows: ['versionId', ...Object.keys(responseOverrides)],
    headers: ['x-oss-range-behavior'],
    run: getObject,
  },
  { name: 'HeadObject', method: 'HEAD', on: 'object', allows: ['versionId'], run: headObject },
  {
    name: 'GetObjectMeta',
    method: 'HEAD',
    on: 'object',
    requires: ['objectMeta'],
    allows: ['versionId'],
    run: getObjectMeta,
  },
];

function getObject(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = find(call, cloud);
  const target = followSymlink(call, cloud, version);
  checkConditions(readConditions(call), target);
  checkReadable(bucket, call.key, target, cloud.now());
  const { size } = target.content;
  const range = chooseRange(call, size);
  const overrides = Object.entries(responseOverrides).flatMap(([parameter, header]) => {
    const value = call.query.get(parameter);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break out of the header
    if (value && /[\u0000-\u001f\u007f]/.test(value)) {
      throw refuse('InvalidArgument', { details: { ArgumentName: parameter } });
    }
    return value ? [[header, value] as const] : [];
  });
  const headers = {
    ...describe(bucket, version, target),
    ...restoreHeader(target, cloud.now()),
    ...Object.fromEntries(overrides),
  };
  const body = { content: target.content, ...(range ?? { start: 0, end: size }) };
  if (range) {
    const { 'Content-MD5': _ofTheWhole, ...ofRange } = headers; // recorded: 206 has none
    const contentRange = `bytes ${range.start}-${range.end - 1}/${size}`;
    return { status: 206, headers: { ...ofRange, 'Content-Range': contentRange }, body };
  }
  if (size === 0) return { status: 200, headers, body, isUntimed: true };
  return compressed(call, { status: 200, headers, body }, size);
}

/** Types that the service compresses, and the smallest size at which it does (documented with GetObject). */
const textTypes =
  /^(text\/(cache-manifest|xml|plain|css|html|javascript|json)|application\/(javascript|x-javascript|rss\+xml|json))\s*(;|$)/i;
const SMALLEST_COMPRESSED = 1024;

/** Text goes out with gzip when the client takes it; then it has neither ETag nor Content-MD5. */
function compressed(
  call: Call,
  reply: Reply & { readonly headers: Record<string, string> },
  size: number,
): Reply {
  const { headers } = reply;
  const isText = textTypes.test(headers['Content-Type'] ?? '') && size >= SMALLEST_COMPRESSED;
  if (!isText || headers['Content-Encoding'] !== undefined) return reply;
  const withVary: Record<string, string> = { ...headers, Vary: 'Accept-Encoding' };
  if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(call.headers['accept-encoding'] ?? '')) {
    return { ...reply, headers: withVary };
  }
  const { ETag: _etag, 'Content-MD5': _md5, ...rest } = withVary;
  return { ...reply, headers: { ...rest, 'Content-Encoding': 'gzip' }, isGzipped: true };
}

function headObject(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = find(call, cloud);
  const target = followSymlink(call, cloud, version);
  checkConditions(readConditions(call), target);
  const headers = describe(bucket, version, target);
  Object.assign(headers, restoreHeader(target, cloud.now()));
  headers['Content-Length'] = String(target.content.size);
  return { status: 200, headers };
}

function getObjectMeta(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = find(call, cloud);
  return {
    status: 200,
    headers: {
      'Content-Length': String(version.content.size),
      ETag: `"${version.etag}"`,
      'Last-Modified': version.lastModified.toUTCString(),
      'x-oss-hash-crc64ecma': version.crc64,
      'x-oss-object-type': version.type,
      ...versionHeader(bucket, version.versionId),
    },
  };
}

function find(call: Call, cloud: Cloud): { bucket: Bucket; version: ObjectVersion } {
  const bucket = findBucket(cloud.store, call.bucket);
  return { bucket, version: findObject(cloud.store, bucket.name, call.key, call.query.get('versionId')) };
}

/**
 * Reading a symlink reads what it points at, one step.
 * @throws SymlinkTargetNotExist, InvalidTargetType (documented with HeadObject)
 */
function followSymlink(call: Call, cloud: Cloud, version: ObjectVersion): ObjectVersion {
  if (version.symlinkTarget === undefined) return version;
  const target = cloud.store.versions(call.bucket, version.symlinkTarget)[0];
  if (target?.kind !== 'object') throw refuse('SymlinkTargetNotExist', { details: { Key: call.key } });
  if (target.symlinkTarget !== undefined) throw refuse('InvalidTargetType', { details: { Key: call.key } });
  return target;
}

/**
 * Returns the headers that describe an object. A symlink shows length, ETag, checksums and storage class of its target, and
 * the later one of both dates; the rest is its own (documented with HeadObject).
 */
function describe(bucket: Bucket, version: ObjectVersion, target: ObjectVersion): Record<string, string> {
  const tagCount = Object.keys(version.tags).length;
  const { retention, legalHold } = version;
  const { lastModified } = version.lastModified > target.lastModified ? version : target;
  const headers: Record<string, string> = { 'Accept-Ranges': 'bytes' };
  for (const name in version.metadata) headers[name] = version.metadata[name] ?? '';
  if (target.md5 !== undefined) headers['Content-MD5'] = target.md5;
  headers['ETag'] = `"${target.etag}"`;
  headers['Last-Modified'] = lastModified.toUTCString();
  headers['x-oss-hash-crc64ecma'] = target.crc64;
  headers['x-oss-object-type'] = version.type;
  headers['x-oss-storage-class'] = target.storageClass;
  if (version.type === 'Appendable') headers['x-oss-next-append-position'] = String(version.content.size);
  if (target.sealedAt) headers['x-oss-sealed-time'] = target.sealedAt.toUTCString();
  if (version.encryption) Object.assign(headers, writeEncryption(version.encryption));
  if (tagCount > 0) headers['x-oss-tagging-count'] = String(tagCount);
  if (retention) {
    headers['x-oss-object-worm-mode'] = retention.mode;
    headers['x-oss-object-worm-retain-until-date'] = xmlDate(retention.retainUntil);
  }
  if (legalHold) headers['x-oss-object-worm-legal-hold'] = legalHold;
  return Object.assign(headers, versionHeader(bucket, version.versionId));
}

/**
 * The bytes to send. A range that meets none is ignored, unless `x-oss-range-behavior: standard` asks for a refusal
 * (documented with GetObject).
 */
function chooseRange(call: Call, size: number): ByteRange | undefined {
  const range = readRange(call.headers['range'], size);
  if (range !== 'unsatisfiable') return range;
  if (call.headers['x-oss-range-behavior'] !== 'standard') return undefined;
  throw refuse('InvalidRange', { headers: { 'Content-Range': `bytes */${size}` } });
}
