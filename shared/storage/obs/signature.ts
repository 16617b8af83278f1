import { createHmac } from 'node:crypto';
import type { HeaderPair } from '../oss/signature.ts';

/**
 * The query parameters that a signature of OBS covers ("Authentication of Signature in a Header", and the lists of Huawei's SDKs).
 * What only filters, such as `prefix`, is not signed.
 */
const signedParameters: ReadonlySet<string> = new Set(
  `acl append attname backtosource cors customdomain delete deletebucket directcoldaccess encryption inventory length
  lifecycle location logging metadata mirrorBackToSource modify name notification obscompresspolicy object-lock partNumber
  policy position publicaccessblock quota rename replication requestPayment response-cache-control
  response-content-disposition response-content-encoding response-content-language response-content-type response-expires
  restore retention storageClass storagePolicy storageinfo tagging torrent truncate uploadId uploads versionId versioning
  versions website x-image-process x-obs-security-token`.split(/\s+/),
);

/** The parts of a request that the signature covers. */
export interface ObsSignable {
  readonly method: string;
  /** `/bucket/key` with the path as it is sent, percent-encoded. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** The headers of the request; `content-md5`, `content-type`, `date` and every `x-obs-…` are covered. Names in lower case. */
  readonly headers: readonly HeaderPair[];
}

/** Makes the value of `Authorization` for OBS: an HMAC-SHA1 in base64. */
export function signObs(
  request: ObsSignable,
  { accessKeyId, accessKeySecret }: { readonly accessKeyId: string; readonly accessKeySecret: string },
): string {
  const signature = createHmac('sha1', accessKeySecret).update(stringToSign(request)).digest('base64');
  return `OBS ${accessKeyId}:${signature}`;
}

function stringToSign({ method, resource, parameters, headers }: ObsSignable): string {
  const headerOf = (name: string) => headers.find(([each]) => each === name)?.[1] ?? '';
  const own = headers.filter(([name]) => name.startsWith('x-obs-')).toSorted(byName);
  // With a date of its own the line of the date stays empty.
  const date = own.some(([name]) => name === 'x-obs-date') ? '' : headerOf('date');
  const head = [method, headerOf('content-md5'), headerOf('content-type'), date].join('\n');
  const lines = own.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  return `${head}\n${lines}${resource}${subResources(parameters)}`;
}

function subResources(parameters: ObsSignable['parameters']): string {
  const signed = Object.entries(parameters)
    .filter(([name, value]) => value !== undefined && signedParameters.has(name))
    .toSorted(byName)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return signed.length === 0 ? '' : `?${signed.join('&')}`;
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;
