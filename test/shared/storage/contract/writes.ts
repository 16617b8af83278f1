import { describe, expect, test } from 'vitest';
import { type VersionAt, versionId } from '../../../../shared/storage/port.ts';
import { awkwardKeys, type ContractWorld, known } from './world.ts';

/** The writes, by what is read back after them. */
export function writesContract(world: ContractWorld): void {
  const { newBucket, wormBucket, upload, inDays } = world;

  describe('putting retention', () => {
    test('protects the version named, and no other', async () => {
      const bucket = await wormBucket();
      const old = await upload(bucket, 'a', 'x');
      const current = await upload(bucket, 'a', 'y');
      const retention = inDays(30);
      expect(await world.storage.putRetention(old, retention)).toEqual({
        sent: true,
        requestId: expect.any(String),
      });
      expect(await world.storage.getRetention(old)).toEqual(retention);
      expect(await world.storage.getRetention(current)).toBeUndefined();
    });

    test('has a last look before it is sent, and is not sent where that throws', async () => {
      const at = await upload(await wormBucket(), 'a', 'x');
      const otherwise = new TypeError('decided otherwise');
      const put = world.storage.putRetention(at, inDays(30), () => Promise.reject(otherwise));
      await expect(put).rejects.toBe(otherwise);
      expect(await world.storage.getRetention(at)).toBeUndefined();
      let looks = 0;
      await world.storage.putRetention(at, inDays(30), () => Promise.resolve().finally(() => (looks += 1)));
      expect([looks, await world.storage.getRetention(at)]).toEqual([1, inDays(30)]);
    });

    test('may be repeated and lengthened, never shortened', async () => {
      const at = await upload(await wormBucket(), 'a', 'x');
      await world.storage.putRetention(at, inDays(30));
      await world.storage.putRetention(at, inDays(30));
      await world.storage.putRetention(at, inDays(60));
      await expect(world.storage.putRetention(at, inDays(59))).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
      });
      expect(await world.storage.getRetention(at)).toEqual(inDays(60));
    });

    test('works on the version from before versioning', async () => {
      const bucket = await newBucket();
      await world.harness.upload(bucket, 'a', 'x');
      await world.harness.setVersioning(bucket, 'Enabled');
      await world.storage.putObjectWorm(bucket, {});
      const at = { bucket, key: 'a', versionId: versionId('null') };
      await world.storage.putRetention(at, inDays(30));
      expect(await world.storage.getRetention(at)).toEqual(inDays(30));
    });

    test.each(awkwardKeys)('works on the key %s', async (key) => {
      const at = await upload(await wormBucket(), key, 'x');
      await world.storage.putRetention(at, inDays(30));
      expect(await world.storage.getRetention(at)).toEqual(inDays(30));
    });

    test('is refused where it cannot be', async () => {
      const bucket = await wormBucket();
      const at = await upload(bucket, 'a', 'x');
      const gone = await upload(bucket, 'gone', 'x');
      await world.harness.remove(bucket, 'gone', gone.versionId);
      const marker: VersionAt = { ...at, versionId: known(await world.harness.remove(bucket, 'a')) };
      const plain = await upload(await newBucket('Enabled'), 'a', 'x');
      const put = (where: VersionAt, days = 30) => world.storage.putRetention(where, inDays(days));
      await expect(put(gone)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      await expect(put(marker)).rejects.toMatchObject({ code: 'IS_DELETE_MARKER' });
      await expect(put(plain)).rejects.toMatchObject({ code: 'OBJECT_WORM_OFF' });
      await expect(put(at, -1)).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
      await expect(put({ ...at, bucket: 'contract-missing' })).rejects.toMatchObject({
        code: 'NO_SUCH_BUCKET',
      });
    });
  });

  describe('writing text', () => {
    test.each(awkwardKeys)('is read back as it was, under the key %s', async (key) => {
      const at = { bucket: await newBucket(), key };
      const text = '{"账本": "ü \u2028 %+"}\r\n';
      expect(await world.storage.writeText(at, text)).toMatchObject({
        sent: true,
        requestId: expect.any(String),
      });
      expect(await world.storage.readText(at)).toMatchObject({ text });
    });

    test('says which version it made and when, and that version can be read again', async () => {
      const at = { bucket: await newBucket('Enabled'), key: 'a' };
      const { versionId, writtenAt } = await world.storage.writeText(at, 'first');
      await world.storage.writeText(at, 'second');
      expect(await world.storage.readText({ ...at, versionId })).toMatchObject({ text: 'first' });
      const head = await world.storage.headObject({ ...at, versionId });
      if (typeof head === 'string') throw new Error(head);
      expect(writtenAt?.getTime()).toBeGreaterThanOrEqual(head.lastModified.getTime());
    });

    test('overwrites, or adds a version where the bucket keeps them', async () => {
      for (const bucket of [await newBucket(), await newBucket('Enabled')]) {
        const at = { bucket, key: 'a' };
        await world.storage.writeText(at, 'first');
        await world.storage.writeText(at, '');
        expect(await world.storage.readText(at)).toMatchObject({ text: '' });
      }
    });
  });

  describe('ObjectWorm', () => {
    test('is refused without versioning', async () => {
      const bucket = await newBucket();
      await expect(world.storage.putObjectWorm(bucket, {})).rejects.toMatchObject({
        code: 'REQUEST_REFUSED',
      });
      expect(await world.storage.getObjectWorm(bucket)).toBeUndefined();
    });
  });

  test('a missing bucket is an error in every write', async () => {
    const bucket = 'contract-missing';
    await expect(world.storage.writeText({ bucket, key: 'a' }, 'x')).rejects.toMatchObject({
      code: 'NO_SUCH_BUCKET',
      transient: false,
    });
  });
}
