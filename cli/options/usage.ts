import { failure, type HoldfastError } from '../../shared/platform/errors.ts';

/** Makes the error about something that a person has typed; whose help says more is known where the command runs. */
export const usage = (reason: string): HoldfastError => failure('USAGE', { reason });
