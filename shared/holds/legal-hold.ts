import { hasCode } from '../platform/errors.ts';
import { mayLockObjects } from '../storage/may-lock-objects.ts';
import type { LegalHolds, ObjectStore, VersionAt } from '../storage/port.ts';

/** Tells whether a legal hold is on a version, as far as the service says it. */
export type HoldState = 'on' | 'off' | 'gone' | 'unknown';

/** Asks whether a legal hold is on a version. @throws what the service refuses otherwise */
export type AskHold = (at: VersionAt) => Promise<HoldState>;

/**
 * Makes the question. A bucket that refuses to tell of a hold (HOLD_NOT_OFFERED) has none only where it has no ObjectWorm, which is asked once;
 * where it has, one odd reply is no proof of anything, and the state is unknown.
 */
export function holdQuestion(storage: Pick<ObjectStore, 'holds' | 'getObjectWorm'>): AskHold {
  const { holds } = storage;
  if (holds === undefined) return async () => 'off';
  const refused = new Map<string, Promise<boolean>>();
  return async (at) => {
    const { bucket } = at;
    // Once it is known that there can be none, no version of the bucket is asked for.
    if ((await refused.get(bucket)) === false) return 'off';
    const state = await stateOf(holds, at);
    if (state !== 'refused') return state;
    const mayHave = refused.get(bucket) ?? mayLockObjects(storage, bucket);
    refused.set(bucket, mayHave);
    return (await mayHave) ? 'unknown' : 'off';
  };
}

async function stateOf(holds: LegalHolds, at: VersionAt): Promise<HoldState | 'refused'> {
  try {
    return (await holds.getHold(at)) ? 'on' : 'off';
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_OBJECT')) return 'gone';
    if (hasCode(error, 'HOLD_NOT_OFFERED')) return 'refused';
    throw error;
  }
}
