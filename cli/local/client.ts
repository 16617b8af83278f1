import { isIPv4 } from 'node:net';
import * as z from 'zod';
import type { VersionsMarker } from '../../local/views/shown.ts';
import { type Address, type CloudName, cloudNames, formatAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { noReplyOf } from '../../shared/storage/oss/no-reply.ts';

/** An embedded cloud that runs on this machine. */
export interface LocalCloud {
  readonly endpoint: string;
  readonly clouds: readonly CloudName[];
  readonly buckets: readonly LocalBucket[];
  /** Returns the versions whose keys begin with the key of the address. @throws UNREACHABLE, UNEXPECTED_REPLY */
  versions(at: Address): Promise<readonly LocalVersion[]>;
}

const instant = z.iso.datetime().transform((text) => new Date(text));

const healthReply = z.object({ clouds: z.array(z.enum(cloudNames)) });

const bucketsReply = z.array(
  z.object({
    cloud: z.enum(cloudNames),
    name: z.string(),
    createdAt: instant,
    versioning: z.string(),
    objectWorm: z.boolean(),
    defaultRetention: z.object({ mode: z.string(), period: z.string() }).optional(),
    policy: z
      .object({
        id: z.string(),
        state: z.string(),
        days: z.number(),
        createdAt: instant,
        hoursToLock: z.number().optional(),
      })
      .optional(),
  }),
);

const versionsReply = z.object({
  versions: z.array(
    z.object({
      kind: z.enum(['version', 'delete-marker']),
      key: z.string(),
      versionId: z.string(),
      isLatest: z.boolean(),
      lastModified: instant,
      size: z.number(),
      tags: z.record(z.string(), z.string()),
      retention: z.object({ mode: z.string(), until: instant }).optional(),
      legalHold: z.boolean(),
      immutable: z.boolean(),
    }),
  ),
  next: z.object({ key: z.string(), versionId: z.string() }).optional(),
});

/** A bucket of the embedded cloud, as its admin API shows it. */
export type LocalBucket = z.infer<typeof bucketsReply>[number];
/** A version in the embedded cloud, as its admin API shows it. */
export type LocalVersion = z.infer<typeof versionsReply>['versions'][number];

/**
 * Returns the address of the embedded cloud: that of the port, else HOLDFAST_OSS_ENDPOINT, else port 9000.
 * @throws LOCAL_ENDPOINT for any place but this machine
 */
export function localEndpoint(port: number | undefined, env = process.env): string {
  if (port !== undefined) return `http://127.0.0.1:${port}`;
  const text = env['HOLDFAST_OSS_ENDPOINT'] || 'http://127.0.0.1:9000';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && isLoopback(url.hostname)) return url.origin;
  throw failure('LOCAL_ENDPOINT', { endpoint: text.replace(/\/\/[^/]*@/, '//') });
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || (isIPv4(hostname) && hostname.startsWith('127.'));

/** Milliseconds for one answer of the admin API. */
const timeoutMs = 10_000;

/**
 * Finds the embedded cloud that runs at an address, and its buckets.
 * @param subject the command and what it is about, for messages
 * @throws UNREACHABLE when nobody answers, UNEXPECTED_REPLY when it is no embedded cloud
 */
export async function findLocalCloud(
  endpoint: string,
  subject: { readonly operation: string; readonly target: string },
): Promise<LocalCloud> {
  const ask = async <Answer>(path: string, form: z.ZodType<Answer>): Promise<Answer> => {
    const reply = await get(`${endpoint}/_local/${path}`).catch((cause: unknown) => {
      const { message: reason } = noReplyOf(cause);
      const remedy =
        'start `holdfast local` in another terminal, or give the address that it prints by HOLDFAST_OSS_ENDPOINT or --port';
      throw failure('UNREACHABLE', { ...subject, endpoint, reason }, { cause, remedy });
    });
    const { data, success } = form.safeParse(reply);
    if (success) return data;
    throw failure(
      'UNEXPECTED_REPLY',
      { ...subject, reason: `the server at ${endpoint} is not \`holdfast local\` of this version` },
      { remedy: 'start `holdfast local` with another --port, and give that --port here' },
    );
  };
  const page = (at: Address, next: VersionsMarker | undefined) => {
    const query = new URLSearchParams({ cloud: at.cloud, bucket: at.bucket, prefix: at.key, limit: '1000' });
    if (next !== undefined) {
      query.set('key-marker', next.key);
      query.set('version-id-marker', next.versionId);
    }
    return ask(`versions?${query}`, versionsReply);
  };
  return {
    endpoint,
    clouds: (await ask('health', healthReply)).clouds,
    buckets: await ask('buckets', bucketsReply),
    async versions(at) {
      const all: LocalVersion[] = [];
      let next: VersionsMarker | undefined;
      do {
        const { versions, next: further } = await page(at, next);
        all.push(...versions);
        next = further;
      } while (next !== undefined);
      return all;
    },
  };
}

/** Returns the JSON of a reply; undefined when it is none. @throws what ended the request */
async function get(url: string): Promise<unknown> {
  const reply = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) }).catch(
    (error: Error) => {
      throw error.cause ?? error; // fetch says only that it failed
    },
  );
  const text = await reply.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Refuses an address of a cloud that the running one does not serve. @throws ADDRESS_CLOUD */
export function checkLocalCloud({ clouds }: LocalCloud, { cloud, bucket }: Omit<Address, 'key'>): void {
  const [served = 'oss'] = clouds;
  if (clouds.includes(cloud)) return;
  const remedy = `start \`holdfast local --cloud ${cloud}\`, or use ${served}:// here`;
  throw failure('ADDRESS_CLOUD', { target: formatAddress(cloud, { bucket }), served }, { remedy });
}

/** Finds the bucket of an address. @throws ADDRESS_CLOUD, NO_SUCH_BUCKET */
export function localBucket(running: LocalCloud, operation: string, { cloud, bucket }: Address): LocalBucket {
  checkLocalCloud(running, { cloud, bucket });
  const found = running.buckets.find((each) => each.cloud === cloud && each.name === bucket);
  if (found !== undefined) return found;
  const remedy =
    cloud === 'oss'
      ? `make it with \`holdfast local mb ${bucket}\`, or see \`holdfast local ls\``
      : 'see `holdfast local ls` for the buckets that are there';
  throw failure('NO_SUCH_BUCKET', { operation, address: formatAddress(cloud, { bucket }) }, { remedy });
}
