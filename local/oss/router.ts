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

/** An operation with the parameters that it needs, and all that it knows. */
interface Route {
  readonly operation: Operation;
  readonly requires: readonly string[];
  readonly knows: ReadonlySet<string>;
}

const byPlace = new Map<string, Route[]>();
for (const operation of operations) {
  const { method, on, requires = [], allows = [] } = operation;
  const place = `${method} ${on}`;
  const route = { operation, requires, knows: new Set([...requires, ...allows, ...signatureParameters]) };
  byPlace.set(place, [...(byPlace.get(place) ?? []), route]);
}

/**
 * The operation that a request asks for, or undefined. It has to know every parameter of the query, so that a
 * sub-resource nobody implemented is never taken for the plain request.
 */
export function findOperation(request: Signable, address: Address): Operation | undefined {
  const on = address.bucket === '' ? 'service' : address.key === '' ? 'bucket' : 'object';
  return byPlace.get(`${request.method} ${on}`)?.find((route) => fits(route, request))?.operation;
}

function fits({ operation, requires, knows }: Route, { query, headers }: Signable): boolean {
  for (const name of requires) if (!query.has(name)) return false;
  for (const name of query.keys()) if (!knows.has(name)) return false;
  return operation.requiresHeader === undefined || headers[operation.requiresHeader] !== undefined;
}

/**
 * Refuses requests that ask for more than an operation implements.
 * @throws NotImplemented, naming the header
 */
export function checkHeaders(operation: Operation, headers: Headers): void {
  const understood = operation.headers ?? [];
  for (const name in headers) {
    if (name.startsWith('x-oss-') && !commonHeaders.has(name) && !isAmong(understood, name)) {
      throw refuse('NotImplemented', { details: { Header: name } });
    }
  }
}

function isAmong(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
