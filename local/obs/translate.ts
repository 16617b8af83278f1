import type { Reply } from '../oss/reply.ts';
import type { Headers } from '../oss/signature/request.ts';
import type { Dialect } from './dialect.ts';
import { refuseObs } from './errors.ts';

/*
 * OBS stores objects as OSS does: what uploads, copies, tags and parts are is one and the same. So the shared core does that
 * work, and here the names of headers go from OBS to OSS and back.
 */

/** Headers that have another name in OSS, without what each begins with. */
const renamed: readonly (readonly [obs: string, oss: string])[] = [
  ['object-lock-mode', 'object-worm-mode'],
  ['object-lock-retain-until-date', 'object-worm-retain-until-date'],
];

const storageClasses: readonly (readonly [obs: string, aws: string, oss: string])[] = [
  ['STANDARD', 'STANDARD', 'Standard'],
  ['WARM', 'STANDARD_IA', 'IA'],
  ['COLD', 'GLACIER', 'Archive'],
  ['DEEP_ARCHIVE', 'DEEP_ARCHIVE', 'ColdArchive'],
];

/** ETags are lower case in OBS and upper case in the shared core. */
const etagHeaders = /^(?:if-match|if-none-match|x-oss-copy-source-if-(?:none-)?match)$/;

/** Returns the headers of a request with the names that the shared core knows. */
export function toCore(headers: Headers, { prefix }: Dialect, isObject: boolean): Headers {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'accept-encoding') continue; // OBS compresses nothing
    const own = name.startsWith(prefix) ? `x-oss-${coreName(name.slice(prefix.length), isObject)}` : name;
    if (own === 'x-oss-storage-class') read[own] = coreStorageClass(value);
    else if (own === 'x-oss-object-worm-retain-until-date') read[own] = isoDate(value);
    else if (own === 'x-oss-object-worm-mode') read[own] = coreMode(value);
    else read[own] = etagHeaders.test(own) ? value.toUpperCase() : value;
  }
  return read;
}

function coreName(name: string, isObject: boolean): string {
  if (name === 'acl' && isObject) return 'object-acl';
  return renamed.find(([obs]) => obs === name)?.[1] ?? name;
}

const coreStorageClass = (value: string): string =>
  storageClasses.find(([obs, aws]) => obs === value || aws === value)?.[2] ?? value;

/** @throws MalformedObjectLockError: OBS has one mode */
function coreMode(value: string): string {
  if (value === 'COMPLIANCE') return value;
  throw refuseObs('MalformedObjectLockError');
}

/** Returns a date as ISO 8601 in UTC. Epoch milliseconds are read as well, since the body of a retention has them. */
export function isoDate(text: string): string {
  const instant = /^\d{1,15}$/.test(text) ? new Date(Number(text)) : new Date(text);
  return Number.isNaN(instant.getTime()) ? text : instant.toISOString();
}

/** Headers that only OSS has. */
const onlyOss = /^(?:x-oss-hash-crc64ecma|x-oss-ia-retrieve-flow-type|x-oss-copied-size|Content-MD5)$/i;

/** Returns the headers of a refusal of the shared core with the names that OBS gives them. */
export const refusalHeaders = (
  headers: Readonly<Record<string, string>>,
  dialect: Dialect,
): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [obsName(name, dialect), value]));

/** Returns a reply of the shared core with the names that OBS gives its headers, and ETags in lower case. */
export function fromCore(reply: Reply, dialect: Dialect): Reply {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (onlyOss.test(name)) continue;
    if (name === 'ETag') headers[name] = value.toLowerCase();
    else if (name === 'x-oss-object-type') Object.assign(headers, objectType(value, dialect));
    else if (name === 'x-oss-storage-class') Object.assign(headers, storageClass(value, dialect));
    else headers[obsName(name, dialect)] = value;
  }
  const { body } = reply;
  return { ...reply, headers, ...(typeof body === 'string' && { body: translated(body, dialect) }) };
}

/** The documents of the shared core differ by the case of ETags, the namespace, and what only OSS has. */
const translated = (body: string, { namespace }: Dialect): string =>
  body
    .replace(/<ETag>([^<]*)<\/ETag>/g, (_, etag: string) => `<ETag>${etag.toLowerCase()}</ETag>`)
    .replace(/\s*<HashCrc64ecma>[^<]*<\/HashCrc64ecma>/g, '')
    .replace(/^(<\?xml[^>]*\?>\s*<\w+)>/, `$1 xmlns="${namespace}">`);

function obsName(name: string, { prefix }: Dialect): string {
  if (!name.startsWith('x-oss-')) return name;
  const own = name.slice('x-oss-'.length);
  return `${prefix}${renamed.find(([, oss]) => oss === own)?.[0] ?? own}`;
}

/** Named only where it is not usual ("Querying Object Metadata"). */
function objectType(value: string, { prefix }: Dialect): Record<string, string> {
  return value === 'Appendable' ? { [`${prefix}object-type`]: value } : {};
}

function storageClass(value: string, dialect: Dialect): Record<string, string> {
  return value === 'Standard' ? {} : { [`${dialect.prefix}storage-class`]: obsStorageClass(value, dialect) };
}

/** Returns the storage class as the dialect calls it. */
export function obsStorageClass(value: string, { name }: Dialect): string {
  const [obs, aws] = storageClasses.find(([, , oss]) => oss === value) ?? [value, value];
  return name === 'obs' ? obs : aws;
}
