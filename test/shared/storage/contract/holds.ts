import { describe, expect, test } from 'vitest';
import { holdsOf } from '../../../../shared/storage/holds.ts';
import type { LegalHolds, VersionAt } from '../../../../shared/storage/port.ts';
import { awkwardKeys, type ContractWorld, known } from './world.ts';

/** The legal holds of versions, for a backend that has them. */
export function holdsContract(world: ContractWorld, only: 'reads' | 'reads and writes'): void {
  const { newBucket, wormBucket, upload, inDays } = world;
  const holds = (): LegalHolds => holdsOf(world.storage);
  const direct = (): LegalHolds => holdsOf(world.harness.direct);

  describe('a legal hold', () => {
    test('is read as off when it was never set, as on, and as off when it was taken off', async () => {
      const at = await upload(await wormBucket(), 'a', 'x');
      expect(await holds().getHold(at)).toBe(false);
      await direct().putHold(at, 'ON');
      expect(await holds().getHold(at)).toBe(true);
      expect(await world.storage.headObject(at)).toMatchObject({ legalHold: true });
      await direct().putHold(at, 'OFF');
      expect(await holds().getHold(at)).toBe(false);
      expect(await world.storage.headObject(at)).not.toHaveProperty('legalHold');
    });

    if (only === 'reads') return;

    test('forbids to delete the version named, and no other, until it is taken off', async () => {
      const bucket = await wormBucket();
      const held = await upload(bucket, 'a', 'x');
      const other = await upload(bucket, 'a', 'y');
      expect(await holds().putHold(held, 'ON')).toEqual({ sent: true, requestId: expect.any(String) });
      expect(await holds().getHold(other)).toBe(false);
      await world.harness.remove(bucket, 'a', other.versionId);
      await expect(world.harness.remove(bucket, 'a', held.versionId)).rejects.toThrow('FileImmutable');
      await holds().putHold(held, 'ON');
      await holds().putHold(held, 'OFF');
      await holds().putHold(held, 'OFF');
      await world.harness.remove(bucket, 'a', held.versionId);
      expect(await world.storage.headObject(held)).toBe('absent');
    });

    test('has a last look before it is sent, and is not sent where that throws', async () => {
      const at = await upload(await wormBucket(), 'a', 'x');
      const otherwise = new TypeError('decided otherwise');
      await expect(holds().putHold(at, 'ON', () => Promise.reject(otherwise))).rejects.toBe(otherwise);
      expect(await holds().getHold(at)).toBe(false);
      await holds().putHold(at, 'ON', () => Promise.resolve());
      expect(await holds().getHold(at)).toBe(true);
    });

    test('leaves retention as it is, set and taken off', async () => {
      const at = await upload(await wormBucket(), 'a', 'x');
      await world.storage.putRetention(at, inDays(30));
      for (const status of ['ON', 'OFF'] as const) {
        await holds().putHold(at, status);
        expect(await world.storage.getRetention(at)).toEqual(inDays(30));
      }
      await expect(world.harness.remove(at.bucket, at.key, at.versionId)).rejects.toThrow('FileImmutable');
    });

    test.each(awkwardKeys)('works on the key %s', async (key) => {
      const at = await upload(await wormBucket(), key, 'x');
      await holds().putHold(at, 'ON');
      expect(await holds().getHold(at)).toBe(true);
    });

    test('is refused where it cannot be', async () => {
      const bucket = await wormBucket();
      const gone = await upload(bucket, 'gone', 'x');
      await world.harness.remove(bucket, 'gone', gone.versionId);
      const at = await upload(bucket, 'a', 'x');
      const marker: VersionAt = { ...at, versionId: known(await world.harness.remove(bucket, 'a')) };
      for (const [where, code] of [
        [gone, 'NO_SUCH_OBJECT'],
        [marker, 'IS_DELETE_MARKER'],
        [{ ...at, bucket: 'contract-missing' }, 'NO_SUCH_BUCKET'],
      ] as const) {
        await expect(holds().getHold(where)).rejects.toMatchObject({ code });
        await expect(holds().putHold(where, 'ON')).rejects.toMatchObject({ code });
      }
    });

    test('is not offered by a bucket without ObjectWorm, which is asked once to put and once to get', async () => {
      const plain = await upload(await newBucket('Enabled'), 'a', 'x');
      const at = await upload(await wormBucket(), 'a', 'x');
      const asked = holds();
      world.harness.operations();
      for (let time = 0; time < 3; time += 1) {
        await expect(asked.putHold(plain, 'ON')).rejects.toMatchObject({ code: 'HOLD_NOT_OFFERED' });
        await expect(asked.getHold(plain)).rejects.toMatchObject({ code: 'HOLD_NOT_OFFERED' });
      }
      expect(world.harness.operations()).toEqual(['PutObjectLegalHold', 'GetObjectLegalHold']);
      await asked.putHold(at, 'ON');
      expect(await asked.getHold(at)).toBe(true);
    });
  });
}
