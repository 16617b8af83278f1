import type { OssStorageOptions } from './options.ts';

/** The parts of one request that say where it goes. */
export interface RequestAddress {
  /** Host name or IP address to connect to. */
  readonly hostname: string;
  /** Value of the Host header. */
  readonly host: string;
  /** Name that the server's certificate must be for. */
  readonly servername: string;
  /** Path on the wire, escaped; it is sent as it is, so `.` and `..` segments stay. */
  readonly path: string;
  /** `/bucket/key`, escaped: the path that the signature covers in every form of address. */
  readonly resource: string;
}

/** Gives the address of a bucket's or an object's request. */
export type Addressing = (bucket?: string, key?: string) => RequestAddress;

/**
 * Chooses the form of address by the endpoint, as ali-oss does, so that both reach the same object:
 * - a service name: the bucket is the first label of the host name;
 * - an IPv4 address: it is connected to, and the Host header names the bucket under the region's own name; a proxy
 *   may write the Host header anew, so through one the bucket is in the path;
 * - `localhost`: the bucket is the first segment of the path, since `bucket.localhost` does not resolve everywhere.
 */
export function addressing(
  endpoint: URL,
  { region, internal, connections }: Pick<OssStorageOptions, 'region' | 'internal' | 'connections'>,
): Addressing {
  const { hostname, host } = endpoint;
  const service = `oss-${region}${internal === true ? '-internal' : ''}.aliyuncs.com`;
  const isIPv4 = isIPv4Host(endpoint);
  const isAddress = isIPv4 && (connections === undefined || connections.straight === true);
  const inPath = hostname === 'localhost' || (isIPv4 && !isAddress);
  const name = isAddress ? service : hostname;
  const ofService = {
    hostname,
    host: isAddress ? service : host,
    servername: name,
    path: '/',
    resource: '/',
  };

  return (bucket, key = '') => {
    if (bucket === undefined) return ofService;
    const escaped = escapePath(key);
    const resource = `/${bucket}/${escaped}`;
    if (inPath) return { ...ofService, path: resource, resource };
    return {
      hostname: isAddress ? hostname : `${bucket}.${hostname}`,
      host: `${bucket}.${ofService.host}`,
      servername: `${bucket}.${name}`,
      path: `/${escaped}`,
      resource,
    };
  };
}

/**
 * Tells whether the host is an IPv4 address. A URL has no other host of numbers, and writes it in full, so this needs no `isIPv4`, whose
 * expression takes long at each start.
 */
export const isIPv4Host = ({ hostname }: URL): boolean => /^[\d.]+$/.test(hostname);

/** Escapes everything but letters, digits and `-_.~`, as V4 signatures want it (RFC 3986, unreserved). */
export function escapePart(text: string): string {
  return unreserved.test(text) ? text : encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/** Like {@link escapePart}, but slashes stay. */
export function escapePath(text: string): string {
  return unreservedPath.test(text) ? text : escapePart(text).replaceAll('%2F', '/');
}

const unreserved = /^[\w.~-]*$/;
const unreservedPath = /^[\w.~/-]*$/;

const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
