import { digestOf } from '../../platform/digest.ts';
import { addressing } from './address.ts';
import { endpointOf, type OssCredentials, type OssStorageOptions } from './options.ts';
import type { ServiceWire } from './service-wire.ts';
import { createSigner, type HeaderPair, signatureTimes } from './signature.ts';
import type { ReplyHeaders } from './wire.ts';

/** Tells where requests to OSS go, how they are signed, and by what its replies are known. @throws CONFIG_INVALID */
export function ossWire(options: OssStorageOptions): ServiceWire {
  const endpoint = endpointOf(options);
  const sign = createSigner(options.region);
  const timeOf = signatureTimes();
  return {
    endpoint,
    addressOf: addressing(endpoint, options),
    sign({ method, address, query, type, body, further }, now, keys) {
      const time = timeOf(now);
      const headers = signedHeaders(time, keys, body, type);
      const own = ownHeaders(further);
      const covered = own.length === 0 ? headers : [...headers, ...own];
      const authorization = sign({ method, resource: address.resource, query, headers: covered }, time, keys);
      return [['authorization', authorization], ...headers];
    },
    requestIdHeader: 'x-oss-request-id',
    isOwn: isOfService,
  };
}

/** Tells whether the headers are those of OSS itself. */
export function isOfService(headers: ReplyHeaders): boolean {
  if (headers.header('x-oss-request-id') !== undefined || headers.header('server') === 'AliyunOSS')
    return true;
  return headers.names().some((name) => name.startsWith('x-oss-'));
}

const unsignedPayload: HeaderPair = ['x-oss-content-sha256', 'UNSIGNED-PAYLOAD'];

function signedHeaders(
  time: string,
  { securityToken }: OssCredentials,
  body: string | Buffer | undefined,
  type: string,
): HeaderPair[] {
  const headers: HeaderPair[] = []; // in the order of the signature
  if (body !== undefined) headers.push(['content-md5', md5Of(body)], ['content-type', type]);
  headers.push(unsignedPayload, ['x-oss-date', time]);
  if (securityToken !== undefined) headers.push(['x-oss-security-token', securityToken]);
  return headers;
}

/** Finds the headers of OSS among those that a request brings: V4 covers every `x-oss-…` header that is sent. */
function ownHeaders(further: Readonly<Record<string, string>>): HeaderPair[] {
  const own: HeaderPair[] = [];
  for (const name in further) if (name.startsWith('x-oss-')) own.push([name, further[name] ?? '']);
  return own;
}

/** In characters. */
const shortBody = 1024;

/** The MD5 of the last short body is kept: a run often writes one date to many versions, one after the other. */
let lastMd5: { readonly body: string; readonly md5: string } | undefined;

function md5Of(body: string | Buffer): string {
  if (lastMd5?.body === body) return lastMd5.md5;
  const md5 = digestOf('md5', body, 'base64');
  // Bytes are not kept: whoever owns them may write others into the same buffer.
  if (typeof body === 'string' && body.length <= shortBody) lastMd5 = { body, md5 };
  return md5;
}
