import { digestOf } from '../../platform/digest.ts';
import { failure } from '../../platform/errors.ts';
import { type Addressing, escapePath, isIPv4Host } from '../oss/address.ts';
import type { OssStorageOptions } from '../oss/options.ts';
import type { ServiceWire } from '../oss/service-wire.ts';
import type { HeaderPair } from '../oss/signature.ts';
import type { ReplyHeaders } from '../oss/wire.ts';
import { signObs } from './signature.ts';

/** This is how an OBS is reached. */
export interface ObsStorageOptions extends Omit<OssStorageOptions, 'internal'> {
  /** The region's id, such as `cn-north-4`. */
  readonly region: string;
  /** URL of the service. Absent: the region's endpoint; OBS has no name of its own for the inside of a region. */
  readonly endpoint?: string | undefined;
}

/** Tells where requests to OBS go, how they are signed, and by what its replies are known. @throws CONFIG_INVALID */
export function obsWire(options: ObsStorageOptions): ServiceWire {
  const endpoint = obsEndpoint(options);
  return {
    endpoint,
    addressOf: obsAddressing(endpoint),
    sign({ method, address, parameters, type, body, further }, now, keys) {
      const { securityToken } = keys;
      const headers: HeaderPair[] = [['date', now.toUTCString()]];
      if (securityToken !== undefined) headers.push(['x-obs-security-token', securityToken]);
      if (body !== undefined) {
        const digest = digestOf('md5', body, 'base64');
        headers.push(['content-md5', digest], ['content-type', type]);
      }
      const all = [...headers, ...Object.entries(further)];
      const authorization = signObs({ method, resource: address.resource, parameters, headers: all }, keys);
      return [['authorization', authorization], ...headers];
    },
    requestIdHeader: 'x-obs-request-id',
    isOwn: isOfObs,
  };
}

/** Proxies and portals send no `x-obs-…` header. */
function isOfObs(headers: ReplyHeaders): boolean {
  return headers.header('server') === 'OBS' || headers.names().some((name) => name.startsWith('x-obs-'));
}

/** @throws CONFIG_INVALID */
function obsEndpoint({ region, endpoint }: ObsStorageOptions): URL {
  if (!/^[a-z]+(-[a-z0-9]+)+$/.test(region)) {
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_REGION', reason: `"${region}" is not a region id` });
  }
  const text = endpoint ?? `obs.${region}.myhuaweicloud.com`;
  const absolute = /^[A-Za-z]+:\/\//.test(text) ? text : `https://${text}`;
  const url = URL.canParse(absolute) ? new URL(absolute) : undefined;
  const isOrigin = url?.href === `${url?.origin}/` && /^https?:$/.test(url?.protocol ?? '');
  if (url !== undefined && isOrigin && /^[a-zA-Z0-9._:-]+$/.test(url.host)) return url;
  const reason = `"${text}" is not an address like https://obs.${region}.myhuaweicloud.com`;
  throw failure('CONFIG_INVALID', { name: 'HOLDFAST_OBS_ENDPOINT', reason });
}

/**
 * The bucket is the first label of the host name; in the path where that cannot be: at an IP address, at `localhost`, and where a
 * name with periods would not be covered by the certificate.
 */
function obsAddressing(endpoint: URL): Addressing {
  const { hostname, host, protocol } = endpoint;
  const service = { hostname, host, servername: hostname, path: '/', resource: '/' };
  const alwaysInPath = hostname === 'localhost' || isIPv4Host(endpoint);
  return (bucket, key = '') => {
    if (bucket === undefined) return service;
    const escaped = escapePath(key);
    const resource = `/${bucket}/${escaped}`;
    if (alwaysInPath || (protocol === 'https:' && bucket.includes('.'))) {
      return { ...service, path: resource, resource };
    }
    const name = `${bucket}.${hostname}`;
    return { hostname: name, host: `${bucket}.${host}`, servername: name, path: `/${escaped}`, resource };
  };
}
