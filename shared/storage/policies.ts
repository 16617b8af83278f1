import { type CloudName, formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { failure } from '../platform/errors.ts';
import type { BucketPolicies, Storage } from './port.ts';

/** Says that buckets of a cloud have no WORM policies. */
export const policiesNotOffered = (cloud: CloudName): string =>
  `bucket policies are not offered on ${cloudWords[cloud].service}`;

/**
 * Returns the calls about WORM policies of buckets.
 * @param bucket what they are wanted for
 * @throws POLICY_NOT_OFFERED where the cloud has no such policies
 */
export function policiesOf({ cloud, policies }: Storage, bucket: string): BucketPolicies {
  if (policies !== undefined) return policies;
  throw failure('POLICY_NOT_OFFERED', {
    target: formatAddress(cloud, { bucket }),
    service: cloudWords[cloud].service,
  });
}
