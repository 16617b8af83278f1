import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, hour } from '../../../shared/platform/instant.ts';
import {
  etag,
  type ListedVersion,
  type Storage,
  type VersionAt,
  type VersionId,
  versionId,
  wormId,
} from '../../../shared/storage/port.ts';
import type { StorageHarness } from './harness.ts';

/** Keys that were trouble somewhere: escapes, plus, percent, quotes, other scripts, slashes. */
const awkwardKeys = [
  'a b+c%20.txt',
  '账本/2026 年/ü.txt',
  '50%',
  "it's (1)!*~",
  'a//b/',
  'q?x=1&y=2#z',
  '<&>"',
];

/**
 * The promises of the storage port, held against a backend through whatever adapter and decorators the harness
 * puts in front of it.
 * @param only `reads` for a storage that lets no write through
 */
export function storageContract(
  name: string,
  makeHarness: () => Promise<StorageHarness>,
  only: 'reads' | 'reads and writes' = 'reads and writes',
): void {
  describe(name, () => {
    let harness: StorageHarness;
    let storage: Storage;
    let buckets = 0;

    beforeAll(async () => {
      harness = await makeHarness();
      storage = harness.storage;
    });
    afterAll(() => harness.close());

    async function newBucket(versioning?: 'Enabled'): Promise<string> {
      buckets += 1;
      const bucket = `contract-${buckets}`;
      await harness.createBucket(bucket, versioning && { versioning });
      return bucket;
    }
    /** A bucket that takes retention. */
    async function wormBucket(): Promise<string> {
      const bucket = await newBucket('Enabled');
      await harness.direct.putObjectWorm(bucket, {});
      return bucket;
    }
    async function upload(bucket: string, key: string, text: string, tags?: Record<string, string>) {
      return { bucket, key, versionId: known(await harness.upload(bucket, key, text, tags)) };
    }
    const inDays = (days: number) => {
      const seconds = Math.ceil(harness.now().getTime() / 1000) * 1000;
      return { mode: 'COMPLIANCE', until: new Date(seconds + days * day) } as const;
    };

    describe('HEAD', () => {
      test('tells everything about the current version', async () => {
        const bucket = await newBucket('Enabled');
        const at = await upload(bucket, 'a.txt', 'hello', { class: 'finance', kept: '7y' });
        expect(await storage.headObject({ bucket, key: 'a.txt' })).toEqual({
          versionId: at.versionId,
          etag: '5D41402ABC4B2A76B9719D911017C592',
          lastModified: new Date(Math.floor(harness.now().getTime() / 1000) * 1000),
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
        await harness.remove(bucket, 'a');
        expect(await storage.headObject(old)).toMatchObject({ versionId: old.versionId, size: 3 });
      });

      test('without versioning has no version id', async () => {
        const bucket = await newBucket();
        await harness.upload(bucket, 'a', 'x');
        expect(await storage.headObject({ bucket, key: 'a' })).toMatchObject({ versionId: undefined });
      });

      test('calls the version that was there before versioning null', async () => {
        const bucket = await newBucket();
        await harness.upload(bucket, 'a', 'x');
        await harness.setVersioning(bucket, 'Enabled');
        expect(await storage.headObject({ bucket, key: 'a' })).toMatchObject({ versionId: 'null' });
      });

      test('finds nothing where nothing is', async () => {
        const bucket = await newBucket('Enabled');
        const at = await upload(bucket, 'a', 'x');
        await harness.remove(bucket, 'a', at.versionId);
        expect(await storage.headObject({ bucket, key: 'never' })).toBe('absent');
        expect(await storage.headObject({ bucket, key: 'a' })).toBe('absent');
        expect(await storage.headObject(at)).toBe('absent');
      });

      test('finds a delete marker, by key and by version', async () => {
        const bucket = await newBucket('Enabled');
        await upload(bucket, 'a', 'x');
        const marker = known(await harness.remove(bucket, 'a'));
        expect(await storage.headObject({ bucket, key: 'a' })).toBe('delete-marker');
        expect(await storage.headObject({ bucket, key: 'a', versionId: marker })).toBe('delete-marker');
      });

      test('names an appendable object as such', async () => {
        const bucket = await newBucket();
        await harness.append(bucket, 'log', 'line');
        expect(await storage.headObject({ bucket, key: 'log' })).toMatchObject({ type: 'Appendable' });
      });

      test.each(awkwardKeys)('finds the key %s', async (key) => {
        const bucket = await newBucket('Enabled');
        const at = await upload(bucket, key, 'x');
        expect(await storage.headObject({ bucket, key })).toMatchObject({ versionId: at.versionId });
        expect(await storage.headObject(at)).toMatchObject({ versionId: at.versionId });
      });
    });

    describe('tags', () => {
      test('are those of the version', async () => {
        const bucket = await newBucket('Enabled');
        const old = await upload(bucket, 'a', 'x', { class: 'old' });
        const current = await upload(bucket, 'a', 'y', { class: 'new', 'a b': 'c+d = e/f' });
        expect(await storage.getTags(old)).toEqual({
          versionId: old.versionId,
          tags: new Map([['class', 'old']]),
        });
        expect(await storage.getTags({ bucket, key: 'a' })).toEqual({
          versionId: current.versionId,
          tags: new Map(Object.entries({ class: 'new', 'a b': 'c+d = e/f' })),
        });
      });

      test('are none when none were set, and without versioning of no version', async () => {
        const bucket = await newBucket();
        await harness.upload(bucket, 'a', 'x');
        expect(await storage.getTags({ bucket, key: 'a' })).toEqual({
          versionId: undefined,
          tags: new Map(),
        });
      });

      test('are undefined where there is no data', async () => {
        const bucket = await newBucket('Enabled');
        const gone = await upload(bucket, 'gone', 'x');
        await harness.remove(bucket, 'gone', gone.versionId);
        await upload(bucket, 'a', 'x');
        const marker = known(await harness.remove(bucket, 'a'));
        expect(await storage.getTags({ bucket, key: 'never' })).toBeUndefined();
        expect(await storage.getTags(gone)).toBeUndefined();
        expect(await storage.getTags({ bucket, key: 'a' })).toBeUndefined();
        expect(await storage.getTags({ bucket, key: 'a', versionId: marker })).toBeUndefined();
      });
    });

    describe('retention', () => {
      test('is undefined until it is set, then read to the second, also by HEAD', async () => {
        const at = await upload(await wormBucket(), 'a', 'x');
        expect(await storage.getRetention(at)).toBeUndefined();
        const retention = inDays(365);
        await harness.direct.putRetention(at, retention);
        expect(await storage.getRetention(at)).toEqual(retention);
        expect(await storage.headObject(at)).toMatchObject({ retention });
      });

      test('of a missing version, a delete marker and a bucket without ObjectWorm is an error', async () => {
        const bucket = await wormBucket();
        const gone = await upload(bucket, 'gone', 'x');
        await harness.remove(bucket, 'gone', gone.versionId);
        await upload(bucket, 'a', 'x');
        const marker = known(await harness.remove(bucket, 'a'));
        const plain = await upload(await newBucket('Enabled'), 'a', 'x');
        await expect(storage.getRetention(gone)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
        await expect(storage.getRetention({ bucket, key: 'a', versionId: marker })).rejects.toMatchObject({
          code: 'IS_DELETE_MARKER',
        });
        await expect(storage.getRetention(plain)).rejects.toMatchObject({ code: 'OBJECT_WORM_OFF' });
      });
    });

    describe('a list of versions', () => {
      const all = async (bucket: string, prefix: string) => {
        const found: ListedVersion[] = [];
        for await (const entry of storage.listVersions(bucket, prefix)) found.push(entry);
        return found;
      };

      test('has every version and delete marker under the prefix, newest first within a key', async () => {
        const bucket = await newBucket('Enabled');
        const first = await upload(bucket, 'dir/a', 'one');
        harness.advance(1000);
        const second = await upload(bucket, 'dir/a', 'three');
        harness.advance(1000);
        const marker = known(await harness.remove(bucket, 'dir/a'));
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
          const head = await storage.headObject(entry);
          expect(entry).toMatchObject({ etag: typeof head === 'string' ? head : head.etag, isLatest: true });
        }
      });

      test('is empty where nothing is', async () => {
        expect(await all(await newBucket(), 'x')).toEqual([]);
      });

      test('is whole when it is longer than a page, and a page can be asked for twice', async () => {
        const bucket = await newBucket('Enabled');
        const keys = Array.from({ length: 1003 }, (_, index) => `k/${String(index).padStart(5, '0')}`);
        for (let from = 0; from < keys.length; from += 50) {
          await Promise.all(keys.slice(from, from + 50).map((key) => harness.upload(bucket, key, '')));
        }
        expect((await all(bucket, 'k/')).map(({ key }) => key)).toEqual(keys);
        const { items, next } = await storage.listVersions(bucket, 'k/').first();
        const twice = [await next?.(), await next?.()].map((page) => page?.items.map(({ key }) => key));
        expect(twice).toEqual([keys.slice(items.length), keys.slice(items.length)]);
      });
    });

    describe('a text', () => {
      test('comes with its ETag, and is not sent again while it is unchanged', async () => {
        const bucket = await newBucket();
        await harness.upload(bucket, 'rules.yaml', 'version: 1 # 规则');
        const read = await storage.readText({ bucket, key: 'rules.yaml' });
        if (read === 'unchanged') throw new Error('nothing was known yet');
        expect(read.text).toBe('version: 1 # 规则');
        expect(await storage.readText({ bucket, key: 'rules.yaml' }, read.etag)).toBe('unchanged');
        await harness.upload(bucket, 'rules.yaml', 'version: 2');
        expect(await storage.readText({ bucket, key: 'rules.yaml' }, read.etag)).toEqual({
          text: 'version: 2',
          etag: expect.not.stringMatching(`^${read.etag}$`),
        });
      });

      test('that is not there is an error', async () => {
        const at = { bucket: await newBucket(), key: 'rules.yaml' };
        await expect(storage.readText(at)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
        await expect(storage.readText(at, etag('abc'))).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      });
    });

    describe('buckets', () => {
      test('are listed with their region', async () => {
        const bucket = await newBucket();
        const names: string[] = [];
        for await (const { name: each, region } of storage.listBuckets()) {
          expect(region).toBe(harness.region);
          names.push(each);
        }
        expect(names).toContain(bucket);
      });

      test('tell whether they keep versions', async () => {
        const bucket = await newBucket();
        expect(await storage.getVersioning(bucket)).toBeUndefined();
        await harness.setVersioning(bucket, 'Enabled');
        expect(await storage.getVersioning(bucket)).toBe('Enabled');
        await harness.setVersioning(bucket, 'Suspended');
        expect(await storage.getVersioning(bucket)).toBe('Suspended');
      });

      test('tell whether they take object retention, and the default', async () => {
        const bucket = await newBucket('Enabled');
        expect(await storage.getObjectWorm(bucket)).toBeUndefined();
        for (const configuration of [
          {},
          { defaultRetention: { mode: 'COMPLIANCE', days: 30 } },
          { defaultRetention: { mode: 'COMPLIANCE', years: 7 } },
        ] as const) {
          await harness.direct.putObjectWorm(bucket, configuration);
          expect(await storage.getObjectWorm(bucket)).toEqual(configuration);
        }
      });

      test('have no policy, one in progress, one that lapsed after 24 hours', async () => {
        const bucket = await newBucket();
        expect(await storage.getPolicy(bucket)).toBeUndefined();
        const createdAt = new Date(Math.floor(harness.now().getTime() / 1000) * 1000);
        const { id } = await harness.direct.initiatePolicy(bucket, 365);
        expect(await storage.getPolicy(bucket)).toEqual({ id, state: 'InProgress', days: 365, createdAt });
        harness.advance(25 * hour);
        expect(await storage.getPolicy(bucket)).toEqual({ id, state: 'Expired', days: 365, createdAt });
      });
    });

    test('a missing bucket is an error in every read', async () => {
      const bucket = 'contract-missing';
      const at = { bucket, key: 'a' };
      for (const call of [
        () => storage.headObject(at),
        () => storage.getTags(at),
        () => storage.getRetention(at),
        () => storage.readText(at),
        () => storage.listVersions(bucket, '').first(),
        () => storage.getVersioning(bucket),
        () => storage.getObjectWorm(bucket),
        () => storage.getPolicy(bucket),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET', transient: false });
      }
    });

    if (only === 'reads') return;

    describe('putting retention', () => {
      test('protects the version named, and no other', async () => {
        const bucket = await wormBucket();
        const old = await upload(bucket, 'a', 'x');
        const current = await upload(bucket, 'a', 'y');
        const retention = inDays(30);
        expect(await storage.putRetention(old, retention)).toEqual({
          sent: true,
          requestId: expect.any(String),
        });
        expect(await storage.getRetention(old)).toEqual(retention);
        expect(await storage.getRetention(current)).toBeUndefined();
      });

      test('may be repeated and lengthened, never shortened', async () => {
        const at = await upload(await wormBucket(), 'a', 'x');
        await storage.putRetention(at, inDays(30));
        await storage.putRetention(at, inDays(30));
        await storage.putRetention(at, inDays(60));
        await expect(storage.putRetention(at, inDays(59))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
        expect(await storage.getRetention(at)).toEqual(inDays(60));
      });

      test('works on the version from before versioning', async () => {
        const bucket = await newBucket();
        await harness.upload(bucket, 'a', 'x');
        await harness.setVersioning(bucket, 'Enabled');
        await storage.putObjectWorm(bucket, {});
        const at = { bucket, key: 'a', versionId: versionId('null') };
        await storage.putRetention(at, inDays(30));
        expect(await storage.getRetention(at)).toEqual(inDays(30));
      });

      test.each(awkwardKeys)('works on the key %s', async (key) => {
        const at = await upload(await wormBucket(), key, 'x');
        await storage.putRetention(at, inDays(30));
        expect(await storage.getRetention(at)).toEqual(inDays(30));
      });

      test('is refused where it cannot be', async () => {
        const bucket = await wormBucket();
        const at = await upload(bucket, 'a', 'x');
        const gone = await upload(bucket, 'gone', 'x');
        await harness.remove(bucket, 'gone', gone.versionId);
        const marker: VersionAt = { ...at, versionId: known(await harness.remove(bucket, 'a')) };
        const plain = await upload(await newBucket('Enabled'), 'a', 'x');
        const put = (where: VersionAt, days = 30) => storage.putRetention(where, inDays(days));
        await expect(put(gone)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
        await expect(put(marker)).rejects.toMatchObject({ code: 'IS_DELETE_MARKER' });
        await expect(put(plain)).rejects.toMatchObject({ code: 'OBJECT_WORM_OFF' });
        await expect(put(at, -1)).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
        await expect(put({ ...at, bucket: 'contract-missing' })).rejects.toMatchObject({
          code: 'NO_SUCH_BUCKET',
        });
      });
    });

    describe('ObjectWorm', () => {
      test('is refused without versioning', async () => {
        const bucket = await newBucket();
        await expect(storage.putObjectWorm(bucket, {})).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
        expect(await storage.getObjectWorm(bucket)).toBeUndefined();
      });
    });

    describe('a bucket policy', () => {
      test('is initiated, locked and extended', async () => {
        const bucket = await newBucket();
        const { id, ...receipt } = await storage.initiatePolicy(bucket, 180);
        expect(receipt).toEqual({ sent: true, requestId: expect.any(String) });
        await storage.lockPolicy(bucket, id);
        expect(await storage.getPolicy(bucket)).toMatchObject({ id, state: 'Locked', days: 180 });
        await storage.extendPolicy(bucket, id, 365);
        expect(await storage.getPolicy(bucket)).toMatchObject({ id, state: 'Locked', days: 365 });
      });

      test('is aborted while nobody locked it, and initiated anew under another id', async () => {
        const bucket = await newBucket();
        const { id } = await storage.initiatePolicy(bucket, 1);
        await storage.abortPolicy(bucket);
        expect(await storage.getPolicy(bucket)).toBeUndefined();
        expect((await storage.initiatePolicy(bucket, 1)).id).not.toBe(id);
      });

      test('is not locked, extended or aborted when there is none, or another', async () => {
        const bucket = await newBucket();
        const wrong = wormId('581D8A7FE64F4F5A8D0C6E1B2A3F4D5E');
        for (const call of [
          () => storage.lockPolicy(bucket, wrong),
          () => storage.extendPolicy(bucket, wrong, 10),
          () => storage.abortPolicy(bucket),
        ]) {
          await expect(call()).rejects.toMatchObject({ code: 'NO_POLICY' });
        }
        await storage.initiatePolicy(bucket, 1);
        await expect(storage.lockPolicy(bucket, wrong)).rejects.toMatchObject({ code: 'NO_POLICY' });
        expect(await storage.getPolicy(bucket)).toMatchObject({ state: 'InProgress' });
      });

      test('is extended only when it is locked, and only lengthened', async () => {
        const bucket = await newBucket();
        const { id } = await storage.initiatePolicy(bucket, 100);
        await expect(storage.extendPolicy(bucket, id, 200)).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
        await storage.lockPolicy(bucket, id);
        await expect(storage.extendPolicy(bucket, id, 99)).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
        expect(await storage.getPolicy(bucket)).toMatchObject({ days: 100 });
      });

      test('is not aborted once it is locked', async () => {
        const bucket = await newBucket();
        const { id } = await storage.initiatePolicy(bucket, 100);
        await storage.lockPolicy(bucket, id);
        await expect(storage.abortPolicy(bucket)).rejects.toMatchObject({ code: 'POLICY_LOCKED' });
        expect(await storage.getPolicy(bucket)).toMatchObject({ state: 'Locked' });
      });
    });

    test('a missing bucket is an error in every write', async () => {
      const bucket = 'contract-missing';
      const id = wormId('W');
      for (const call of [
        () => storage.initiatePolicy(bucket, 1),
        () => storage.lockPolicy(bucket, id),
        () => storage.extendPolicy(bucket, id, 2),
        () => storage.abortPolicy(bucket),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET', transient: false });
      }
    });
  });
}

/** The version id that a bucket with versions always gives. */
function known(id: VersionId | undefined): VersionId {
  if (id === undefined) throw new Error('the bucket keeps no versions');
  return id;
}
