import { digestOf, hmacSha256 } from '../../platform/digest.ts';
import { escapePart } from './address.ts';
import type { OssCredentials } from './options.ts';

/** A header's name in lower case, and its value. */
export type HeaderPair = readonly [name: string, value: string];

/** The parts of a request that a V4 signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** `/bucket/key`, escaped. */
  readonly resource: string;
  /** It is written by {@link queryText}. */
  readonly query: string;
  /** `content-type`, `content-md5` and every `x-oss-…` header, `x-oss-date` among them. */
  readonly headers: readonly HeaderPair[];
}

/** Writes a query sorted by name and escaped; a parameter without value is its name alone, as in `?worm`. */
export function queryText(parameters: Readonly<Record<string, string | undefined>>): string {
  const parts: string[] = [];
  for (const name in parameters) {
    const value = parameters[name];
    if (value === undefined) continue;
    parts.push(value === '' ? escapePart(name) : `${escapePart(name)}=${escapePart(value)}`);
  }
  return parts.length < 2 ? (parts[0] ?? '') : parts.sort().join('&');
}

/** Writes an instant as V4 signatures want it: `20261128T193000Z`. */
export function signatureTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Like {@link signatureTime}, for a caller that asks many times a second: the text of a second is written once. */
export function signatureTimes(): (instant: Date) => string {
  let second = Number.NaN;
  let text = '';
  return (instant) => {
    const asked = Math.floor(instant.getTime() / 1000);
    if (asked !== second) text = signatureTime(instant);
    second = asked;
    return text;
  };
}

/** Makes the values of `Authorization` for one region. */
export type Signer = (request: SignableRequest, time: string, credentials: OssCredentials) => string;

/**
 * Signs requests with V4 (OSS4-HMAC-SHA256, payload not signed). ali-oss has a signer too: it takes five times the
 * CPU and 63 KB of code (docs/dependencies.md), so it is the reference of a property test instead.
 * Source: API page "Include V4 signatures in the Authorization header".
 * @param region id of the region, such as `cn-hangzhou`
 */
export function createSigner(region: string): Signer {
  const macOf = dayMacs(region);
  return ({ method, resource, query, headers }, time, { accessKeyId, accessKeySecret }) => {
    const day = time.slice(0, 8);
    const scope = `${day}/${region}/oss/aliyun_v4_request`;
    const canonical = `${method}\n${resource}\n${query}\n${headerLines(headers)}\n\nUNSIGNED-PAYLOAD`;
    const digest = digestOf('sha256', canonical, 'hex');
    const signature = macOf(accessKeySecret, day)(`OSS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`);
    return `OSS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},Signature=${signature}`;
  };
}

function headerLines(headers: readonly HeaderPair[]): string {
  let lines = '';
  let last = '';
  for (const [name, value] of headers) {
    if (name < last) return headerLines([...headers].sort(([a], [b]) => (a < b ? -1 : 1)));
    lines += `${name}:${value.trim()}\n`;
    last = name;
  }
  return lines;
}

/** Makes the HMAC of a text in hex. */
type Mac = ReturnType<typeof hmacSha256>;

/** Signs with the key that a secret has for a day; the last one is kept, since nearly all requests use the same. */
function dayMacs(region: string) {
  let last: { readonly secret: string; readonly day: string; readonly mac: Mac } | undefined;
  return (secret: string, day: string): Mac => {
    if (last?.secret !== secret || last.day !== day) {
      const steps = [day, region, 'oss', 'aliyun_v4_request'];
      const seed = hmacSha256(Buffer.from(`aliyun_v4${secret}`));
      const mac = steps.reduce((from, step) => hmacSha256(Buffer.from(from(step), 'hex')), seed);
      last = { secret, day, mac };
    }
    return last.mac;
  };
}
