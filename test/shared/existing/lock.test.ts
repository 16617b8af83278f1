import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdFile } from '../../../shared/existing/lock.ts';
import { folderWith } from '../../support/cli.ts';

test('a file is held until it is released, whoever asks', async () => {
  const file = join(folderWith({}), 'folder', 'checkpoint.json');
  const release = await holdFile(file);
  await expect(holdFile(file)).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' });
  await release();
  const again = await holdFile(file);
  await expect(holdFile(join(file, '..', '.', 'checkpoint.json'))).rejects.toMatchObject({
    code: 'CHECKPOINT_IN_USE',
  });
  await again();
});
