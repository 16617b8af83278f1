import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readPolicies } from '../../cli/options/read-policies.ts';
import { loadTemplate } from '../../shared/deploy/template.ts';
import { alarms } from '../../shared/init/account/alarms.ts';
import { infrastructureOf, type SetupGiven } from '../../shared/init/account/infrastructure.ts';
import { rosTemplate } from '../../shared/init/account/ros.ts';
import { setupScript } from '../../shared/init/account/shell.ts';
import { word } from '../../shared/init/account/shell-functions.ts';
import { readRulesFile } from '../../shared/rules/read.ts';
import { type StandInAccount, standInAccount, standInId } from '../support/aliyun.ts';
import { folderWith, runCli } from '../support/cli.ts';

/** What the files of this checkout need around them, for one bucket; `part` changes what is given. */
async function infrastructure(part: Partial<SetupGiven> = {}) {
  const environment = { HOLDFAST_BUCKET: 'fin-eu', HOLDFAST_INVENTORY_BUCKET: 'lists' };
  return infrastructureOf({
    rules: await readRulesFile('rules.yaml'),
    functions: loadTemplate('s.yaml', { environment }).functions,
    policies: await readPolicies('ram'),
    enableVersioning: [],
    enableObjectWorm: [],
    ...part,
  });
}
const scriptOf = async (part: Partial<SetupGiven> = {}) =>
  setupScript(await infrastructure(part), 'sls.builtin');

/** An account in which people have made the bucket that is to be protected. */
function account(): StandInAccount {
  const made = standInAccount();
  made.put('buckets/fin-eu', '');
  return made;
}

