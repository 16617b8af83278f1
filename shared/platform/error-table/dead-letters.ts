import type { ErrorEntry } from './entry.ts';

/** The errors about dead letters. */
export const deadLetterErrors = {
  DEAD_LETTER_MALFORMED: {
    kind: 'permanent',
    message: 'the failure of a function came as something that cannot be read: {reason}',
    remedy: 'its text is in this log line: save it, and repeat the event in it with `holdfast simulate`',
  },
  DEAD_LETTERS_UNSET: {
    kind: 'permanent',
    message: 'the rules say nowhere to keep the failure of {function} (request {requestId})',
    remedy:
      'set `deadLetters` in the rules to a folder of the cloud that is served (oss://bucket/prefix/, or obs://bucket/prefix/); until then it stands in this log line alone',
  },
  DEAD_LETTER_OWN: {
    kind: 'permanent',
    message:
      '{function} failed about dead letters themselves (request {requestId}): {reason}; this makes no further dead letter',
    remedy: 'correct what it says, or let no rule and no trigger match the folder of the dead letters',
  },
  DEAD_LETTER_UNKNOWN: {
    kind: 'permanent',
    message: 'there is no dead letter {id} in {place}',
    remedy: 'see their ids with `holdfast redrive list --all` (on OBS with `--cloud obs`)',
  },
  DEAD_LETTER_AMBIGUOUS: {
    kind: 'permanent',
    message: 'several dead letters claim the id {id}: {names}',
    remedy:
      'name one of them; at most one was written by Holdfast, so find out who else may write to the folder',
  },
  DEAD_LETTER_REFUSED: {
    kind: 'permanent',
    message: 'dead letter {id} is not replayed: {reason}',
    remedy:
      'look at it with `holdfast redrive show {id}` (on OBS with `--cloud obs`); if Holdfast did not write it, find out who may write to the folder',
  },
  DEAD_LETTER_BROKEN: {
    kind: 'permanent',
    message: '{target} is no dead letter of this version: {reason}',
    remedy: 'look at the object: something else than Holdfast has written it, or another version',
  },
} as const satisfies Record<string, ErrorEntry>;
