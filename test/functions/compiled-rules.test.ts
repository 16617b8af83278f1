import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { rulesFile } from '../support/rules-file.ts';

/* The built bundle, in a folder of its own as it is deployed. */

const require = createRequire(import.meta.url);
const folders: string[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const context = {
  requestId: 'r',
  region: 'cn-hangzhou',
  credentials: { accessKeyId: 'a', accessKeySecret: 'b' },
  function: { name: 'f', timeout: 60 },
};

/** Starts a copy of object-created. @returns whether it loaded what reads rules from their text */
async function start(change: (folder: string) => Promise<unknown>): Promise<boolean> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-bundle-')));
  folders.push(folder);
  await cp('dist/object-created', folder, { recursive: true });
  await change(folder);
  const { initializer } = require(join(folder, 'index.js'));
  await initializer(context);
  return join(folder, 'rules-loader.js') in require.cache;
}

const loader = (folder: string) => join(folder, 'rules-loader.js');
const rules = (folder: string) => join(folder, 'rules.yaml');
const compiled = (folder: string) => join(folder, 'rules.compiled.json');

test('compiled rules need neither the YAML parser nor the schema', async () => {
  expect(await start(async () => undefined)).toBe(false);
  expect(await start((folder) => rm(loader(folder)))).toBe(false);
  expect(await readFile('dist/object-created/index.js', 'utf8')).not.toContain('YAMLParseError');
});

test.each<[string, (folder: string) => Promise<unknown>]>([
  [
    'rules changed after the build',
    async (folder) => writeFile(rules(folder), `${await readFile(rules(folder), 'utf8')}\n# changed\n`),
  ],
  ['compiled rules missing', (folder) => rm(compiled(folder))],
  [
    'compiled rules cut off',
    async (folder) => writeFile(compiled(folder), (await readFile(compiled(folder))).subarray(0, 500)),
  ],
  [
    'compiled rules of another form',
    async (folder) =>
      writeFile(
        compiled(folder),
        (await readFile(compiled(folder), 'utf8')).replace(/"format":\d+/, '"format":0'),
      ),
  ],
  [
    'another rules file named',
    async (folder) => {
      await writeFile(join(folder, 'other.yaml'), `${await readFile(rules(folder), 'utf8')}\n`);
      vi.stubEnv('HOLDFAST_RULES', 'other.yaml');
    },
  ],
])('%s: the text is read', async (_, change) => {
  expect(await start(change)).toBe(true);
});

test('rules beside another rules file need neither of them too', async () => {
  const text = await readFile('rules.yaml', 'utf8');
  vi.stubEnv('HOLDFAST_RULES', rulesFile(`${text}\n# elsewhere\n`));
  expect(await start((folder) => rm(loader(folder)))).toBe(false);
});

test('old compiled rules never stand in for a text that is wrong or gone', async () => {
  const broken = start((folder) => writeFile(rules(folder), 'version: 2\n'));
  await expect(broken).rejects.toMatchObject({ name: 'RULES_INVALID' });
  await expect(start((folder) => rm(rules(folder)))).rejects.toMatchObject({ name: 'RULES_UNREADABLE' });
});
