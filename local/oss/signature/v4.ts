import { createHmac, hash } from 'node:crypto';
import { hmacSha256 } from '../../../shared/platform/digest.ts';
import { rememberLast } from '../../remember-last.ts';
import type { Reading } from '../address.ts';
import { refuse } from '../errors.ts';
import {
  type Claim,
  encode,
  type Query,
  resourceOf,
  type Signable,
  signedInstant,
  type Validity,
} from './request.ts';

const ALGORITHM = 'OSS4-HMAC-SHA256';

interface Terms {
  readonly credential: string;
  readonly signature: string;
  readonly additionalHeaders: readonly string[];
  /** The signing time exactly as sent: it enters the string to sign. */
  readonly timestamp: string;
  readonly payloadHash: string;
  readonly query: Query;
}

/** `Authorization: OSS4-HMAC-SHA256 Credential=…[,AdditionalHeaders=…],Signature=…` */
export function readV4Header(authorization: string, region: string, request: Signable): Claim {
  let [credential, signature, additional] = ['', '', ''];
  for (const part of authorization.slice(ALGORITHM.length).split(',')) {
    const equals = part.indexOf('=');
    const value = part.slice(equals + 1).trim();
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (name === 'Credential') credential = value;
    else if (name === 'Signature') signature = value;
    else if (name === 'AdditionalHeaders') additional = value;
  }
  const { headers, query } = request;
  const timestamp = headers['x-oss-date'] ?? headers['date'] ?? '';
  const terms: Terms = {
    credential,
    signature,
    additionalHeaders: headerList(additional),
    timestamp,
    payloadHash: headers['x-oss-content-sha256'] ?? '',
    query,
  };
  const instant = readTimestamp(timestamp);
  return claim(terms, { kind: 'at', instant }, instant, headers['x-oss-security-token'], region, request);
}

/** `?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=…&x-oss-date=…&x-oss-expires=…&x-oss-signature=…` */
export function readV4Query(region: string, request: Signable): Claim {
  const { query } = request;
  const unsigned = new Map([...query].filter(([name]) => name !== 'x-oss-signature'));
  const terms = {
    credential: query.get('x-oss-credential') ?? '',
    signature: query.get('x-oss-signature') ?? '',
    additionalHeaders: headerList(query.get('x-oss-additional-headers')),
    timestamp: query.get('x-oss-date') ?? '',
    payloadHash: 'UNSIGNED-PAYLOAD',
    query: unsigned,
  };
  const from = readTimestamp(terms.timestamp);
  const seconds = Number(query.get('x-oss-expires'));
  if (!(seconds >= 1 && seconds <= 604800))
    throw refuse('InvalidArgument', { message: 'x-oss-expires is invalid.' });
  const validity: Validity = { kind: 'between', from, until: new Date(from.getTime() + seconds * 1000) };
  return claim(terms, validity, from, query.get('x-oss-security-token'), region, request);
}

function claim(
  terms: Terms,
  validity: Validity,
  instant: Date,
  securityToken: string | undefined,
  region: string,
  request: Signable,
): Claim {
  const { accessKeyId, date, scopeRegion, product, suffix } = readCredential(terms.credential);
  if (scopeRegion !== region) {
    throw refuse('InvalidArgument', { message: 'Invalid signing region in Authorization header.' });
  }
  const day = dayOf(instant);
  if (date !== day || product !== 'oss' || suffix !== 'aliyun_v4_request') {
    throw refuse('InvalidArgument', { message: 'Invalid signing scope in Authorization header.' });
  }
  return {
    accessKeyId,
    signature: terms.signature,
    securityToken,
    validity,
    absentHeader: terms.additionalHeaders.find((name) => request.headers[name] === undefined),
    sign(secret: string, address: Reading) {
      const canonical = hash('sha256', canonicalRequest(terms, request, address));
      const scope = `${date}/${region}/oss/aliyun_v4_request`;
      const stringToSign = `${ALGORITHM}\n${terms.timestamp}\n${scope}\n${canonical}`;
      return { signature: v4Signer(secret, date, region)(stringToSign), stringToSign };
    },
  };
}

/** `ACCESS_KEY_ID/20261121/cn-hangzhou/oss/aliyun_v4_request` */
const readCredential = rememberLast((credential: string) => {
  const [accessKeyId = '', date = '', scopeRegion = '', product = '', suffix = ''] = credential.split('/');
  return { accessKeyId, date, scopeRegion, product, suffix };
});

function canonicalRequest(terms: Terms, { method, headers }: Signable, address: Reading): string {
  const path = encodePath(resourceOf(address));
  const query = terms.query.size === 0 ? '' : canonicalQuery(terms.query);
  const names: string[] = [];
  for (const name in headers) {
    if (isAlwaysSigned(name) || terms.additionalHeaders.includes(name)) names.push(name);
  }
  let signed = '';
  sortFew(names);
  for (const name of names) signed += `${name}:${headers[name]?.trim()}\n`;
  return `${method}\n${path}\n${query}\n${signed}\n${terms.additionalHeaders.join(';')}\n${terms.payloadHash}`;
}

/** Sorts in place. A handful of names is in order before the language's own sort has made its arrays. */
function sortFew(names: string[]): void {
  for (let index = 1; index < names.length; index++) {
    const name = names[index] ?? '';
    let at = index;
    for (let before = names[at - 1]; before !== undefined && before > name; before = names[at - 1]) {
      names[at] = before;
      at -= 1;
    }
    names[at] = name;
  }
}

function canonicalQuery(query: Query): string {
  return [...query]
    .map(([name, value]) => (value === '' ? encode(name) : `${encode(name)}=${encode(value)}`))
    .sort()
    .join('&');
}

/** Slashes stay as they are. Most paths have nothing to encode, which is cheaper to see than to do. */
function encodePath(path: string): string {
  return /^[\w./~-]*$/.test(path) ? path : encode(path).replace(/%2F/g, '/');
}

function isAlwaysSigned(name: string): boolean {
  return name === 'content-type' || name === 'content-md5' || name.startsWith('x-oss-');
}

function headerList(text: string | undefined): readonly string[] {
  return text ? text.toLowerCase().split(';').sort() : [];
}

/** `20261121T210947Z`, or an RFC 1123 date (ossutil and Go v1 send no x-oss-date). */
const readTimestamp = rememberLast((text: string) => {
  const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  return signedInstant(compact.test(text) ? text.replace(compact, '$1-$2-$3T$4:$5:$6Z') : text);
});

/** `20261121` */
const dayOf = rememberLast((instant: Date) => instant.toISOString().slice(0, 10).replace(/-/g, ''));

/** Returns what signs texts on a day and in a region. @param date `20261121` */
export function v4Signer(secret: string, date: string, region: string): (text: string) => string {
  const known = signers.get(secret);
  if (known?.date === date && known.region === region) return known.sign;
  const key = [region, 'oss', 'aliyun_v4_request'].reduce(hmac, hmac(`aliyun_v4${secret}`, date));
  const sign = hmacSha256(key);
  if (signers.size >= MOST_SIGNERS) signers.clear();
  signers.set(secret, { date, region, sign });
  return sign;
}

/** The last one of each secret: it serves all requests of its day. Functions have a secret for each invocation. */
const signers = new Map<
  string,
  { readonly date: string; readonly region: string; readonly sign: (text: string) => string }
>();
const MOST_SIGNERS = 1000;

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
