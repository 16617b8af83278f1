import { failure, type HoldfastError } from '../../shared/platform/errors.ts';

/** Makes the error of a wrong call of these commands. */
export const localUsage = (reason: string): HoldfastError =>
  failure('USAGE', { reason, command: 'holdfast local' });
