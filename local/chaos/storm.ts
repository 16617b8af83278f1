import type { OssClient } from 'ali-oss';
import pLimit from 'p-limit';
import { formatInstant, hour, minute } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil, tryToDelete } from '../plain-client.ts';
import type { Draw } from './draw.ts';
import type { ChaosOptions } from './options.ts';
import { drawPolicies, type PolicyBucket } from './policies.ts';
import { drawBurst, objectBuckets, type Upload } from './uploads.ts';
import type { Watch } from './watch.ts';

/** A version that was uploaded, and how far its date was seen to go back. */
export interface Sent {
  readonly upload: Upload;
  readonly versionId: string;
  /** The date when it was last looked at. */
  seen: Date | undefined;
  shortened: boolean;
}

/** What was done to the cloud. */
export interface Storm {
  readonly start: Date;
  readonly clients: ReadonlyMap<string, OssClient>;
  readonly sent: readonly Sent[];
  readonly policies: readonly PolicyBucket[];
}

const burstsARound = 60;
const uploadsAtOnce = 8;
const samplesARound = 10;
const letters = 'chaos-letters';

/**
 * Uploads in rounds, with time passing or jumping after each; policies are initiated on the way.
 * @param spanMs how long it lasts, in virtual time
 */
export async function raise(
  cloud: Cloud,
  draw: Draw,
  { events }: ChaosOptions,
  spanMs: number,
  watch: Watch,
): Promise<Storm> {
  const start = cloud.time.now();
  const end = new Date(start.getTime() + spanMs);
  const policies = drawPolicies(draw, start, end);
  for (const { bucket } of [{ bucket: letters }, ...policies])
    await plainClient(cloud.url, bucket).putBucket(bucket);
  const clients = new Map<string, OssClient>();
  for (const bucket of objectBuckets) clients.set(bucket, await createRetentionBucket(cloud.url, bucket));

  const sent: Sent[] = [];
  const open = new Set(policies.filter(({ initiate }) => initiate !== undefined));
  const limit = pLimit(uploadsAtOnce);
  for (let uploads = 0; uploads < events; ) {
    const bursts: Upload[][] = [];
    while (bursts.length < burstsARound && uploads < events) {
      const burst = drawBurst(draw).slice(0, events - uploads);
      bursts.push(burst);
      uploads += burst.length;
    }
    const done = await Promise.all(bursts.map((burst) => limit(() => sendAll(clients, burst))));
    sent.push(...done.flat());
    for (let sample = 0; sample < samplesARound && sent.length > 0; sample += 1)
      await lookAgain(clients, draw.pick(sent));

    const left = end.getTime() - cloud.time.now().getTime();
    await passTime(
      cloud,
      draw,
      uploads >= events ? left : (left * burstsARound) / (events - uploads + burstsARound),
    );
    await initiate(cloud, open);
    watch.takeRequests(cloud);
    watch.progress(() => `${uploads} of ${events} uploads, ${formatInstant(cloud.time.now())}`);
  }
  await initiate(cloud, open, end);
  return { start, clients, sent, policies };
}

/** One burst, version after version. Versions that were deleted for good are left out. */
async function sendAll(clients: Storm['clients'], burst: readonly Upload[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const upload of burst) {
    const client = clientOf(clients, upload.bucket);
    const tagging = new URLSearchParams(upload.tags).toString();
    const headers: Record<string, string> = tagging === '' ? {} : { 'x-oss-tagging': tagging };
    const { res } = await client.put(upload.key, Buffer.from(upload.body), { headers });
    const versionId = res.headers['x-oss-version-id'];
    if (versionId === undefined) throw new Error(`the upload of ${upload.key} brought no version id`);
    if (upload.deletion === 'marker') await client.delete(upload.key);
    const gone =
      upload.deletion === 'version' && (await tryToDelete(client, upload.key, versionId)) === 'deleted';
    if (!gone) sent.push({ upload, versionId, seen: undefined, shortened: false });
  }
  return sent;
}

/** Reads a version's date, and notes when it has gone back since the last time. */
export async function lookAgain(clients: Storm['clients'], version: Sent): Promise<void> {
  const { bucket, key } = version.upload;
  const until = await retainedUntil(clientOf(clients, bucket), key, version.versionId);
  if (version.seen !== undefined && (until === undefined || until < version.seen)) version.shortened = true;
  version.seen = until;
}

/** About `ms` pass in steps of minutes; now and then one jump skips what would have happened on the way. */
async function passTime(cloud: Cloud, draw: Draw, ms: number): Promise<void> {
  if (draw.chance(0.05)) return await cloud.time.leap(draw.between(minute, 2 * hour));
  await passInSteps(cloud, Math.ceil(ms * (draw.between(5, 15) / 10)));
}

const stepMs = 5 * minute;

/** What falls due in one step runs side by side: much faster than one after the other. */
export async function passInSteps(cloud: Cloud, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await cloud.time.leap(Math.min(left, stepMs));
}

/** Initiates the policies that are due. */
async function initiate(cloud: Cloud, open: Set<PolicyBucket>, until = cloud.time.now()): Promise<void> {
  for (const subject of open) {
    if (!subject.initiate || subject.initiate.at > until) continue;
    open.delete(subject);
    const { bucket, initiate } = subject;
    await plainClient(cloud.url, bucket).initiateBucketWorm(bucket, String(initiate.days));
  }
}

export function clientOf(clients: Storm['clients'], bucket: string): OssClient {
  const client = clients.get(bucket);
  if (client === undefined) throw new RangeError(`there is no client for ${bucket}`);
  return client;
}
