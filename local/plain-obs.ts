import { createHash, createHmac } from 'node:crypto';
import type { RequestParams, RequestResult } from 'ali-oss';
import { XMLParser } from 'fast-xml-parser';
import { systemClock } from '../shared/platform/clock.ts';
import { encode } from './oss/signature/request.ts';
import type { PlainClient } from './plain-client.ts';

interface AccessKeyPair {
  readonly id: string;
  readonly secret: string;
}

const ownKey: AccessKeyPair = { id: 'holdfast', secret: 'holdfast-secret' };

/** Parameters that the signature covers, as far as they are sent here. */
const signed = new Set([
  'inventory',
  'object-lock',
  'tagging',
  'uploadId',
  'uploads',
  'partNumber',
  'versionId',
  'versioning',
  'versions',
]);

/** Headers that have another name in OBS. */
const renamed: readonly (readonly [oss: string, obs: string])[] = [
  ['x-oss-object-worm-', 'x-obs-object-lock-'],
  ['x-oss-', 'x-obs-'],
];

/**
 * Makes a plain client of OBS: signatures OBS, buckets in the path, and no Holdfast code between it and the service. It has the
 * interface of ali-oss, so that whoever looks at both clouds does so with the same code. Any status but a success rejects with
 * `status` and `code`.
 */
export function plainObsClient(url: string, bucket: string, key = ownKey): PlainClient {
  const send = (params: Sending) => sendObs(url, key, { bucket, ...params });
  const result = (reply: RequestResult) => ({ res: reply });

  return {
    request: ((params: RequestParams) =>
      sendObs(url, key, {
        method: params.method,
        bucket: params.bucket,
        key: params.object,
        query: params.subres,
        headers: params.headers,
        body: params.content,
        anyStatus: true,
      })) as PlainClient['request'],
    async put(object, body, { headers = {} } = {}) {
      return result(await send({ method: 'PUT', key: object, headers, body }));
    },
    async multipartUpload(object, body, { headers = {}, partSize = body.length } = {}) {
      const begun = await send({ method: 'POST', key: object, query: { uploads: '' }, headers });
      const uploadId = textIn(begun, 'UploadId');
      const parts: string[] = [];
      for (let from = 0, number = 1; from < body.length; from += partSize, number += 1) {
        const query = { partNumber: String(number), uploadId };
        const part = await send({
          method: 'PUT',
          key: object,
          query,
          body: body.subarray(from, from + partSize),
        });
        parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${part.headers['etag']}</ETag></Part>`);
      }
      const xml = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      return result(await send({ method: 'POST', key: object, query: { uploadId }, body: xml }));
    },
    async copy(object, source, { headers = {}, versionId } = {}) {
      const [, from = '', path = ''] = /^\/([^/]+)\/(.*)$/s.exec(source) ?? [];
      const version = versionId === undefined ? '' : `?versionId=${versionId}`;
      const copySource = { 'x-oss-copy-source': `/${from}/${encodePath(path)}${version}` };
      return result(await send({ method: 'PUT', key: object, headers: { ...copySource, ...headers } }));
    },
    async head(object, { versionId } = {}) {
      return result(await send({ method: 'HEAD', key: object, query: versionOf(versionId) }));
    },
    async delete(object, { versionId } = {}) {
      return await send({ method: 'DELETE', key: object, query: versionOf(versionId) });
    },
    async putObjectTagging(object, tags, { versionId } = {}) {
      const set = Object.entries(tags)
        .map(([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`)
        .join('');
      const body = `<Tagging><TagSet>${set}</TagSet></Tagging>`;
      return await send({
        method: 'PUT',
        key: object,
        query: { tagging: '', ...versionOf(versionId) },
        body,
      });
    },
    async getBucketVersions({ prefix, maxKeys, keyMarker, versionIdMarker }) {
      const reply = await send({
        method: 'GET',
        query: {
          versions: '',
          ...(prefix && { prefix }),
          ...(maxKeys && { 'max-keys': String(maxKeys) }),
          ...(keyMarker && { 'key-marker': keyMarker }),
          ...(versionIdMarker && { 'version-id-marker': versionIdMarker }),
        },
      });
      const list = parser.parse(reply.data.toString())['ListVersionsResult'];
      const versions: readonly Record<string, string>[] = list['Version'] ?? [];
      return {
        objects: versions.map((version) => ({
          name: version['Key'] ?? '',
          versionId: version['VersionId'] ?? '',
          isLatest: version['IsLatest'] === 'true',
          // A list has milliseconds; Last-Modified is in whole seconds.
          lastModified: (version['LastModified'] ?? '').replace(/\.\d+Z$/, '.000Z'),
          etag: version['ETag'] ?? '',
        })),
        nextKeyMarker: list['NextKeyMarker'] ?? null,
        nextVersionIdMarker: list['NextVersionIdMarker'] ?? null,
      };
    },
  };
}

