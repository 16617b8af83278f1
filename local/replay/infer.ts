import { createHash } from 'node:crypto';
import type { Recording } from './recording.ts';

/**
 * Infers the headers of a request, because the recorder kept none. Those that changed what happened are read out of the replies,
 * narrowly:
 *
 * - the range of a GET is that of its 206;
 * - CopyObject is known by its reply; its source is the version that the reply names, or else the last upload before with the
 *   same ETag;
 * - metadata of an upload is what a later HEAD or GET of that very version shows, before the key is written again;
 * - encryption of an upload is what its reply says of it;
 * - tags of an upload are those that the first GetObjectTagging shows, when no PutObjectTagging came between;
 * - bypass of GOVERNANCE is assumed where a retention was shortened and the service said 200;
 * - a wrong Content-MD5, or x-oss-forbid-overwrite, is assumed where the service refused just that.
 *
 * Nor did it keep the bodies of large parts; see {@link inferBody}.
 */
export function inferHeaders(story: readonly Recording[], index: number): Record<string, string> {
  const recording = story[index];
  if (recording === undefined) return {};
  if (recording.method === 'GET') return range(recording);
  if (recording.method !== 'PUT' && recording.method !== 'POST') return {};
  const refused = headersOfRefusal[codeOf(recording) ?? ''];
  if (refused) return refused;
  if (recording.reply.status !== 200) return {};
  if (recording.query.has('uploads')) return encryption(recording);
  if (recording.method === 'POST') return {};
  if (recording.query.has('retention')) return bypass(story.slice(0, index), recording);
  if (recording.query.size > 0) return {};
  return {
    ...copySource(story.slice(0, index), recording),
    ...metadata(story.slice(index + 1), recording),
    ...tagging(story.slice(index + 1), recording),
    ...encryption(recording),
  };
}

const headersOfRefusal: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  InvalidDigest: { 'content-md5': Buffer.alloc(16).toString('base64') },
  FileAlreadyExists: { 'x-oss-forbid-overwrite': 'true' },
};

/**
 * Returns the key that a request was signed with, where the reply shows that it was a wrong one: the id that nobody
 * knew, or a secret that did not fit. Undefined for all others.
 */
export function inferCredentials(
  recording: Recording,
  usual: { readonly accessKeyId: string },
): { accessKeyId: string; accessKeySecret: string } | undefined {
  const accessKeySecret = 'not the secret';
  switch (codeOf(recording)) {
    case 'InvalidAccessKeyId':
      return { accessKeyId: elementOf(recording, 'OSSAccessKeyId') ?? 'unknown', accessKeySecret };
    case 'SignatureDoesNotMatch':
      return { accessKeyId: usual.accessKeyId, accessKeySecret };
    default:
      return undefined;
  }
}

/** Returns the code of a refusal, also of one to HEAD, which is in a header. */
export function codeOf(recording: Recording): string | undefined {
  return elementOf(recording, 'Code');
}

function elementOf({ reply }: Recording, element: string): string | undefined {
  const document = reply.body || Buffer.from(reply.headers['x-oss-err'] ?? '', 'base64').toString('utf8');
  if (!document.includes('<Error>')) return undefined;
  return new RegExp(`<${element}>(.*?)</${element}>`).exec(document)?.[1];
}

function range({ reply }: Recording): Record<string, string> {
  const [, bytes] = /^bytes (\d+-\d+)\//.exec(reply.headers['content-range'] ?? '') ?? [];
  return reply.status === 206 && bytes !== undefined ? { range: `bytes=${bytes}` } : {};
}

function encryption({ reply }: Recording): Record<string, string> {
  const said = Object.entries(reply.headers).filter(([name]) => name.startsWith('x-oss-server-side-'));
  return Object.fromEntries(said);
}

const PART_BYTES = 5 * 1024 * 1024;

/**
 * Returns the body of a part that was not kept: the recorded tests fill parts of 5 MiB with one digit, and the
 * Content-MD5 of the reply proves which. Undefined when it fits none.
 */
