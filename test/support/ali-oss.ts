import OSS, { type ClientOptions } from 'ali-oss';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface ListedVersion {
  readonly name: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly size: number;
  readonly etag: string;
}

/** The methods of ali-oss that the tests of the embedded OSS drive, as it behaves (6.23.0). */
export interface AliOss {
  useBucket(name: string): void;
  listBuckets(query?: object): Promise<{ buckets: { name: string; region: string }[] | null }>;
  putBucket(name: string): Promise<{ res: Answer }>;
  deleteBucket(name: string): Promise<{ res: Answer }>;
  getBucketInfo(name: string): Promise<{ bucket: Record<string, string> }>;
  getBucketLocation(name: string): Promise<{ location: string }>;
  putBucketVersioning(name: string, status: string): Promise<{ status: number }>;
  getBucketVersioning(name: string): Promise<{ versionStatus?: string }>;
  initiateBucketWorm(name: string, days: string): Promise<{ wormId: string }>;
  getBucketWorm(name: string): Promise<{ wormId: string; state: string; days: string; creationDate: string }>;
  completeBucketWorm(name: string, wormId: string): Promise<{ status: number }>;
  extendBucketWorm(name: string, wormId: string, days: string): Promise<{ status: number }>;
  abortBucketWorm(name: string): Promise<{ status: number }>;

  put(
    name: string,
    content: Buffer,
    options?: { headers?: Record<string, string>; meta?: Record<string, string>; mime?: string },
  ): Promise<{ res: Answer }>;
  get(name: string, options?: object): Promise<{ content: Buffer; res: Answer }>;
  head(name: string, options?: object): Promise<{ meta: Record<string, string> | null; res: Answer }>;
  getObjectMeta(name: string, options?: object): Promise<{ res: Answer }>;
  copy(name: string, source: string, options?: object): Promise<{ res: Answer }>;
  delete(name: string, options?: object): Promise<{ res: Answer }>;
  deleteMulti(
    names: (string | { key: string; versionId: string })[],
    options?: object,
  ): Promise<{
    deleted?: { Key: string }[];
  }>;
  putObjectTagging(name: string, tags: Record<string, string>, options?: object): Promise<unknown>;
  getObjectTagging(name: string, options?: object): Promise<{ tag: Record<string, string> }>;
  deleteObjectTagging(name: string, options?: object): Promise<{ status: number }>;
  append(name: string, content: Buffer, options?: object): Promise<{ nextAppendPosition: string }>;
  putSymlink(name: string, target: string, options: object): Promise<{ res: Answer }>;
  getSymlink(name: string): Promise<{ targetName: string }>;
  list(query: object): Promise<{
    objects?: { name: string; size: number }[];
    prefixes?: string[] | null;
    nextMarker: string | null;
    isTruncated: boolean;
  }>;
  listV2(query: object): Promise<{
    objects?: { name: string }[];
    prefixes?: string[] | null;
    nextContinuationToken?: string;
    isTruncated: boolean;
    keyCount: number;
  }>;
  getBucketVersions(query: object): Promise<{
    objects?: ListedVersion[];
    deleteMarker?: { name: string; versionId: string }[];
    nextKeyMarker?: string;
    nextVersionIdMarker?: string;
    isTruncated: boolean;
  }>;
  initMultipartUpload(name: string, options?: object): Promise<{ uploadId: string }>;
  multipartUpload(name: string, content: Buffer, options: object): Promise<{ res: Answer; etag: string }>;
  abortMultipartUpload(name: string, uploadId: string): Promise<unknown>;
  listParts(name: string, uploadId: string): Promise<{ parts: { PartNumber: string; Size: string }[] }>;
  signatureUrl(name: string, options?: object): string;
  signatureUrlV4(
    method: string,
    expires: number,
    request: { headers: Record<string, string> } | undefined,
    name: string,
    additionalHeaders?: string[],
  ): Promise<string>;
}

/** A client of the official package, untouched. */
export function aliOss(options: ClientOptions): AliOss {
  // Its own types end at the request layer (local/ali-oss.d.ts); what it has beyond is above.
  return new OSS(options) as unknown as AliOss;
}
