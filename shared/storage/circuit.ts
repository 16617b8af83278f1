import { inOneLine } from '../platform/error-text.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import { aroundStore } from './decorate.ts';
import type { ObjectStore } from './port.ts';

/** Enough for a hot key or a short disturbance; far fewer than a run has versions. */
const usualMost = 50;

/**
 * Gives up in a long outage: once so many calls in a row have failed transiently, nothing more is sent, and every call
 * throws OUTAGE. Any answer in between, a refusal too, starts the count anew. It belongs above `withRetry`: a call
 * fails here when all its repetitions have failed.
 * @param most calls in a row
 */
export function withCircuit(storage: ObjectStore, most = usualMost): ObjectStore {
  let inARow = 0;
  let outage: HoldfastError | undefined;

  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (outage !== undefined) throw outage;
    try {
      const result = await call();
      inARow = 0;
      return result;
    } catch (error) {
      inARow = error instanceof HoldfastError && error.transient ? inARow + 1 : 0;
      if (inARow < most) throw error;
      outage ??= failure('OUTAGE', { count: most, last: inOneLine(error) }, { cause: error });
      throw outage;
    }
  };
  return aroundStore(around, (_operation, call) => around(call))(storage);
}
