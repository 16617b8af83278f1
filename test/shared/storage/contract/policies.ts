import { describe, expect, test } from 'vitest';
import { hour } from '../../../../shared/platform/instant.ts';
import { wormId } from '../../../../shared/storage/port.ts';
import type { ContractWorld } from './world.ts';

/** The WORM policies of buckets, for a backend that has them. */
export function policiesContract(world: ContractWorld, only: 'reads' | 'reads and writes'): void {
  const { newBucket } = world;

  test('a bucket has no policy, one in progress, one that lapsed after 24 hours', async () => {
    const bucket = await newBucket();
    expect(await world.policies.getPolicy(bucket)).toBeUndefined();
    const createdAt = new Date(Math.floor(world.harness.now().getTime() / 1000) * 1000);
    const { id } = await world.directPolicies.initiatePolicy(bucket, 365);
    expect(await world.policies.getPolicy(bucket)).toEqual({
      id,
      state: 'InProgress',
      days: 365,
      createdAt,
    });
    world.harness.advance(25 * hour);
    expect(await world.policies.getPolicy(bucket)).toEqual({ id, state: 'Expired', days: 365, createdAt });
  });

  test('the policy of a missing bucket is an error', async () => {
    const found = world.policies.getPolicy('contract-missing');
    await expect(found).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET', transient: false });
  });

  if (only === 'reads') return;

  test('is refused under the policy of a bucket that keeps what it has', async () => {
    const bucket = await newBucket();
    const at = { bucket, key: 'a' };
    await world.storage.writeText(at, 'first');
    const { id } = await world.policies.initiatePolicy(bucket, 1);
    await world.policies.lockPolicy(bucket, id);
    await expect(world.storage.writeText(at, 'second')).rejects.toMatchObject({ code: 'IMMUTABLE' });
    await world.storage.writeText({ bucket, key: 'b' }, 'another');
    await expect(
      world.storage.writeText({ bucket: 'contract-missing', key: 'a' }, 'x'),
    ).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' });
  });
  describe('a bucket policy', () => {
    test('is initiated, locked and extended', async () => {
      const bucket = await newBucket();
      const { id, ...receipt } = await world.policies.initiatePolicy(bucket, 180);
      expect(receipt).toEqual({ sent: true, requestId: expect.any(String) });
      await world.policies.lockPolicy(bucket, id);
      expect(await world.policies.getPolicy(bucket)).toMatchObject({ id, state: 'Locked', days: 180 });
      await world.policies.extendPolicy(bucket, id, 365);
      expect(await world.policies.getPolicy(bucket)).toMatchObject({ id, state: 'Locked', days: 365 });
    });

    test('is aborted while nobody locked it, and initiated anew under another id', async () => {
      const bucket = await newBucket();
      const { id } = await world.policies.initiatePolicy(bucket, 1);
      await world.policies.abortPolicy(bucket);
      expect(await world.policies.getPolicy(bucket)).toBeUndefined();
      expect((await world.policies.initiatePolicy(bucket, 1)).id).not.toBe(id);
    });

    test('is not locked, extended or aborted when there is none, or another', async () => {
      const bucket = await newBucket();
      const wrong = wormId('581D8A7FE64F4F5A8D0C6E1B2A3F4D5E');
      for (const call of [
        () => world.policies.lockPolicy(bucket, wrong),
        () => world.policies.extendPolicy(bucket, wrong, 10),
        () => world.policies.abortPolicy(bucket),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'NO_POLICY' });
      }
      await world.policies.initiatePolicy(bucket, 1);
      await expect(world.policies.lockPolicy(bucket, wrong)).rejects.toMatchObject({ code: 'NO_POLICY' });
      expect(await world.policies.getPolicy(bucket)).toMatchObject({ state: 'InProgress' });
    });

    test('is extended only when it is locked, and only lengthened', async () => {
      const bucket = await newBucket();
      const { id } = await world.policies.initiatePolicy(bucket, 100);
      await expect(world.policies.extendPolicy(bucket, id, 200)).rejects.toMatchObject({
        code: 'POLICY_REFUSED',
      });
      await world.policies.lockPolicy(bucket, id);
      await expect(world.policies.extendPolicy(bucket, id, 99)).rejects.toMatchObject({
        code: 'POLICY_REFUSED',
      });
      expect(await world.policies.getPolicy(bucket)).toMatchObject({ days: 100 });
    });

    test('is not aborted once it is locked', async () => {
      const bucket = await newBucket();
      const { id } = await world.policies.initiatePolicy(bucket, 100);
      await world.policies.lockPolicy(bucket, id);
      await expect(world.policies.abortPolicy(bucket)).rejects.toMatchObject({ code: 'POLICY_LOCKED' });
      expect(await world.policies.getPolicy(bucket)).toMatchObject({ state: 'Locked' });
    });
  });

  test('a missing bucket is an error in every write of a policy', async () => {
    const bucket = 'contract-missing';
    const id = wormId('W');
    for (const call of [
      () => world.policies.initiatePolicy(bucket, 1),
      () => world.policies.lockPolicy(bucket, id),
      () => world.policies.extendPolicy(bucket, id, 2),
      () => world.policies.abortPolicy(bucket),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET', transient: false });
    }
  });
}
