import { HoldfastError } from '../../shared/platform/errors.ts';
import { aroundStore } from '../../shared/storage/decorate.ts';
import type { Storage } from '../../shared/storage/port.ts';
import type { Identity } from './identity.ts';

/** Codes by which OSS refuses temporary credentials that have ended (error codes of OSS, 0002-). */
const ended: ReadonlySet<string> = new Set([
  'SecurityTokenExpired',
  'InvalidSecurityToken',
  'SecurityTokenInvalid',
]);

/**
 * Renews temporary credentials before a request that would come too late for them. A request that is refused all the same
 * because they have ended, on a machine whose clock is wrong, is sent once more with new ones: the first had no effect.
 */
export function renewing(storage: Storage, identity: Identity): Storage {
  if (!identity.isRenewed) return storage;
  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const used = await identity.fresh();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof HoldfastError) || !ended.has(error.reply.code ?? '')) throw error;
      if (identity.current() === used) await identity.renew();
      return await call();
    }
  };
  return aroundStore(around, (_operation, call) => around(call))(storage);
}
