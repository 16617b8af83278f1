import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { rememberLast } from '../remember-last.ts';
import { isAscii } from './ascii.ts';
import type { Content } from './content.ts';
import type { OssError } from './errors.ts';
import { slowed } from './traffic-limit.ts';
import { writeXml, type Xml } from './xml.ts';

/** This is what an operation answers. Common headers are added when it is written. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Leaves out x-oss-server-time, as the service does where there is no bucket, and with an empty object (recorded). */
  readonly isUntimed?: boolean;
  /** Compresses the body on its way out; its length is then not known before. */
  readonly isGzipped?: boolean;
  /** Sends the content no faster. */
  readonly bitsPerSecond?: number;
  readonly body?: string | { readonly content: Content; readonly start: number; readonly end: number };
}

/** Returns a reply with an XML document. */
export function xmlReply(document: Xml, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml', ...headers },
    body: writeXml(document),
  };
}

/** Returns the header that names a version, in buckets that have or had versioning. */
export function versionHeader(
  bucket: { readonly versioning: string },
  versionId: string,
): Record<string, string> {
  return bucket.versioning === 'Unversioned' ? {} : { 'x-oss-version-id': versionId };
}

/**
 * Returns the reply to a refused request. HEAD has no body, so the service puts the document into x-oss-err there.
 * @param host the Host header without its port
 */
export function errorReply(error: OssError, method: string, requestId: string, host: string): Reply {
  const ec: Record<string, string> = error.ec ? { 'x-oss-ec': error.ec } : {};
  if (error.status === 304) return { status: 304, headers: error.headers };
  const document = writeXml({
    Error: {
      Code: error.code,
      Message: error.message,
      RequestId: requestId,
      HostId: host,
      ...error.details,
      ...(error.ec && {
        EC: error.ec,
        RecommendDoc: `https://api.aliyun.com/troubleshoot?q=${error.ec}`,
      }),
    },
  });
  const headers = { 'Content-Type': 'application/xml', ...ec, ...error.headers };
  const isUntimed = error.code === 'NoSuchBucket';
  if (method !== 'HEAD') return { status: error.status, headers, isUntimed, body: document };
  const encoded = Buffer.from(document).toString('base64');
  return { status: error.status, headers: { ...headers, 'x-oss-err': encoded }, isUntimed };
}

/** Writes a reply with the headers that every reply carries. `Date` is the cloud's own time. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  common: { readonly requestId: string; readonly now: Date; readonly serverTimeMs: number },
): Promise<void> {
  const { status, body } = reply;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body ? body.end - body.start : 0;
  const hasLength = status !== 204 && status !== 304 && request.method !== 'HEAD' && !reply.isGzipped;
  const headers = ['Server', 'AliyunOSS', 'Date', httpDate(Math.floor(common.now.getTime() / 1000))];
  if (hasLength) headers.push('Content-Length', String(length));
  headers.push('x-oss-request-id', common.requestId);
  for (const name in reply.headers) headers.push(name, latin1(reply.headers[name] ?? ''));
  if (!reply.isUntimed) {
    headers.push('x-oss-server-time', String(Math.max(1, Math.round(common.serverTimeMs))));
  }
  response.writeHead(status, headers);
  if (request.method === 'HEAD' || body === undefined) response.end();
  else if (typeof body === 'string') response.end(body);
  else {
    const bytes = Readable.from(bytesOf(body, reply.bitsPerSecond));
    await (reply.isGzipped ? pipeline(bytes, createGzip(), response) : pipeline(bytes, response));
  }
}

function bytesOf(
  { content, start, end }: Exclude<Reply['body'], string | undefined>,
  bitsPerSecond?: number,
) {
  const bytes = content.read(start, end);
  return bitsPerSecond === undefined ? bytes : slowed(bytes, bitsPerSecond);
}

/** Header values go out as UTF-8 bytes, which Node takes as Latin-1 text. */
function latin1(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'utf8').toString('latin1');
}

const httpDate = rememberLast((second: number) => new Date(second * 1000).toUTCString());
