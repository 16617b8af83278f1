import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Address, Reading } from './address.ts';
import { anonymous } from './anonymous.ts';
import { refuse } from './errors.ts';
import { readForm } from './form.ts';
import type { Operation } from './operation.ts';
import { postOperation } from './operations/post.ts';
import { missingBucket } from './order.ts';
import { findOperation } from './router.ts';
import { readPostClaim } from './signature/post.ts';
import type { Headers, Signable } from './signature/request.ts';
import { checkClaim, isAnonymous, readClaim, type Verifier } from './signature/verify.ts';
import type { Store } from './store/store.ts';

/** Who sent a request and what they want. */
export interface Identified {
  readonly principal: string;
  readonly address: Address;
  /** Undefined when there is no such operation. */
  readonly operation: Operation | undefined;
  /** They are the headers of the request, or the fields of its form. */
  readonly headers: Headers;
  /** It is the body of the request, or the file of its form. */
  readonly body: Readable;
}

/** The readings of a request's address, likeliest first. */
interface Readings {
  readonly readings: readonly [Reading, ...Reading[]];
  /** The operation that the first of the readings asks for; undefined when there is none. */
  readonly likeliest: Operation | undefined;
}

/**
 * Finds out who sent a request that is no form, in the order of order.ts.
 * @throws what {@link missingBucket} returns; what {@link readClaim} and {@link checkClaim} throw
 */
export function identify(
  request: IncomingMessage,
  signable: Signable,
  { readings, likeliest }: Readings,
  verifier: Verifier,
  store: Store,
): Identified {
  const claim = isAnonymous(signable) ? undefined : readClaim(signable, verifier.region);
  const missing = missingBucket(signable, readings, store);
  if (missing) throw missing;
  const { principal, address } = claim
    ? checkClaim(claim, readings, verifier)
    : { principal: anonymous, address: readings[0] };
  const refused = readings.length > 1 ? missingBucket(signable, [address], store) : undefined;
  if (refused) throw refused;
  const operation = address === readings[0] ? likeliest : findOperation(signable, address);
  return { principal, address, operation, headers: signable.headers, body: request };
}

/**
 * Finds out who sent a form: its fields say who and for which key. The policy signs nothing of the address.
 * @throws NoSuchBucket; what {@link readForm}, {@link readPostClaim} and {@link checkClaim} throw
 */
export async function identifyForm(
  request: IncomingMessage,
  readings: readonly [Reading, ...Reading[]],
  verifier: Verifier,
  store: Store,
): Promise<Identified> {
  const { fields, key, file } = await readForm(request);
  const claim = readPostClaim(fields, verifier.region);
  const buckets = readings.map(({ bucket }) => bucket);
  if (!buckets.some((name) => name === '' || store.bucket(name))) {
    throw refuse('NoSuchBucket', { details: { BucketName: buckets[0] } });
  }
  const { principal, address } = checkClaim(claim, readings, verifier);
  return {
    principal,
    address: { bucket: address.bucket, key },
    operation: postOperation,
    headers: fields,
    body: file,
  };
}
