import { isIP } from 'node:net';
import { rememberLast } from '../remember-last.ts';

/** This is what a request is about: the service (no bucket), a bucket (no key), or an object. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/** One way to understand a request. */
export interface Reading extends Address {
  /** Tells whether the signature leaves the bucket out, as an old client with `cname` has it. */
  readonly signsKeyOnly?: boolean;
}

/**
 * Returns the readings of Host and path, likeliest first. More than one where the form is ambiguous: a client with
 * `sldEnable` names the bucket in both, and an unknown host name may or may not begin with a bucket. The signature
 * covers `/bucket/key`, so the reading under which it verifies is what the client meant.
 *
 * Paths are decoded whole before they are split, since some clients escape the slashes of keys
 * (reference/real-clients.md, section 2).
 *
 * The old `oss-client` with `cname` signs `/key` alone, which is just what a path-style client signs for the bucket
 * in the path: it is understood so only when that bucket does not exist and the host's does.
 * @throws URIError when the path is not valid percent-encoded UTF-8
 */
export function readAddress(
  host: string,
  rawPath: string,
  hasBucket: (name: string) => boolean = () => false,
): readonly [Reading, ...Reading[]] {
  const whole = rawPath.includes('%') ? decodeURIComponent(rawPath) : rawPath;
  const path = whole.startsWith('/') ? whole.slice(1) : whole;
  const byPath = splitPath(path);
  const { bucket, kind } = readHost(host);
  if (bucket === '') return [byPath];
  const byHost = { bucket, key: path };
  if (kind === 'service') return byPath.bucket === bucket ? [byPath, byHost] : [byHost];
  if (kind === 'localhost') return [byHost];
  const isCname = byPath.key !== '' && !hasBucket(byPath.bucket) && hasBucket(byHost.bucket);
  return isCname ? [byHost, { ...byHost, signsKeyOnly: true }, byPath] : [byHost, byPath];
}

/** This is what a host name says: the bucket that it begins with, or may begin with; empty when it has none. */
interface HostForm {
  readonly bucket: string;
  readonly kind: 'service' | 'localhost' | 'other';
}

const readHost = rememberLast((host: string) => hostForm(hostName(host)));

function hostForm(name: string): HostForm {
  const service = /^(?:(?<bucket>[^.]*)\.)?oss-[a-z0-9-]+\.aliyuncs\.com$/.exec(name);
  if (service) return { bucket: service.groups?.['bucket'] ?? '', kind: 'service' };
  if (isIP(name) || !name.includes('.')) return { bucket: '', kind: 'other' };
  const kind = name.endsWith('.localhost') ? 'localhost' : 'other';
  return { bucket: name.slice(0, name.indexOf('.')), kind };
}

/** Returns the Host header without its port. */
export function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

function splitPath(path: string): Address {
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
