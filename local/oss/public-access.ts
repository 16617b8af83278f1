import { accountRecord } from './account-record.ts';
import { refuse } from './errors.ts';
import type { Bucket } from './state.ts';
import type { Store } from './store/store.ts';

/** Tells whether public access to a bucket is blocked: by PutBucketPublicAccessBlock, or by PutPublicAccessBlock for all. */
export function blocksPublicAccess(bucket: Bucket, store: Store): boolean {
  return isBlocked(bucket) || isBlocked(accountRecord(store));
}

function isBlocked({ configurations }: Bucket): boolean {
  const document = configurations?.['publicAccessBlock'];
  return document !== undefined && /<BlockPublicAccess>\s*true\s*</i.test(document);
}

/** @throws AccessDenied for a public ACL where public access is blocked */
export function checkPublicAcl(
  bucket: Bucket,
  acl: string | undefined,
  what: 'bucket' | 'object',
  store: Store,
): void {
  if (acl?.startsWith('public-') && blocksPublicAccess(bucket, store)) {
    throw refuse('AccessDenied', { message: `Put public ${what} acl is not allowed.` });
  }
}
