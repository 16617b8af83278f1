import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import OSS, { type OssClient, type RequestParams } from 'ali-oss';

/** This is what a user of OSS calls on ali-oss, as far as the demo and the tests do. Read from ali-oss 6.23.0. */
declare module 'ali-oss' {
  interface PutOptions {
    readonly headers?: Readonly<Record<string, string>>;
    readonly mime?: string;
  }
  interface ListedVersion {
    readonly name: string;
    readonly versionId: string;
    readonly isLatest: boolean;
    readonly lastModified: string;
    readonly etag: string;
  }
  interface WormReply {
    readonly wormId: string;
    readonly state: string;
    readonly days: string;
    readonly creationDate: string;
  }
  interface OssClient {
    useBucket(name: string): void;
    putBucket(name: string): Promise<unknown>;
    putBucketVersioning(name: string, status: 'Enabled' | 'Suspended'): Promise<{ readonly status?: number }>;
    put(key: string, body: Buffer, options?: PutOptions): Promise<{ readonly res: RequestResult }>;
    multipartUpload(
      key: string,
      body: Buffer,
      options?: PutOptions & { readonly partSize?: number; readonly parallel?: number },
    ): Promise<{ readonly res: RequestResult }>;
    /** @param source `/bucket/key`, with `versionId` to name one of its versions */
    copy(
      key: string,
      source: string,
      options?: PutOptions & { readonly versionId?: string },
    ): Promise<{ readonly res: RequestResult }>;
    head(key: string, options?: { readonly versionId?: string }): Promise<{ readonly res: RequestResult }>;
    delete(key: string, options?: { readonly versionId?: string }): Promise<unknown>;
    putObjectTagging(
      key: string,
      tags: Readonly<Record<string, string>>,
      options?: { readonly versionId?: string },
    ): Promise<unknown>;
    getBucketVersions(query: {
      readonly prefix?: string;
      readonly maxKeys?: number;
      readonly keyMarker?: string;
      readonly versionIdMarker?: string;
    }): Promise<{
      readonly objects?: readonly ListedVersion[];
      readonly nextKeyMarker?: string | null;
      readonly nextVersionIdMarker?: string | null;
    }>;
    initiateBucketWorm(name: string, days: string): Promise<{ readonly wormId: string }>;
    getBucketWorm(name: string): Promise<WormReply>;
    completeBucketWorm(name: string, wormId: string): Promise<{ readonly status: number }>;
    abortBucketWorm(name: string): Promise<{ readonly status: number }>;
  }
}

/** The calls that the demo, the chaos runs and the tests make to an object store of either cloud, in the words of ali-oss. */
export type PlainClient = Pick<
  OssClient,
  | 'put'
  | 'multipartUpload'
  | 'copy'
  | 'head'
  | 'delete'
  | 'putObjectTagging'
  | 'getBucketVersions'
  | 'request'
>;

/** Idle connections are given up before the embedded cloud closes them, which would break the next request. */
const idleMs = 30_000;

/**
 * Returns an ali-oss client as anybody has it: no Holdfast code between it and the service. The demo and the tests
 * upload with it, and read back with it what Holdfast did.
 */
export function plainClient(
  endpoint: string,
  bucket: string,
  key: { readonly id: string; readonly secret: string } = { id: 'holdfast', secret: 'holdfast-secret' },
): OssClient {
  const client = new OSS({
    region: 'oss-cn-hangzhou',
    endpoint,
    internal: false,
    secure: false,
    sldEnable: false,
    authorizationV4: true,
    accessKeyId: key.id,
    accessKeySecret: key.secret,
    timeout: 30_000,
    retryMax: 0,
    agent: new Agent({ keepAlive: true, timeout: idleMs }),
    httpsAgent: new HttpsAgent(),
  });
  client.useBucket(bucket);
  return client;
}

/** Makes a bucket that takes object retention: versioning on, then ObjectWorm. */
export async function createRetentionBucket(endpoint: string, bucket: string): Promise<OssClient> {
  const client = plainClient(endpoint, bucket);
  await client.putBucket(bucket);
  const { status } = await client.putBucketVersioning(bucket, 'Enabled');
  if (status !== 200) throw new Error(`putBucketVersioning ${bucket} answered ${status}`);
  await send(client, {
    method: 'PUT',
    bucket,
    subres: { objectWorm: '' },
    headers: {},
    mime: 'xml',
    content:
      '<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>',
  });
  return client;
}

/** Sends what ali-oss has no method for; anything but 200 rejects. */
async function send(client: OssClient, params: RequestParams): Promise<void> {
  const { status, data } = await client.request(params);
  if (status !== 200)
    throw new Error(`${params.method} ${params.bucket} answered ${status}: ${data.toString()}`);
}

/** This is what the server says of a version's retention. */
export interface HeldRetention {
  readonly mode: string;
  readonly until: Date;
}

/** Returns the retention that the server holds for this version; undefined when there is none. */
export async function heldRetention(
  client: PlainClient,
  key: string,
  versionId: string,
): Promise<HeldRetention | undefined> {
  const { res } = await client.head(key, { versionId });
  const until = res.headers['x-oss-object-worm-retain-until-date'];
  if (until === undefined) return undefined;
  return { mode: res.headers['x-oss-object-worm-mode'] ?? '', until: new Date(until) };
}

/** Returns the instant until which the server says this version is retained; undefined when it is not. */
export async function retainedUntil(
  client: PlainClient,
  key: string,
  versionId: string,
): Promise<Date | undefined> {
  return (await heldRetention(client, key, versionId))?.until;
}

/** A bucket's WORM policy as the server shows it; undefined when there is none. */
export interface HeldPolicy {
  readonly state: string;
  readonly days: number;
  readonly createdAt: Date;
}

export async function heldPolicy(client: OssClient, bucket: string): Promise<HeldPolicy | undefined> {
  try {
    const { state, days, creationDate } = await client.getBucketWorm(bucket);
    return { state, days: Number(days), createdAt: new Date(creationDate) };
  } catch (error) {
    if (refusalOf(error)?.code === 'NoSuchWORMConfiguration') return undefined;
    throw error;
  }
}

/** Tries to delete for good. @returns `deleted`, or the server's refusal such as `409 FileImmutable` */
export async function tryToDelete(client: PlainClient, key: string, versionId?: string): Promise<string> {
  try {
    await client.delete(key, versionId === undefined ? {} : { versionId });
    return 'deleted';
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return `${refusal.status} ${refusal.code}`;
  }
}

/** Tells how the server refused a call; undefined when the error is of another kind. */
function refusalOf(error: unknown): { status: number; code: string } | undefined {
  const { code, status }: { code?: unknown; status?: unknown } = Object(error);
  return typeof code === 'string' && typeof status === 'number' && status >= 400
    ? { status, code }
    : undefined;
}
