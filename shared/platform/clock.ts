/**
 * A clock is where the product gets its time from. Everything that needs "now" takes a Clock, so that tests and the
 * embedded cloud decide what time it is. The linter forbids reading the wall clock anywhere else.
 */
export interface Clock {
  /** The current instant (a Date is an instant; wherever it is written as text it is UTC). */
  now(): Date;
  /** Resolves after `ms` milliseconds of this clock's time. */
  sleep(ms: number): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  // biome-ignore lint/plugin: this is the clock module, the one place that reads the wall clock
  now: () => new Date(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Begins to measure how long something takes, by the machine's monotonic clock: nothing moves it, neither the service's
 * time nor the virtual time of the embedded cloud.
 * @returns tells the milliseconds since then
 */
export function startStopwatch(): () => number {
  const begin = performance.now();
  return () => Math.round(performance.now() - begin);
}

/**
 * Returns a clock that follows the service: whoever talks to the service calls `observe` with the `Date` header of
 * each reply, and `now()` is the service's time from then on. Deadlines (24 hours to lock a policy) are the
 * service's, so a command line on a machine whose clock is off still plans by the right time.
 *
 * The header has whole seconds, hence a difference below one and a half seconds is taken as no difference.
 */
export function followingClock(base: Clock): Clock & { observe(serviceTime: Date): void } {
  let offsetMs = 0;
  return {
    now: () => new Date(base.now().getTime() + offsetMs),
    sleep: (ms) => base.sleep(ms),
    observe(serviceTime) {
      const difference = serviceTime.getTime() - base.now().getTime();
      offsetMs = Math.abs(difference) < 1500 ? 0 : difference;
    },
  };
}
