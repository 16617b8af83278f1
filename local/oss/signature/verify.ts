import { timingSafeEqual } from 'node:crypto';
import type { Address, Reading } from '../address.ts';
import { refuse } from '../errors.ts';
import type { Claim, Signable, Validity } from './request.ts';
import { readV1Header, readV1Query } from './v1.ts';
import { readV4Header, readV4Query } from './v4.ts';

/** Requests may be off by this much: documented as 15 minutes (EC 0002-00000504). */
const MAX_SKEW_MS = 15 * 60 * 1000;

export interface AccessKey {
  readonly secret: string;
  readonly securityToken?: string;
  /** Who the key belongs to, for the request log: `user holdfast`, `function object-created`. */
  readonly principal: string;
}

export interface Verifier {
  readonly region: string;
  now(): Date;
  wallNow(): Date;
  findKey(accessKeyId: string): AccessKey | undefined;
}

/**
 * Tells who sent a request and which reading of its address they signed.
 * @param readings the possible addresses, likeliest first (see address.ts)
 * @throws AccessDenied, InvalidAccessKeyId, SecurityTokenInvalid, RequestTimeTooSkewed, SignatureDoesNotMatch
 */
export function authenticate(
  request: Signable,
  readings: readonly Reading[],
  verifier: Verifier,
): { readonly principal: string; readonly address: Address } {
  const claim = readClaim(request, verifier.region);
  if (!claim) throw refuse('AccessDenied', { message: 'Anonymous access is forbidden for this operation.' });
  return checkClaim(claim, readings, verifier);
}

/** Whether a request names nobody as its sender. */
export function isAnonymous({ headers, query }: Signable): boolean {
  return !headers['authorization'] && !query.has('x-oss-signature') && !query.has('Signature');
}

/** As {@link authenticate}, for a claim that was read already. */
export function checkClaim(
  claim: Claim,
  readings: readonly Reading[],
  verifier: Verifier,
): { readonly principal: string; readonly address: Address } {
  const key = verifier.findKey(claim.accessKeyId);
  if (!key) throw refuse('InvalidAccessKeyId', { details: { OSSAccessKeyId: claim.accessKeyId } });
  checkToken(claim, key);
  checkTime(claim.validity, verifier);
  const address = readings.find((reading) =>
    isSame(claim.sign(key.secret, reading).signature, claim.signature),
  );
  if (!address) {
    const [likeliest = { bucket: '', key: '' }] = readings;
    throw refuse('SignatureDoesNotMatch', {
      details: {
        OSSAccessKeyId: claim.accessKeyId,
        SignatureProvided: claim.signature,
        StringToSign: claim.sign(key.secret, likeliest).stringToSign,
      },
    });
  }
  return { principal: key.principal, address: { bucket: address.bucket, key: address.key } };
}

function readClaim(request: Signable, region: string): Claim | undefined {
  const authorization = request.headers['authorization'];
  if (authorization?.startsWith('OSS4-HMAC-SHA256 ')) return readV4Header(authorization, region, request);
  if (authorization !== undefined) return readV1Header(authorization, request);
  if (request.query.has('x-oss-signature')) return readV4Query(region, request);
  if (request.query.has('Signature')) return readV1Query(request);
  return undefined;
}

/** A temporary key is nothing without its token, and a permanent key has none. */
function checkToken(claim: Claim, key: AccessKey): void {
  if (claim.securityToken === key.securityToken) return;
  if (claim.securityToken === undefined) {
    throw refuse('InvalidAccessKeyId', { details: { OSSAccessKeyId: claim.accessKeyId } });
  }
  throw refuse('SecurityTokenInvalid');
}

/** Either clock will do: a client may live in real time while the cloud's own clock was moved. */
function checkTime(validity: Validity, verifier: Verifier): void {
  const clocks = [verifier.now(), verifier.wallNow()].map((clock) => clock.getTime());
  if (validity.kind === 'at') {
    if (clocks.some((clock) => Math.abs(clock - validity.instant.getTime()) <= MAX_SKEW_MS)) return;
    throw refuse('RequestTimeTooSkewed', {
      details: {
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
        RequestTime: validity.instant.toISOString(),
        ServerTime: verifier.now().toISOString(),
      },
    });
  }
  const from = validity.from?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (clocks.some((clock) => clock >= from - MAX_SKEW_MS && clock <= validity.until.getTime())) return;
  throw refuse('AccessDenied', { message: 'Request has expired.', ec: '0002-00000069' });
}

function isSame(expected: string, provided: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(provided)];
  return a.length === b.length && timingSafeEqual(a, b);
}
