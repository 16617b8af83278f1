import type { LastLook, LegalHolds, ObjectStore } from './port.ts';

/** Ends a write that a last look has found decided otherwise by now. Whoever decided catches it, and decides again. */
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
