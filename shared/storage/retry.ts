import type { Clock } from '../platform/clock.ts';
import { type ErrorCode, HoldfastError } from '../platform/errors.ts';
import { aroundStore, type WriteName } from './decorate.ts';
import { untilSent } from './last-look.ts';
import type { ObjectStore } from './port.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** No retry begins at or after this instant; then the last error is thrown at once. */
  readonly deadline?: Date | (() => Date | undefined);
  /** Between 0 and 1. */
  readonly random?: () => number;
  /** Calls in all, the first included; as many as there is time for when a deadline is given, else 5. */
  readonly attempts?: number;
  /** The longest first pause, in milliseconds; it doubles from one attempt to the next. */
  readonly baseMs?: number;
  /** No pause is longer, in milliseconds. */
  readonly capMs?: number;
  /** Called before each pause. */
  readonly onRetry?: (error: HoldfastError, attempt: number, delayMs: number) => void;
}

/**
 * Writes that answer differently when they are done twice: a lock or an extension that took effect
 * is refused the second time, a second initiate may make another policy. When the connection breaks or the
 * service fails midway nobody knows whether they took effect. So they are repeated only if the service said that
 * it did not begin (THROTTLED); otherwise the error stays transient, and the next run observes anew.
 */
const onceOnly: ReadonlySet<WriteName> = new Set(['initiatePolicy', 'lockPolicy', 'extendPolicy']);
/**
 * Abort names no policy, so it hits whatever policy the bucket has by then. Whoever sends it reads the policy right
 * before each call, which a repetition in here would not do.
 */
const neverRepeated: ReadonlySet<WriteName> = new Set(['abortPolicy']);
const notBegun: ReadonlySet<ErrorCode> = new Set(['THROTTLED']);

/**
 * Repeats what failed transiently, with exponential backoff and full jitter, while time remains. Lists are
 * retried page by page, so no item comes twice. A last look is asked until the write may have taken effect.
 * @example
 * const storage = withRetry(createOssStorage({ region, credentials }), { clock, deadline });
 */
export function withRetry(storage: ObjectStore, options: RetryOptions): ObjectStore {
  const retry = retrier(options);
  return aroundStore(
    (call) => retry(call, isTransient),
    (operation, call, lastLook) => {
      if (neverRepeated.has(operation)) return call();
      const isRepeated = onceOnly.has(operation) ? isNotBegun : isTransient;
      if (lastLook === undefined) return retry(() => call(), isRepeated);
      const until = untilSent(lastLook, isNotBegun);
      return retry(() => until.attempt(call), isRepeated);
    },
  )(storage);
}

/** For callers without a time limit, such as a command line. Whoever goes on after them pauses each time. */
const defaultAttempts = 5;

type Retryable = (error: unknown) => error is HoldfastError;
const isTransient: Retryable = (error): error is HoldfastError =>
  error instanceof HoldfastError && error.transient;
const isNotBegun: Retryable = (error): error is HoldfastError =>
  isTransient(error) && (error.notSent || notBegun.has(error.code));

function retrier({ clock, deadline, onRetry, ...rest }: RetryOptions) {
  const { random = Math.random, attempts, baseMs = 100, capMs = 5000 } = rest;
  const mayRepeat = (attempt: number, delayMs: number) => {
    const end = typeof deadline === 'function' ? deadline() : deadline;
    if (end === undefined) return attempt < (attempts ?? defaultAttempts);
    return attempt < (attempts ?? Infinity) && clock.now().getTime() + delayMs < end.getTime();
  };
  return async <Result>(call: () => Promise<Result>, retryable: Retryable): Promise<Result> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const jittered = Math.floor(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
        const delayMs = attempt > defaultAttempts ? Math.max(jittered, baseMs) : jittered;
        if (!retryable(error) || !mayRepeat(attempt, delayMs)) throw error;
        onRetry?.(error, attempt, delayMs);
        await clock.sleep(delayMs);
      }
    }
  };
}
