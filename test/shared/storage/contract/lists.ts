import { describe, expect, test } from 'vitest';
import type { ListedVersion } from '../../../../shared/storage/port.ts';
import { awkwardKeys, type ContractWorld, known } from './world.ts';

/** Lists of versions. */
export function versionListsContract(world: ContractWorld): void {
  const { newBucket, upload } = world;

  describe('a list of versions', () => {
    const all = async (bucket: string, prefix: string) => {
      const found: ListedVersion[] = [];
      for await (const entry of world.storage.listVersions(bucket, prefix)) found.push(entry);
      return found;
    };

    test('has every version and delete marker under the prefix, newest first within a key', async () => {
      const bucket = await newBucket('Enabled');
      const first = await upload(bucket, 'dir/a', 'one');
      world.harness.advance(1000);
      const second = await upload(bucket, 'dir/a', 'three');
      world.harness.advance(1000);
      const marker = known(await world.harness.remove(bucket, 'dir/a'));
      await upload(bucket, 'elsewhere', 'x');
      const found = await all(bucket, 'dir/');
      const versions = found.filter((entry) => entry.kind === 'version');
      expect(versions.map(({ versionId: id, size, isLatest }) => [id, size, isLatest])).toEqual([
        [second.versionId, 5, false],
        [first.versionId, 3, false],
      ]);
      expect(versions[0]).toMatchObject({ bucket, key: 'dir/a', type: 'Normal' });
      expect(found.filter((entry) => entry.kind === 'delete-marker')).toEqual([
        {
          kind: 'delete-marker',
          bucket,
          key: 'dir/a',
          versionId: marker,
          isLatest: true,
          lastModified: expect.any(Date),
        },
      ]);
    });

    test('gives keys and ETags exactly as HEAD does', async () => {
      const bucket = await newBucket('Enabled');
      for (const key of awkwardKeys) await upload(bucket, key, key);
      const found = await all(bucket, '');
      expect(found.map(({ key }) => key).sort()).toEqual([...awkwardKeys].sort());
      for (const entry of found) {
        const head = await world.storage.headObject(entry);
        expect(entry).toMatchObject({ etag: typeof head === 'string' ? head : head.etag, isLatest: true });
      }
    });

    test('is empty where nothing is', async () => {
      expect(await all(await newBucket(), 'x')).toEqual([]);
    });

    test('is whole when it is longer than a page, goes on by its cursor, and gives a page twice', async () => {
      const bucket = await newBucket('Enabled');
      const keys = Array.from({ length: 1002 }, (_, index) => `k/钥 ${String(index).padStart(5, '0')}`);
      await world.harness.fill(bucket, keys);
      expect((await all(bucket, 'k/')).map(({ key }) => key)).toEqual(keys);
      const { items, cursor, next } = await world.storage.listVersions(bucket, 'k/').first();
      const afterPage = keys.slice(items.length);
      expect(afterPage).not.toHaveLength(0);
      const rest: string[] = [];
      for await (const { key } of world.storage.listVersions(bucket, 'k/', cursor)) rest.push(key);
      expect(rest).toEqual(afterPage);
      const twice = [await next?.(), await next?.()].map((page) => page?.items.map(({ key }) => key));
      expect(twice).toEqual([afterPage, afterPage]);
    });
  });
}
