import type { ErrorEntry } from './entry.ts';

/** The errors about what is decided about objects. */
export const objectErrors = {
  OVER_CAP: {
    kind: 'permanent',
    message: 'rule {rule} asks to keep {target} until {until}, beyond limits.maxRetention ({limit})',
    remedy: 'lower the rule or the tag, give the rule `atMost`, or raise limits.maxRetention on purpose',
  },
  TAG_UNREADABLE: {
    kind: 'permanent',
    message: 'rule {rule} cannot read tag {tag} of {target}: {value} is not {expected}',
    remedy: 'correct the tag and repeat the event, or give the rule `otherwise`',
  },
  OBJECT_WORM_OFF: {
    kind: 'permanent',
    message: '{target} takes no retention: object lock is not enabled on bucket {bucket}',
    remedy:
      'enable versioning, then object lock, for good: on OSS it is ObjectWorm, by invitation (docs/limits.md); on OBS it is WORM, by `holdfast setup --cloud obs` (docs/obs-deploy.md)',
  },
  WORM_NOT_OFFERED: {
    kind: 'permanent',
    message: '{operation} on {target}: WORM is not offered here ({code})',
    remedy:
      'use a region whose OBS offers WORM, and no parallel file system; or leave bucket {bucket} out of the rules',
  },
  TAGS_NOT_OFFERED: {
    kind: 'permanent',
    message: '{operation} on {target}: tags are not offered here ({code})',
    remedy: 'use rules without tags for bucket {bucket}, or a region whose OBS offers object tags',
  },
  VERSIONING_OFF: {
    kind: 'permanent',
    message: '{target} cannot be retained by version: its bucket keeps no versions',
    remedy: 'enable versioning, then object lock (ObjectWorm on OSS, WORM on OBS) on the bucket',
  },
  GOVERNANCE_MODE: {
    kind: 'permanent',
    message: '{target} is under GOVERNANCE retention, which nothing turns into COMPLIANCE',
    remedy:
      'copy the object to a new version without GOVERNANCE, or leave it as it is and exclude it by a rule',
  },
} as const satisfies Record<string, ErrorEntry>;
