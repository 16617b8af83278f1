import type { Reading } from '../address.ts';
import { refuse } from '../errors.ts';

export type Query = ReadonlyMap<string, string>;
/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/** This is what a signature is computed over, apart from the address (see address.ts for why that is apart). */
export interface Signable {
  readonly method: string;
  readonly headers: Headers;
  readonly query: Query;
}

/** This is what a request says about who sent it, in any of the four forms. */
export interface Claim {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly securityToken: string | undefined;
  readonly validity: Validity;
  /** A header that the signature covers by name and the request does not carry. */
  readonly absentHeader?: string | undefined;
  /** The EC of a key that does not exist, where it is not the usual one: it differs between V1 and V4. */
  readonly unknownKeyEc?: string;
  /** The signature that the right secret gives, and the text it is computed over. */
  sign(secret: string, address: Reading): Signed;
  /** Signatures of the same request that other clients make, tried when the first does not match. */
  others?(secret: string, address: Reading): readonly Signed[];
}

export interface Signed {
  readonly signature: string;
  readonly stringToSign: string;
}

/** `at`: signed in the header at that instant; `between`: a signed URL. */
export type Validity =
  | { readonly kind: 'at'; readonly instant: Date }
  | { readonly kind: 'between'; readonly from: Date | undefined; readonly until: Date };

/** Reads the date that a request is signed for. @throws AccessDenied for a text that is no date */
export function signedInstant(text: string): Date {
  const instant = new Date(text);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw refuse('AccessDenied', {
    message: 'OSS authentication requires a valid Date.',
    ec: '0002-00000505',
  });
}

/** Tells what a signature covers of the address, not encoded. */
export function resourceOf({ bucket, key, signsKeyOnly }: Reading): string {
  if (bucket === '') return '/';
  return signsKeyOnly ? `/${key}` : `/${bucket}/${key}`;
}

/** Percent-encodes as RFC 3986 asks; encodeURIComponent leaves a few characters more. */
export function encode(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text; // cheaper to see than to do
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
