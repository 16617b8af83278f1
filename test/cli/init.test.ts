import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkTemplate, loadTemplate } from '../../shared/deploy/template.ts';
import { folderWith, holdfast, runCli, startCli } from '../support/cli.ts';

const answers = [
  ...['--region', 'cn-hangzhou', '--object-bucket', 'fin-eu', 'fin-us', '--archive-bucket', 'archive-2026'],
  ...['--keep', '7y', '--max', '10y', '--dead-letters', 'oss://my-letters/dead/'],
];

/** A folder that `init` has set up. */
async function initialized(...more: string[]): Promise<string> {
  const cwd = folderWith({});
  const { code, stderr } = await runCli(['init', ...answers, ...more], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return cwd;
}

/** Runs a shell command until it prints a line that fits, and ends it. */
async function lineOf(command: string, cwd: string, wanted: RegExp): Promise<string> {
  const child = spawn('sh', ['-c', `exec ${command}`], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  for await (const line of createInterface({ input: child.stdout })) if (wanted.test(line)) return line;
  throw new Error(`${command} ended without a line like ${wanted}`);
}

const protectedLine =
  /^oss:\/\/fin-eu\/hello\.txt, version \S+, was uploaded and is retained until 20\d\d-.*COMPLIANCE/;

describe('holdfast init', () => {
  it('and then the commands that it prints end with an object that is protected', async () => {
    const cwd = folderWith({});
    const { code, stdout } = await runCli(['init', '--dir', 'records', ...answers], { cwd });
    expect(code).toBe(0);
    const printed = stdout.split('\n').flatMap((line) => /^ {4}(.*)$/.exec(line)?.[1] ?? []);
    const [cd, validate = '', test = '', local = ''] = printed;
    expect(cd).toBe('cd records');
    const folder = join(cwd, 'records');
    const run = (command: string) => execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(run(validate)).toMatch(/^ok rules\.yaml: 1 object rule, 1 bucket rule\n$/);
    expect(run(test)).toMatch(/\n7 cases, none failed; 2 of 2 rules covered\n$/);
    // The port that is printed may be taken by whatever else runs here.
    expect(await lineOf(`${local} --port 0`, folder, protectedLine)).toBeTruthy();
  });

  it('works beside a package.json that is none', async () => {
    const cwd = folderWith({ 'package.json': '{' });
    const { code, stdout } = await runCli(['init', '--dir', 'records', ...answers], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('holdfast.js validate') });
  });

  it('gives the functions what they need and no more than ram/ says', async () => {
    const cwd = await initialized();
    const local = startCli(['local', '--port', '0', '--enforce-roles', '--upload', 'oss://fin-us/a.txt'], {
      cwd,
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: local.stdout })) {
      lines.push(line);
      if (line.startsWith('oss://')) break;
    }
    expect(lines.find((line) => line.startsWith('roles'))).toContain('holdfast-object-created');
    expect(lines.at(-1)).toContain('is retained until');
    const runs = lines.filter((line) => line.includes('holdfast-object-created by'));
    expect(runs).toEqual([expect.stringContaining('by uploads-fin-us: succeeded {"protect":1}')]);
  });

  it('writes an s.yaml that Serverless Devs reads as Holdfast does', async () => {
    const cwd = await initialized();
    const cli = resolve('node_modules', '.bin', 's');
    const args = ['preview', '-t', 's.yaml', '--output-format', 'json', '--output-file', 'out.json'];
    execFileSync(cli, args, { cwd, env: { PATH: process.env['PATH'], HOME: cwd }, stdio: 'ignore' });
    const rendered = checkTemplate(JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8')), 'out.json');
    expect(rendered).toEqual(loadTemplate(join(cwd, 's.yaml'), { environment: {} }));
  });

  it('names everything that is missing when there is nobody to ask, and writes nothing', async () => {
    const cwd = folderWith({});
    const { code, stderr } = await runCli(['init', '--object-bucket', 'fin-eu', '--max', '10y'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('--region is missing; --keep is missing; --dead-letters is missing\n');
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('overwrites nothing unless told to: one file that is there, and no other is written', async () => {
    const cwd = folderWith({ 's.yaml': 'mine' });
    const { code, stderr } = await runCli(['init', ...answers], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('error FILES_THERE: nothing was written: ');
    expect(readdirSync(cwd)).toEqual(['s.yaml']);
    expect(readFileSync(join(cwd, 's.yaml'), 'utf8')).toBe('mine');
    expect(await runCli(['init', ...answers, '--force'], { cwd })).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, 's.yaml'), 'utf8')).toContain('uploads-fin-eu');
  });

  it.each([
    ['a file stands where a folder has to be', (cwd: string) => writeFileSync(join(cwd, 'ram'), 'no folder')],
    ['a folder stands where a file has to be', (cwd: string) => mkdirSync(join(cwd, 's.yaml'))],
  ])('writes nothing at all when %s', async (_, prepare) => {
    const cwd = folderWith({});
    prepare(cwd);
    const before = readdirSync(cwd);
    const { code, stderr } = await runCli(['init', ...answers, '--force'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('error FILE_UNWRITABLE');
    expect(readdirSync(cwd)).toEqual(before);
  });

  it.runIf(existsSync('/proc/self'))('ends where no folder can be made', async () => {
    const { code, stderr } = await runCli(['init', ...answers, '--dir', '/proc/x/y'], {
      cwd: folderWith({}),
    });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error FILE_UNWRITABLE'),
    });
  });

  it('calls Holdfast by npx from a project that has it installed, and by its path from elsewhere', async () => {
    const cwd = folderWith({});
    mkdirSync(join(cwd, 'node_modules', '.bin'), { recursive: true });
    writeFileSync(join(cwd, 'node_modules', '.bin', 'holdfast'), '');
    const report = async (folder: string) =>
      JSON.parse((await runCli(['init', '--dir', 'sub', ...answers, '--json'], { cwd: folder })).stdout);
    expect(await report(cwd)).toMatchObject({
      dir: 'sub',
      next: [
        'cd sub',
        'npx holdfast validate',
        'npx holdfast test',
        'npx holdfast local --upload oss://fin-eu/hello.txt',
      ],
    });
    const alone = folderWith({ 'package.json': '{}' });
    const [, validate] = (await report(alone)).next;
    const path = /^node (\S+) validate$/.exec(validate)?.[1] ?? '';
    expect(resolve(alone, 'sub', path)).toBe(holdfast);
  });
});

describe('holdfast local --upload', () => {
  it('says of an object that no rule is for that it is not retained', async () => {
    const cwd = await initialized();
    const line = await lineOf(`node ${holdfast} local --port 0 --upload oss://photos/a.jpg`, cwd, /^oss:/);
    expect(line).toMatch(/^oss:\/\/photos\/a\.jpg, version \S+, was uploaded and is not retained$/);
  });

  it('refuses an object of a cloud that is not served', async () => {
    const { code, stderr } = await runCli(['local', '--port', '0', '--upload', 'obs://photos/a.jpg']);
    expect(code).toBe(2);
    expect(stderr).toContain('error ADDRESS_CLOUD: obs://photos/a.jpg is in another cloud: here oss:// is');
  });

  it('refuses what is no address of an object', async () => {
    expect(await runCli(['local', '--port', '0', '--upload', 'oss://Photos/a.jpg'])).toMatchObject({
      code: 2,
    });
  });
});

describe('holdfast bundle', () => {
  const rulesIn = (cwd: string) => readFileSync(join(cwd, 'dist', 'object-created', 'rules.yaml'), 'utf8');

  it('puts the rules as they are now beside the code of every function', async () => {
    const cwd = await initialized();
    const changed = readFileSync(join(cwd, 'rules.yaml'), 'utf8').replace('retain: 7y', 'retain: 8y');
    writeFileSync(join(cwd, 'rules.yaml'), changed);
    expect(rulesIn(cwd)).toContain('retain: 7y');
    expect(await runCli(['bundle', '--json'], { cwd })).toMatchObject({ code: 0 });
    expect(rulesIn(cwd)).toBe(changed);
  });

  it('leaves a file of the user alone that has the name of another and .new', async () => {
    const cwd = await initialized();
    const file = join(cwd, 'dist', 'policy-timer', 'index.js.new');
    writeFileSync(file, 'mine');
    expect(await runCli(['bundle'], { cwd })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('brings back the code when it is lost', async () => {
    const cwd = await initialized();
    const file = join(cwd, 'dist', 'policy-timer', 'index.js');
    writeFileSync(file, 'broken');
    expect(await runCli(['bundle'], { cwd })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(readFileSync('dist/policy-timer/index.js', 'utf8'));
  });

  it('refuses rules with mistakes, and leaves what was there', async () => {
    const cwd = await initialized();
    const before = rulesIn(cwd);
    writeFileSync(join(cwd, 'rules.yaml'), 'version: 1\n');
    const { code, stderr } = await runCli(['bundle'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('error RULES_INVALID');
    expect(rulesIn(cwd)).toBe(before);
  });

  it('refuses a folder without s.yaml', async () => {
    const cwd = folderWith({ 'rules.yaml': readFileSync('rules.yaml', 'utf8') });
    expect(await runCli(['bundle'], { cwd })).toMatchObject({ code: 2 });
    expect(existsSync(join(cwd, 'dist'))).toBe(false);
  });
});

const forObs = [
  ...['--cloud', 'obs', '--region', 'ap-southeast-3', '--object-bucket', 'fin-eu'],
  ...['--keep', '7y', '--max', '10y', '--dead-letters', 'obs://my-letters/dead/'],
];

describe('holdfast bundle --cloud obs', () => {
  const bundle = ['bundle', '--cloud', 'obs'];
  const folderOf = (cwd: string) => join(cwd, 'dist', 'huawei', 'object-created');
  const rulesIn = (cwd: string) => readFileSync(join(folderOf(cwd), 'rules.yaml'), 'utf8');

  async function initializedForObs(): Promise<string> {
    const cwd = folderWith({});
    expect(await runCli(['init', ...forObs], { cwd })).toMatchObject({ code: 0 });
    return cwd;
  }

  it('compiles the rules as they are now beside the code of every function of main.tf.json', async () => {
    const cwd = await initializedForObs();
    const changed = readFileSync(join(cwd, 'rules.yaml'), 'utf8').replace('retain: 7y', 'retain: 8y');
    writeFileSync(join(cwd, 'rules.yaml'), changed);
    writeFileSync(join(folderOf(cwd), 'index.js'), 'broken');
    const { code, stdout } = await runCli([...bundle, '--json'], { cwd });
    expect(code).toBe(0);
    const { codes } = JSON.parse(stdout);
    const deployed = JSON.parse(readFileSync(join(cwd, 'main.tf.json'), 'utf8')).data.archive_file;
    expect(codes).toHaveLength(Object.keys(deployed).length);
    for (const folder of codes) {
      expect(readFileSync(join(cwd, folder, 'rules.yaml'), 'utf8')).toBe(changed);
      const compiled = readFileSync(join(cwd, folder, 'rules.compiled.json'), 'utf8');
      expect(compiled).toContain('"cloud":"obs"');
      expect(compiled).toContain('8y');
    }
    expect(readFileSync(join(folderOf(cwd), 'index.js'), 'utf8')).toBe(
      readFileSync('dist/huawei/object-created/index.js', 'utf8'),
    );
  });

  it.each([
    ['with a mistake', 'version: 1\n', 'RULES_INVALID'],
    [
      'that are all for the other cloud',
      'version: 1\nlimits: { maxRetention: 10y }\nobjects:\n  - { name: a, match: { bucket: "oss://fin-*" }, retain: 7y }\n',
      'NO_RULE_FOR_CLOUD',
    ],
  ])('refuses rules %s, and leaves what was there', async (_, text, expected) => {
    const cwd = await initializedForObs();
    const before = rulesIn(cwd);
    writeFileSync(join(cwd, 'rules.yaml'), text);
    const { code, stderr } = await runCli(bundle, { cwd });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`error ${expected}`) });
    expect(rulesIn(cwd)).toBe(before);
  });

  it('refuses a folder of the other cloud, and a main.tf.json without its functions', async () => {
    const cwd = folderWith({ 'rules.yaml': readFileSync('rules.yaml', 'utf8') });
    expect(await runCli(bundle, { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error FILE_UNREADABLE: cannot read main.tf.json'),
    });
    writeFileSync(join(cwd, 'main.tf.json'), '{"data":{"archive_file":{}}}');
    expect(await runCli(bundle, { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error TEMPLATE_INVALID'),
    });
    expect(existsSync(join(cwd, 'dist'))).toBe(false);
  });
});

describe('holdfast init --cloud obs', () => {
  it('writes what Terraform deploys, says what to do next, and writes the same again', async () => {
    const cwd = folderWith({});
    const first = await runCli(['init', ...forObs], { cwd });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('    terraform init\n    terraform apply\n');
    expect(first.stdout).toContain(' local --cloud obs --upload obs://fin-eu/hello.txt\n');
    const main = () => readFileSync(join(cwd, 'main.tf.json'), 'utf8');
    const before = main();
    expect(await runCli(['init', ...forObs], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('main.tf.json'),
    });
    expect(await runCli(['init', ...forObs, '--force'], { cwd })).toMatchObject({ code: 0 });
    expect(main()).toBe(before);
    for (const { source_dir: folder } of Object.values<{ source_dir: string }>(
      JSON.parse(before).data.archive_file,
    )) {
      const compiled = readFileSync(join(cwd, folder.replace(/^\S+?\//, ''), 'rules.compiled.json'), 'utf8');
      expect(compiled).toContain('"cloud":"obs"');
    }
    expect(await runCli(['validate'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'main.tf.json beside rules.yaml was not compared with the rules: `holdfast doctor',
      ),
    });
    expect(await runCli(['test'], { cwd })).toMatchObject({ code: 0 });
  });

  it('and the embedded cloud then protects an upload there under the policies of main.tf.json, without an s.yaml', async () => {
    const cwd = folderWith({});
    const audited = [...forObs, '--audit', 'obs://my-evidence/audit/'];
    expect(await runCli(['init', ...audited], { cwd })).toMatchObject({ code: 0 });
    const command = `node ${holdfast} local --port 0 --cloud oss,obs --enforce-roles --upload obs://fin-eu/hello.txt`;
    // Its evidence is written too, so the function succeeds.
    expect(await lineOf(command, cwd, /holdfast-object-created \(OBS\)/)).toContain(
      'succeeded {"protect":1}',
    );
    const main = join(cwd, 'main.tf.json');
    writeFileSync(
      main,
      readFileSync(main, 'utf8').replaceAll('obs:object:PutObjectRetention', 'obs:object:Nothing'),
    );
    expect(await lineOf(command, cwd, /^o[bs]s:/)).toMatch(/was uploaded and is not retained$/);
  });

  it('names a folder of its own cloud as the example', async () => {
    const wrong = forObs.map((text) => (text.startsWith('obs://') ? 'my-letters' : text));
    const { code, stderr } = await runCli(['init', ...wrong], { cwd: folderWith({}) });
    expect(code).toBe(2);
    expect(stderr).toContain(
      '--dead-letters: expected a folder of a bucket such as obs://my-bucket/dead-letters/, found "my-letters"',
    );
    expect(stderr).not.toContain('oss://');
  });

  it('refuses a bucket with an expression of Terraform', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what Terraform would evaluate
    const hostile = forObs.map((text) => (text === 'fin-eu' ? '${file("x")}' : text));
    const cwd = folderWith({});
    const { code, stderr } = await runCli(['init', ...hostile], { cwd });
    expect(code).not.toBe(0);
    expect(stderr).toContain('--object-bucket: expected bucket names');
    expect(readdirSync(cwd)).toEqual([]);
  });
});
