import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { documentForms } from '../../cli/documents/index.ts';
import { commandLine, fullName, withSubcommands } from '../../scripts/docs/command-line.ts';
import { cloudEnvironment, folderWith, runCli, startCli } from '../support/cli.ts';
import { checkDocuments } from '../support/documents.ts';
import { holdTestWorld } from '../support/hold-world.ts';
import { linesOf } from '../support/lines.ts';
import { policyWorld } from '../support/policy-world.ts';

/** Every document of the command line. */
const document = z.looseObject({ format: z.string().regex(/^holdfast\.[a-z.-]+\/[1-9]\d*$/) });
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

it('every command that takes --json has a form, and every form has its command', async () => {
  const names = [...withSubcommands(await commandLine())]
    .filter((command) => command.commands.length === 0 || command.name() === 'local')
    .map((command) => fullName(command).replace(/^holdfast /, ''));
  const withForm = new Set(documentForms.flatMap(({ commands }) => commands));
  expect([...withForm].toSorted()).toEqual(names.toSorted());
});

it('forms of one format differ, so that an output has one of them', () => {
  const shapes = documentForms.map(({ format, fields }) => `${format}: ${fields.join()}`);
  expect(new Set(shapes).size).toBe(shapes.length);
});

it('the check of the tests bites: an output of another form, and a second document', () => {
  const version = '{"format":"holdfast.version/1","version":"1"}';
  const check = (stdout: string) => () => checkDocuments(['version', '--json'], stdout);
  expect(check(version)).not.toThrow();
  expect(check('{"format":"holdfast.version/1","version":"1","more":1}')).toThrow('more');
  expect(check('{"version":"1"}')).toThrow('no such format');
  expect(check('{"format":"holdfast.plan/1","version":"1"}')).toThrow('no form of "version"');
  expect(check(`${version}\n${version}`)).toThrow('not the only document');
});

it('output.schema.json is the one of this code (else run `npm run schema`), and takes fields that are new', async () => {
  const { stdout } = await runCli(['schema', '--outputs']);
  expect(readFileSync('output.schema.json', 'utf8')).toBe(stdout);
  const schema = z.fromJSONSchema(JSON.parse(stdout));
  const accepts = (value: unknown) => schema.safeParse(value).success;
  expect(accepts({ format: 'holdfast.version/1', version: '1', another: 1 })).toBe(true);
  expect(accepts({ format: 'holdfast.version/1' })).toBe(false);
  expect(accepts({ format: 'holdfast.version/2', version: '1' })).toBe(false);
});

it('completion is a document too', async () => {
  const { stdout } = await runCli(['completion', 'fish', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'holdfast.completion/1', shell: 'fish' });
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

it('each line of local --json is a document', async () => {
  const child = startCli(['local', '--port', '0', '--json', '--demo', '--upload', 'oss://fin-up/a'], {
    cwd: folderWith({ 'rules.yaml': rules }),
  });
  const said = linesOf(child.stdout);
  const lines: string[] = [];
  while (!lines.at(-1)?.startsWith('{"format":"holdfast.local.uploaded/1"')) lines.push(await said());
  checkDocuments(['local', '--json'], lines.join('\n'));
  const formats = lines.map((line) => document.parse(JSON.parse(line)).format);
  expect(formats[0]).toBe('holdfast.local.ready/1');
  expect(new Set(formats)).toContain('holdfast.local.invocation/1');
  expect(formats).toContain('holdfast.local.demo/1');
});

it('what hold prints has its forms', async () => {
  const world = await holdTestWorld(['fin-1']);
  await world.upload('fin-1', 'a');
  await world.open('one', { match: ['oss://fin-*/**'], reason: 'a lawsuit' });
  const options = { cwd: world.folder, env: cloudEnvironment(world.cloud.url) };
  const dryRun = ['--reason', 'over', '--dry-run', '--json'];
  const shown = await runCli(['hold', 'show', 'one', '--json'], options);
  const opened = await runCli(['hold', 'open', 'two', '--match', 'oss://fin-1/**', ...dryRun], options);
  const released = await runCli(['hold', 'release', 'one', ...dryRun], options);
  expect(JSON.parse(shown.stdout)).toMatchObject({ matter: { id: 'one', state: 'open' } });
  expect(JSON.parse(opened.stdout)).toMatchObject({ matter: 'two', dryRun: true, held: 1 });
  expect(JSON.parse(released.stdout)).toMatchObject({ matter: 'one', dryRun: true, lifted: 1 });
});
