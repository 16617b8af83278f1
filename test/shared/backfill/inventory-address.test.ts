import { expect, test } from 'vitest';
import { fileBlocks } from '../../../shared/backfill/inventory/file.ts';

const file = { key: 'lists/a.csv', size: 3, rows: 1, md5: undefined };

async function read(cloud: 'oss' | 'obs', text: string): Promise<number> {
  const storage = {
    cloud,
    readObject: () =>
      Promise.resolve(
        (async function* () {
          await Promise.resolve();
          yield Buffer.from(text);
        })(),
      ),
  };
  let rows = 0;
  const at = { bucket: 'lists', key: file.key };
  for await (const { ends } of fileBlocks(storage, at, file, { from: 0, verifyFirst: false }))
    rows += ends.length;
  return rows;
}

test.each(['oss', 'obs'] as const)(
  'a file that is not as its manifest says has its address in %s',
  async (cloud) => {
    await expect(read(cloud, '"a"\n"b"\n')).rejects.toMatchObject({
      code: 'INVENTORY_INVALID',
      message: expect.stringContaining(`${cloud}://lists/lists/a.csv`),
    });
  },
);
