import type { Clock } from '../../shared/platform/clock.ts';
import { createLog } from '../../shared/platform/log.ts';

/** This is what a check has found, in numbers. */
export interface CheckOutcome {
  readonly failures: number;
  readonly [figure: string]: number;
}

/**
 * Prints one line of the form that functions log, so that an alarm over the log raises what a job finds. It is at level error when
 * something is wrong.
 */
export function logOutcome(name: 'doctor' | 'audit', outcome: CheckOutcome, clock: Clock): void {
  const log = createLog('info', clock).child({ function: name });
  log[outcome.failures > 0 ? 'error' : 'info'](outcome, 'the check is over');
}
