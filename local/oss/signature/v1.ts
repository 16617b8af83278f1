import { createHmac } from 'node:crypto';
import type { Reading } from '../address.ts';
import { refuse } from '../errors.ts';
import { type Claim, resourceOf, type Signable, type Signed, signedInstant } from './request.ts';

/**
 * The query parameters that V1 signs: those that change what is done, not those that only filter. These are the lists of
 * the vendors' SDKs together (oss2 auth.py, Go v1 conn.go, Go v2 signer/v1.go and the operations that add to it, Java
 * SignParameters); parameters that begin with `x-oss-` are signed as well (Go v2).
 */
const signedParameters = new Set(
  `accessPoint accessPointPolicy accessmonitor acl append asyncFetch bucketArchiveDirectRead bucketInfo callback
  callback-var cleanRestoredObject cloudboxes cname comp continuation-token cors delete encryption endTime group
  httpsConfig img inventory inventoryId legalHold lifecycle link live location logging metaQuery objectInfo objectMeta
  objectWorm overwriteConfig partNumber policy policyStatus position publicAccessBlock qos qosInfo redundancyTransition
  referer regionList regions replication replicationLocation replicationProgress requestPayment requesterQosInfo
  resourceGroup response-cache-control response-content-disposition response-content-encoding
  response-content-language response-content-type response-expires restore retention rtc security-token sequential
  startTime stat status style styleName symlink tagging transferAcceleration udf udfApplication udfApplicationLog udfId
  udfImage udfImageDesc udfName uploadId uploads userDefinedLogFieldsConfig versionId versioning versions vip vod vpcip
  website withHashContext worm wormExtend wormId`.split(/\s+/),
);

/** Which parameters a signature covers, by name and value. */
type Covers = (name: string, value: string) => boolean;

const covered: Covers = (name) => signedParameters.has(name) || name.startsWith('x-oss-');

/**
 * Other choices of parameters, for sub-resources that are in no list yet: a client that knows a new one signs it. To tell
 * its user that the key is wrong would be false. A signature that covers more than is asked for protects no less.
 */
const otherChoices: readonly Covers[] = [
  (name, value) => covered(name, value) || value === '',
  (name) => !credentialParameters.has(name),
];
const credentialParameters = new Set(['OSSAccessKeyId', 'Expires', 'Signature']);

/** Recorded replies to V1 requests with an unknown key have this EC. */
const UNKNOWN_KEY = '0002-00000002';

/** `Authorization: OSS id:signature`, dated by x-oss-date or else Date (RFC 1123). */
export function readV1Header(authorization: string, request: Signable): Claim {
  const [, accessKeyId, signature] = /^OSS ([^:\s]+):(\S+)$/.exec(authorization) ?? [];
  if (!accessKeyId || !signature)
    throw refuse('InvalidArgument', { message: 'Authorization header is invalid.' });
  const date = request.headers['x-oss-date'] ?? request.headers['date'] ?? '';
  const instant = signedInstant(date);
  return {
    accessKeyId,
    signature,
    securityToken: request.headers['x-oss-security-token'],
    validity: { kind: 'at', instant },
    unknownKeyEc: UNKNOWN_KEY,
    ...signers(request, date),
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
    unknownKeyEc: UNKNOWN_KEY,
    ...signers(request, expires),
  };
}

function signers(request: Signable, date: string): Required<Pick<Claim, 'sign' | 'others'>> {
  return {
    sign: (secret, address) => sign(secret, stringToSign(request, date, address, covered)),
    others: (secret, address) =>
      otherChoices.map((covers) => sign(secret, stringToSign(request, date, address, covers))),
  };
}

function sign(secret: string, text: string): Signed {
  return { signature: createHmac('sha1', secret).update(text).digest('base64'), stringToSign: text };
}

function stringToSign(
  { method, headers, query }: Signable,
  date: string,
  address: Reading,
  covers: Covers,
): string {
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${headers[name]?.trim()}\n`)
    .join('');
  const parameters = [...query]
    .filter(([name, value]) => covers(name, value))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  const resource = resourceOf(address);
  const type = headers['content-type'] ?? '';
  const head = [method, headers['content-md5'] ?? '', type, date].join('\n');
  return `${head}\n${ossHeaders}${resource}${parameters && `?${parameters}`}`;
}
