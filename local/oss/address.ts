import { isIP } from 'node:net';

/** What a request is about: the service (no bucket), a bucket (no key), or an object. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The readings of Host and path, likeliest first. More than one where the form is ambiguous: a client with
 * `sldEnable` names the bucket in both, and an unknown host name may or may not begin with a bucket. The
 * signature covers `/bucket/key`, so the reading under which it verifies is what the client meant.
 *
 * Paths are decoded whole before they are split, since some clients escape the slashes of keys
 * (reference/real-clients.md, section 2).
 * @throws URIError when the path is not valid percent-encoded UTF-8
 */
export function readAddress(host: string, rawPath: string): readonly [Address, ...Address[]] {
  const path = decodeURIComponent(rawPath).replace(/^\//, '');
  const name = hostName(host);
  const byPath = splitPath(path);
  const service = /^(?:(?<bucket>[^.]*)\.)?oss-[a-z0-9-]+\.aliyuncs\.com$/.exec(name);
  if (service) {
    const bucket = service.groups?.['bucket'];
    if (!bucket) return [byPath];
    const byHost = { bucket, key: path };
    return byPath.bucket === bucket ? [byPath, byHost] : [byHost];
  }
  if (isIP(name) || !name.includes('.')) return [byPath];
  const byHost = { bucket: name.slice(0, name.indexOf('.')), key: path };
  return name.endsWith('.localhost') ? [byHost] : [byHost, byPath];
}

/** The Host header without its port. */
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
