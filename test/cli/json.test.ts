import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { commands } from '../../cli/commands.ts';
import { folderWith, runCli } from '../support/cli.ts';
import { policyWorld } from '../support/policy-world.ts';

/** Every document of the command line. */
const document = z.looseObject({ format: z.string().regex(/^holdfast\.[a-z-]+\/[1-9]\d*$/) });
const error = z.strictObject({
  format: z.literal('holdfast.error/1'),
  error: z.strictObject({ code: z.string().regex(/^[A-Z_]+$/), message: z.string(), remedy: z.string() }),
});

const rules =
  'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: a, match: { bucket: records }, retain: 1y }]\n';

it.each([
  ['validate'],
  ['explain', 'oss://records/k', '--modified', '2026-11-20'],
  ['schema', 'limits'],
  ['version'],
])('%s says its format first', async (...args) => {
  const { stdout } = await runCli([...args, '--json'], { cwd: folderWith({ 'rules.yaml': rules }) });
  const { format } = document.parse(JSON.parse(stdout));
  expect(format).toBe(`holdfast.${args[0]}/1`);
  expect(stdout).toMatch(/^\{\n {2}"format": /);
});

it('every command has its format in docs/json.md', () => {
  const page = readFileSync('docs/json.md', 'utf8');
  const missing = Object.keys(commands).filter((name) => !page.includes(`\`holdfast.${name}/1\``));
  expect(missing).toEqual(['completion']);
});

it('setup says its kind beside its format', async () => {
  const cwd = folderWith({});
  await runCli(
    [
      'init',
      '--dir',
      '.',
      '--region',
      'cn-hangzhou',
      '--object-bucket',
      'fin-eu',
      '--keep',
      '7y',
      '--max',
      '10y',
      '--dead-letters',
      'oss://letters/dead/',
    ],
    { cwd },
  );
  const { stdout } = await runCli(['setup', '--json'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({ format: 'holdfast.setup/1', kind: 'sh' });
});

it('an error has one form, whatever the command', async () => {
  for (const args of [['validate', 'nowhere.yaml'], ['plan'], ['schema', 'nothing'], ['nonsense']]) {
    const { code, stdout } = await runCli([...args, '--json'], { cwd: folderWith({}) });
    expect(code).toBeGreaterThan(0);
    error.parse(JSON.parse(stdout));
  }
});

it('a plan that was printed can be kept and carried out', async () => {
  const world = await policyWorld();
  await world.initiate('archive-1', 365);
  const { stdout } = await world.run('plan', '--json', '--out', 'plan.json');
  expect(document.parse(JSON.parse(stdout)).format).toBe('holdfast.plan/1');
  expect((await world.run('apply', 'plan.json', '--yes')).code).toBe(0);
});
