import type { Address, Reading } from '../address.ts';
import { refuse } from '../errors.ts';
import type { Claim, Signable, Signed, Validity } from './request.ts';
import { readV1Header, readV1Query } from './v1.ts';
import { isV2Query, readV2Header, readV2Query } from './v2.ts';
import { readV4Header, readV4Query } from './v4.ts';

/** Requests may be off by this much: documented as 15 minutes (EC 0002-00000504). */
const MAX_SKEW_MS = 15 * 60 * 1000;

export interface AccessKey {
  readonly secret: string;
  readonly securityToken?: string;
  /** The clock that the holder of the key signs by; `machine` unless given. Functions run on `virtual` time. */
  readonly clock?: 'machine' | 'virtual';
  /** Who the key belongs to, for the request log: `user holdfast`, `function object-created`. */
  readonly principal: string;
}

export interface Verifier {
  readonly region: string;
  now(): Date;
  wallNow(): Date;
  findKey(accessKeyId: string): AccessKey | undefined;
}

/** Tells whether a request names nobody as its sender. */
export function isAnonymous(request: Signable): boolean {
  const { headers, query } = request;
  const isSigned = headers['authorization'] || query.has('x-oss-signature') || query.has('Signature');
  return !isSigned && !speaksS3(request);
}

/**
 * Tells whether a claim is true, and which reading of the address was signed.
 * @param readings the possible addresses, likeliest first (see address.ts)
 * @throws InvalidAccessKeyId, SecurityTokenInvalid, RequestTimeTooSkewed, SignatureDoesNotMatch, AccessDenied (over),
 *   InvalidArgument (a header that is signed is not there)
 */
export function checkClaim(
  claim: Claim,
  readings: readonly Reading[],
  verifier: Verifier,
): { readonly principal: string; readonly address: Address } {
  const key = verifier.findKey(claim.accessKeyId);
  if (!key) {
    const details = { OSSAccessKeyId: claim.accessKeyId };
    throw refuse('InvalidAccessKeyId', { details, ...(claim.unknownKeyEc && { ec: claim.unknownKeyEc }) });
  }
  checkToken(claim, key);
  checkTime(claim.validity, key, verifier);
  const matches = ({ signature }: Signed) => isSame(signature, claim.signature);
  const address =
    readings.find((reading) => matches(claim.sign(key.secret, reading))) ??
    readings.find((reading) => claim.others?.(key.secret, reading).some(matches));
  if (!address) {
    if (claim.absentHeader !== undefined) {
      const details = { ArgumentName: 'AdditionalHeaders', ArgumentValue: claim.absentHeader };
      throw refuse('InvalidArgument', { message: 'A header that is signed is not in the request.', details });
    }
    const [likeliest = { bucket: '', key: '' }] = readings;
    throw refuse('SignatureDoesNotMatch', {
      details: {
        OSSAccessKeyId: claim.accessKeyId,
        SignatureProvided: claim.signature,
        StringToSign: claim.sign(key.secret, likeliest).stringToSign,
      },
    });
  }
  return { principal: key.principal, address };
}

/**
 * Reads what a request says of its sender; undefined when it says nothing.
 * @throws InvalidArgument and AccessDenied when it cannot be read
 */
export function readClaim(request: Signable, region: string): Claim | undefined {
  const authorization = request.headers['authorization'];
  if (speaksS3(request)) throw refuse('NotImplemented', { message: NO_S3 });
  if (authorization?.startsWith('OSS4-HMAC-SHA256 ')) return readV4Header(authorization, region, request);
  if (authorization?.startsWith('OSS2 ')) return readV2Header(authorization, request);
  if (authorization !== undefined) return readV1Header(authorization, request);
  if (isV2Query(request)) return readV2Query(request);
  if (request.query.has('x-oss-signature')) return readV4Query(region, request);
  if (request.query.has('Signature')) return readV1Query(request);
  return undefined;
}

/** The message for S3 clients, which show it to their users. */
const NO_S3 =
  "This is the embedded OSS. It speaks OSS's own API with the signatures OSS, OSS2 and OSS4-HMAC-SHA256, and not the S3 dialect: use an OSS client such as ossutil, ali-oss or an Alibaba Cloud OSS SDK.";

/** Tells whether a request is signed as S3 has it, in the header or in the URL, with version 2 or 4. */
function speaksS3({ headers, query }: Signable): boolean {
  const isSigned = /^AWS(4-HMAC-SHA256)? /.test(headers['authorization'] ?? '');
  return isSigned || query.has('X-Amz-Algorithm') || query.has('AWSAccessKeyId');
}

/** A temporary key is nothing without its token, and a permanent key has none. */
function checkToken(claim: Claim, key: AccessKey): void {
  if (claim.securityToken === key.securityToken) return;
  if (claim.securityToken === undefined) {
    throw refuse('InvalidAccessKeyId', { details: { OSSAccessKeyId: claim.accessKeyId } });
  }
  throw refuse('SecurityTokenInvalid');
}

/**
 * A request that is signed in its header is dated for the moment. It may be near either clock, since a client lives
 * in real time or in virtual time.
 *
 * A signed URL or form carries its own end, maybe far from now, and a V1 URL has no beginning. With either clock, a URL
 * that is over by one would come to life again by the other. So one clock judges it: the clock that its signer reads.
 * Clients outside compute the end from the machine's date. Functions get virtual time for their `Date`.
 */
function checkTime(validity: Validity, key: AccessKey, verifier: Verifier): void {
  if (validity.kind === 'at') {
    const isNear = (clock: Date) => Math.abs(clock.getTime() - validity.instant.getTime()) <= MAX_SKEW_MS;
    if (isNear(verifier.wallNow()) || isNear(verifier.now())) return;
    throw refuse('RequestTimeTooSkewed', {
      details: {
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
        RequestTime: validity.instant.toISOString(),
        ServerTime: verifier.now().toISOString(),
      },
    });
  }
  const now = (key.clock === 'virtual' ? verifier.now() : verifier.wallNow()).getTime();
  const from = validity.from?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (now >= from - MAX_SKEW_MS && now <= validity.until.getTime()) return;
  throw refuse('AccessDenied', { message: 'Request has expired.', ec: '0002-00000069' });
}

/** Compares all of both, so that the time tells nobody where they differ. node:crypto would take a copy of each. */
function isSame(expected: string, provided: string): boolean {
  if (expected.length !== provided.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ provided.charCodeAt(i);
  return difference === 0;
}
