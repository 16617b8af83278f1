import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Headers, Query } from './signature/request.ts';

/** One authenticated request, as operations see it. */
export interface Call {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Query;
  readonly headers: Headers;
  readonly requestId: string;
  readonly sourceIp: string;
  /** The address under which the client reached the server, without the bucket: `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly body: IncomingMessage;
}

/**
 * Reads a query string. A parameter without `=` and one with an empty value are the same to OSS.
 * @throws URIError when it is not valid percent-encoded UTF-8
 */
export function readQuery(text: string): Query {
  const decode = (part: string) => decodeURIComponent(part.replace(/\+/g, ' '));
  const pairs = text.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decode(name), decode(value.join('='))];
    }),
  );
}

/** Headers by lower-case name, each as one text in UTF-8 (Node reads the wire as Latin-1). */
export function readHeaders(headers: IncomingHttpHeaders): Headers {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, utf8(Array.isArray(value) ? value.join(', ') : value)] as const],
  );
  return Object.fromEntries(entries);
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
