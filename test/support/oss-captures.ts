import { readdirSync, readFileSync } from 'node:fs';
import { readAddress } from '../../local/oss/address.ts';
import { readQuery } from '../../local/oss/request.ts';
import type { Signable } from '../../local/oss/signature/request.ts';

/** A request of a real client as it went over the wire. All are signed with LTAItestkeyid / testsecret. */
export interface Capture {
  readonly name: string;
  readonly request: Signable;
  readonly target: string;
  readonly host: string;
  /** The instant it was signed, which the verifier's clock must be set to. */
  readonly signedAt: Date;
}

const folder = new URL('../local/oss/captures/', import.meta.url);

export function readCaptures(): Capture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.http'))
    .map((file) => parse(file.replace(/\.http$/, ''), readFileSync(new URL(file, folder), 'latin1')));
}

/** The readings of a capture's address, with another path or host if given. */
export function readings(capture: Capture, change: { target?: string; host?: string } = {}) {
  const target = change.target ?? capture.target;
  return readAddress(change.host ?? capture.host, target.split('?')[0] ?? '');
}

function parse(name: string, text: string): Capture {
  const [head = ''] = text.split('\r\n\r\n');
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
  return {
    name,
    request: { method, headers, query: readQuery(target.split('?')[1] ?? '') },
    target,
    host: headers['host'] ?? '',
    signedAt: new Date(date),
  };
}
