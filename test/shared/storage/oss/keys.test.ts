import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOssStorage } from '../../../../shared/storage/oss/index.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { embeddedOss, referenceStorage, type StorageHarness, undiciStorage } from '../harness.ts';

/** Each key must reach its own object, whatever stands in it, in every form of address. */

const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;

/** Keys that HTTP libraries fold, decode twice, cut or merge; and beside each the key it could be taken for. */
const lookalikes = [
  ['.', 'a'],
  ['..', 'a'],
  ['./a', 'a'],
  ['x/../y', 'y'],
  ['x/./y', 'x/y'],
  ['../records/y', 'y'],
  ['a/..', 'a/'],
  ['a/.', 'a'],
  ['.../b', 'b'],
  ['%2e%2e/y', 'y'],
  ['%2E/a', 'a'],
  ['x//y', 'x/y'],
  ['x/', 'x'],
  ['a%2Fb', 'a/b'],
  ['a%252Fb', 'a%2Fb'],
  ['a+b', 'a b'],
  ['a%2Bb', 'a+b'],
  ['a%20b', 'a b'],
  ['a?b', 'a'],
  ['a?versionId=1', 'a'],
  ['a#b', 'a'],
  ['a&b=c', 'a'],
  ['a;b', 'a'],
  ['a\u0001b', 'ab'],
  ['a\tb', 'ab'],
  ['a\r\nb', 'ab'],
  ['a\u007f', 'a'],
  ["a!'()*b", 'ab'],
  ['a:b@c', 'a'],
  ['账本', '%E8%B4%A6%E6%9C%AC'],
  ['e\u0301', '\u00e9'],
  ['😀', ''],
  ['a\u202eb', 'ab'],
  ['é'.repeat(511), 'é'],
] as const;

describe.each([
  ['127.0.0.1', createOssStorage],
  ['localhost', createOssStorage],
  ['127.0.0.1', undiciStorage],
] as const)('on %s, %o', (host, create) => {
  let harness: StorageHarness;
  const bucket = 'records';
  beforeAll(async () => {
    harness = await embeddedOss(host, undefined, create);
    await harness.createBucket(bucket, { versioning: 'Enabled' });
    await harness.storage.putObjectWorm(bucket, {});
  });
  afterAll(() => harness.close());

  test.each(lookalikes)('%j is protected itself, and %j is left alone', async (key, other) => {
    const { storage } = harness;
    const beside = other === '' ? undefined : await storage.writeText({ bucket, key: other }, 'other');
    const written = await storage.writeText({ bucket, key }, 'itself');
    const at = { bucket, key, versionId: versionId(written.versionId ?? '') };
    await storage.putRetention(at, retention);

    expect(await storage.headObject(at)).toMatchObject({ versionId: at.versionId, retention });
    expect(await storage.readText(at)).toMatchObject({ text: 'itself' });
    const [listed] = (await storage.listVersions(bucket, key).first()).items;
    expect(listed).toMatchObject({ key, versionId: at.versionId });
    if (beside === undefined) return;
    const left = await storage.headObject({ bucket, key: other });
    expect(left).toMatchObject({ versionId: beside.versionId, retention: undefined });
  });

  test('any key of 1,023 bytes is protected itself', async () => {
    const { storage } = harness;
    const long = fc
      .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), { minLength: 1, maxLength: 1023 })
      .map((characters) => fitting(characters.join('')))
      .filter((key) => !/^[/\\]/.test(key));
    await fc.assert(
      fc.asyncProperty(long, async (key) => {
        const { versionId: id } = await storage.writeText({ bucket, key }, 'x');
        const at = { bucket, key, versionId: versionId(id ?? '') };
        await storage.putRetention(at, retention);
        expect(await storage.headObject(at)).toMatchObject({ versionId: id, retention });
      }),
      { numRuns: 25 },
    );
  });
});

test('the official client reaches the same objects, where it reaches them at all', async () => {
  const ours = await embeddedOss('127.0.0.1');
  const theirs = await embeddedOss('127.0.0.1', undefined, referenceStorage);
  try {
    for (const { storage, createBucket } of [ours, theirs]) {
      await createBucket('records', { versioning: 'Enabled' });
      for (const key of ['a+b %25', "账本/(1)'?#&=.txt", 'x//y'])
        await storage.writeText({ bucket: 'records', key }, 'x');
    }
    const keysOf = async ({ storage }: StorageHarness) =>
      (await storage.listVersions('records', '').first()).items.map(({ key }) => key);
    expect(await keysOf(ours)).toEqual(await keysOf(theirs));
  } finally {
    await ours.close();
    await theirs.close();
  }
});

/** The longest beginning of a text that is at most 1,023 bytes of UTF-8. */
function fitting(text: string): string {
  let key = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > 1023) break;
    key += character;
  }
  return key;
}
