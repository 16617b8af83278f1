import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { readAcs3, refuseAcs3 } from './signature-acs3.ts';
import {
  denied,
  type FcVerifier,
  isTimely,
  mismatch,
  missingHeader,
  type Refusal,
  type SignedRequest,
} from './signature-refusal.ts';

/** Returns the access key that a request claims to be signed with; empty when there is none. */
export const keyIdOf = ({ authorization = '' }: IncomingHttpHeaders): string =>
  readAcs3(authorization)?.accessKeyId ?? /^FC ([^:]+):/.exec(authorization)?.[1] ?? '';

/**
 * Checks the signature of a request, in either of the two forms that Function Compute takes: `ACS3-HMAC-SHA256 …` of
 * @alicloud/fc20230330, and `FC accessKeyId:signature` of @alicloud/fc2.
 * @returns why it is refused; nothing when it is right
 */
export function refuseSignature(request: SignedRequest, verifier: FcVerifier): Refusal | undefined {
  const claim = readAcs3(request.headers.authorization);
  return claim ? refuseAcs3(request, claim, verifier) : refuseFc(request, verifier);
}

/**
 * Checks `authorization: FC accessKeyId:signature` as @alicloud/fc2 2.6 makes it: HMAC-SHA256, base64, over method,
 * content-md5, content-type, date, the sorted `x-fc-` headers and the path without its query.
 */
function refuseFc(request: SignedRequest, verifier: FcVerifier): Refusal | undefined {
  const { headers } = request;
  const match = /^FC ([^:]+):(.+)$/.exec(headers.authorization ?? '');
  if (!match) {
    return denied(
      'the authorization header is neither ACS3-HMAC-SHA256 nor of the form FC accessKeyId:signature',
    );
  }
  const [, accessKeyId = '', signature = ''] = match;
  const key = verifier.findKey(accessKeyId);
  if (!key) return denied(`invalid access key ID '${accessKeyId}'`, 'InvalidAccessKeyID');
  if (key.securityToken !== undefined && headers['x-fc-security-token'] !== key.securityToken) {
    return denied('the security token does not belong to the access key');
  }
  if (headers.date === undefined) return missingHeader('Date');
  if (!isTimely(Date.parse(headers.date), verifier)) {
    return denied(`the date ${headers.date} is more than 15 minutes off`);
  }
  if (!isBodyOf(request))
    return { status: 400, code: 'InvalidArgument', message: 'content-md5 is not that of the body' };
  const given = Buffer.from(signature, 'base64');
  const expected = sign(request, key.secret);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return undefined;
  return mismatch();
}

/** @alicloud/fc2 sends the base64 of the MD5's hex digits, other clients the base64 of its bytes. */
function isBodyOf({ headers, body }: SignedRequest): boolean {
  const stated = headers['content-md5'];
  if (stated === undefined || body === undefined || body.length === 0) return true;
  const digest = createHash('md5').update(body).digest();
  return [digest, Buffer.from(digest.toString('hex'))].some((each) => each.toString('base64') === stated);
}

function sign({ method, path, headers }: SignedRequest, secret: string): Buffer {
  const fcHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-fc-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const lines = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', headers.date ?? ''];
  return createHmac('sha256', secret)
    .update(`${lines.join('\n')}\n${fcHeaders}${path}`)
    .digest();
}
