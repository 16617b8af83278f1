import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { retainedUntil } from '../../local/plain-client.ts';
import { inventorySource } from '../../shared/backfill/inventory/source.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { type InventoryOptions, protectWorld } from '../support/protect-world.ts';

const date = '2026-11-20T10:00:00Z';
const row = (key: string, id: string, { marker = false, tags = '' } = {}) =>
  `"records","${key}","${id}","true","${marker}","${date}","${tags}"\n`;
const report = ['--report', 'report.jsonl'];

describe('holdfast protect --inventory', () => {
  it('protects what several files name, by decoded keys, and reads no tags where there are none', async () => {
    const world = await protectWorld();
    const key = 'plain/账 本+%,"x"';
    const first = await world.upload(key);
    const second = await world.upload('tagged/a', { class: 'finance' });
    const untagged = await world.upload('tagged/b');
    const url = await world.inventory([
      row(encodeURIComponent(key), first, { tags: '0' }) +
        row('plain/gone', 'NoSuchVersion', { marker: true }),
      '',
      row('tagged%2Fa', second, { tags: '1' }) + row('tagged/b', untagged, { tags: '0' }),
    ]);
    const { code, stderr } = await world.run('oss://records', '--inventory', url, ...report);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(world.requests()).toEqual({
      GetObject: 4,
      GetObjectTagging: 1,
      HeadObject: 2,
      PutObjectRetention: 2,
    });
    expect(await retainedUntil(world.client, key, first)).toEqual(new Date('2027-11-20T10:00:00Z'));
    expect(await retainedUntil(world.client, 'tagged/a', second)).toEqual(new Date('2033-11-20T10:00:00Z'));
  });

  it('without version columns protects the current versions', async () => {
    const world = await protectWorld();
    const id = await world.upload('plain/a');
    const url = await world.inventory(['records,plain%2Fa\n'], { schema: 'Bucket, Key' });
    const { code } = await world.run('oss://records', '--inventory', url, ...report);
    expect(code).toBe(0);
    expect(await retainedUntil(world.client, 'plain/a', id)).toEqual(new Date('2027-11-20T10:00:00Z'));
  });

  it('takes keys as they stand when told that they are not encoded', async () => {
    const world = await protectWorld();
    const id = await world.upload('plain/50%');
    const url = await world.inventory([row('plain/50%', id)]);
    expect((await world.run('oss://records', '--inventory', url, ...report)).stderr).toContain(
      'INVENTORY_INVALID',
    );
    const { code } = await world.run(
      'oss://records',
      '--inventory',
      url,
      '--no-decode-keys',
      ...report,
      '--restart',
    );
    expect(code).toBe(0);
    expect(await retainedUntil(world.client, 'plain/50%', id)).toBeDefined();
  });

  const broken: readonly (readonly [string, string | Buffer, InventoryOptions, string])[] = [
    ['a damaged file', row('plain/a', 'V'), { damage: () => gzipSync('x') }, 'its MD5 is'],
    [
      'a truncated gzip',
      row('plain/a', 'V').repeat(500),
      { pack: (data) => data.subarray(0, data.length - 12) },
      'unexpected end of file',
    ],
    ['what is no gzip', row('plain/a', 'V'), { pack: (data) => gunzipSync(data) }, 'incorrect header check'],
    ['a missing column', '', { schema: 'Bucket, VersionId' }, 'no column Key'],
    ['a column twice', '', { schema: 'Bucket, Key, key' }, 'names a column twice'],
    ['another format', '', { manifest: { fileFormat: 'ORC' } }, 'fileFormat'],
    ['no files', '', { manifest: { files: 'none' } }, 'files'],
    ['another bucket', '', { manifest: { sourceBucket: 'others' } }, 'it is of bucket others'],
    [
      'a key that is no UTF-8',
      row('plain/%FF', 'V'),
      {},
      'row 1: the key plain/%FF is not URL-encoded UTF-8',
    ],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]), {}, 'it is not valid UTF-8'],
    ['a short row', 'records,plain/a\n', {}, 'row 1: it has 2 columns, and fileSchema names 7'],
    [
      'a row of another bucket',
      row('a', 'V').replace('records', 'others'),
      {},
      'row 1: it is of bucket "others"',
    ],
    ['a bad date', row('plain/a', 'V').replace(date, 'soon'), {}, 'LastModifiedDate "soon" is not a date'],
    ['an open quote', '"records,plain/a\n', {}, 'Quote'],
  ];

  it.each(broken)('refuses %s', async (_name, content, options, reason) => {
    const world = await protectWorld();
    const url = await world.inventory([content], options);
    const storage = createOssStorage({
      region: 'cn-hangzhou',
      endpoint: world.cloud.url,
      credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
    });
    onTestFinished(() => storage.close());
    const readAll = async () => {
      const read = { url, bucket: 'records', prefix: '', keysEncoded: true };
      for await (const _shard of (await inventorySource(storage, read)).shards());
    };
    await expect(readAll()).rejects.toMatchObject({
      code: 'INVENTORY_INVALID',
      message: expect.stringContaining(reason),
    });
  });

  it('does nothing by a broken file, and does by the good one before it', async () => {
    const world = await protectWorld();
    const id = await world.upload('plain/a');
    const url = await world.inventory([row('plain%2Fa', id), row('plain/%FF', 'V')]);
    const { code, stderr } = await world.run('oss://records', '--inventory', url, ...report);
    expect(code).toBe(1);
    expect(stderr).toContain(`error INVENTORY_INVALID: the inventory ${url} cannot be used: inventory/`);
    expect(stderr).toContain('row 1: the key plain/%FF is not URL-encoded UTF-8');
    expect(world.requests()['PutObjectRetention']).toBe(1);
    expect(world.report()).toEqual([expect.objectContaining({ result: 'protected', key: 'plain/a' })]);
  });
});
