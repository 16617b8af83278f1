import type { Address } from './address.ts';
import { refuse } from './errors.ts';
import type { Operation } from './operation.ts';
import { blocksPublicAccess } from './public-access.ts';
import type { Query } from './signature/request.ts';
import type { Store } from './store/store.ts';

/** The principal of requests that nobody signed. */
export const anonymous = 'anonymous';

/** Operations that anybody may ask for on an object that is public-read or public-read-write. */
const publicReads = new Set(['GetObject', 'HeadObject', 'GetObjectMeta', 'GetSymlink']);

/** Operations that anybody may ask for besides where the bucket is public-read-write. */
const publicWrites = new Set([
  'PutObject',
  'AppendObject',
  'CopyObject',
  'DeleteObject',
  'InitiateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'ListParts',
]);

/** Operations that anybody may ask for besides on an object that is public-read-write itself. */
const publicOverwrites = new Set(['PutObject', 'AppendObject']);

/**
 * Lets an unsigned request through where the ACL says so: the object's own, else the bucket's. Neither counts where
 * public access is blocked.
 * @throws AccessDenied
 */
export function checkAnonymous(
  operation: Operation | undefined,
  query: Query,
  { bucket, key }: Address,
  store: Store,
): void {
  if (operation?.name === 'OptionObject') return; // browsers sign no such question
  const found = store.bucket(bucket);
  const isOpen =
    operation !== undefined &&
    found !== undefined &&
    !blocksPublicAccess(found, store) &&
    isPublic(operation.name, ownAcl(query, bucket, key, store), found.acl);
  if (!isOpen) {
    throw refuse('AccessDenied', { message: 'Anonymous access is forbidden for this operation.' });
  }
}

/** The ACL of the object that a request means; `default` when it has none, or does not exist. */
function ownAcl(query: Query, bucket: string, key: string, store: Store): string {
  const wanted = query.get('versionId');
  const versions = store.versions(bucket, key);
  const version = wanted === undefined ? versions[0] : versions.find((each) => each.versionId === wanted);
  return version?.kind === 'object' ? (version.acl ?? 'default') : 'default';
}

function isPublic(operation: string, own: string, ofBucket: string | undefined): boolean {
  const acl = own === 'default' ? (ofBucket ?? 'private') : own;
  if (publicReads.has(operation)) return acl !== 'private';
  if (own !== 'default') return own === 'public-read-write' && publicOverwrites.has(operation);
  return acl === 'public-read-write' && publicWrites.has(operation);
}
