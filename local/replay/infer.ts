import type { Recording } from './recording.ts';

/**
 * The recorder kept no headers of requests. Those that changed what happened are read out of the replies, narrowly:
 *
 * - CopyObject is known by its reply; its source is the version that the reply names, found among the uploads before;
 * - metadata of an upload is what a later HEAD or GET of that very version shows;
 * - tags of an upload are those that the first GetObjectTagging shows, when no PutObjectTagging came between;
 * - bypass of GOVERNANCE is assumed where a retention was shortened and the service said 200.
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

/** Objects that were there before the story: a delete marker that its first reply already shows. */
export function inferMarkers(story: readonly Recording[]): readonly { bucket: string; key: string }[] {
  const keys = new Map(story.map(({ bucket, key }) => [key, { bucket, key }]));
  return [...keys.values()].filter(({ key }) => {
    const first = story.find((each) => each.key === key || each.body?.includes(`<Key>${key}</Key>`));
    return (
      first?.key === key && first.method !== 'DELETE' && first.reply.headers['x-oss-delete-marker'] === 'true'
    );
  });
}
