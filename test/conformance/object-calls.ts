import { ok } from './bucket-calls.ts';
import { element, header, type Reply } from './client.ts';
import type { Target } from './target.ts';

// The calls that cases make to objects. Each sends one request and returns the reply as it came.

export interface Extra {
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly versionId?: string;
}

export const bypass = { 'x-oss-bypass-governance-retention': 'true' };

export function put(
  { send }: Target,
  bucket: string,
  key: string,
  body = 'content',
  headers = {},
): Promise<Reply> {
  return send({ method: 'PUT', bucket, key, body, headers });
}

/** Puts an object and returns the id of its version. */
export async function stored(
  target: Target,
  bucket: string,
  key: string,
  body?: string,
  headers = {},
): Promise<string> {
  return header(await ok(put(target, bucket, key, body, headers)), 'x-oss-version-id');
}

export function get({ send }: Target, bucket: string, key: string, extra: Extra = {}): Promise<Reply> {
  return send({ method: 'GET', bucket, key, ...request(extra) });
}

export function head({ send }: Target, bucket: string, key: string, extra: Extra = {}): Promise<Reply> {
  return send({ method: 'HEAD', bucket, key, ...request(extra) });
}

export function remove({ send }: Target, bucket: string, key: string, extra: Extra = {}): Promise<Reply> {
  return send({ method: 'DELETE', bucket, key, ...request(extra) });
}

/** @param objects the XML of the objects: see `named` */
export function removeMany(
  { send }: Target,
  bucket: string,
  objects: string,
  extra: { headers?: Record<string, string>; quiet?: boolean } = {},
): Promise<Reply> {
  const body = `<Delete><Quiet>${extra.quiet ?? false}</Quiet>${objects}</Delete>`;
  return send({ method: 'POST', bucket, query: { delete: '' }, headers: extra.headers ?? {}, body });
}

export function named(key: string, versionId?: string): string {
  const version = versionId === undefined ? '' : `<VersionId>${versionId}</VersionId>`;
  return `<Object><Key>${key}</Key>${version}</Object>`;
}

export function copy(
  { send }: Target,
  bucket: string,
  key: string,
  source: string,
  headers = {},
): Promise<Reply> {
  return send({
    method: 'PUT',
    bucket,
    key,
    headers: { 'x-oss-copy-source': `/${bucket}/${source}`, ...headers },
  });
}

export function append({ send }: Target, bucket: string, key: string, position: number): Promise<Reply> {
  return send({
    method: 'POST',
    bucket,
    key,
    query: { append: '', position: String(position) },
    body: 'more',
  });
}

export function link({ send }: Target, bucket: string, key: string, to: string): Promise<Reply> {
  return send({
    method: 'PUT',
    bucket,
    key,
    query: { symlink: '' },
    headers: { 'x-oss-symlink-target': to },
  });
}

export function tag(
  { send }: Target,
  bucket: string,
  key: string,
  value: string,
  extra: Extra = {},
): Promise<Reply> {
  const body = `<Tagging><TagSet><Tag><Key>k</Key><Value>${value}</Value></Tag></TagSet></Tagging>`;
  return send({ method: 'PUT', bucket, key, ...request(extra, { tagging: '' }), body });
}

/** Begins an upload of one part; the call that it returns completes it. */
export async function uploading(
  { send }: Target,
  bucket: string,
  key: string,
  headers = {},
): Promise<() => Promise<Reply>> {
  const begun = await ok(send({ method: 'POST', bucket, key, query: { uploads: '' }, headers }));
  const uploadId = element(begun.body, 'UploadId');
  const query = { uploadId, partNumber: '1' };
  const part = await ok(send({ method: 'PUT', bucket, key, query, body: 'part' }));
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${header(part, 'etag')}</ETag></Part></CompleteMultipartUpload>`;
  return () => send({ method: 'POST', bucket, key, query: { uploadId }, body });
}

/** What a call with these extras sends beside its own query. */
export function request({ headers = {}, query = {}, versionId }: Extra, own: Record<string, string> = {}) {
  return { headers, query: { ...own, ...query, ...(versionId !== undefined && { versionId }) } };
}
