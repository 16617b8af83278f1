import { failure } from '../../shared/platform/errors.ts';
import type { Cloud } from '../options/cloud-options.ts';

/**
 * Refuses a key of a session where it is recorded who did something: two keys of one person would count as two people.
 * @throws CALLER_TEMPORARY
 */
export function refuseTemporaryCaller({
  caller,
  isTemporaryCaller,
}: Pick<Cloud, 'caller' | 'isTemporaryCaller'>): void {
  if (isTemporaryCaller) throw failure('CALLER_TEMPORARY', { ...caller() });
}
