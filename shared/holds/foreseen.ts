import { formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError, hasCode } from '../platform/errors.ts';
import { mayLockObjects } from '../storage/may-lock-objects.ts';
import type { ObjectStore, VersionAt } from '../storage/port.ts';

/**
 * Returns the storage of a dry run of a pass that puts holds on. No write of it is sent, so no bucket refuses one: each bucket is asked
 * once instead, for the hold of its first version, and for ObjectWorm where retention would stand in. What would be refused is refused.
 * Where the caller may not ask, the bucket counts as one that takes what is put.
 * @param storage lets no write through
 */
export function foreseeing(storage: ObjectStore): ObjectStore {
  const { holds } = storage;
  const refused = new Map<string, Promise<HoldfastError | undefined>>();
  const once = (what: string, ask: () => Promise<HoldfastError | undefined>) => {
    const known = refused.get(what);
    if (known !== undefined) return known;
    const asked = ask();
    refused.set(what, asked);
    asked.catch(() => refused.delete(what)); // the next version asks again
    return asked;
  };
  return {
    ...storage,
    async putRetention(at, retention, lastLook) {
      const error = await once(`retention ${at.bucket}`, () => lockRefusal(storage, at));
      if (error !== undefined) throw error;
      return await storage.putRetention(at, retention, lastLook);
    },
    ...(holds !== undefined && {
      holds: {
        getHold: (at) => holds.getHold(at),
        async putHold(at, status, lastLook) {
          const error = await once(`hold ${at.bucket}`, () => holdRefusal(() => holds.getHold(at)));
          if (error !== undefined) throw error;
          return await holds.putHold(at, status, lastLook);
        },
      },
    }),
  };
}

/** Returns the error of a bucket that does not tell of holds, and so takes none. */
async function holdRefusal(ask: () => Promise<boolean>): Promise<HoldfastError | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (hasCode(error, 'HOLD_NOT_OFFERED')) return error;
    if (hasCode(error, 'ACCESS_DENIED')) return undefined;
    throw error;
  }
}

/** Returns the error of a bucket without ObjectWorm, which takes no retention. */
async function lockRefusal(
  storage: Pick<ObjectStore, 'cloud' | 'getObjectWorm'>,
  at: VersionAt,
): Promise<HoldfastError | undefined> {
  if (await mayLockObjects(storage, at.bucket)) return undefined;
  return failure('OBJECT_WORM_OFF', { bucket: at.bucket, target: formatAddress(storage.cloud, at) });
}
