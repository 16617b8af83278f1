import { createHmac } from 'node:crypto';
import type { Reading } from '../address.ts';
import { refuse } from '../errors.ts';
import { type Claim, encode, resourceOf, type Signable, type Signed, signedInstant } from './request.ts';

/**
 * Signature version 2, which oss2 and the SDKs of its time offer beside V1: HMAC-SHA256 in base64 over all parameters and
 * over the additional headers that it names (oss2 auth.py, ProviderAuthV2).
 */
const PREFIX = 'OSS2 ';

/** `Authorization: OSS2 AccessKeyId:…[,AdditionalHeaders:a;b],Signature:…`, dated by Date (RFC 1123). */
export function readV2Header(authorization: string, request: Signable): Claim {
  const fields = new Map<string, string>();
  for (const part of authorization.slice(PREFIX.length).split(',')) {
    const colon = part.indexOf(':');
    if (colon > 0) fields.set(part.slice(0, colon).trim(), part.slice(colon + 1).trim());
  }
  const date = request.headers['x-oss-date'] ?? request.headers['date'] ?? '';
  const instant = signedInstant(date);
  const additional = headerList(fields.get('AdditionalHeaders'));
  return {
    accessKeyId: fields.get('AccessKeyId') ?? '',
    signature: fields.get('Signature') ?? '',
    securityToken: request.headers['x-oss-security-token'],
    validity: { kind: 'at', instant },
    sign: (secret, address) => sign(secret, stringToSign(request, date, additional, address)),
  };
}

/** `?x-oss-signature-version=OSS2&x-oss-access-key-id=…&x-oss-expires=…&x-oss-signature=…`, expires in Unix seconds. */
export function readV2Query(request: Signable): Claim {
  const { query } = request;
  const expires = query.get('x-oss-expires') ?? '';
  if (!/^\d+$/.test(expires)) throw refuse('InvalidArgument', { message: 'x-oss-expires is invalid.' });
  const additional = headerList(query.get('x-oss-additional-headers'));
  return {
    accessKeyId: query.get('x-oss-access-key-id') ?? '',
    signature: query.get('x-oss-signature') ?? '',
    securityToken: query.get('security-token'),
    validity: { kind: 'between', from: undefined, until: new Date(Number(expires) * 1000) },
    sign: (secret, address) => sign(secret, stringToSign(request, expires, additional, address)),
  };
}

/** Tells whether a signed URL is of this version. */
export function isV2Query({ query }: Signable): boolean {
  return query.get('x-oss-signature-version') === 'OSS2';
}

function headerList(text: string | undefined): readonly string[] {
  return text ? text.toLowerCase().split(';').sort() : [];
}

function sign(secret: string, text: string): Signed {
  return { signature: createHmac('sha256', secret).update(text).digest('base64'), stringToSign: text };
}

function stringToSign(
  { method, headers, query }: Signable,
  date: string,
  additional: readonly string[],
  address: Reading,
): string {
  const signed = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-') || additional.includes(name))
    .sort()
    .map((name) => `${name}:${headers[name]?.trim()}\n`)
    .join('');
  const parameters = [...query]
    .filter(([name]) => name !== 'x-oss-signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  const head = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date].join('\n');
  const resource = encode(resourceOf(address));
  return `${head}\n${signed}${additional.join(';')}\n${resource}${parameters && `?${parameters}`}`;
}
