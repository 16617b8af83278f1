import type { Reading } from './address.ts';
import { type OssError, refuse } from './errors.ts';
import { isBucketName } from './names.ts';
import { findOperation } from './router.ts';
import type { Signable } from './signature/request.ts';
import type { Store } from './store/store.ts';

/**
 * Checks a request in this order. The first check that fails gives the reply:
 *
 * 1. the address and the parameters of the signature can be read (InvalidArgument, AccessDenied);
 * 2. the bucket exists (NoSuchBucket, or InvalidBucketName for a name that no bucket can have), unless the operation makes
 *    it. The vendors' suites expect NoSuchBucket for a missing bucket also with an access key that nobody knows, and
 *    InvalidAccessKeyId from PutBucket and PutBucketAcl (Python SDK v2, tests/integration/test_client.py);
 * 3. the access key is known, its token and the date are right, the signature matches (recorded: InvalidAccessKeyId for keys
 *    that do not exist, on a bucket that does);
 * 4. the operation and what it is asked for are implemented (NotImplemented; ours: a stranger learns nothing of them);
 * 5. the sender has the permission (AccessDenied; the bucket's ACL, the role's policy, the bucket's policy);
 * 6. the operation's own: parameters and body, then whether what it names exists (NoSuchKey, NoSuchUpload), then the state
 *    that forbids it (FileImmutable). PutBucketObjectWormConfiguration and PutBucketOverwriteConfig read their body before
 *    they look for the bucket (asserted: 400 MalformedXML for a missing bucket).
 *
 * identify.ts and index.ts carry out the steps; this function is the second.
 * @param readings what the address may mean, likeliest first
 * @returns why none of them can be meant; undefined when one can
 */
export function missingBucket(
  request: Signable,
  readings: readonly Reading[],
  store: Store,
): OssError | undefined {
  for (const reading of readings) {
    const { bucket } = reading;
    if (bucket === '' || store.bucket(bucket) || findOperation(request, reading)?.runsWithoutBucket) {
      return undefined;
    }
  }
  const [{ bucket } = { bucket: '' }] = readings;
  const details = { BucketName: bucket };
  return refuse(isBucketName(bucket) ? 'NoSuchBucket' : 'InvalidBucketName', { details });
}
