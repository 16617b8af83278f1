import type { ErrorEntry } from './entry.ts';

/** The errors about events, and about the runs of a timer. */
export const eventErrors = {
  EVENT_MALFORMED: {
    kind: 'permanent',
    message: 'the event cannot be read: {reason}',
    remedy: 'send an OSS event with `events`, a CloudEvent of type oss:…, or its bare data',
  },
  OBS_EVENT_MALFORMED: {
    kind: 'permanent',
    message: 'the event cannot be read: {reason}',
    remedy:
      'send an event of OBS: the records of a FunctionGraph trigger, a CloudEvent of EventGrid, or records with `obs`',
  },
  EVENTS_FAILED: {
    kind: 'transient',
    message: '{failed} of {total} {total|event|events} failed:\n{failures}',
    remedy: 'see each event above; repeating the whole invocation is harmless',
  },
  EVENT_OUT_OF_TIME: {
    kind: 'transient',
    message: 'the time of the invocation was over before the event about {target} was begun',
    remedy:
      'it is repeated, and the repetition begins with other events; if it persists, raise the timeout of the function',
  },
  RUN_FAILED: {
    kind: 'transient',
    message: '{failed} of {total} {total|bucket|buckets} {failed|needs|need} attention:\n{failures}',
    remedy: 'see each bucket above; the next run tries again',
  },
  TIME_RAN_OUT: {
    kind: 'transient',
    message: 'the time of the run was over before bucket {bucket} was served',
    remedy: 'the next run begins with other buckets; if it persists, raise the timeout of policy-timer',
  },
  STEP_UNFINISHED: {
    kind: 'transient',
    message: 'the time of the run was over before {what} was finished',
    remedy: 'the next run begins anew; if it persists, raise the timeout of the function in s.yaml',
  },
} as const satisfies Record<string, ErrorEntry>;
