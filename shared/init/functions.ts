import type { Answers } from './answers.ts';

/** Returns the resources of s.yaml that have something to do. */
export function neededFunctions({
  objectBuckets,
  archiveBuckets,
  defaultRetention,
}: Answers): ReadonlySet<string> {
  return new Set([
    ...(objectBuckets.length > 0 ? ['object-created', 'protect-existing'] : []),
    ...(archiveBuckets.length > 0 || defaultRetention !== undefined ? ['policy-timer'] : []),
    'dead-letter',
  ]);
}
