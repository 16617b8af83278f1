import type { ObjectOutcome } from '../objects/outcome.ts';
import { formatAddress } from '../platform/address.ts';
import { failure } from '../platform/errors.ts';
import type { ObjectStore } from '../storage/port.ts';
import type { KnownVersion } from './source.ts';

/**
 * Settles a version that the source names and that is not in the bucket. A list of the service's had just shown it, so it was
 * deleted for good since: it is gone, and no repeat can help. A row of an inventory may be read wrongly, so its key is looked
 * at once more: a delete marker or another version of it shows that the key is right, and the version gone.
 * @throws VERSION_NOT_FOUND when nothing shows that, and what listing throws
 */
export async function settleMissing(
  storage: Pick<ObjectStore, 'cloud' | 'listVersions'>,
  known: KnownVersion,
): Promise<ObjectOutcome> {
  const { bucket, key, otherKey, versionId, inventory } = known;
  if (inventory === undefined) return gone(key);
  for (const reading of otherKey === undefined ? [key] : [key, otherKey]) {
    if (await leftTrace(reading)) return gone(reading);
  }
  throw failure('VERSION_NOT_FOUND', {
    target: formatAddress(storage.cloud, { bucket, key, versionId }),
  });

  /** The key itself comes first of all keys that begin with it. */
  async function leftTrace(reading: string): Promise<boolean> {
    const { items } = await storage.listVersions(bucket, reading).first();
    return items.some((item) => item.key === reading);
  }

  function gone(reading: string): ObjectOutcome {
    return { bucket, key: reading, versionId, decision: { action: 'gone' }, errors: [] };
  }
}
