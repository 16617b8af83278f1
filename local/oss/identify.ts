import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Address, Reading } from './address.ts';
import { anonymous } from './anonymous.ts';
import { isForm, readForm } from './form.ts';
import type { Operation } from './operation.ts';
import { postOperation } from './operations/post.ts';
import { findOperation } from './router.ts';
import { readPostClaim } from './signature/post.ts';
import type { Headers, Signable } from './signature/request.ts';
import { authenticate, checkClaim, isAnonymous, type Verifier } from './signature/verify.ts';

/** Who sent a request and what they want. */
export interface Identified {
  readonly principal: string;
  readonly address: Address;
  /** Undefined when there is no such operation. */
  readonly operation: Operation | undefined;
  /** Of the request, or the fields of its form. */
  readonly headers: Headers;
  /** Of the request, or the file of its form. */
  readonly body: Readable;
}

/** @throws what {@link authenticate} and {@link readForm} throw */
export async function identify(
  request: IncomingMessage,
  signable: Signable,
  readings: readonly [Reading, ...Reading[]],
  verifier: Verifier,
): Promise<Identified> {
  if (isForm(signable)) return await identifyForm(request, readings, verifier);
  const { principal, address } = isAnonymous(signable)
    ? { principal: anonymous, address: readings[0] }
    : authenticate(signable, readings, verifier);
  const operation = findOperation(signable, address);
  return { principal, address, operation, headers: signable.headers, body: request };
}

/** A form says who sent it and which key it is for among its fields; the policy signs nothing of the address. */
async function identifyForm(
  request: IncomingMessage,
  readings: readonly [Reading, ...Reading[]],
  verifier: Verifier,
): Promise<Identified> {
  const { fields, key, file } = await readForm(request);
  const claim = readPostClaim(fields, verifier.region);
  const { principal, address } = checkClaim(claim, readings, verifier);
  return {
    principal,
    address: { bucket: address.bucket, key },
    operation: postOperation,
    headers: fields,
    body: file,
  };
}
