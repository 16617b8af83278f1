import type { IncomingHttpHeaders } from 'node:http';
import { minute } from '../../shared/platform/instant.ts';

/** This is what the keyring knows of an access key. */
export interface FcKey {
  readonly secret: string;
  readonly securityToken?: string;
}

/** This is what the check needs to know of its place. */
export interface FcVerifier {
  findKey(accessKeyId: string): FcKey | undefined;
  /** This is what time it may be: a client may live in real time while the cloud's own clock was moved. */
  readonly clocks: readonly (() => Date)[];
}

/** Why a request is refused (Function Compute, error codes). */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** It is the path as it was sent, percent-encoded, without the query. */
  readonly path: string;
  /** This is what follows the question mark, as it was sent. */
  readonly query?: string;
  readonly headers: IncomingHttpHeaders;
  /** Its bytes; nothing when there are too many of them, and then they are not compared with their hash. */
  readonly body?: Buffer | undefined;
}

/** Makes a refusal with status 403. */
export const denied = (message: string, code = 'AccessDenied'): Refusal => ({ status: 403, code, message });

/** Makes the refusal of a request that lacks a header. */
export const missingHeader = (name: string): Refusal => ({
  status: 400,
  code: 'MissingRequiredHeader',
  message: `required HTTP header ${name} was not specified`,
});

/** Makes the refusal of a request whose signature is another than the one calculated here. */
export const mismatch = (): Refusal =>
  denied(
    'The request signature we calculated does not match the signature you provided. Check your access key and signing method.',
    'SignatureNotMatch',
  );

/** It is the figure of OSS; Function Compute's pages name none. */
const largestSkewMs = 15 * minute;

/** Tells for an instant, in milliseconds since 1970, whether it is within 15 minutes of one of the clocks. */
export const isTimely = (instant: number, { clocks }: FcVerifier): boolean =>
  clocks.some((clock) => Math.abs(clock().getTime() - instant) <= largestSkewMs);
