import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { accessKeyId, accessKeySecret, type OssServer } from './oss-server.ts';

/** A reply as it came, with the error code of its document if there is one. */
export interface RawReply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
  readonly code: string;
}

export interface RawRequest {
  readonly query?: Record<string, string>;
  /** Sent in place of the query that is signed. */
  readonly sentQuery?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Makes the client go away before the reply. */
  readonly signal?: AbortSignal;
}

/**
 * Sends one request with a V1 signature of its own making: what no SDK would send, and replies as they are.
 * @param target `METHOD /bucket/key`, the key not encoded
 */
export function rawCall(
  server: Pick<OssServer, 'port' | 'now'>,
  target: string,
  options: RawRequest = {},
): Promise<RawReply> {
  const [method = '', ...rest] = target.split(' ');
  const path = rest.join(' ');
  const query = Object.entries(options.query ?? {});
  const headers = { 'x-oss-date': server.now().toUTCString(), ...options.headers };
  const text = [
    `${method}\n${options.headers?.['content-md5'] ?? ''}\n${options.headers?.['content-type'] ?? ''}`,
    headers['x-oss-date'],
    ...Object.entries(headers)
      .filter(([name]) => name.startsWith('x-oss-'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}:${value}`),
    path + signedQuery(query),
  ].join('\n');
  const signature = createHmac('sha1', accessKeySecret).update(text).digest('base64');
  const search = Object.entries(options.sentQuery ?? options.query ?? {})
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return send(
    server,
    method,
    encodeURI(path).replace(/[+?#]/g, encodeURIComponent) + (search && `?${search}`),
    {
      ...options,
      headers: { ...headers, authorization: `OSS ${accessKeyId}:${signature}` },
    },
  );
}

/** Sends a request just as it is given. */
export function send(
  server: { readonly port: number },
  method: string,
  path: string,
  { headers = {}, body = '', signal }: Omit<RawRequest, 'query' | 'sentQuery'> = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, method, path, headers, signal };
    const outgoing = httpRequest(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const hidden = Buffer.from(String(reply.headers['x-oss-err'] ?? ''), 'base64').toString('utf8');
        const code = /<Error>\s*<Code>(\w+)/.exec(text || hidden)?.[1] ?? '';
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text, code });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Parameters that only filter a listing; V1 leaves them out of the signature. */
const unsigned = new Set(
  `prefix marker max-keys delimiter encoding-type list-type start-after key-marker version-id-marker fetch-owner
  max-parts part-number-marker max-uploads upload-id-marker spm filename`.split(/\s+/),
);

function signedQuery(query: readonly (readonly [string, string])[]): string {
  const signed = query
    .filter(([name]) => !unsigned.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return signed.length > 0 ? `?${signed.join('&')}` : '';
}

/** Makes a bucket, with versioning and ObjectWorm if asked. */
export async function makeBucket(
  server: OssServer,
  name: string,
  options: { versioning?: boolean; objectWorm?: boolean; rule?: string } = {},
): Promise<void> {
  await expectOk(rawCall(server, `PUT /${name}/`));
  if (options.versioning || options.objectWorm) await expectOk(setVersioning(server, name, 'Enabled'));
  if (options.objectWorm) await expectOk(enableObjectWorm(server, name, options.rule));
}

export function setVersioning(server: OssServer, bucket: string, status: string): Promise<RawReply> {
  return rawCall(server, `PUT /${bucket}/`, {
    query: { versioning: '' },
    body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
  });
}

/** @param rule the XML inside DefaultRetention */
export function enableObjectWorm(server: OssServer, bucket: string, rule?: string): Promise<RawReply> {
  const inner = rule ? `<Rule><DefaultRetention>${rule}</DefaultRetention></Rule>` : '';
  return rawCall(server, `PUT /${bucket}/`, {
    query: { objectWorm: '' },
    body: `<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled>${inner}</ObjectWormConfiguration>`,
  });
}

/** Puts an object and returns the id of its version. */
export async function putObject(
  server: OssServer,
  path: string,
  body = 'content',
  headers: Record<string, string> = {},
): Promise<string> {
  const reply = await expectOk(rawCall(server, `PUT ${path}`, { body, headers }));
  return String(reply.headers['x-oss-version-id'] ?? '');
}

export async function expectOk(pending: Promise<RawReply>): Promise<RawReply> {
  const reply = await pending;
  if (reply.status >= 300) throw new Error(`${reply.status} ${reply.code} ${reply.body}`);
  return reply;
}
