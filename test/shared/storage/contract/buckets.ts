import { describe, expect, test } from 'vitest';
import type { ContractWorld } from './world.ts';

/** What is read of buckets, and what every read says about a missing one. */
export function bucketReadsContract(world: ContractWorld): void {
  const { newBucket } = world;

  describe('buckets', () => {
    test('are listed with their region', async () => {
      const bucket = await newBucket();
      const names: string[] = [];
      for await (const { name: each, region } of world.storage.listBuckets()) {
        expect(region).toBe(world.harness.region);
        names.push(each);
      }
      expect(names).toContain(bucket);
    });

    test('tell whether they keep versions', async () => {
      const bucket = await newBucket();
      expect(await world.storage.getVersioning(bucket)).toBeUndefined();
      await world.harness.setVersioning(bucket, 'Enabled');
      expect(await world.storage.getVersioning(bucket)).toBe('Enabled');
      await world.harness.setVersioning(bucket, 'Suspended');
      expect(await world.storage.getVersioning(bucket)).toBe('Suspended');
    });

    test('tell whether they take object retention, and the default', async () => {
      const bucket = await newBucket('Enabled');
      expect(await world.storage.getObjectWorm(bucket)).toBeUndefined();
      for (const configuration of [
        {},
        { defaultRetention: { mode: 'COMPLIANCE', days: 30 } },
        { defaultRetention: { mode: 'COMPLIANCE', years: 7 } },
      ] as const) {
        await world.harness.direct.putObjectWorm(bucket, configuration);
        expect(await world.storage.getObjectWorm(bucket)).toEqual(configuration);
      }
    });
  });

  test('a missing bucket is an error in every read', async () => {
    const bucket = 'contract-missing';
    const at = { bucket, key: 'a' };
    for (const call of [
      () => world.storage.headObject(at),
      () => world.storage.getTags(at),
      () => world.storage.getRetention(at),
      () => world.storage.readText(at),
      () => world.storage.readObject(at),
      () => world.storage.listVersions(bucket, '').first(),
      () => world.storage.getVersioning(bucket),
      () => world.storage.getObjectWorm(bucket),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET', transient: false });
    }
  });
}