describe('the script of holdfast setup', () => {
  it('makes what a deployment does not make; a second run changes nothing, and a change makes a new version', async () => {
    const { run, list, read, put } = account();
    const script = await scriptOf();
    const first = run(script);
    expect(first).toMatchObject({ status: 0 });
    expect(first.stdout).toContain(`made log project holdfast-${standInId}\n`);
    const roles = [
      'dead-letter',
      'inventory',
      'object-created',
      'policy-timer',
      'protect-existing',
      'trigger',
    ];
    expect(list('roles')).toEqual(['AliyunServiceRoleForFC', ...roles.map((name) => `holdfast-${name}`)]);
    expect(list('attached')).toEqual(roles.map((name) => `holdfast-${name}`));
    expect(list('policies')).toContain('holdfast-deployer.v1');
    expect(list('buckets')).toEqual(['fin-eu', 'holdfast-dead-letters', 'lists']);
    expect(read('lifecycles/holdfast-dead-letters')).toContain('<Prefix>dead-letters/fan-out/</Prefix>');
    expect(read('inventories/fin-eu')).toContain(`acs:ram::${standInId}:role/holdfast-inventory`);
    expect(list('alerts')).toEqual(alarms.map(({ name }) => name).sort());
    expect(read('policies/holdfast-object-created.v1')).toContain(`acs:oss:*:${standInId}:fin-eu/*`);
    // What cannot be undone is named, and left to a person.
    expect(first.stderr).toContain('still to do: versioning of bucket fin-eu is off');
    expect(first.stderr).toContain('holdfast setup --enable-object-worm fin-eu');
    expect(first.writes.filter((call) => /versioning|worm/.test(call))).toEqual([]);

    const second = run(script);
    expect(second).toMatchObject({ status: 0, writes: [], stdout: 'done: 0 changed\n' });

    const changed = new Map(await readPolicies('ram'));
    changed.set(
      'object-created.json',
      `${changed.get('object-created.json')}`.replace('BUCKET/*', 'BUCKET/a/*'),
    );
    put(`alerts/holdfast-deadline`, '{"query":"other"}');
    put('inventories/fin-eu', 'acs:oss:::elsewhere');
    put('roles/holdfast-trigger', '{"Principal":{"Service":["fc.aliyuncs.com"]}}');
    const third = run(await scriptOf({ policies: changed }));
    expect(third.writes).toEqual([
      'ram CreatePolicyVersion --PolicyName',
      'ram UpdateRole --RoleName',
      'ossutil api delete-bucket-inventory',
      'ossutil api put-bucket-inventory',
      'sls UpdateAlert --project',
    ]);
    expect(read('policies/holdfast-object-created.v2')).toContain('fin-eu/a/*');
    expect(third.stdout).toContain(
      'made a new version of policy holdfast-object-created\n' +
        `  no longer allows "acs:oss:*:${standInId}:fin-eu/*"\n`,
    );
    expect(third.stdout.match(/no longer allows/g)).toHaveLength(1);
    for (const version of [3, 4, 5]) put(`policies/holdfast-object-created.v${version}`, '{}');
    expect(run(script)).toMatchObject({ status: 0, writes: ['ram CreatePolicyVersion --PolicyName'] });
  });

  it('turns on what cannot be turned off for the buckets that are named, and says so', async () => {
    const { run, read } = account();
    const script = await scriptOf({ enableVersioning: ['fin-eu'], enableObjectWorm: ['fin-eu'] });
    expect(script.match(/# IRREVERSIBLE: asked for/g)).toHaveLength(2);
    const { status, stderr, writes } = run(script);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const turned = writes.filter((call) => /versioning|worm/.test(call));
    expect(turned).toEqual([
      'ossutil api put-bucket-versioning',
      'ossutil api put-bucket-object-worm-configuration',
    ]);
    expect(read('worms/fin-eu')).toBe('{"ObjectWormEnabled":"Enabled"}');
    expect(run(script).writes).toEqual([]);
  });

  it.each([
    ['a log project that another customer has', 'sls CreateProject ProjectAlreadyExist', 'LOG_PROJECT_TAKEN'],
    ['a look that is refused', 'ram GetRole NoPermission', 'SETUP_LOOK_FAILED'],
    ['a write that is refused', 'ram CreatePolicy NoPermission', 'SETUP_WRITE_FAILED'],
    ['an account that is not known', 'sts GetCallerIdentity NotExist', 'SETUP_NO_ACCOUNT'],
  ])('stops at %s, and says what to do', async (_name, fault, code) => {
    const { run, put } = account();
    put('faults', `${fault}\n`);
    const { status, stderr, stdout } = run(await scriptOf());
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error ${code}: .*\\n(?:.*\\n)*? {2}do: .+`));
    expect(stdout).not.toContain('done');
  });

  it('leaves lifecycle rules of others alone, and says what to add', async () => {
    const { run, put, read } = account();
    const rules = '<Rule><ID>mine</ID></Rule>';
    put('buckets/holdfast-dead-letters', '');
    put('lifecycles/holdfast-dead-letters', rules);
    const { status, stderr } = run(await scriptOf());
    expect(status).toBe(0);
    expect(stderr).toContain('bucket holdfast-dead-letters has lifecycle rules of its own');
    expect(read('lifecycles/holdfast-dead-letters')).toBe(rules);
  });
});

it('makes no alarm about the timer where there is none: it would never be quiet', async () => {
  const { functions } = loadTemplate('s.yaml', { environment: {} });
  const made = await infrastructure({
    functions: functions.filter(({ code }) => !code.includes('policy-timer')),
  });
  const left = alarms.map(({ name }) => name).filter((name) => !/timer|deadline/.test(name));
  expect(made.alarms.map(({ name }) => name)).toEqual(left);
  expect((await infrastructure()).alarms).toEqual(alarms);
});

describe('a word of the script', () => {
  it.each(["a'b", '$(touch x)', '`x`', '"; rm -rf /; "', 'a\nb', '\\', "'\\''"])(
    '%j arrives as it is',
    (text) => {
      expect(execFileSync('sh', ['-c', `printf %s ${word(text)}`], { encoding: 'utf8' })).toBe(text);
    },
  );
});

it('one template of Resource Orchestration Service makes the same', async () => {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })) })
    .parse(JSON.parse(rosTemplate(await infrastructure(), 'sls.builtin')));
  const types = Object.values(Resources).map(({ Type }) => Type);
  expect([...new Set(types)].sort()).toEqual([
    'ALIYUN::OSS::Bucket',
    'ALIYUN::RAM::ManagedPolicy',
    'ALIYUN::RAM::Role',
    'ALIYUN::SLS::Alert',
    'ALIYUN::SLS::Index',
    'ALIYUN::SLS::Logstore',
    'ALIYUN::SLS::Project',
  ]);
  expect(types.filter((type) => type === 'ALIYUN::SLS::Alert')).toHaveLength(alarms.length);
  expect(Resources['LogProject']?.Properties).toMatchObject({
    Name: { 'Fn::Sub': `holdfast-\${ALIYUN::TenantId}` },
  });
  expect(JSON.stringify(Resources)).not.toMatch(/ACCOUNT|BUCKET|⟦/);
});

describe('holdfast setup', () => {
  it('prints the script that init writes, and refuses to turn anything on for a bucket that no upload comes from', async () => {
    const cwd = folderWith({});
    const answers = [
      ...['--region', 'cn-hangzhou', '--object-bucket', 'fin-eu', '--archive-bucket', 'archive-1'],
      ...['--keep', '7y', '--max', '10y', '--dead-letters', 'oss://my-letters/dead/'],
    ];
    expect(await runCli(['init', ...answers], { cwd })).toMatchObject({ code: 0 });
    const { code, stdout } = await runCli(['setup'], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: readFileSync(join(cwd, 'setup.sh'), 'utf8') });
    const refused = await runCli(['setup', '--enable-object-worm', 'archive-1'], { cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('archive-1 is no bucket whose uploads s.yaml brings: fin-eu');
    const { stdout: ros } = await runCli(['setup', '--format', 'ros'], { cwd });
    expect(JSON.parse(ros)).toMatchObject({ ROSTemplateFormatVersion: '2015-09-01' });
  });
});
