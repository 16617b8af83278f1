import type { ErrorEntry } from './entry.ts';

/** The errors about runs over existing objects. */
export const existingObjectErrors = {
  INVENTORY_INVALID: {
    kind: 'permanent',
    message: 'the inventory {source} cannot be used: {reason}',
    remedy: 'use a newer inventory of this bucket, or leave out --inventory to list its versions',
  },
  VERSION_NOT_FOUND: {
    kind: 'permanent',
    message:
      '{target} is named by the inventory and not in the bucket, under no reading of its key; no delete marker or other version shows that it was deleted',
    remedy:
      'if it was deleted for good after the inventory was taken, nothing is to be done; else list the bucket instead, and check how keys are encoded in the inventory',
  },
  CHECKPOINT_MISMATCH: {
    kind: 'permanent',
    message: 'the checkpoint {file} is of another run: {differences}',
    remedy:
      'run with what it was begun with, begin anew with --restart (of `hold open`: --again), or name another --checkpoint or --out',
  },
  CHECKPOINT_UNUSABLE: {
    kind: 'permanent',
    message: 'the checkpoint {file} cannot be used: {reason}',
    remedy: 'make its folder writable, begin anew with --restart, or name another --checkpoint or --out',
  },
  CHECKPOINT_IN_USE: {
    kind: 'permanent',
    message: 'another process works with the checkpoint {file}',
    remedy: 'wait for it to end, or stop it; it goes on where it was',
  },
  REPORT_UNWRITABLE: {
    kind: 'permanent',
    message: 'cannot write the report {file}: {reason}',
    remedy:
      'see that it may be written and that there is room, then run the same command again: it goes on, and reports what was done meanwhile',
  },
  REPAIR_BROKEN: {
    kind: 'permanent',
    message: '{target} is no record of a repair: {reason}',
    remedy: 'look at the object: something else than Holdfast has written it; the next repair writes it anew',
  },
  TASK_REFUSED: {
    kind: 'permanent',
    message: '{what} is not worked on: {reason}',
    remedy:
      'start the run again with the command or the inventory that planned it; a task that nobody planned does nothing',
  },
  RULES_DIFFER: {
    kind: 'permanent',
    message: 'the function has other rules ({here}) than the run was begun with ({asked})',
    remedy: 'deploy the rules that --rules names, or let --rules name those that are deployed',
  },
  REPAIR_PLACE_UNSET: {
    kind: 'permanent',
    message: 'the rules name no `deadLetters`: there is nowhere to keep the plan and the results of {what}',
    remedy:
      'set `deadLetters` in the rules to a folder of the cloud that is served: oss://bucket/prefix/, or obs://bucket/prefix/',
  },
  FAN_OUT_REFUSED: {
    kind: 'permanent',
    message: 'function {name} does not take this run: {code}: {reason}',
    remedy: '{remedy}',
  },
  UNFINISHED: {
    kind: 'transient',
    message: 'the time was over before {what} was done',
    remedy: 'repeat the event: it goes on where it was',
  },
  TOO_SLOW: {
    kind: 'permanent',
    message: '{what} made no progress within the time limit',
    remedy: 'raise --qps (HOLDFAST_TASK_QPS for repairs), or the timeout of protect-existing in s.yaml',
  },
  TOO_MANY_OBJECTS: {
    kind: 'permanent',
    message:
      'more than {limit} {limit|version|versions} of {target} would change, so nothing more was changed',
    remedy: 'look at them with --dry-run, then narrow the prefix or raise --max-objects',
  },
} as const satisfies Record<string, ErrorEntry>;
