import { createHmac } from 'node:crypto';
import type { Reading } from '../address.ts';
import { refuse } from '../errors.ts';
import { type Claim, resourceOf, type Signable } from './request.ts';

/** The query parameters that V1 signs: those that change what is done, not those that only filter. */
const signedParameters = new Set(
  `acl append bucketInfo callback callback-var cname comp continuation-token cors delete encryption endTime
  inventory inventoryId legalHold lifecycle link live location logging objectMeta objectWorm partNumber policy
  position qos referer replication requestPayment resourceGroup response-cache-control
  response-content-disposition response-content-encoding response-content-language response-content-type
  response-expires restore retention security-token sequential startTime stat status style styleName symlink
  tagging transferAcceleration uploadId uploads versionId versioning versions vod website worm wormExtend
  wormId x-oss-process x-oss-request-payer x-oss-traffic-limit`.split(/\s+/),
);

/** `Authorization: OSS id:signature`, dated by x-oss-date or else Date (RFC 1123). */
export function readV1Header(authorization: string, request: Signable): Claim {
  const [, accessKeyId, signature] = /^OSS ([^:\s]+):(\S+)$/.exec(authorization) ?? [];
  if (!accessKeyId || !signature)
    throw refuse('InvalidArgument', { message: 'Authorization header is invalid.' });
  const date = request.headers['x-oss-date'] ?? request.headers['date'] ?? '';
  const instant = new Date(date);
  if (Number.isNaN(instant.getTime())) {
    throw refuse('AccessDenied', {
      message: 'OSS authentication requires a valid Date.',
      ec: '0002-00000505',
    });
  }
  return {
    accessKeyId,
    signature,
    securityToken: request.headers['x-oss-security-token'],
    validity: { kind: 'at', instant },
    sign: (secret, address) => sign(secret, stringToSign(request, date, address)),
  };
}

/** `?OSSAccessKeyId=…&Expires=…&Signature=…`, Expires in Unix seconds. */
export function readV1Query(request: Signable): Claim {
  const expires = request.query.get('Expires') ?? '';
  if (!/^\d+$/.test(expires)) throw refuse('InvalidArgument', { message: 'Expires is invalid.' });
  return {
    accessKeyId: request.query.get('OSSAccessKeyId') ?? '',
    signature: request.query.get('Signature') ?? '',
    securityToken: request.query.get('security-token'),
    validity: { kind: 'between', from: undefined, until: new Date(Number(expires) * 1000) },
    sign: (secret, address) => sign(secret, stringToSign(request, expires, address)),
  };
}

function sign(secret: string, text: string): { signature: string; stringToSign: string } {
  return { signature: createHmac('sha1', secret).update(text).digest('base64'), stringToSign: text };
}

function stringToSign({ method, headers, query }: Signable, date: string, address: Reading): string {
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${headers[name]?.trim()}\n`)
    .join('');
  const parameters = [...query.keys()]
    .filter((name) => signedParameters.has(name))
    .sort()
    .map((name) => (query.get(name) ? `${name}=${query.get(name)}` : name))
    .join('&');
  const resource = resourceOf(address);
  const type = headers['content-type'] ?? '';
  const head = [method, headers['content-md5'] ?? '', type, date].join('\n');
  return `${head}\n${ossHeaders}${resource}${parameters && `?${parameters}`}`;
}
