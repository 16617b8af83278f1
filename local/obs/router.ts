import type { Headers, Query } from '../oss/signature/request.ts';
import { refuseObs } from './errors.ts';
import type { ObsOperation } from './operation.ts';
import { obsOperations } from './operations/index.ts';

/** Parameters that belong to the signature, and one by which an SDK of AWS only names its call. */
const ignoredParameters = new Set(
  `AccessKeyId AWSAccessKeyId Expires Signature x-obs-security-token x-amz-security-token X-Amz-Algorithm X-Amz-Credential
  X-Amz-Date X-Amz-Expires X-Amz-SignedHeaders X-Amz-Signature X-Amz-Security-Token X-Amz-Content-Sha256 x-id`.split(
    /\s+/,
  ),
);

/** Headers that belong to the signature or to the transport, by their names in the shared core. */
const ignoredHeaders = [
  'date',
  'content-sha256',
  'security-token',
  'user-agent',
  'sdk-checksum-algorithm',
].map((name) => `x-oss-${name}`);

/**
 * Returns the operation that a request asks for, or undefined. It has to know every parameter of the query, so that a
 * sub-resource nobody implemented is never taken for the plain request.
 */
export function findObsOperation(
  request: { readonly method: string; readonly headers: Headers; readonly query: Query },
  { bucket, key }: { readonly bucket: string; readonly key: string },
): ObsOperation | undefined {
  const on = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  return obsOperations.find((operation) => {
    const { requires = [], allows = [], requiresHeader } = operation;
    if (operation.method !== request.method || operation.on !== on) return false;
    if (requires.some((name) => !request.query.has(name))) return false;
    if (requiresHeader !== undefined && request.headers[requiresHeader] === undefined) return false;
    const known = (name: string) =>
      requires.includes(name) || allows.includes(name) || ignoredParameters.has(name);
    return [...request.query.keys()].every(known);
  });
}

/**
 * Refuses requests that ask for more than an operation implements.
 * @throws NotImplemented, naming the header
 */
export function checkObsHeaders({ headers: understood = [] }: ObsOperation, headers: Headers): void {
  for (const name of Object.keys(headers)) {
    if (!name.startsWith('x-oss-') || ignoredHeaders.includes(name)) continue;
    if (name.startsWith('x-oss-checksum-')) continue; // the SHA-256 that clients of S3 sign covers the body

    const known = understood.some((each) =>
      each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name,
    );
    if (!known) throw refuseObs('NotImplemented', { details: { Header: name.slice('x-oss-'.length) } });
  }
}
