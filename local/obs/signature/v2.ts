import { createHmac } from 'node:crypto';
import { refuse } from '../../oss/errors.ts';
import type { Claim, Headers, Query, Signable, Signed } from '../../oss/signature/request.ts';
import type { ObsReading } from '../address.ts';
import type { Dialect } from '../dialect.ts';

/*
 * The signature of OBS ("Authentication of Signature in a Header", "… in a URL") and version 2 of S3's: one algorithm with two
 * names for headers. Huawei's SDKs use one list of sub-resources for both; the lists of the documents and of the SDKs are here
 * together.
 */
const signedParameters = new Set(
  `acl append attname backtosource cors customdomain delete deletebucket directcoldaccess encryption inventory length
  lifecycle location logging metadata mirrorBackToSource modify name notification obscompresspolicy object-lock partNumber
  policy position publicaccessblock quota rename replication requestPayment response-cache-control
  response-content-disposition response-content-encoding response-content-language response-content-type response-expires
  restore retention storageClass storagePolicy storageinfo tagging torrent truncate uploadId uploads versionId versioning
  versions website x-image-process x-obs-security-token x-amz-security-token`.split(/\s+/),
);

/** `Authorization: OBS id:signature` or `AWS id:signature`. */
export function readV2Header(
  authorization: string,
  request: Signable,
  readings: readonly ObsReading[],
  { prefix }: Dialect,
): Claim {
  const [, accessKeyId, signature] = /^(?:OBS|AWS) ([^:\s]+):(\S+)$/.exec(authorization) ?? [];
  if (!accessKeyId || !signature)
    throw refuse('InvalidArgument', { message: 'Authorization header is invalid.' });
  const own = request.headers[`${prefix}date`];
  const instant = new Date(own ?? request.headers['date'] ?? '');
  if (Number.isNaN(instant.getTime())) {
    throw refuse('AccessDenied', { message: 'A valid Date or x-obs-date header is required.' });
  }
  return {
    accessKeyId,
    signature,
    securityToken: request.headers[`${prefix}security-token`],
    validity: { kind: 'at', instant },
    sign: signer(request, own === undefined ? (request.headers['date'] ?? '') : '', readings, prefix),
  };
}

/** `?AccessKeyId=…&Expires=…&Signature=…`, in the dialect of S3 `?AWSAccessKeyId=…`; Expires in Unix seconds. */
export function readV2Query(request: Signable, readings: readonly ObsReading[], { prefix }: Dialect): Claim {
  const { query } = request;
  const expires = query.get('Expires') ?? '';
  if (!/^\d+$/.test(expires)) throw refuse('InvalidArgument', { message: 'Expires is invalid.' });
  return {
    accessKeyId: query.get('AccessKeyId') ?? query.get('AWSAccessKeyId') ?? '',
    signature: query.get('Signature') ?? '',
    securityToken: query.get(`${prefix}security-token`),
    validity: { kind: 'between', from: undefined, until: new Date(Number(expires) * 1000) },
    sign: signer(request, expires, readings, prefix),
  };
}

function signer(
  request: Signable,
  date: string,
  readings: readonly ObsReading[],
  prefix: string,
): Claim['sign'] {
  return (secret, address): Signed => {
    const resource = readings.find((reading) => reading === address)?.resource ?? '/';
    const text = stringToSign(request, date, resource, prefix);
    return { signature: createHmac('sha1', secret).update(text).digest('base64'), stringToSign: text };
  };
}

function stringToSign(
  { method, headers, query }: Signable,
  date: string,
  resource: string,
  prefix: string,
): string {
  const head = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date].join('\n');
  return `${head}\n${canonicalHeaders(headers, prefix)}${resource}${subResources(query)}`;
}

const canonicalHeaders = (headers: Headers, prefix: string): string =>
  Object.keys(headers)
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => `${name}:${headers[name]?.trim()}\n`)
    .join('');

function subResources(query: Query): string {
  const signed = [...query]
    .filter(([name]) => signedParameters.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return signed.length === 0 ? '' : `?${signed.join('&')}`;
}
