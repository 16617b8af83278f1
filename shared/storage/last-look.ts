import type { LastLook, LegalHolds, ObjectStore } from './port.ts';

/**
 * Ends a write that a last look has found decided otherwise by now. Whoever decided catches it, and decides again: nothing of the write can
 * have taken effect.
 */
export class DecidedOtherwise extends Error {
  override readonly name = 'DecidedOtherwise';
}

/** The calls that put retention and legal holds on versions. */
type Calls = Pick<ObjectStore, 'putRetention' | 'holds'>;

/**
 * Makes the storage whose retentions and legal holds have a last look: each may wait for its turn, or be repeated, long after it was decided.
 * @param lastLook ends a write that is not to be sent any more by what it throws
 */
export function withLastLook<Store extends Calls>(storage: Store, lastLook: LastLook): Store {
  const { holds } = storage;
  return {
    ...storage,
    putRetention: (at, retention) => storage.putRetention(at, retention, lastLook),
    ...(holds !== undefined && { holds: holdsWithLastLook(holds, lastLook) }),
  };
}

/** Makes the calls about legal holds that have a last look, as {@link withLastLook} does. */
export const holdsWithLastLook = (holds: LegalHolds, lastLook: LastLook): LegalHolds => ({
  getHold: (at) => holds.getHold(at),
  putHold: (at, status) => holds.putHold(at, status, lastLook),
});

/**
 * Asks a last look before each attempt of one write until an attempt may have taken effect. From then on a refusal would hide that, so the
 * write goes on, and what was decided meanwhile is told behind it.
 * @param isNotBegun tells whether an attempt failed before the service began it
 */
export function untilSent(lastLook: LastLook, isNotBegun: (error: unknown) => boolean) {
  let isSending = false;
  let maybeDone = false;
  const look: LastLook = async () => {
    if (!maybeDone) await lastLook();
    isSending = true;
  };
  return {
    async attempt<Result>(write: (look: LastLook) => Promise<Result>): Promise<Result> {
      isSending = false;
      try {
        return await write(look);
      } catch (error) {
        if (isSending && !isNotBegun(error)) maybeDone = true;
        throw error;
      }
    },
  };
}
