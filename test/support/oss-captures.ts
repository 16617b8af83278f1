import { readdirSync, readFileSync } from 'node:fs';
import { readAddress } from '../../local/oss/address.ts';
import { readQuery } from '../../local/oss/request.ts';
import type { Signable } from '../../local/oss/signature/request.ts';

/** A request of a real client as it went over the wire. All are signed with LTAItestkeyid / testsecret. */
export interface Capture {
  /** Of the file; `#2` and so on behind it where a file holds a sequence. */
  readonly name: string;
  readonly request: Signable;
  readonly target: string;
  readonly host: string;
  /** The instant it was signed, which the verifier's clock must be set to. */
  readonly signedAt: Date;
  /** The very bytes, to be sent through a socket. */
  readonly bytes: Buffer;
}

/** The bucket that the captures of single requests are about. */
export const capturedBucket = 'examplebucket';

const folder = new URL('../local/oss/captures/', import.meta.url);
const sequences = /^(java2|php1|php2)-/;

/** Every request of every file. */
export function readCaptures(): Capture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.http'))
    .flatMap((file) => readSequence(file.replace(/\.http$/, '')));
}

/** Files that hold whole test classes of an SDK. */
export function sequenceNames(): string[] {
  const files = readdirSync(folder).filter((file) => sequences.test(file));
  return files.map((file) => file.replace(/\.http$/, ''));
}

export function readSequence(file: string): Capture[] {
  const text = readFileSync(new URL(`${file}.http`, folder), 'latin1');
  return text
    .split('\n=== next request ===\n')
    .map((part, index) => parseCapture(index === 0 ? file : `${file}#${index + 1}`, part));
}

/** The readings of a capture's address, with another path or host if given. */
export function readings(capture: Capture, change: { target?: string; host?: string } = {}) {
  const target = change.target ?? capture.target;
  const hasBucket = (name: string) => name === capturedBucket;
  return readAddress(change.host ?? capture.host, target.split('?')[0] ?? '', hasBucket);
}

/** Takes a captured request apart. */
export function parseCapture(name: string, text: string): Capture {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const date = (headers['x-oss-date'] ?? headers['date'] ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const isChunked = headers['transfer-encoding'] === 'chunked';
  const body = rest.join('\r\n\r\n');
  const sent = isChunked ? body : body.slice(0, Number(headers['content-length'] ?? 0));
  return {
    name,
    request: { method, headers, query: readQuery(target.split('?')[1] ?? '') },
    target,
    host: headers['host'] ?? '',
    signedAt: new Date(date),
    bytes: Buffer.from(`${head}\r\n\r\n${sent}`, 'latin1'),
  };
}
