import type { Clock } from '../platform/clock.ts';
import { type AroundStore, aroundStore } from '../storage/decorate.ts';

/** Ends work in time. */
export interface WorkDeadline {
  /** Aborted when the time was found to be over. */
  readonly signal: AbortSignal;
  /** Throws the signal's reason when time is over. */
  check(): void;
  /** Lets no request begin when time is over. */
  readonly around: AroundStore;
}

/**
 * Work that is to end at an instant. Time is looked at before each request, so that no timer is left behind in an instance
 * that is frozen when its handler returns.
 */
export function createDeadline(clock: Clock, instant: Date): WorkDeadline {
  const stop = new AbortController();
  const check = () => {
    if (clock.now() >= instant) stop.abort();
    stop.signal.throwIfAborted();
  };
  const checked = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    check();
    return await call();
  };
  return {
    signal: stop.signal,
    check,
    around: aroundStore(checked, (_, call) => checked(call)),
  };
}