/** Makes a bucket of OBS that takes object retention. */
export async function createObsRetentionBucket(url: string, bucket: string): Promise<PlainClient> {
  await createObsBucket(url, bucket, { 'x-obs-bucket-object-lock-enabled': 'true' });
  return plainObsClient(url, bucket);
}

/** Makes a bucket of OBS. */
export async function createObsBucket(
  url: string,
  bucket: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await sendObs(url, ownKey, { method: 'PUT', bucket, headers });
}

interface Sending {
  readonly method: string;
  readonly bucket?: string;
  readonly key?: string | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Also what is no success resolves. */
  readonly anyStatus?: boolean;
}

async function sendObs(url: string, key: AccessKeyPair, sending: Sending): Promise<RequestResult> {
  const { method, bucket = '', key: object, query = {}, body } = sending;
  const path = object === undefined ? `/${bucket}` : `/${bucket}/${encodePath(object)}`;
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(sending.headers ?? {}).map(([name, value]) => [toObs(name.toLowerCase()), value]),
  );
  headers['date'] = systemClock.now().toUTCString();
  if (body !== undefined) {
    headers['content-md5'] = createHash('md5').update(body).digest('base64');
    headers['content-type'] = 'application/octet-stream';
  }
  headers['authorization'] = `OBS ${key.id}:${sign(key.secret, method, path, query, headers)}`;
  const search = new URLSearchParams(query).toString();
  const response = await fetch(`${url}${path}${search === '' ? '' : `?${search}`}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const data = Buffer.from(await response.arrayBuffer());
  const replied = Object.fromEntries([...response.headers].map(([name, value]) => [fromObs(name), value]));
  const result = { status: response.status, headers: replied, data };
  if (response.ok || sending.anyStatus) return result;
  const code =
    response.headers.get('x-obs-error-code') ?? /<Code>(\w+)/.exec(data.toString())?.[1] ?? 'Unknown';
  throw Object.assign(new Error(`${method} ${path} answered ${response.status} ${code}`), {
    status: response.status,
    code,
  });
}

/** HMAC-SHA1 over method, digest, type, date, the headers of OBS and the resource with its sub-resources. */
function sign(
  secret: string,
  method: string,
  path: string,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): string {
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-obs-'))
    .sort(byName)
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const resources = Object.entries(query)
    .filter(([name]) => signed.has(name))
    .sort(byName)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const resource = `${path}${resources.length === 0 ? '' : `?${resources.join('&')}`}`;
  const head = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', headers['date'] ?? ''];
  return createHmac('sha1', secret)
    .update(`${head.join('\n')}\n${own}${resource}`)
    .digest('base64');
}

const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : 1;

const toObs = (name: string): string => replaceStart(name, renamed);
const fromObs = (name: string): string =>
  replaceStart(
    name,
    renamed.map(([oss, obs]) => [obs, oss] as const),
  );

function replaceStart(name: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  const pair = pairs.find(([from]) => name.startsWith(from));
  return pair === undefined ? name : `${pair[1]}${name.slice(pair[0].length)}`;
}

const encodePath = (key: string): string => key.split('/').map(encode).join('/');

const versionOf = (versionId: string | undefined): Record<string, string> =>
  versionId === undefined ? {} : { versionId };

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === 'Version',
});

const textIn = (reply: RequestResult, tag: string): string =>
  new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(reply.data.toString())?.[1] ?? '';
