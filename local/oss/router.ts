import type { Address } from './address.ts';
import { type OssError, refuse } from './errors.ts';
import { isAmong, refusedHeaders, subResources } from './names.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations/index.ts';
import type { Headers, Query, Signable } from './signature/request.ts';
import { readTrafficLimit } from './traffic-limit.ts';

/**
 * Parameters and headers that every operation takes: those of the signature, who pays (nobody does here), and how fast the
 * transfer may be (traffic-limit.ts).
 */
const signatureParameters = new Set(
  `OSSAccessKeyId Expires Signature security-token x-oss-access-key-id x-oss-signature-version x-oss-credential
  x-oss-date x-oss-expires x-oss-signature x-oss-additional-headers x-oss-security-token x-oss-request-payer
  x-oss-traffic-limit`.split(/\s+/),
);
const commonHeaders = new Set([
  'x-oss-date',
  'x-oss-content-sha256',
  'x-oss-security-token',
  'x-oss-request-payer',
  'x-oss-traffic-limit',
]);

/** An operation with the parameters that it needs, and all that it knows. */
interface Route {
  readonly operation: Operation;
  readonly requires: readonly string[];
  readonly knows: ReadonlySet<string>;
}

/** The routes by what a request is about, then by its method. */
const byPlace = {
  service: new Map<string, Route[]>(),
  bucket: new Map<string, Route[]>(),
  object: new Map<string, Route[]>(),
};
const routes = new Map<Operation, Route>();
for (const operation of operations) {
  const { method, on, requires = [], allows = [] } = operation;
  const route = { operation, requires, knows: new Set([...requires, ...allows, ...signatureParameters]) };
  byPlace[on].set(method, [...(byPlace[on].get(method) ?? []), route]);
  routes.set(operation, route);
}

/**
 * Returns the operation that a request asks for, or undefined. It has to know every sub-resource of the query, so
 * that one that nobody implemented is never taken for the plain request.
 */
export function findOperation(request: Signable, address: Address): Operation | undefined {
  return routesAt(request, address).find((route) => fits(route, request))?.operation;
}

function routesAt({ method }: Signable, { bucket, key }: Address): readonly Route[] {
  const on = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  return byPlace[on].get(method) ?? [];
}

function fits({ operation, requires, knows }: Route, { method, query, headers }: Signable): boolean {
  for (const name of requires) if (!query.has(name)) return false;
  for (const [name, value] of query) {
    if (!knows.has(name) && isSubResource(method, name, value)) return false;
  }
  return operation.requiresHeader === undefined || headers[operation.requiresHeader] !== undefined;
}

/**
 * Tells whether a parameter chooses what is done. In a request that writes, an unknown one without a value counts too: it has
 * the form of a sub-resource, and taken for nothing it would turn `DELETE /bucket?new-thing` into DeleteBucket.
 */
function isSubResource(method: string, name: string, value: string): boolean {
  if (subResources.has(name)) return true;
  const isFlag = value === '' && method !== 'GET' && method !== 'HEAD';
  return isFlag && !usualParameters.has(name);
}

/** Parameters that only say how an operation answers; ossutil sends them empty. */
const usualParameters = new Set([
  ...operations.flatMap(({ allows = [] }) => allows).filter((name) => !subResources.has(name)),
  ...signatureParameters,
]);

/** Says that no operation answers a request, naming the sub-resources that are not implemented there. */
export function noOperation(request: Signable, address: Address): OssError {
  const among = routesAt(request, address);
  const unknown = [...request.query].filter(
    ([name, value]) =>
      isSubResource(request.method, name, value) && !among.some(({ knows }) => knows.has(name)),
  );
  const named = unknown.length > 0 ? unknown : [...request.query];
  const names = named.map(([name]) => name).filter((name) => !signatureParameters.has(name));
  return refuse('NotImplemented', {
    details: names.length > 0 ? { Parameter: names } : { Method: request.method },
  });
}

/**
 * Holds a request against what its operation understands.
 * @returns the headers and parameters that are ignored, since they mean nothing to the operation; a parameter begins with `?`
 * @throws NotImplemented, naming a header that would change the meaning and is not implemented; InvalidArgument for a
 *   traffic limit that cannot be
 */
export function ignoredNames(operation: Operation, query: Query, headers: Headers): readonly string[] {
  const ignored: string[] = [];
  readTrafficLimit(query, headers);
  const { headers: understood = [], refuses = [] } = operation;
  for (const name in headers) {
    if (!name.startsWith('x-oss-') || commonHeaders.has(name) || isAmong(understood, name)) continue;
    if (isAmong(refusedHeaders, name) || refuses.includes(name)) {
      throw refuse('NotImplemented', { details: { Header: name } });
    }
    ignored.push(name);
  }
  const knows = routes.get(operation)?.knows;
  for (const name of query.keys()) if (knows && !knows.has(name)) ignored.push(`?${name}`);
  return ignored;
}
