import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openInventory } from '../../../shared/backfill/inventory/source.ts';
import { inventoryWorld } from '../../support/inventory-world.ts';

describe('an inventory that is larger than it has to be', () => {
  it('as a gzip file that unpacks to one endless row is refused, naming the bound, in little memory', async () => {
    const world = await inventoryWorld();
    const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024, 'x'))));
    const url = await world.inventory([''], { pack: () => bomb });
    const before = process.memoryUsage().rss;
    await expect(world.versions(url)).rejects.toMatchObject({
      code: 'INVENTORY_INVALID',
      message: expect.stringContaining('longer than 65536 bytes'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it('as a manifest of many megabytes is refused, naming the bound', async () => {
    const world = await inventoryWorld();
    await world.lists.put('big/manifest.json', Buffer.alloc(17 * 1024 * 1024, ' '));
    await expect(openInventory(world.storage, 'oss://lists/big/manifest.json')).rejects.toMatchObject({
      code: 'INVENTORY_INVALID',
      message: expect.stringContaining('longer than 16777216 bytes'),
    });
  });
});

describe('what the files of an inventory are', () => {
  it('a file in plain CSV is read', async () => {
    const world = await inventoryWorld();
    const rows = 'records,a,V,true,false,2026-11-20T09-00-00Z,\n';
    await world.lists.put('plain/0.csv', Buffer.from(rows));
    const { createHash } = await import('node:crypto');
    const MD5checksum = createHash('md5').update(rows).digest('hex');
    const files = [{ key: 'plain/0.csv', size: rows.length, MD5checksum }];
    const url = await world.inventory([], { manifest: { files } });
    expect(await world.versions(url)).toEqual([expect.objectContaining({ key: 'a', versionId: 'V' })]);
  });

  it('columns may have any order and case, and others may stand between', async () => {
    const world = await inventoryWorld();
    const schema = 'LastModifiedDate,CRC64 , versionid,Colour,Key,ObjectType,Bucket,Colour';
    const url = await world.inventory(['2026-11-20T09-00-00.5Z,1,V,red,a%20b,symlink,records,red\n'], {
      schema,
    });
    expect(await world.versions(url)).toEqual([
      expect.objectContaining({
        bucket: 'records',
        key: 'a b',
        versionId: 'V',
        type: 'Symlink',
        lastModified: new Date('2026-11-20T09:00:00Z'),
      }),
    ]);
  });

  it('`null` and nothing in a cell that is not needed mean that it is not known', async () => {
    const world = await inventoryWorld();
    const url = await world.inventory(['records,a,V,null,,null,null\n']);
    const [known] = await world.versions(url);
    expect(known).toMatchObject({ key: 'a', versionId: 'V' });
    expect([known?.isLatest, known?.type, known?.lastModified, known?.tagCount]).toEqual(
      Array(4).fill(undefined),
    );
  });
});
