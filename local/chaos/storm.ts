import pLimit from 'p-limit';
import type { CloudName } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { plainClient } from '../plain-client.ts';
import type { Draw } from './draw.ts';
import type { ChaosOptions } from './options.ts';
import { passTime } from './passing.ts';
import { drawPolicies, type PolicyBucket } from './policies.ts';
import { evidenceBucket } from './rules-of-run.ts';
import { type Clients, lookAgain, retag, type Sent, sendAll } from './send.ts';
import type { ChaosStore } from './store.ts';
import { casesBucket, drawBurst, drawTags, objectBuckets, type Upload } from './uploads.ts';
import type { Watch } from './watch.ts';

/** This is what was done to the cloud. */
export interface Storm {
  readonly cloud: CloudName;
  readonly start: Date;
  readonly clients: Clients;
  readonly sent: readonly Sent[];
  readonly policies: readonly PolicyBucket[];
}

/** Rounds of a long storm; a short one has fewer. */
const rounds = 150;
const fewestUploadsARound = 60;
const uploadsAtOnce = 8;
const samplesARound = 10;
const retagsARound = 2;
const letters = 'chaos-letters';

/**
 * Uploads in rounds, with time passing or jumping after each; policies are initiated on the way.
 * @param spanMs how long it lasts, in virtual time
 * @param between this is what else is done after each round of uploads
 * @param tellPolicies hears which buckets have policies, when they are there
 */
export async function raise(
  cloud: Cloud,
  store: ChaosStore,
  draw: Draw,
  { events, hot, lateTags }: ChaosOptions,
  spanMs: number,
  watch: Watch,
  between: () => Promise<void>,
  tellPolicies: (policies: readonly PolicyBucket[]) => void,
): Promise<Storm> {
  const start = cloud.time.now();
  const end = new Date(start.getTime() + spanMs);
  const drawn = drawPolicies(draw, start, end);
  const policies = store.hasPolicies ? drawn : [];
  const clients = await prepareBuckets(store, policies);
  tellPolicies(policies);
  const open = new Set(policies.filter(({ initiate }) => initiate !== undefined));

  const sent: Sent[] = [];
  const limit = pLimit(uploadsAtOnce);
  const aRound = uploadsARound(events);
  for (let uploads = 0; uploads < events; ) {
    const round = drawRound(draw, sent, Math.min(aRound, events - uploads), { hot, cases: lateTags });
    const done = await Promise.all(round.map((burst) => limit(() => sendAll(clients, burst))));
    uploads += round.flat().length;
    sent.push(...done.flat());
    for (let sample = 0; sample < samplesARound && sent.length > 0; sample += 1)
      await lookAgain(clients, draw.pick(sent));
    for (let change = 0; change < retagsARound && sent.length > 0; change += 1) {
      const version = draw.pick(sent);
      await retag(clients, version, drawTags(draw, version.bucket));
    }
    await between();
    const left = end.getTime() - cloud.time.now().getTime();
    await passTime(cloud, draw, uploads < events ? (left * aRound) / (events - uploads + aRound) : left);
    await initiate(cloud, open);
    watch.takeRequests(store, 'storm');
    watch.progress(() => `${uploads} of ${events} uploads, ${formatInstant(cloud.time.now())}`);
  }
  await initiate(cloud, open, end);
  return { cloud: store.cloud, start, clients, sent, policies };
}

const uploadsARound = (events: number): number => Math.max(fewestUploadsARound, Math.ceil(events / rounds));

/** Returns about how many rounds the uploads are sent in. */
export const roundsOf = (events: number): number => Math.ceil(events / uploadsARound(events));

async function prepareBuckets(store: ChaosStore, policies: readonly PolicyBucket[]): Promise<Clients> {
  for (const { bucket } of [{ bucket: letters }, ...policies]) await store.createBucket(bucket);
  await store.createRetentionBucket(evidenceBucket);
  const created = [...objectBuckets, casesBucket].map(
    async (bucket) => [bucket, await store.createRetentionBucket(bucket)] as const,
  );
  return new Map(await Promise.all(created));
}

/** Bursts of so many uploads together. */
function drawRound(
  draw: Draw,
  sent: readonly Sent[],
  uploads: number,
  rates: Parameters<typeof drawBurst>[2],
): Upload[][] {
  const bursts: Upload[][] = [];
  for (let left = uploads; left > 0; ) {
    const burst = drawBurst(draw, sent, rates).slice(0, left);
    bursts.push(burst);
    left -= burst.length;
  }
  return bursts;
}

/** Initiates the policies that are due. */
async function initiate(cloud: Cloud, open: Set<PolicyBucket>, until = cloud.time.now()): Promise<void> {
  for (const subject of open) {
    if (!subject.initiate || subject.initiate.at > until) continue;
    open.delete(subject);
    const { bucket, initiate } = subject;
    // `keepUntil` is measured from the oldest object: without one nothing has to be kept.
    if (bucket.startsWith('until-')) await plainClient(cloud.url, bucket).put('first', Buffer.from('first'));
    await plainClient(cloud.url, bucket).initiateBucketWorm(bucket, String(initiate.days));
  }
}
