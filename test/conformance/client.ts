import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';

/** Where the service is and who we are there. */
export interface Endpoint {
  /** Such as `https://oss-cn-hangzhou.aliyuncs.com`. */
  readonly url: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** The time by which requests are dated. */
  now(): Date;
}

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly bucket?: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A reply as it came, with what its error document says (of a HEAD, the one in `x-oss-err`). */
export interface Reply {
  readonly status: number;
  readonly code: string;
  readonly ec: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Sends one request with a V4 signature of its own making, so that every header and byte is the case's. Knows
 * nothing of the embedded OSS, which signs nothing itself and so cannot share a mistake with it.
 */
export function sendSigned(endpoint: Endpoint, request: Request): Promise<Reply> {
  const { url } = endpoint;
  const { bucket = '', key = '', body = '' } = request;
  const isByPath = isIP(url.hostname) !== 0 || !url.hostname.includes('.');
  const path = isByPath && bucket !== '' ? `/${bucket}/${key}` : `/${key}`;
  const query = canonicalQuery(request.query ?? {});
  const headers = {
    ...request.headers,
    'x-oss-date': timestamp(endpoint.now()),
    'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  const options = {
    hostname: url.hostname,
    port: url.port,
    method: request.method,
    path: escapePath(path) + (query && `?${query}`),
    headers: {
      ...headers,
      host: isByPath || bucket === '' ? url.host : `${bucket}.${url.host}`,
      authorization: authorization(endpoint, { ...request, headers }, query),
      'content-length': String(Buffer.byteLength(body)),
    },
    ...(!isByPath && bucket !== '' && { hostname: `${bucket}.${url.hostname}` }),
  };
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = open(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const document = text || Buffer.from(String(reply.headers['x-oss-err'] ?? ''), 'base64').toString();
        const isError = (reply.statusCode ?? 0) >= 300;
        resolve({
          status: reply.statusCode ?? 0,
          code: isError ? element(document, 'Code') : '',
          ec: isError ? element(document, 'EC') : '',
          headers: reply.headers,
          body: text,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The text of the first element of that name; empty when there is none. */
export function element(document: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1] ?? '';
}

/** A header's value as one text; empty when there is none. */
export function header(reply: Reply, name: string): string {
  return String(reply.headers[name] ?? '');
}

/** V4 as documented: developer-reference/recommend-to-use-signature-version-4. */
function authorization(endpoint: Endpoint, request: Request, query: string): string {
  const { headers = {}, bucket = '', key = '' } = request;
  const signed = Object.entries(headers)
    .filter(([name]) => name === 'content-type' || name === 'content-md5' || name.startsWith('x-oss-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const path = escapePath(bucket === '' ? '/' : `/${bucket}/${key}`);
  const canonical = [request.method, path, query, signed, '', 'UNSIGNED-PAYLOAD'].join('\n');
  const time = headers['x-oss-date'] ?? '';
  const scope = [time.slice(0, 8), endpoint.region, 'oss', 'aliyun_v4_request'];
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = ['OSS4-HMAC-SHA256', time, scope.join('/'), hash].join('\n');
  const secret: string | Buffer = `aliyun_v4${endpoint.accessKeySecret}`;
  const signingKey = scope.reduce<string | Buffer>((from, part) => hmac(from, part), secret);
  const credential = [endpoint.accessKeyId, ...scope].join('/');
  return `OSS4-HMAC-SHA256 Credential=${credential},Signature=${hmac(signingKey, text).toString('hex')}`;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function timestamp(instant: Date): string {
  return instant.toISOString().replace(/[-:]|\.\d+/g, '');
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => (value === '' ? escapeText(name) : `${escapeText(name)}=${escapeText(value)}`))
    .sort()
    .join('&');
}

function escapePath(path: string): string {
  return path.split('/').map(escapeText).join('/');
}

function escapeText(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
