import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Authorize } from './access.ts';
import { hostName } from './address.ts';
import { isAscii } from './ascii.ts';
import { refuse } from './errors.ts';
import type { Headers, Query, Signable } from './signature/request.ts';
import type { Lease } from './store/store.ts';

/** One authenticated request, as operations see it. */
export interface Call {
  readonly bucket: string;
  readonly key: string;
  readonly query: Query;
  readonly headers: Headers;
  readonly requestId: string;
  readonly sourceIp: string;
  /** Returns the address under which the client reached the server, without the bucket: `http://127.0.0.1:9000`. */
  endpoint(): string;
  /** Returns the request's own URL without the query. */
  url(): string;
  readonly body: Readable;
  /** The bodies that the request takes in and reads; they stay until its reply has been sent. */
  readonly lease: Lease;
  /** Returns the names that policies have for the sender; a stranger has none. */
  senderNames(): readonly string[];
  /** For operations whose body says what they do; the others have been checked before they run. */
  readonly authorize: Authorize;
}

/** Returns the parts of a request that a signature covers. @throws URIError when the URL cannot be decoded */
export function readSignable(request: IncomingMessage): Signable {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const query = mark < 0 ? '' : target.slice(mark + 1);
  return { method: request.method ?? '', headers: readHeaders(request.headers), query: readQuery(query) };
}

/** Returns the path of a request as it was sent, still encoded. */
export function rawPath(request: IncomingMessage): string {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return mark < 0 ? target : target.slice(0, mark);
}

/**
 * Tells where the client reached the server, without the bucket. A client that dials an IP address may still send a
 * name of the real service as Host; the socket knows better then.
 */
export function endpointOf(request: IncomingMessage, bucket: string): string {
  const host = request.headers.host ?? '';
  if (hostName(host).endsWith('.aliyuncs.com')) {
    return `http://${request.socket.localAddress}:${request.socket.localPort}`;
  }
  return `http://${bucket && host.startsWith(`${bucket}.`) ? host.slice(bucket.length + 1) : host}`;
}

/**
 * Reads a query string. A parameter without `=` and one with an empty value are the same to OSS.
 * @throws URIError when it is not valid percent-encoded UTF-8
 */
export function readQuery(text: string): Query {
  if (text === '') return noParameters;
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (pair !== '') query.set(decodeParameter(name), decodeParameter(value));
  }
  return query;
}

const noParameters: Query = new Map();

const decodeParameter = (part: string): string =>
  /[%+]/.test(part) ? decodeURIComponent(part.replace(/\+/g, ' ')) : part;

/** Headers by lower-case name, each as one text in UTF-8 (Node reads the wire as Latin-1). Mostly they are so already. */
function readHeaders(headers: IncomingHttpHeaders): Headers {
  if (isPlain(headers)) return headers;
  const read: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) read[name] = utf8(Array.isArray(value) ? value.join(', ') : value);
  }
  return read;
}

function isPlain(headers: IncomingHttpHeaders): headers is Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string' || !isAscii(value)) return false;
  }
  return true;
}

/** @throws InvalidArgument for control characters: the server's parser is lenient (local/http.ts), this is not */
function utf8(text: string): string {
  if (isAscii(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) {
    throw refuse('InvalidArgument', { message: 'A header holds a control character.' });
  }
  return Buffer.from(text, 'latin1').toString('utf8');
}
