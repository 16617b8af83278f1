import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { clockVariables } from '../../local/fc/machine-clock.ts';

const runFile = promisify(execFile);

/** A folder outside the checkout, so that no package of the checkout can be loaded from it. */
const folder = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

const env = {
  PATH: process.env['PATH'],
  HOME: folder,
  npm_config_update_notifier: 'false',
  ...clockVariables(),
};
const npm = (args: readonly string[], cwd: string) => runFile('npm', args, { cwd, env });

const packed = z.array(
  z.object({ filename: z.string(), size: z.number(), files: z.array(z.object({ path: z.string() })) }),
);

/** What `npm pack` puts into the tarball. */
let paths: readonly string[];
let size: number;
const holdfast = join(folder, 'node_modules', '.bin', 'holdfast');

beforeAll(async () => {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [tarball] = packed.parse(JSON.parse((await npm(pack, process.cwd())).stdout));
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  paths = tarball.files.map(({ path }) => path);
  size = tarball.size;
  // No script runs and nothing is asked of a registry: the bundles are in the tarball, with all that they need.
  await npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, tarball.filename)], folder);
});

const runIn = async (cwd: string, ...args: readonly string[]) =>
  (await runFile(holdfast, args, { cwd, env })).stdout;

describe('the packed project', () => {
  it('holds what is run, and neither sources nor tests nor maps', () => {
    expect(paths.filter((path) => /^(?!dist\/|ram\/|iam\/|docs\/).*\//.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(map|ts)$|^dist\/(bench|scripts)\//.test(path))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining([
        ...['LICENSE', 'README.md', 'README.zh-CN.md', 'CHANGELOG.md', 'package.json', 'rules.schema.json'],
        ...['dist/cli/holdfast.js', 'dist/cli/LICENCES.txt'],
        ...['dist/local/instance.js', 'dist/local/instance-thread.js'],
        'dist/report-page/page.html',
        'dist/console/page.html',
      ]),
    );
    expect(size).toBeLessThan(3_500_000);
  });

  it('brings every function with its rules, its licences and its own package.json', () => {
    const functions = readdirSync('functions', { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of functions) {
      const files = ['index.js', 'rules-loader.js', 'rules.yaml', 'rules.compiled.json', 'LICENCES.txt'];
      expect(paths).toEqual(expect.arrayContaining(files.map((file) => `dist/${name}/${file}`)));
      expect(paths).toContain(`dist/${name}/package.json`);
    }
  });

  it('brings the pages that messages and help send people to', () => {
    const bundles = paths.filter((path) => /^dist\/cli\/.*\.js$/.test(path));
    const texts = bundles.map((path) =>
      readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^ *\/\/.*$/gm, ''),
    );
    const named = new Set(texts.flatMap((text) => text.match(/docs\/[a-z-]+\.md/g) ?? []));
    expect(named.size).toBeGreaterThan(3);
    expect([...named].filter((page) => !paths.includes(page))).toEqual([]);
  });

  it('needs no other package', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'holdfast',
    ]);
  });

  it('names the licences of the packages that are in the bundles of the command line', () => {
    const text = readFileSync(join(folder, 'node_modules/holdfast/dist/cli/LICENCES.txt'), 'utf8');
    for (const name of ['commander', 'luxon', 'yaml', 'zod', 'fast-xml-parser', 'yauzl', 'croner']) {
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });

  it('tells its version', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')));
    expect(await runIn(folder, '--version')).toBe(`${version}\n`);
  });

  it('writes a project that protects an upload in the embedded cloud', async () => {
    const cwd = join(folder, 'records');
    mkdirSync(cwd);
    const answers = [
      '--region',
      'cn-hangzhou',
      '--object-bucket',
      'fin-eu',
      '--keep',
      '90d',
      '--max',
      '180d',
    ];
    await runIn(cwd, 'init', ...answers, '--dead-letters', 'oss://my-letters/dead/');
    const local = spawn(holdfast, ['local', '--port', '0', '--upload', 'oss://fin-eu/a.txt'], { cwd, env });
    onTestFinished(() => void local.kill('SIGKILL'));
    const lines: string[] = [];
    for await (const line of createInterface({ input: local.stdout })) {
      lines.push(line);
      if (line.startsWith('oss://')) break;
    }
    expect(lines.at(-1)).toMatch(/ was uploaded and is retained until 20\d\d-.*COMPLIANCE/);
  });

  it('says what to install when --data asks for the package that it does not bring', async () => {
    const run = runIn(folder, 'local', '--port', '0', '--data', 'kept');
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/DATA_PACKAGE_MISSING[\s\S]*kept[\s\S]*npm install lmdb/),
    });
  });
});
