import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { encode } from '../oss/signature/request.ts';
import type { Answered } from './compare.ts';

export interface Target {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  now(): Date;
}

export interface Outgoing {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Signs in place of the target's key. */
  readonly credentials?: { readonly accessKeyId: string; readonly accessKeySecret: string };
}

const encodePath = (text: string) => encode(text).replaceAll('%2F', '/');

/** Sends one request, signed with V1 in its query and valid for a minute, as it is; an SDK would add to it. */
export function send(target: Target, outgoing: Outgoing): Promise<Answered> {
  const { method, bucket, key, headers, body, credentials: signer = target } = outgoing;
  const expires = String(Math.floor(target.now().getTime() / 1000) + 60);
  const query = [...outgoing.query].sort(([a], [b]) => (a < b ? -1 : 1));
  const signed = query
    .filter(([name]) => !unsigned.has(name))
    .map(([name, value]) => (value ? `${name}=${value}` : name));
  const ossHeaders = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-oss-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const resource = `${bucket === '' ? '/' : `/${bucket}/${key}`}${signed.length > 0 ? `?${signed.join('&')}` : ''}`;
  const text = `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${expires}\n${ossHeaders.join('')}${resource}`;
  const signature = createHmac('sha1', signer.accessKeySecret).update(text).digest('base64');
  const credentials = [
    ['OSSAccessKeyId', signer.accessKeyId],
    ['Expires', expires],
    ['Signature', signature],
  ] as const;
  const search = [...query, ...credentials]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const path = bucket === '' ? '' : encodePath(`${bucket}/${key}`);
  const url = new URL(`${target.endpoint}/${path}?${search}`);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method, headers: { ...headers, 'content-length': body.length } },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const flat = Object.entries(reply.headers).map(([name, value]) => [name, String(value)] as const);
          resolve({
            status: reply.statusCode ?? 0,
            headers: Object.fromEntries(flat),
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Parameters that V1 leaves out of the signature. */
const unsigned = new Set([
  'prefix',
  'max-keys',
  'encoding-type',
  'delimiter',
  'list-type',
  'key-marker',
  'marker',
  'version-id-marker',
  'upload-id-marker',
  'max-uploads',
  'max-parts',
  'part-number-marker',
  'start-after',
  'fetch-owner',
]);
