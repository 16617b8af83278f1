import type { ErrorEntry } from './entry.ts';

/** The errors about what is decided about bucket policies. */
export const bucketErrors = {
  BUCKET_MISSING: {
    kind: 'permanent',
    message: 'rule {rule} names bucket {bucket}, which does not exist in this account',
    remedy: 'create the bucket or correct the rule',
  },
  BUCKET_ELSEWHERE: {
    kind: 'permanent',
    message: 'rule {rule} matches bucket {bucket} in {region}; this function serves {here} only',
    remedy: 'deploy Holdfast in {region} too, or narrow the rule',
  },
  OUTCOME_UNKNOWN: {
    kind: 'transient',
    message: '{operation} on {target} was sent, and nobody knows whether it took effect: {reason}',
    remedy: 'see `holdfast policy get {target}`; the next run reads the policy and goes on from there',
  },
  RENEWAL_HALF_DONE: {
    kind: 'transient',
    message: 'the lapsed policy of {target} was aborted, and no new one was initiated: {reason}',
    remedy: 'the next run initiates one; at once: `holdfast policy initiate {target} --days {days}`',
  },
  NOT_VERIFIED: {
    kind: 'transient',
    message: '{operation} on {target} was accepted, but reading it back shows {found}',
    remedy: 'run again; if it stays so, look at the bucket in the console',
  },
  POLICY_EXCLUDED: {
    kind: 'permanent',
    message: '{operation} on {target}: the bucket takes no WORM policy as it is ({detail})',
    remedy:
      'use another bucket where it has ObjectWorm, which excludes a WORM policy for good; enable versioning again where it is suspended',
  },
  POLICY_NOT_OFFERED: {
    kind: 'permanent',
    message: '{target}: {service} offers no WORM policies of buckets',
    remedy: 'protect its objects by object rules (docs/obs.md), or give the address of a bucket in oss://',
  },
} as const satisfies Record<string, ErrorEntry>;
