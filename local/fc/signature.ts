import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { minute } from '../../shared/platform/instant.ts';

/** What the keyring knows of an access key. */
export interface FcKey {
  readonly secret: string;
  readonly securityToken?: string;
}

/** What the check needs to know of its place. */
export interface FcVerifier {
  findKey(accessKeyId: string): FcKey | undefined;
  /** What time it may be: a client may live in real time while the cloud's own clock was moved. */
  readonly clocks: readonly (() => Date)[];
}

/** Why a request is refused (Function Compute, error codes). */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The access key that a request claims to be signed with; empty when there is none. */
export const keyIdOf = (headers: IncomingHttpHeaders): string =>
  /^FC ([^:]+):/.exec(headers.authorization ?? '')?.[1] ?? '';

const denied = (message: string, code = 'AccessDenied'): Refusal => ({ status: 403, code, message });

/** As OSS has it; Function Compute's pages name no figure. */
const largestSkewMs = 15 * minute;

/**
 * Checks `authorization: FC accessKeyId:signature` as @alicloud/fc2 2.6 makes it: HMAC-SHA256, base64, over method,
 * content-md5, content-type, date, the sorted `x-fc-` headers and the path without its query.
 * @returns why it is refused; nothing when it is right
 */
export function refuseSignature(
  request: { method: string; path: string; headers: IncomingHttpHeaders },
  { findKey, clocks }: FcVerifier,
): Refusal | undefined {
  const { headers } = request;
  const match = /^FC ([^:]+):(.+)$/.exec(headers.authorization ?? '');
  if (!match) return denied('the authorization header is not of the form FC accessKeyId:signature');
  const [, accessKeyId = '', signature = ''] = match;
  const key = findKey(accessKeyId);
  if (!key) return denied(`invalid access key ID '${accessKeyId}'`, 'InvalidAccessKeyID');
  if (key.securityToken !== undefined && headers['x-fc-security-token'] !== key.securityToken) {
    return denied('the security token does not belong to the access key');
  }
  if (headers.date === undefined) {
    const message = 'required HTTP header Date was not specified';
    return { status: 400, code: 'MissingRequiredHeader', message };
  }
  const date = Date.parse(headers.date);
  if (!clocks.some((clock) => Math.abs(clock().getTime() - date) <= largestSkewMs)) {
    return denied(`the date ${headers.date} is more than 15 minutes off`);
  }
  const given = Buffer.from(signature, 'base64');
  const expected = sign(request, key.secret);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return undefined;
  return denied(
    'The request signature we calculated does not match the signature you provided. Check your access key and signing method.',
    'SignatureNotMatch',
  );
}

function sign(
  { method, path, headers }: { method: string; path: string; headers: IncomingHttpHeaders },
  secret: string,
): Buffer {
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
