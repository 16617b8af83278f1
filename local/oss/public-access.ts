import { refuse } from './errors.ts';
import type { Bucket } from './state.ts';

/** Tells whether PutBucketPublicAccessBlock has blocked public access to a bucket. */
export function blocksPublicAccess({ configurations }: Bucket): boolean {
  const document = configurations?.['publicAccessBlock'];
  return document !== undefined && /<BlockPublicAccess>\s*true\s*</i.test(document);
}

/** @throws AccessDenied for a public ACL where public access is blocked */
export function checkPublicAcl(bucket: Bucket, acl: string | undefined, what: 'bucket' | 'object'): void {
  if (acl?.startsWith('public-') && blocksPublicAccess(bucket)) {
    throw refuse('AccessDenied', { message: `Put public ${what} acl is not allowed.` });
  }
}
