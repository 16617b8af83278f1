import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { checkReplaceable, replaceFile } from '../../../cli/files/replace-file.ts';
import { folderWith, holdfast, runCli, runProcess, startCli } from '../../support/cli.ts';

const rules =
  'version: 1\nlimits: { maxRetention: 1y }\nobjects:\n  - { name: a, match: { bucket: fin }, retain: 1d }\n';

async function* brokenOff(): AsyncGenerator<string> {
  yield 'the first part';
  await Promise.resolve();
  throw new Error('ENOSPC: no space left on device, write');
}

it('leaves the old file where the new one cannot be written whole, and nothing beside it', async () => {
  const folder = folderWith({ 'plan.json': 'old' });
  const file = join(folder, 'plan.json');
  await expect(replaceFile(file, brokenOff())).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    message: `cannot write ${file}: ENOSPC: no space left on device, write`,
  });
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['plan.json']);
  expect(await replaceFile(file, ['n', 'ew'])).toBe(3);
  expect(readFileSync(file, 'utf8')).toBe('new');
});

it('writes into what is no plain file, and does not put one in its place', async () => {
  const folder = folderWith({});
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const read = readFile(pipe, 'utf8');
  await replaceFile(pipe, 'a report');
  expect(await read).toBe('a report');
});

it('writes through a link into its target', async () => {
  const folder = folderWith({ 'target.json': 'a longer old text' });
  const link = join(folder, 'link.json');
  symlinkSync('target.json', link);
  await replaceFile(link, 'new');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'target.json'), 'utf8')).toBe('new');
  expect(readdirSync(folder).sort()).toEqual(['link.json', 'target.json']);
});

it('writes to a standard output that is a file, and neither the end over the beginning nor a word behind it', () => {
  const folder = folderWith({ 'rules.yaml': rules });
  const output = openSync(join(folder, 'out.md'), 'w');
  const args = ['schedule', '--format', 'markdown', '--out', '/dev/stdout'];
  execFileSync(process.execPath, [holdfast, ...args], { cwd: folder, stdio: ['ignore', output, 'ignore'] });
  closeSync(output);
  const written = readFileSync(join(folder, 'out.md'), 'utf8');
  expect(written).toMatch(/^# Retention schedule\n/);
  expect(written).toContain('| a | bucket fin | 1d |');
  expect(written).not.toContain('1 rule in');
  expect(lstatSync('/dev/stdout').isSymbolicLink()).toBe(true);
});

it('keeps the mode of the file that it replaces', async () => {
  const folder = folderWith({ 'secret.json': 'old' });
  const file = join(folder, 'secret.json');
  chmodSync(file, 0o640);
  await replaceFile(file, 'new');
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readFileSync(file, 'utf8')).toBe('new');
});

it.each([
  ['schedule', '--out'],
  ['test', '--junit'],
  ['plan', '--out'],
  ['report', '--output'],
])(
  '%s says that a folder is no file to write before it does anything, and leaves nothing in it',
  async (command, option) => {
    const cases =
      'version: 1\nnow: 2026-11-20T10:00:00Z\ncases:\n  - { name: a, given: { object: oss://other/a }, expect: { action: no-rule } }\n';
    const cwd = folderWith({ 'rules.yaml': rules, 'rules.test.yaml': cases });
    mkdirSync(join(cwd, 'out'));
    // No credentials: whatever asked the network first would say that.
    const { code, stdout, stderr } = await runCli([command, option, 'out'], { cwd });
    expect(stderr).toMatch(/^error FILE_UNWRITABLE: cannot write out: it is a folder\n/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readdirSync(join(cwd, 'out'))).toEqual([]);
  },
);

it.each([
  ['a folder', '.', 'it is a folder'],
  ['a file in a folder that is not there', 'none/plan.json', 'ENOENT'],
  ['a file below a file', 'plan.json/x', 'ENOTDIR'],
])('refuses %s before the work', async (_what, name, reason) => {
  const folder = folderWith({ 'plan.json': '' });
  await expect(checkReplaceable(join(folder, name))).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    message: expect.stringContaining(reason),
  });
});

it.each(['plan.json', 'new.json', '/dev/null'])(
  'takes %s before the work, and leaves it as it is',
  async (name) => {
    const folder = folderWith({ 'plan.json': 'old' });
    await checkReplaceable(resolve(folder, name));
    expect(readdirSync(folder)).toEqual(['plan.json']);
    expect(readFileSync(join(folder, 'plan.json'), 'utf8')).toBe('old');
  },
);

it.each([
  ['schedule', ['--out', '-', '--format', 'csv'], /^Rule,[^{]*\na,bucket fin,1d,[^\n]*\n$/, /^$/],
  ['test', ['--junit', '-'], /^<\?xml [^{]*<\/testsuites>\n$/, /1 case, none failed/],
])(
  '%s %j writes to standard output, and what it has found to standard error',
  async (command, args, written, told) => {
    const cases =
      'version: 1\nnow: 2026-11-20T10:00:00Z\ncases:\n  - { name: a, given: { object: oss://other/a }, expect: { action: no-rule } }\n';
    const cwd = folderWith({ 'rules.yaml': rules, 'rules.test.yaml': cases });
    expect(await runProcess([command, ...args], { cwd })).toEqual({
      code: 0,
      stdout: expect.stringMatching(written),
      stderr: expect.stringMatching(told),
    });
    expect(readdirSync(cwd).sort()).toEqual(['rules.test.yaml', 'rules.yaml']);
  },
);

it.each(['-', '/dev/stdout'])(
  'a reader of %s that goes away is no failure, and a full disk is one, of standard output',
  async (file) => {
    const cwd = folderWith({ 'rules.yaml': rules });
    const child = startCli(['schedule', '--out', file], { cwd });
    child.stdout.destroy();
    const stderr = text(child.stderr);
    const [code] = await once(child, 'close');
    expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' });

    const script = '"$0" "$1" schedule --out "$2" >/dev/full';
    const full = spawnSync('sh', ['-c', script, process.execPath, holdfast, file], { cwd, encoding: 'utf8' });
    expect(full.status).toBe(1);
    expect(full.stderr.match(/^error .*$/gm)).toEqual([
      expect.stringMatching(/^error FILE_UNWRITABLE: cannot write standard output: .*ENOSPC/),
    ]);
  },
);

it.each(['-', '/dev/stdout'])('does not put JSON and JUnit XML into standard output: %s', async (file) => {
  const cwd = folderWith({ 'rules.yaml': rules });
  const { code, stdout } = await runProcess(['test', '--json', '--junit', file], { cwd });
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    ...{ code: 2, format: 'holdfast.error/1' },
    error: { code: 'USAGE', message: expect.stringContaining('--json and --junit') },
  });
});
