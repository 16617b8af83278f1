import { describe, expect, test } from 'vitest';
import { type VersionAt, versionId, wormId } from '../../../../shared/storage/port.ts';
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

    test('is refused under the policy of a bucket that keeps what it has', async () => {
      const bucket = await newBucket();
      const at = { bucket, key: 'a' };
      await world.storage.writeText(at, 'first');
      const { id } = await world.storage.initiatePolicy(bucket, 1);
      await world.storage.lockPolicy(bucket, id);
      await expect(world.storage.writeText(at, 'second')).rejects.toMatchObject({ code: 'IMMUTABLE' });
      await world.storage.writeText({ bucket, key: 'b' }, 'another');
      await expect(
        world.storage.writeText({ bucket: 'contract-missing', key: 'a' }, 'x'),
      ).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' });
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

  describe('a bucket policy', () => {
    test('is initiated, locked and extended', async () => {
      const bucket = await newBucket();
      const { id, ...receipt } = await world.storage.initiatePolicy(bucket, 180);
      expect(receipt).toEqual({ sent: true, requestId: expect.any(String) });
      await world.storage.lockPolicy(bucket, id);
      expect(await world.storage.getPolicy(bucket)).toMatchObject({ id, state: 'Locked', days: 180 });
      await world.storage.extendPolicy(bucket, id, 365);
      expect(await world.storage.getPolicy(bucket)).toMatchObject({ id, state: 'Locked', days: 365 });
    });

    test('is aborted while nobody locked it, and initiated anew under another id', async () => {
      const bucket = await newBucket();
      const { id } = await world.storage.initiatePolicy(bucket, 1);
      await world.storage.abortPolicy(bucket);
      expect(await world.storage.getPolicy(bucket)).toBeUndefined();
      expect((await world.storage.initiatePolicy(bucket, 1)).id).not.toBe(id);
    });

    test('is not locked, extended or aborted when there is none, or another', async () => {
      const bucket = await newBucket();
      const wrong = wormId('581D8A7FE64F4F5A8D0C6E1B2A3F4D5E');
      for (const call of [
        () => world.storage.lockPolicy(bucket, wrong),
        () => world.storage.extendPolicy(bucket, wrong, 10),
        () => world.storage.abortPolicy(bucket),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'NO_POLICY' });
      }
      await world.storage.initiatePolicy(bucket, 1);
      await expect(world.storage.lockPolicy(bucket, wrong)).rejects.toMatchObject({ code: 'NO_POLICY' });
      expect(await world.storage.getPolicy(bucket)).toMatchObject({ state: 'InProgress' });
    });

    test('is extended only when it is locked, and only lengthened', async () => {
      const bucket = await newBucket();
      const { id } = await world.storage.initiatePolicy(bucket, 100);
      await expect(world.storage.extendPolicy(bucket, id, 200)).rejects.toMatchObject({
        code: 'POLICY_REFUSED',
      });
      await world.storage.lockPolicy(bucket, id);
      await expect(world.storage.extendPolicy(bucket, id, 99)).rejects.toMatchObject({
        code: 'POLICY_REFUSED',
      });
      expect(await world.storage.getPolicy(bucket)).toMatchObject({ days: 100 });
    });

    test('is not aborted once it is locked', async () => {
      const bucket = await newBucket();
      const { id } = await world.storage.initiatePolicy(bucket, 100);
      await world.storage.lockPolicy(bucket, id);
      await expect(world.storage.abortPolicy(bucket)).rejects.toMatchObject({ code: 'POLICY_LOCKED' });
      expect(await world.storage.getPolicy(bucket)).toMatchObject({ state: 'Locked' });
    });
  });

  test('a missing bucket is an error in every write', async () => {
    const bucket = 'contract-missing';
    const id = wormId('W');
    for (const call of [
      () => world.storage.initiatePolicy(bucket, 1),
      () => world.storage.lockPolicy(bucket, id),
      () => world.storage.extendPolicy(bucket, id, 2),
      () => world.storage.abortPolicy(bucket),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET', transient: false });
    }
  });
}
