import { failure } from './errors.ts';

/*
 * Addresses of buckets and objects, read and written in one place. The scheme says in which cloud they are: `oss` is Alibaba
 * Cloud OSS, `obs` is Huawei OBS.
 */

/** The clouds, by the scheme of their addresses. */
export const cloudNames = ['oss', 'obs'] as const;
/** A cloud, by the scheme of its addresses. */
export type CloudName = (typeof cloudNames)[number];

/** An address taken apart. */
export interface Address {
  readonly cloud: CloudName;
  readonly bucket: string;
  /** All that follows the slash after the bucket; empty for the bucket itself. */
  readonly key: string;
}

/** This is what an address is written from. */
export interface Addressed {
  readonly bucket: string;
  /** Absent: the bucket itself. */
  readonly key?: string | undefined;
  readonly versionId?: string | undefined;
}

export const isCloudName = (text: string): text is CloudName => cloudNames.some((cloud) => cloud === text);

/** Takes an address of any cloud apart; undefined when the text is something else. */
export function parseAddress(text: string): Address | undefined {
  const [, scheme = '', bucket = '', key = ''] = /^([a-z]+):\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  return isCloudName(scheme) ? { cloud: scheme, bucket, key } : undefined;
}

/**
 * Writes an address: `oss://bucket`, `oss://bucket/key` or `oss://bucket/key?versionId=V`.
 * @example
 * formatAddress('oss', { bucket: 'fin-eu', key: 'ledger/a.csv' }); // 'oss://fin-eu/ledger/a.csv'
 */
export function formatAddress(cloud: CloudName, { bucket, key, versionId }: Addressed): string {
  const path = key === undefined ? '' : `/${key}`;
  const version = versionId === undefined ? '' : `?versionId=${versionId}`;
  return `${cloud}://${bucket}${path}${version}`;
}

/** Returns the scheme of a text that looks like an address, in lower case; undefined when it has none. */
export const schemeOf = (text: string): string | undefined =>
  /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();

/**
 * Takes an address apart that has to be in the cloud that is served.
 * @returns undefined when the text has no scheme, or names no bucket
 * @throws ADDRESS_SCHEME for a scheme that no cloud has, ADDRESS_CLOUD for the other cloud
 */
export function addressIn(served: CloudName, text: string): Address | undefined {
  const scheme = schemeOf(text);
  if (scheme === undefined) return undefined;
  if (!isCloudName(scheme)) throw failure('ADDRESS_SCHEME', { target: text });
  if (scheme !== served) throw failure('ADDRESS_CLOUD', { target: text, served });
  const address = parseAddress(text);
  // `OSS://` is not taken for `oss://`: a text that is compared later would not be the same text.
  if (address === undefined && !text.startsWith(`${served}://`))
    throw failure('ADDRESS_SCHEME', { target: text });
  return address;
}

/**
 * Takes the address of an object in any cloud apart; undefined when the text is something else.
 * @example
 * parseObjectAddress('oss://fin-eu/ledger/a.csv'); // { bucket: 'fin-eu', key: 'ledger/a.csv' }
 * parseObjectAddress('oss://fin-eu'); // undefined
 */
export function parseObjectAddress(text: string): { bucket: string; key: string } | undefined {
  const { bucket, key } = parseAddress(text) ?? {};
  return bucket === undefined || key === undefined || key === '' ? undefined : { bucket, key };
}

/**
 * Takes the address of an object apart that has to be in the cloud that is served.
 * @returns undefined when the text is no address of an object
 * @throws ADDRESS_SCHEME, ADDRESS_CLOUD
 */
export function objectIn(served: CloudName, text: string): { bucket: string; key: string } | undefined {
  const { bucket, key } = addressIn(served, text) ?? {};
  return bucket === undefined || key === undefined || key === '' ? undefined : { bucket, key };
}
