import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What the keyring knows of an access key. */
export interface FcKey {
  readonly secret: string;
  readonly securityToken?: string;
}

/**
 * Checks `authorization: FC accessKeyId:signature` as @alicloud/fc2 2.6 makes it: HMAC-SHA256, base64, over method,
 * content-md5, content-type, date, the sorted `x-fc-` headers and the path without its query.
 * @returns why it is refused; nothing when it is right
 */
export function refuseSignature(
  request: { method: string; path: string; headers: IncomingHttpHeaders },
  findKey: (accessKeyId: string) => FcKey | undefined,
): string | undefined {
  const { method, path, headers } = request;
  const match = /^FC ([^:]+):(.+)$/.exec(headers.authorization ?? '');
  if (!match) return 'the authorization header is not of the form FC accessKeyId:signature';
  const key = findKey(match[1] ?? '');
  if (!key) return `the access key ${match[1]} does not exist`;
  if (key.securityToken !== undefined && headers['x-fc-security-token'] !== key.securityToken) {
    return 'the security token does not belong to the access key';
  }
  const fcHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-fc-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const lines = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', headers.date ?? ''];
  const text = `${lines.join('\n')}\n${fcHeaders}${path}`;
  const expected = createHmac('sha256', key.secret).update(text).digest();
  const given = Buffer.from(match[2] ?? '', 'base64');
  const right = given.length === expected.length && timingSafeEqual(given, expected);
  return right ? undefined : 'the signature does not match';
}
