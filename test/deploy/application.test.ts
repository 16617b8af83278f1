import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { folderWith, runCli } from '../support/cli.ts';

const answers = {
  region: 'cn-beijing',
  objectBuckets: 'fin-eu, fin-us',
  archiveBuckets: 'none',
  keep: '7y',
  max: '10y',
  deadLetters: 'oss://my-letters/dead/',
  inventoryBucket: 'lists',
};

/** Runs the real `s init` on a copy of the application, since the tool takes the folder away. Nothing is fetched. */
function initialize(parameters: object, home: string | undefined) {
  const cwd = folderWith({});
  cpSync('application', join(cwd, 'application'), { recursive: true });
  const args = ['init', '--uri', join(cwd, 'application'), '-d', join(cwd, 'made'), '-y'];
  const env = { PATH: process.env['PATH'], HOME: cwd, ...(home !== undefined && { HOLDFAST_HOME: home }) };
  const cli = resolve('node_modules', '.bin', 's');
  const made = spawnSync(cli, [...args, '--parameters', JSON.stringify(parameters)], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { ...made, folder: join(cwd, 'made') };
}

test('s init hands its answers to holdfast init, and what it makes is valid', async () => {
  const { status, folder, stdout } = initialize(answers, process.cwd());
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect(existsSync(join(folder, 'answers.json'))).toBe(false);
  expect(readFileSync(join(folder, 's.yaml'), 'utf8')).toContain('triggerName: uploads-fin-us');
  expect(existsSync(join(folder, 'setup.sh'))).toBe(true);
  expect(await runCli(['validate', '--strict'], { cwd: folder })).toMatchObject({ code: 0 });
  expect(await runCli(['test'], { cwd: folder })).toMatchObject({ code: 0 });
});

test.each([
  [
    'answers that holdfast init refuses',
    { ...answers, max: '1y' },
    process.cwd(),
    'can be longer than --max',
  ],
  ['no Holdfast to be found', answers, undefined, 'Holdfast is not found'],
])('s init fails with %s, says why, and keeps the answers', (_name, parameters, home, words) => {
  const { status, folder, stdout, stderr } = initialize(parameters, home);
  expect(status).toBe(1);
  expect(stdout + stderr).toContain(words);
  expect(JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8'))).toMatchObject({ keep: '7y' });
});

test('the application asks for what holdfast init has to know, each with an answer that is taken when nobody says', () => {
  const form = z.object({
    Type: z.literal('Project'),
    Parameters: z.object({
      required: z.array(z.string()),
      properties: z.record(z.string(), z.object({ default: z.string() })),
    }),
  });
  const { Parameters } = form.parse(parse(readFileSync('application/publish.yaml', 'utf8')));
  expect(Parameters.required.sort()).toEqual(Object.keys(answers).sort());
  expect(Object.keys(Parameters.properties).sort()).toEqual(Object.keys(answers).sort());
});
