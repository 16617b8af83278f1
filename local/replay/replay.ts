import { type Outgoing, send, type Target } from './client.ts';
import { type Answered, differences, type Ids, learnId } from './compare.ts';
import { codeOf, inferBody, inferCredentials, inferHeaders, inferMarkers } from './infer.ts';
import type { Recording } from './recording.ts';

export interface Outcome {
  readonly recording: Recording;
  /** Empty when the reply was as recorded. */
  readonly differences: readonly string[];
}

/**
 * Sends recordings, in their order, to a server whose buckets they may fill, and compares the replies. Buckets are
 * made as the replies show them: with versions and ObjectWorm where versions are named; not at all where the service
 * said NoSuchBucket.
 */
export async function replay(recordings: readonly Recording[], target: Target): Promise<Outcome[]> {
  await makeBuckets(recordings, target);
  const outcomes: Outcome[] = [];
  for (const story of stories(recordings)) {
    const ids: Ids = new Map();
    for (const { bucket, key } of inferMarkers(story)) await call(target, 'DELETE', bucket, key);
    for (const [index, recording] of story.entries()) {
      const credentials = inferCredentials(recording, target);
      const request = toRequest(recording, inferHeaders(story, index), ids);
      const ours = await send(target, { ...request, ...(credentials && { credentials }) });
      learnId(ids, uploadIdOf(recording.reply), uploadIdOf(ours));
      outcomes.push({ recording, differences: differences(recording, ours, ids) });
    }
  }
  return outcomes;
}

/** The recordings of one test after the other. */
function stories(recordings: readonly Recording[]): readonly (readonly Recording[])[] {
  const names = [...new Set(recordings.map(({ test }) => test))];
  return names.map((name) => recordings.filter(({ test }) => test === name));
}

async function makeBuckets(recordings: readonly Recording[], target: Target): Promise<void> {
  for (const bucket of new Set(recordings.map((recording) => recording.bucket))) {
    const about = recordings.filter((recording) => recording.bucket === bucket);
    if (bucket === '' || about.every((each) => codeOf(each) === 'NoSuchBucket')) continue;
    if (about.some(isItsMaking)) continue;
    await call(target, 'PUT', bucket, '');
    if (!about.some(({ reply }) => reply.headers['x-oss-version-id'] !== undefined)) continue;
    const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
    await call(target, 'PUT', bucket, '', 'versioning', versioning);
    const worm =
      '<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>';
    await call(target, 'PUT', bucket, '', 'objectWorm', worm);
  }
}

/** Tells whether a recording makes its bucket. */
function isItsMaking({ method, key, query, reply }: Recording): boolean {
  return method === 'PUT' && key === '' && query.size === 0 && reply.status === 200;
}

async function call(
  target: Target,
  method: string,
  bucket: string,
  key: string,
  sub?: string,
  body = '',
): Promise<void> {
  const query = new Map(sub === undefined ? [] : [[sub, '']]);
  const reply = await send(target, { method, bucket, key, query, headers: {}, body: Buffer.from(body) });
  if (reply.status >= 300)
    throw new Error(`${method} ${bucket}/${key} answered ${reply.status}: ${reply.body}`);
}

function toRequest(recording: Recording, headers: Record<string, string>, ids: Ids): Outgoing {
  const { method, bucket, key, query, body = inferBody(recording) } = recording;
  const ours = (text: string) =>
    [...ids].reduce((all, [recorded, mine]) => all.replaceAll(recorded, mine), text);
  const mapped = Object.entries(headers).map(([name, value]) => [name, ours(value)] as const);
  const isText = query.size > 0 && !query.has('partNumber');
  return {
    method,
    bucket,
    key,
    query: new Map(
      [...query].filter(([name]) => !ofSignature.has(name)).map(([name, value]) => [name, ours(value)]),
    ),
    headers: Object.fromEntries(mapped),
    body: isText ? Buffer.from(ours(body?.toString('utf8') ?? '')) : (body ?? Buffer.alloc(0)),
  };
}

/** Parameters of a signed URL; the replayer signs anew. */
const ofSignature = new Set(['OSSAccessKeyId', 'Expires', 'Signature', 'security-token']);

function uploadIdOf({ body }: Pick<Answered, 'body'>): string | undefined {
  return /<UploadId>(.*?)</.exec(body)?.[1];
}
