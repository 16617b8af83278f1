import type { Address } from './address.ts';
import { refuse } from './errors.ts';
import type { Operation } from './operation.ts';
import type { Query } from './signature/request.ts';
import type { Store } from './store/store.ts';

/** The principal of requests that nobody signed. */
export const anonymous = 'anonymous';

/** What anybody may do with an object that is public-read. */
const publicReads = new Set(['GetObject', 'HeadObject', 'GetObjectMeta']);

/**
 * Lets an unsigned request through where the ACL is public-read: the object's own, else the bucket's.
 * @throws AccessDenied
 */
export function checkAnonymous(
  operation: Operation | undefined,
  query: Query,
  { bucket, key }: Address,
  store: Store,
): void {
  const wanted = query.get('versionId');
  const versions = store.versions(bucket, key);
  const version = wanted === undefined ? versions[0] : versions.find((each) => each.versionId === wanted);
  const own = version?.kind === 'object' ? (version.acl ?? 'default') : 'default';
  const acl = own === 'default' ? store.bucket(bucket)?.acl : own;
  if (operation && publicReads.has(operation.name) && acl === 'public-read') return;
  throw refuse('AccessDenied', { message: 'Anonymous access is forbidden for this operation.' });
}
