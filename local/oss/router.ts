import type { Address } from './address.ts';
import { refuse } from './errors.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations/index.ts';
import type { Headers, Signable } from './signature/request.ts';

/** Parameters and headers that belong to the signature and mean nothing to operations. */
const signatureParameters = new Set(
  `OSSAccessKeyId Expires Signature security-token x-oss-signature-version x-oss-credential x-oss-date
  x-oss-expires x-oss-signature x-oss-additional-headers x-oss-security-token`.split(/\s+/),
);
const commonHeaders = new Set(['x-oss-date', 'x-oss-content-sha256', 'x-oss-security-token']);

const byPlace = new Map<string, Operation[]>();
for (const operation of operations) {
  const place = `${operation.method} ${operation.on}`;
  byPlace.set(place, [...(byPlace.get(place) ?? []), operation]);
}

/**
 * The operation that a request asks for, or undefined. It has to know every parameter of the query, so that a
 * sub-resource nobody implemented is never taken for the plain request.
 */
export function findOperation(request: Signable, address: Address): Operation | undefined {
  const on = address.bucket === '' ? 'service' : address.key === '' ? 'bucket' : 'object';
  const parameters = [...request.query.keys()].filter((name) => !signatureParameters.has(name));
  return byPlace
    .get(`${request.method} ${on}`)
    ?.find(
      ({ requires = [], allows = [], requiresHeader }) =>
        requires.every((name) => request.query.has(name)) &&
        parameters.every((name) => requires.includes(name) || allows.includes(name)) &&
        (requiresHeader === undefined || request.headers[requiresHeader] !== undefined),
    );
}

/**
 * Refuses requests that ask for more than an operation implements.
 * @throws NotImplemented, naming the header
 */
export function checkHeaders(operation: Operation, headers: Headers): void {
  const understood = operation.headers ?? [];
  const unknown = Object.keys(headers).find(
    (name) => name.startsWith('x-oss-') && !commonHeaders.has(name) && !isAmong(understood, name),
  );
  if (unknown) throw refuse('NotImplemented', { details: { Header: unknown } });
}

function isAmong(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
