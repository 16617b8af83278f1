import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { encode } from '../oss/signature/request.ts';
import {
  denied,
  type FcVerifier,
  isTimely,
  mismatch,
  missingHeader,
  type Refusal,
  type SignedRequest,
} from './signature-refusal.ts';

const algorithm = 'ACS3-HMAC-SHA256';

interface Acs3Claim {
  readonly accessKeyId: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Reads `ACS3-HMAC-SHA256 Credential=ID,SignedHeaders=a;b,Signature=HEX`; nothing for any other header. */
export function readAcs3(authorization = ''): Acs3Claim | undefined {
  const form = new RegExp(
    `^${algorithm} +Credential=([^,]+), *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})$`,
  );
  const match = form.exec(authorization);
  if (match === null) return undefined;
  const [, accessKeyId = '', names = '', signature = ''] = match;
  return { accessKeyId, signedHeaders: names.split(';'), signature };
}

/** Headers that no signed request lacks. */
const required = ['x-acs-date', 'x-acs-signature-nonce', 'x-acs-content-sha256', 'x-acs-action'] as const;

/** Headers that the signature covers whenever they are there: a change to one of them would go unseen otherwise. */
const mustBeSigned = (name: string): boolean =>
  name === 'host' || name === 'content-type' || name.startsWith('x-acs-');

/**
 * Checks a request that is signed with ACS3-HMAC-SHA256, as @alicloud/fc20230330 4.7.6 makes it: the hex HMAC-SHA256 of
 * the algorithm's name and the hash of the canonical request. The refusals have Function Compute's own codes.
 * @returns why it is refused; nothing when it is right
 */
export function refuseAcs3(
  request: SignedRequest,
  claim: Acs3Claim,
  verifier: FcVerifier,
): Refusal | undefined {
  const { headers, body } = request;
  const key = verifier.findKey(claim.accessKeyId);
  if (!key) return denied(`invalid access key ID '${claim.accessKeyId}'`, 'InvalidAccessKeyID');
  if (key.securityToken !== textOf(headers['x-acs-security-token'])) {
    return denied('the security token does not belong to the access key');
  }
  const missing = required.find((name) => headers[name] === undefined);
  if (missing !== undefined) return missingHeader(missing);
  const unsigned = Object.keys(headers).find(
    (name) => mustBeSigned(name) && !claim.signedHeaders.includes(name),
  );
  if (unsigned !== undefined) return denied(`the header ${unsigned} is not among SignedHeaders`);
  const date = textOf(headers['x-acs-date']) ?? '';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) || !isTimely(Date.parse(date), verifier)) {
    return denied(`the date ${date} is more than 15 minutes off`);
  }
  const stated = textOf(headers['x-acs-content-sha256']) ?? '';
  if (body !== undefined && stated !== sha256(body)) {
    const message = 'x-acs-content-sha256 is not the hash of the body';
    return { status: 400, code: 'InvalidArgument', message };
  }
  const hash = sha256(canonicalRequest(request, claim.signedHeaders, stated));
  const expected = createHmac('sha256', key.secret).update(`${algorithm}\n${hash}`).digest();
  return timingSafeEqual(Buffer.from(claim.signature, 'hex'), expected) ? undefined : mismatch();
}

/** Names are sorted whatever their order in `SignedHeaders`, and so are the parameters of the query. */
function canonicalRequest(
  { method, path, query = '', headers }: SignedRequest,
  names: readonly string[],
  hash: string,
) {
  const sorted = [...new Set(names)].sort();
  const lines = sorted.map((name) => `${name}:${(textOf(headers[name]) ?? '').trim()}\n`);
  return [method, path, canonicalQuery(query), lines.join(''), sorted.join(';'), hash].join('\n');
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value.join(',') : value;
