import type { Clock } from '../../platform/clock.ts';
import { failure } from '../../platform/errors.ts';
import type { Connections } from './connections.ts';

export interface OssCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** It belongs to temporary credentials. */
  readonly securityToken?: string | undefined;
}

export interface OssStorageOptions {
  /** The region's id, e.g. `cn-hangzhou`; it is part of every V4 signature. */
  readonly region: string;
  /** URL of the service. Absent: the region's public endpoint, or the internal one. Without a scheme it is https. */
  readonly endpoint?: string | undefined;
  readonly internal?: boolean;
  /** A function is asked before every request, for credentials that rotate. */
  readonly credentials: OssCredentials | (() => OssCredentials);
  /** Milliseconds for a whole request, from connecting to the end of the reply; 10 000 unless told. */
  readonly timeoutMs?: number;
  /** Called with the time in the `Date` header of every reply. */
  readonly onServiceTime?: (date: Date) => void;
  readonly maxSockets?: number;
  /** Dates the requests, and tells how much of a deadline is left; the machine's own unless told. */
  readonly clock?: Clock;
  /** The way to the service; straight to it unless told. */
  readonly connections?: Connections | undefined;
}

/** Returns the service's address. @throws CONFIG_INVALID */
export function endpointOf({ region, endpoint, internal }: OssStorageOptions): URL {
  if (!/^[a-z]+(-[a-z0-9]+)+$/.test(region)) {
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_REGION', reason: `"${region}" is not a region id` });
  }
  const text = endpoint ?? `oss-${region}${internal === true ? '-internal' : ''}.aliyuncs.com`;
  const absolute = /^[A-Za-z]+:\/\//.test(text) ? text : `https://${text}`;
  const url = URL.canParse(absolute) ? new URL(absolute) : undefined;
  if (url === undefined || !isPlainOrigin(url)) {
    const reason = `"${text}" is not an address like https://oss-${region}.aliyuncs.com`;
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_OSS_ENDPOINT', reason });
  }
  return url;
}

/** Scheme, host and port only; and a host that can carry a bucket's name, which no IPv6 address can. */
function isPlainOrigin(url: URL): boolean {
  const scheme = url.protocol === 'https:' || url.protocol === 'http:';
  return scheme && url.href === `${url.origin}/` && /^[a-zA-Z0-9._:-]+$/.test(url.host);
}

/** @throws CONFIG_INVALID when a part is missing, or cannot stand in a header */
export function checkCredentials(credentials: OssCredentials): OssCredentials {
  const { accessKeyId, accessKeySecret, securityToken = 'none' } = credentials;
  if ([accessKeyId, accessKeySecret, securityToken].every((part) => /^[\x21-\x7e]+$/.test(part)))
    return credentials;
  const reason = 'access key id, secret and security token must be plain ASCII text without spaces';
  throw failure('CONFIG_INVALID', { name: 'the access key', reason });
}
