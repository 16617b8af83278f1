import { describe } from 'vitest';
import { bucketReadsContract } from './contract/buckets.ts';
import { holdsContract } from './contract/holds.ts';
import { versionListsContract } from './contract/lists.ts';
import { objectReadsContract } from './contract/objects.ts';
import { policiesContract } from './contract/policies.ts';
import { contractWorld } from './contract/world.ts';
import { writesContract } from './contract/writes.ts';
import type { StorageHarness } from './harness.ts';

/**
 * The promises of the storage port, held against a backend through whatever adapter and decorators the harness
 * puts in front of it. Every backend of Holdfast runs this suite.
 * @param only `reads` for a storage that lets no write through
 * @param isOss whether the backend has WORM policies of buckets, and legal holds
 */
export function storageContract(
  name: string,
  makeHarness: () => Promise<StorageHarness>,
  only: 'reads' | 'reads and writes' = 'reads and writes',
  isOss = true,
): void {
  describe(name, () => {
    const world = contractWorld(makeHarness);
    objectReadsContract(world);
    versionListsContract(world);
    bucketReadsContract(world);
    if (only === 'reads and writes') writesContract(world);
    if (!isOss) return;
    policiesContract(world, only);
    holdsContract(world, only);
  });
}
