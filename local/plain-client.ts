import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import OSS, { type OssClient, type RequestParams } from 'ali-oss';

/** What a user of OSS calls on ali-oss, as far as the demo and the tests do. Read from ali-oss 6.23.0. */
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
    ): Promise<unknown>;
    copy(key: string, source: string, options?: PutOptions): Promise<unknown>;
    head(key: string, options?: { readonly versionId?: string }): Promise<{ readonly res: RequestResult }>;
    delete(key: string, options?: { readonly versionId?: string }): Promise<unknown>;
    putObjectTagging(
      key: string,
      tags: Readonly<Record<string, string>>,
      options?: { readonly versionId?: string },
    ): Promise<unknown>;
    getBucketVersions(query: {
      readonly prefix: string;
    }): Promise<{ readonly objects?: readonly ListedVersion[] }>;
    initiateBucketWorm(name: string, days: string): Promise<{ readonly wormId: string }>;
    getBucketWorm(name: string): Promise<WormReply>;
    completeBucketWorm(name: string, wormId: string): Promise<{ readonly status: number }>;
    abortBucketWorm(name: string): Promise<{ readonly status: number }>;
  }
}

/**
 * An ali-oss client as anybody has it: no Holdfast code between it and the service. The demo and the tests
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
    agent: new Agent({ keepAlive: true }),
    httpsAgent: new HttpsAgent(),
  });
  client.useBucket(bucket);
  return client;
}

/** Makes a bucket that takes object retention: versioning on, then ObjectWorm. */
export async function createRetentionBucket(endpoint: string, bucket: string): Promise<OssClient> {
  const client = plainClient(endpoint, bucket);
  await client.putBucket(bucket);
  await client.putBucketVersioning(bucket, 'Enabled');
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

/** The instant until which the server says this version is retained; undefined when it is not. */
export async function retainedUntil(
  client: OssClient,
  key: string,
  versionId: string,
): Promise<Date | undefined> {
  const { res } = await client.head(key, { versionId });
  const until = res.headers['x-oss-object-worm-retain-until-date'];
  return until === undefined ? undefined : new Date(until);
}
