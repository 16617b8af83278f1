import { anonymous } from '../oss/anonymous.ts';
import type { Claim, Signable } from '../oss/signature/request.ts';
import { checkClaim, type Verifier } from '../oss/signature/verify.ts';
import type { ObsReading } from './address.ts';
import type { Dialect } from './dialect.ts';
import { readV2Header, readV2Query } from './signature/v2.ts';
import { readAwsV4Header, readAwsV4Query } from './signature/v4.ts';

/**
 * Tells who sent a request and which reading of its address they signed.
 * @param path the path as it was sent
 * @throws InvalidAccessKeyId, SecurityTokenInvalid, RequestTimeTooSkewed, SignatureDoesNotMatch, AccessDenied
 */
export function identifySender(
  request: Signable,
  path: string,
  readings: readonly [ObsReading, ...ObsReading[]],
  dialect: Dialect,
  verifier: Verifier,
): { readonly principal: string; readonly bucket: string; readonly key: string } {
  const claim = readClaim(request, path, readings, dialect, verifier.region);
  if (claim === undefined) {
    const [{ bucket, key }] = readings;
    return { principal: anonymous, bucket, key };
  }
  const { principal, address } = checkClaim(claim, readings, verifier);
  return { principal, bucket: address.bucket, key: address.key };
}

function readClaim(
  request: Signable,
  path: string,
  readings: readonly ObsReading[],
  dialect: Dialect,
  region: string,
): Claim | undefined {
  const { headers, query } = request;
  const { authorization } = headers;
  if (authorization?.startsWith('AWS4-HMAC-SHA256 '))
    return readAwsV4Header(authorization, region, request, path);
  if (authorization !== undefined) return readV2Header(authorization, request, readings, dialect);
  if (query.has('X-Amz-Signature')) return readAwsV4Query(region, request, path);
  if (query.has('Signature')) return readV2Query(request, readings, dialect);
  return undefined;
}
