import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolders } from '../../../shared/backfill/make-folders.ts';
import { folderWith } from '../../support/cli.ts';

it('makes a folder with those above it, and says which is the topmost of them', async () => {
  const base = folderWith({});
  expect(await makeFolders(join(base, 'a', 'b', 'c'))).toBe(join(base, 'a'));
  expect(existsSync(join(base, 'a', 'b', 'c'))).toBe(true);
  expect(await makeFolders(join(base, 'a', 'b', 'd'))).toBe(join(base, 'a', 'b', 'd'));
  expect(await makeFolders(join(base, 'a'))).toBeUndefined();
  const together = ['x', 'y', 'z'].map((name) => makeFolders(join(base, 'many', 'at', 'once', name)));
  await expect(Promise.all(together)).resolves.toHaveLength(3);
});

it('makes none where the file system refuses', async () => {
  const base = folderWith({});
  writeFileSync(join(base, 'file'), '');
  mkdirSync(join(base, 'folder'));
  await expect(makeFolders(join(base, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(join(base, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.runIf(existsSync('/proc/self'))('ends where nothing can be made in a folder that is there', async () => {
  await expect(makeFolders('/proc/holdfast-test/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
});
