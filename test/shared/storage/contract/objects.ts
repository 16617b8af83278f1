import { describe, expect, test } from 'vitest';
import { etag } from '../../../../shared/storage/port.ts';
import { awkwardKeys, type ContractWorld, known } from './world.ts';

/** What is read of one object. */
export function objectReadsContract(world: ContractWorld): void {
  const { newBucket, wormBucket, upload, inDays } = world;

  describe('HEAD', () => {
    test('tells everything about the current version', async () => {
      const bucket = await newBucket('Enabled');
      const at = await upload(bucket, 'a.txt', 'hello', { class: 'finance', kept: '7y' });
      expect(await world.storage.headObject({ bucket, key: 'a.txt' })).toEqual({
        versionId: at.versionId,
        etag: '5D41402ABC4B2A76B9719D911017C592',
        lastModified: new Date(Math.floor(world.harness.now().getTime() / 1000) * 1000),
        size: 5,
        type: 'Normal',
        tagCount: 2,
        retention: undefined,
      });
    });

    test('by version reads that version, even after it was overwritten and deleted', async () => {
      const bucket = await newBucket('Enabled');
      const old = await upload(bucket, 'a', 'old');
      await upload(bucket, 'a', 'newer');
      await world.harness.remove(bucket, 'a');
      expect(await world.storage.headObject(old)).toMatchObject({ versionId: old.versionId, size: 3 });
    });

    test('without versioning has no version id', async () => {
      const bucket = await newBucket();
      await world.harness.upload(bucket, 'a', 'x');
      expect(await world.storage.headObject({ bucket, key: 'a' })).toMatchObject({ versionId: undefined });
    });

    test('calls the version that was there before versioning null', async () => {
      const bucket = await newBucket();
      await world.harness.upload(bucket, 'a', 'x');
      await world.harness.setVersioning(bucket, 'Enabled');
      expect(await world.storage.headObject({ bucket, key: 'a' })).toMatchObject({ versionId: 'null' });
    });

    test('finds nothing where nothing is', async () => {
      const bucket = await newBucket('Enabled');
      const at = await upload(bucket, 'a', 'x');
      await world.harness.remove(bucket, 'a', at.versionId);
      expect(await world.storage.headObject({ bucket, key: 'never' })).toBe('absent');
      expect(await world.storage.headObject({ bucket, key: 'a' })).toBe('absent');
      expect(await world.storage.headObject(at)).toBe('absent');
    });

    test('finds a delete marker, by key and by version', async () => {
      const bucket = await newBucket('Enabled');
      await upload(bucket, 'a', 'x');
      const marker = known(await world.harness.remove(bucket, 'a'));
      expect(await world.storage.headObject({ bucket, key: 'a' })).toBe('delete-marker');
      expect(await world.storage.headObject({ bucket, key: 'a', versionId: marker })).toBe('delete-marker');
    });

    test('names an appendable object as such', async () => {
      const bucket = await newBucket();
      await world.harness.append(bucket, 'log', 'line');
      expect(await world.storage.headObject({ bucket, key: 'log' })).toMatchObject({ type: 'Appendable' });
    });

    test.each(awkwardKeys)('finds the key %s', async (key) => {
      const bucket = await newBucket('Enabled');
      const at = await upload(bucket, key, 'x');
      expect(await world.storage.headObject({ bucket, key })).toMatchObject({ versionId: at.versionId });
      expect(await world.storage.headObject(at)).toMatchObject({ versionId: at.versionId });
    });
  });

  describe('tags', () => {
    test('are those of the version', async () => {
      const bucket = await newBucket('Enabled');
      const old = await upload(bucket, 'a', 'x', { class: 'old' });
      const current = await upload(bucket, 'a', 'y', { class: 'new', 'a b': 'c+d = e/f' });
      expect(await world.storage.getTags(old)).toEqual({
        versionId: old.versionId,
        tags: new Map([['class', 'old']]),
      });
      expect(await world.storage.getTags({ bucket, key: 'a' })).toEqual({
        versionId: current.versionId,
        tags: new Map(Object.entries({ class: 'new', 'a b': 'c+d = e/f' })),
      });
    });

    test('are none when none were set, and without versioning of no version', async () => {
      const bucket = await newBucket();
      await world.harness.upload(bucket, 'a', 'x');
      expect(await world.storage.getTags({ bucket, key: 'a' })).toEqual({
        versionId: undefined,
        tags: new Map(),
      });
    });

    test('are undefined where there is no data', async () => {
      const bucket = await newBucket('Enabled');
      const gone = await upload(bucket, 'gone', 'x');
      await world.harness.remove(bucket, 'gone', gone.versionId);
      await upload(bucket, 'a', 'x');
      const marker = known(await world.harness.remove(bucket, 'a'));
      expect(await world.storage.getTags({ bucket, key: 'never' })).toBeUndefined();
      expect(await world.storage.getTags(gone)).toBeUndefined();
      expect(await world.storage.getTags({ bucket, key: 'a' })).toBeUndefined();
      expect(await world.storage.getTags({ bucket, key: 'a', versionId: marker })).toBeUndefined();
    });
  });

  describe('retention', () => {
    test('is undefined until it is set, then read to the second, also by HEAD', async () => {
      const at = await upload(await wormBucket(), 'a', 'x');
      expect(await world.storage.getRetention(at)).toBeUndefined();
      const retention = inDays(365);
      await world.harness.direct.putRetention(at, retention);
      expect(await world.storage.getRetention(at)).toEqual(retention);
      expect(await world.storage.headObject(at)).toMatchObject({ retention });
    });

    test('of a missing version, a delete marker and a bucket without ObjectWorm is an error', async () => {
      const bucket = await wormBucket();
      const gone = await upload(bucket, 'gone', 'x');
      await world.harness.remove(bucket, 'gone', gone.versionId);
      await upload(bucket, 'a', 'x');
      const marker = known(await world.harness.remove(bucket, 'a'));
      const plain = await upload(await newBucket('Enabled'), 'a', 'x');
      await expect(world.storage.getRetention(gone)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      await expect(world.storage.getRetention({ bucket, key: 'a', versionId: marker })).rejects.toMatchObject(
        {
          code: 'IS_DELETE_MARKER',
        },
      );
      await expect(world.storage.getRetention(plain)).rejects.toMatchObject({ code: 'OBJECT_WORM_OFF' });
    });
  });

  describe('a text', () => {
    test('comes with its ETag, and is not sent again while it is unchanged', async () => {
      const bucket = await newBucket();
      await world.harness.upload(bucket, 'rules.yaml', 'version: 1 # 规则');
      const read = await world.storage.readText({ bucket, key: 'rules.yaml' });
      if (read === 'unchanged') throw new Error('nothing was known yet');
      expect(read.text).toBe('version: 1 # 规则');
      expect(await world.storage.readText({ bucket, key: 'rules.yaml' }, read.etag)).toBe('unchanged');
      await world.harness.upload(bucket, 'rules.yaml', 'version: 2');
      expect(await world.storage.readText({ bucket, key: 'rules.yaml' }, read.etag)).toEqual({
        text: 'version: 2',
        etag: expect.not.stringMatching(`^${read.etag}$`),
      });
    });

    test('can be read as it comes, also when it is long', async () => {
      const bucket = await newBucket();
      const text = '规则 '.repeat(100_000);
      await world.harness.direct.writeText({ bucket, key: 'long' }, text);
      const chunks = [];
      for await (const chunk of await world.storage.readObject({ bucket, key: 'long' })) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe(text);
      expect(chunks.length).toBeGreaterThan(1);
    });

    test('that is not there is an error', async () => {
      const at = { bucket: await newBucket(), key: 'rules.yaml' };
      await expect(world.storage.readObject(at)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      await expect(world.storage.readText(at)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      await expect(world.storage.readText(at, etag('abc'))).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
    });
  });
}
