import type { StorageReads } from '../../storage/port.ts';
import { invalid, type Manifest } from './manifest.ts';

/**
 * Refuses an inventory without a row of a bucket that was not empty when it was taken: the first page of a list tells.
 * @param url of its manifest
 * @throws INVENTORY_INVALID, and what listing throws
 */
export async function refuseEmptyInventory(
  storage: Pick<StorageReads, 'listVersions'>,
  url: string,
  { bucket, takenAt }: Pick<Manifest, 'bucket' | 'takenAt'>,
): Promise<void> {
  const { items } = await storage.listVersions(bucket, '').first();
  const older = items.find(({ lastModified }) => takenAt === undefined || lastModified < takenAt);
  if (older === undefined) return;
  throw invalid(url, `it names no version, and the bucket has older ones than it, such as ${older.key}`);
}
