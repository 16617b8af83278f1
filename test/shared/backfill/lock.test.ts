import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFile } from '../../../shared/backfill/lock.ts';
import { folderWith } from '../../support/cli.ts';

test('a file is held until it is released, whoever asks', async () => {
  const file = join(folderWith({}), 'folder', 'checkpoint.json');
  const release = await lockFile(file);
  await expect(lockFile(file)).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' });
  await release();
  const again = await lockFile(file);
  await expect(lockFile(join(file, '..', '.', 'checkpoint.json'))).rejects.toMatchObject({
    code: 'CHECKPOINT_IN_USE',
  });
  await again();
});
