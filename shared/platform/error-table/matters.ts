import type { ErrorEntry } from './entry.ts';

/** The errors about matters and their legal holds. */
export const matterErrors = {
  HOLD_ELSEWHERE: {
    kind: 'permanent',
    message: 'matter {matter} reaches bucket {bucket} in {region}; this command serves {here} only',
    remedy:
      'open a matter of {region} with the rules and the evidence folder of that region, or narrow --match',
  },
  MATTER_EXISTS: {
    kind: 'permanent',
    message: 'there is a matter {matter} already: {state}',
    remedy: 'choose another name; `holdfast hold show {matter}` says what this one holds',
  },
  MATTER_UNKNOWN: {
    kind: 'permanent',
    message: 'there is no matter {matter}',
    remedy: '`holdfast hold list` shows all; names are case-sensitive, and each cloud has its own (--cloud)',
  },
  MATTER_RELEASED: {
    kind: 'permanent',
    message: 'matter {matter} was released at {time} by {who}',
    remedy:
      'nothing is left to do; if one of its holds is still on, add --again to `holdfast hold release {matter}`; to hold its versions again, open a matter of another name',
  },
  MATTER_OPEN: {
    kind: 'permanent',
    message: 'matter {matter} is open, and only a released one is gone over again',
    remedy: 'release it: `holdfast hold release {matter}` without --again',
  },
  MATTER_MALFORMED: {
    kind: 'permanent',
    message: '{target} is no record of a matter: {reason}',
    remedy:
      'update Holdfast if a newer one wrote it; else find out who did, and see what it left open with `holdfast hold list`',
  },
  HOLD_NOT_OFFERED: {
    kind: 'permanent',
    message: '{target} takes no legal hold: {detail}',
    remedy:
      'enable ObjectWorm on the bucket (docs/limits.md), or WORM on OBS: without it neither a hold nor retention is taken',
  },
  HOLD_NOT_LIFTED: {
    kind: 'permanent',
    message: '{target} takes and tells no legal hold any more: {state}',
    remedy:
      'run the same `holdfast hold release` again when the bucket takes legal holds; until then the version may be kept',
  },
} as const satisfies Record<string, ErrorEntry>;
