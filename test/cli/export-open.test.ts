import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openFolder } from '../../cli/export/open.ts';
import { lockFile } from '../../shared/backfill/lock.ts';
import { folderWith } from '../support/cli.ts';

const run = { rules: 'sha256:1' };

it('a folder that another export works in is refused, and so is the pack that it has made by then', async () => {
  const busy = folderWith({ 'INCOMPLETE.txt': '' });
  const release = await lockFile(join(busy, 'checkpoint.json'));
  await expect(openFolder({ out: busy, run })).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' });
  await release();

  const whole = folderWith({ SHA256SUMS: 'of the first', 'versions.csv': 'of the first' });
  for (const restart of [false, true])
    await expect(openFolder({ out: whole, run, restart })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('has a pack already'),
    });
  expect(readdirSync(whole).sort()).toEqual(['SHA256SUMS', 'versions.csv']);
});