export function inferBody({ query, reply }: Recording): Buffer | undefined {
  const wanted = reply.headers['content-md5'];
  if (!query.has('partNumber') || wanted === undefined) return undefined;
  const candidates = [...'0123456789'].map((digit) => Buffer.alloc(PART_BYTES, digit));
  return candidates.find((bytes) => createHash('md5').update(bytes).digest('base64') === wanted);
}

function copySource(before: readonly Recording[], copy: Recording): Record<string, string> {
  if (!copy.reply.body.includes('<CopyObjectResult>')) return {};
  const id = copy.reply.headers['x-oss-copy-source-version-id'];
  const source = before.findLast(
    (each) =>
      (each.method === 'PUT' || each.method === 'POST') &&
      each.reply.status === 200 &&
      (id === undefined
        ? each.reply.headers['etag'] === copy.reply.headers['etag']
        : each.reply.headers['x-oss-version-id'] === id),
  );
  if (!source) return {};
  const version = id === undefined ? '' : `?versionId=${id}`;
  return { 'x-oss-copy-source': `/${source.bucket}/${encodeURIComponent(source.key)}${version}` };
}

function metadata(after: readonly Recording[], upload: Recording): Record<string, string> {
  const id = upload.reply.headers['x-oss-version-id'];
  const ofKey = after.filter((each) => each.key === upload.key && each.bucket === upload.bucket);
  const next = ofKey.findIndex((each) => each.method === 'PUT' && each.query.size === 0);
  const until = id === undefined && next >= 0 ? ofKey.slice(0, next) : ofKey;
  const read = until.find(
    (each) =>
      ['GET', 'HEAD'].includes(each.method) &&
      each.reply.status < 300 &&
      each.reply.headers['x-oss-storage-class'] !== undefined &&
      each.reply.headers['x-oss-version-id'] === id,
  );
  const kept = Object.entries(read?.reply.headers ?? {}).filter(
    ([name]) => name.startsWith('x-oss-meta-') || keptHeaders.has(name),
  );
  return Object.fromEntries(kept);
}

/** Headers of an upload that come back as they are. */
const keptHeaders = new Set([
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-oss-storage-class',
]);

function tagging(after: readonly Recording[], upload: Recording): Record<string, string> {
  const next = after.find((each) => each.key === upload.key && each.query.has('tagging'));
  if (next?.method !== 'GET') return {};
  const tags = [...next.reply.body.matchAll(/<Key>(.*?)<\/Key>\s*<Value>(.*?)<\/Value>/g)];
  const pairs = tags.map(
    ([, key = '', value = '']) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
  );
  return pairs.length > 0 ? { 'x-oss-tagging': pairs.join('&') } : {};
}

function bypass(before: readonly Recording[], update: Recording): Record<string, string> {
  const earlier = before.findLast(
    (each) => each.method === 'PUT' && each.key === update.key && each.query.has('retention'),
  );
  const [former, wanted] = [untilOf(earlier), untilOf(update)];
  const isShorter = former !== undefined && wanted !== undefined && wanted < former;
  return isShorter ? { 'x-oss-bypass-governance-retention': 'true' } : {};
}

function untilOf(recording: Recording | undefined): string | undefined {
  return /<RetainUntilDate>(.*?)</.exec(recording?.body?.toString('utf8') ?? '')?.[1];
}

/** Keys that had a delete marker before the story: replies show one that nothing in the story made. */
export function inferMarkers(story: readonly Recording[]): readonly { bucket: string; key: string }[] {
  const keys = new Map(story.map(({ bucket, key }) => [key, { bucket, key }]));
  return [...keys.values()].filter(({ key }) => {
    const shown = story.findIndex(
      (each) => each.key === key && each.method !== 'DELETE' && each.reply.headers['x-oss-delete-marker'],
    );
    return shown >= 0 && !story.slice(0, shown).some((each) => marks(each, key));
  });
}

/** Tells whether a request is a deletion of the key that names no version. */
function marks({ method, key, query, body }: Recording, wanted: string): boolean {
  if (method === 'DELETE') return key === wanted && !query.has('versionId');
  return query.has('delete') && (body?.includes(`<Key>${wanted}</Key></Object>`) ?? false);
}
