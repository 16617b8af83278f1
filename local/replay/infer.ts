import { createHash } from 'node:crypto';
import type { Recording } from './recording.ts';

/**
 * The recorder kept no headers of requests. Those that changed what happened are read out of the replies, narrowly:
 *
 * - CopyObject is known by its reply; its source is the version that the reply names, found among the uploads before;
 * - metadata of an upload is what a later HEAD or GET of that very version shows;
 * - tags of an upload are those that the first GetObjectTagging shows, when no PutObjectTagging came between;
 * - bypass of GOVERNANCE is assumed where a retention was shortened and the service said 200.
 *
 * Nor did it keep the bodies of large parts; see {@link inferBody}.
 */
export function inferHeaders(story: readonly Recording[], index: number): Record<string, string> {
  const recording = story[index];
  if (recording?.method !== 'PUT' || recording.reply.status !== 200) return {};
  if (recording.query.has('retention')) return bypass(story.slice(0, index), recording);
  if (recording.query.size > 0) return {};
  return {
    ...copySource(story.slice(0, index), recording),
    ...metadata(story.slice(index + 1), recording),
    ...tagging(story.slice(index + 1), recording),
  };
}

const PART_BYTES = 5 * 1024 * 1024;

/**
 * The body of a part that was not kept: the recorded tests fill parts of 5 MiB with one digit, and the Content-MD5 of
 * the reply proves which. Undefined when it fits none.
 */
export function inferBody({ query, reply }: Recording): Buffer | undefined {
  const wanted = reply.headers['content-md5'];
  if (!query.has('partNumber') || wanted === undefined) return undefined;
  const candidates = [...'0123456789'].map((digit) => Buffer.alloc(PART_BYTES, digit));
  return candidates.find((bytes) => createHash('md5').update(bytes).digest('base64') === wanted);
}

function copySource(before: readonly Recording[], copy: Recording): Record<string, string> {
  const id = copy.reply.headers['x-oss-copy-source-version-id'];
  const source = before.find(
    (each) => each.method === 'PUT' && each.reply.headers['x-oss-version-id'] === id,
  );
  if (id === undefined || !source) return {};
  return { 'x-oss-copy-source': `/${source.bucket}/${encodeURIComponent(source.key)}?versionId=${id}` };
}

function metadata(after: readonly Recording[], upload: Recording): Record<string, string> {
  const id = upload.reply.headers['x-oss-version-id'];
  const read = after.find(
    (each) =>
      id !== undefined &&
      ['GET', 'HEAD'].includes(each.method) &&
      each.key === upload.key &&
      each.reply.headers['x-oss-storage-class'] !== undefined &&
      each.reply.headers['x-oss-version-id'] === id,
  );
  const kept = Object.entries(read?.reply.headers ?? {}).filter(
    ([name]) => name.startsWith('x-oss-meta-') || name === 'content-type',
  );
  return Object.fromEntries(kept);
}

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

/** Whether a request is a deletion of the key that names no version. */
function marks({ method, key, query, body }: Recording, wanted: string): boolean {
  if (method === 'DELETE') return key === wanted && !query.has('versionId');
  return query.has('delete') && (body?.includes(`<Key>${wanted}</Key></Object>`) ?? false);
}
