import { isIP } from 'node:net';
import { hostName, type Reading } from '../oss/address.ts';

/** One way to understand a request, with what a signature covers of its address. */
export interface ObsReading extends Reading {
  /** Percent-encoded, as it was sent. */
  readonly resource: string;
}

/**
 * Returns the readings of Host and path, likeliest first: a bucket in the host's name (virtual host), or in the path.
 * The signature covers `/bucket/key` in the one and the path as sent in the other, so the reading under which it
 * verifies is what the client meant.
 * @throws URIError when the path is not valid percent-encoded UTF-8
 */
export function readObsAddress(host: string, rawPath: string): readonly [ObsReading, ...ObsReading[]] {
  const byPath = readPath(rawPath);
  const { bucket, isCertain } = bucketOf(hostName(host));
  if (bucket === '') return [byPath];
  const key = decodeURIComponent(rawPath).replace(/^\//, '');
  const byHost = { bucket, key, resource: `/${bucket}${rawPath}` };
  return isCertain ? [byHost] : [byHost, byPath];
}

/** The bucket is what stands before the first `obs.`: `BUCKET.obs.REGION.myhuaweicloud.com`; bucket names may have periods. */
function bucketOf(name: string): { bucket: string; isCertain: boolean } {
  if (isIP(name) !== 0 || !name.includes('.')) return { bucket: '', isCertain: true };
  const service = /^(?:(.+?)\.)?obs\..+$/.exec(name);
  if (service) return { bucket: service[1] ?? '', isCertain: true };
  const local = /^(.+)\.localhost$/.exec(name)?.[1];
  if (local !== undefined) return { bucket: local, isCertain: true };
  return { bucket: name.slice(0, name.indexOf('.')), isCertain: false };
}

function readPath(rawPath: string): ObsReading {
  const path = rawPath.replace(/^\//, '');
  const slash = path.indexOf('/');
  const bucket = decodeURIComponent(slash < 0 ? path : path.slice(0, slash));
  return { bucket, key: slash < 0 ? '' : decodeURIComponent(path.slice(slash + 1)), resource: rawPath };
}
