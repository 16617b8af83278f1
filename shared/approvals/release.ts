import { createHash } from 'node:crypto';
import type { ApprovalSubject } from './types.ts';

/**
 * Returns the release of a matter as it is approved: with the records that it ends, so that one more opening of the same name needs
 * another approval; so does each time that a released matter is gone over again. Pure.
 * @param records names of the records of `opened`; where it is gone over again, also the ends of the passes that have done so
 */
export const releaseSubject = (
  matter: string,
  records: readonly string[],
  again = false,
): Extract<ApprovalSubject, { act: 'release' }> => ({
  act: 'release',
  matter,
  records: `sha256:${createHash('sha256').update(records.toSorted().join('\n')).digest('hex')}`,
  ...(again && { again }),
});
