import type { ErrorCode } from '../platform/errors.ts';

/** Errors that every other version of the bucket would meet too: the run ends instead of failing a million times. */
export const ending: ReadonlySet<ErrorCode> = new Set([
  'OBJECT_WORM_OFF',
  'VERSIONING_OFF',
  'NO_SUCH_BUCKET',
  'CREDENTIALS_INVALID',
  'CREDENTIALS_REFUSED',
  'CREDENTIALS_UNREACHABLE',
  'CLOCK_SKEWED',
  'OUTAGE',
]);
