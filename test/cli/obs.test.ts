import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/platform/clock.ts';
import { embeddedObs, type ObsHarness } from '../shared/storage/obs/harness.ts';
import { folderWith, runCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: [oss://letters/dead/, obs://letters/dead/]
audit: [oss://letters/audit/, obs://letters/audit/]
objects:
  - { name: records, match: { bucket: records, key: "kept/**" }, retain: 7y }
  - { name: tagged, match: { bucket: records, key: "tagged/**", tags: { keep: "*" } }, retain: { forTag: keep } }
  - { name: plain, match: { bucket: "obs://plain" }, retain: 1y }
  - { name: elsewhere, match: { bucket: "oss://only-oss" }, retain: 1y }
buckets:
  - { name: policy, match: { bucket: "oss://archive-*" }, policy: { days: 30 } }
`;

let obs: ObsHarness;
let folder: string;
const keys = { OBS_ACCESS_KEY_ID: 'holdfast', OBS_SECRET_ACCESS_KEY: 'holdfast-secret' };

beforeAll(async () => {
  obs = await embeddedObs('127.0.0.1', () => systemClock.now());
  for (const bucket of ['records', 'letters']) {
    await obs.createBucket(bucket, { versioning: 'Enabled' });
    await obs.direct.putObjectWorm(bucket, {});
  }
  await obs.createBucket('plain', { versioning: 'Enabled' });
  await obs.upload('records', 'kept/a', 'text');
  await obs.upload('records', 'tagged/b', 'text', { keep: '30d' });
  await obs.upload('plain', 'c', 'text');
});
afterAll(() => obs.close());

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Record<string, string> = keys): Promise<Said> {
  folder = folderWith({ 'rules.yaml': rules });
  return runCli(args, { cwd: folder, env: { HOLDFAST_OBS_ENDPOINT: obs.endpoint, ...env } });
}

interface Told {
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
}

async function errorOf(args: readonly string[], env?: Record<string, string>) {
  const { code, stdout } = await run([...args, '--json'], env);
  const told: Told = JSON.parse(stdout);
  return { code, error: told.error };
}

describe('commands on obs://', () => {
  it('explain tells the date of a live object, and of one that is described', async () => {
    const live = await run(['explain', 'obs://records/kept/a']);
    expect(live).toMatchObject({ code: 0, stderr: '' });
    expect(live.stdout).toMatch(/^obs:\/\/records\/kept\/a$/m);
    expect(live.stdout).toContain('would be retained until 2033-11-22T10:00:00Z by rule records');
    expect(live.stdout).toMatch(/^WORM {11}on$/m);
    const unlocked = await run(['explain', 'obs://plain/c']);
    expect(unlocked.code).toBe(1);
    expect(unlocked.stdout).toMatch(/^WORM {11}off: the bucket takes no retention$/m);
    expect(unlocked.stdout).toMatch(/^written {8}nothing$/m);
    expect(unlocked.stdout).toContain(
      'what to do: enable versioning, then WORM: holdfast setup --cloud obs --enable-object-worm plain',
    );
    const told = await run(['explain', 'obs://plain/x', '--modified', '2090-11-20'], {}); // judged at the machine's time
    expect(told.stdout).toContain('would be retained until 2091-11-20T00:00:00Z by rule plain');
    const bucket = await run(['explain', 'obs://archive-1']);
    expect(bucket.stdout).toContain('no rule matches bucket archive-1');
  });

  it('retention put keeps a version, read back, and leaves evidence with the key in obs://', async () => {
    const key = 'by-hand';
    const version = await obs.upload('records', key, 'text');
    const address = `obs://records/${key}`;
    const unasked = await run(['retention', 'put', address, '--until', '2027-01-01']);
    expect(unasked.stderr).toContain(`retain ${address}?versionId=${version} until 2027-01-02T00:00:00Z`);
    const put = await run(['retention', 'put', address, '--until', '2027-01-01', '--yes']);
    expect(put).toMatchObject({ code: 0, stdout: expect.stringContaining(`retained ${address}?versionId=`) });
    const get = await run(['retention', 'get', address, '--json']);
    expect(JSON.parse(get.stdout)).toMatchObject({
      versionId: version,
      retention: { mode: 'COMPLIANCE', until: '2027-01-02T00:00:00Z' },
    });
    const shorter = await errorOf(['retention', 'put', address, '--until', '2026-12-30', '--yes']);
    expect(shorter).toMatchObject({ code: 1, error: { code: 'WOULD_SHORTEN' } });
    expect(shorter.error?.message).toContain(`${address}?versionId=`);

    const list = await run(['audit', 'list', '--cloud', 'obs']);
    expect(list.stdout).toMatch(
      new RegExp(`holdfast retention \\(holdfast\\): ${address}\\?versionId=${version} protect`),
    );
    const verify = await run(['audit', 'verify', 'obs://letters/audit/']);
    expect(verify).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('in obs://letters/audit/'),
    });
  });

  it('protect goes through a listing, and report shows what it left', async () => {
    const before = await run(['report', 'obs://records']);
    expect(before.code).toBe(1);
    expect(before.stdout).toContain('obs://records/kept/a');
    const protect = await run(['protect', 'obs://records', '--yes', '--json']);
    expect(protect.stderr).toBe('');
    expect(JSON.parse(protect.stdout)).toMatchObject({ changed: 2, failed: 0 });
    expect(await obs.storage.headObject({ bucket: 'records', key: 'tagged/b' })).toMatchObject({
      retention: { until: new Date('2026-12-22T10:00:00Z') },
    });
    const after = await run(['report', '--cloud', 'obs', '--json']);
    expect(JSON.parse(after.stdout)).toMatchObject({
      cloud: 'obs',
      region: 'cn-north-4',
      targets: expect.arrayContaining(['obs://records/']),
      upkeep: { place: 'obs://letters/dead/', repairs: [{ bucket: 'records', changed: 2 }] },
    });
  });

  it('redrive lists the letters of its cloud', async () => {
    const list = await run(['redrive', '--cloud', 'obs']);
    expect(list).toMatchObject({ code: 0, stdout: '0 open in obs://letters/dead/\n' });
    const unknown = await errorOf(['redrive', 'show', 'x', '--cloud', 'obs']);
    expect(unknown.error?.message).toContain('in obs://letters/dead/');
  });

  it('simulate runs the functions for FunctionGraph, and redrive replays what failed there', async () => {
    const key = 'kept/late';
    await obs.upload('records', key, 'text');
    const head = () => obs.storage.headObject({ bucket: 'records', key });
    const event = JSON.stringify({
      Records: [
        {
          eventName: 'ObjectCreated:Put',
          eventTime: '2026-11-22T10:00:00.000Z',
          s3: { bucket: { name: 'records' }, object: { key: encodeURIComponent(key), size: 4 } },
        },
      ],
    });
    const envelope = JSON.stringify({
      timestamp: '2026-11-22T10:00:00.123000000+00:00',
      request_context: {
        request_id: 'r-1',
        function_urn: 'urn:fss:cn-north-4:1:function:default:holdfast-object-created:latest',
      },
      request_payload: event,
    });
    const simulate = async (input: string, ...args: string[]) => {
      const cwd = folderWith({ 'rules.yaml': rules });
      const env = { HOLDFAST_OBS_ENDPOINT: obs.endpoint, ...keys };
      return await runCli(['simulate', '-e', '-', '--cloud', 'obs', ...args], { cwd, env, input });
    };
    const dry = await simulate(event);
    expect(dry.stdout).toMatch(
      /protect obs:\/\/records\/kept\/late until 2033-11-22T10:00:00Z by rule records/,
    );
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('no write is sent') });
    const timer = JSON.stringify({ version: 'v1.0', trigger_type: 'TIMER', trigger_name: 't' });
    expect((await simulate(timer)).stdout).toMatch(/policy-timer (succeeded|failed):/);
    expect(await head()).not.toHaveProperty('retention.until');

    await simulate(envelope, '-f', 'dead-letter', '--write', '--yes');
    const list = await run(['redrive', '--cloud', 'obs']);
    expect(list.stdout).toContain('holdfast-object-created  obs://records/kept/late');
    const replay = await run(['redrive', 'replay', '--all', '--yes', '--cloud', 'obs']);
    expect(replay).toMatchObject({ code: 0, stdout: expect.stringContaining('1 replayed, 0 failed again') });
    expect(await head()).toMatchObject({ retention: { until: new Date('2033-11-22T10:00:00Z') } });
  });

  it('rules are read from obs://, which says which cloud is meant', async () => {
    await obs.upload('letters', 'rules.yaml', rules);
    const list = await run(['redrive', '--rules', 'obs://letters/rules.yaml']);
    expect(list.stdout).toBe('0 open in obs://letters/dead/\n');
  });

  it('plan and apply say once that there are no bucket policies, and go on', async () => {
    for (const command of ['plan', 'apply']) {
      const said = await run([command, '--cloud', 'obs']);
      expect(said.code).toBe(0);
      expect(said.stderr.match(/bucket policies are not offered on OBS/g)).toHaveLength(1);
    }
    const { stdout } = await run(['plan', '--cloud', 'obs', '--json']);
    const matters = { open: [], unknown: [] };
    expect(JSON.parse(stdout)).toMatchObject({ region: 'cn-north-4', steps: [], troubles: [], matters });
  });

  it('doctor looks at versioning, WORM, tags and the right to read retention', async () => {
    const { stdout, code } = await run(['doctor', '--cloud', 'obs']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok +versioning records: is on$/m);
    expect(stdout).toMatch(/^ok +WORM records: is on$/m);
    expect(stdout).toMatch(
      /^failure +WORM plain: is off\n +do: holdfast setup --cloud obs --enable-object-worm plain \(it can/m,
    );
    expect(stdout).toMatch(/^ok +tags records: are offered here$/m);
    expect(stdout.match(/bucket policies are not offered on OBS/g)).toHaveLength(1);
    expect(stdout).toMatch(/^not checked +functions: /m);
  });

  it('plan, explain and doctor tell what the timer does about the default retention', async () => {
    const defaults = `defaults:
  - { name: first, match: { bucket: "*" }, retain: 30d }
`;
    const cwd = folderWith({ 'rules.yaml': `${rules}${defaults}` });
    const env = { HOLDFAST_OBS_ENDPOINT: obs.endpoint, ...keys };
    const command = (...args: string[]) => runCli([...args, '--cloud', 'obs'], { cwd, env });
    const put =
      'default retention COMPLIANCE, 30d, put by the timer in its next run: it is none, and rule first';
    const plan = await command('plan');
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining(`obs://records: ${put}`) });
    expect(plan.stdout).toContain(
      'obs://plain: default retention, object-lock-off: object lock of the bucket is off',
    );
    expect(plan.stdout).not.toMatch(/^Nothing to do:/m);
    expect(plan.stdout.replaceAll('\n', ' ')).toContain('The timer puts the default retention');
    expect((await command('plan', '--detailed-exitcode')).code).toBe(1);
    const { defaults: planned } = JSON.parse((await command('plan', '--json')).stdout);
    expect(planned.buckets).toContainEqual(
      expect.objectContaining({
        bucket: 'letters',
        action: 'set-default',
        defaultRetention: 'COMPLIANCE, 30d',
      }),
    );
    const explain = await command('explain', 'obs://records');
    expect(explain).toMatchObject({ code: 0, stdout: expect.stringContaining(put) });
    expect((await command('explain', 'obs://plain')).code).toBe(1);
    const doctor = await command('doctor');
    expect(doctor.stdout).toMatch(/^ok +rules .*: valid: .*, 1 default retention$/m);
    expect(doctor.stdout).toMatch(
      /^warning +WORM letters: is on; its default retention: it is none, and rule first/m,
    );
    await obs.direct.putObjectWorm('letters', { defaultRetention: { mode: 'COMPLIANCE', days: 30 } });
    expect((await command('doctor')).stdout).toMatch(
      /^ok +WORM letters: .*it is COMPLIANCE, 30d, as rule first asks/m,
    );
    await obs.direct.putObjectWorm('letters', {});
    const validate = await command('validate');
    expect(validate.stdout).toContain('1 default retention');
  });

  it('test judges objects by the rules of the cloud in their address', async () => {
    const cases = `version: 1
now: "2026-11-20T10:00:00Z"
cases:
  - { name: kept, given: { object: "obs://plain/a" }, expect: { action: protect, until: "2027-11-20T10:00:00Z" } }
  - { name: not there, given: { object: "oss://plain/a" }, expect: { action: no-rule } }
  - { name: elsewhere, given: { object: "oss://only-oss/a" }, expect: { action: protect } }
`;
    const cwd = folderWith({ 'rules.yaml': rules });
    writeFileSync(join(cwd, 'rules.test.yaml'), cases);
    expect(await runCli(['test'], { cwd, env: {} })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3 cases, none failed'),
    });
  });
});

describe('setup --cloud obs', () => {
  it('says what is missing, and turns it on for the buckets that are named, after asking', async () => {
    for (const bucket of ['plain-1', 'plain-2']) await obs.createBucket(bucket);
    const setup = (...args: string[]) => {
      const cwd = folderWith({ 'rules.yaml': rules.replace('obs://plain', 'obs://plain-*') });
      const env = { HOLDFAST_OBS_ENDPOINT: obs.endpoint, ...keys };
      return runCli(['setup', '--cloud', 'obs', ...args], { cwd, env });
    };
    const isOn = async (bucket: string) => [
      await obs.storage.getVersioning(bucket),
      (await obs.storage.getObjectWorm(bucket)) !== undefined,
    ];
    const onlyDefaults = `version: 1
limits: { maxRetention: 10y }
defaults:
  - { name: first, match: { bucket: "plain-*" }, retain: 30d }
`;
    const cwd = folderWith({ 'rules.yaml': onlyDefaults });
    const env = { HOLDFAST_OBS_ENDPOINT: obs.endpoint, ...keys };
    const { stdout } = await runCli(['setup', '--cloud', 'obs'], { cwd, env });
    expect(stdout).toMatch(/^obs:\/\/plain-1 +WORM +still to do: /m);

    const seen = await setup();
    expect(seen).toMatchObject({ code: 0, stderr: '' });
    expect(seen.stdout).toMatch(/^obs:\/\/records +versioning +is on$/m);
    expect(seen.stdout).toMatch(
      /^obs:\/\/plain-1 +WORM +still to do: holdfast setup --cloud obs --enable-object-worm plain-1 \(irreversible\)$/m,
    );

    const alone = await setup('--enable-object-worm', 'plain-1', '--yes');
    expect(alone).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('needs versioning, which is off'),
    });
    const both = ['--enable-versioning', 'plain-1', '--enable-object-worm', 'plain-1'];
    const unasked = await setup(...both);
    expect(unasked.stderr).toContain('error NOT_CONFIRMED');
    expect(unasked.stderr).toContain('enable versioning of obs://plain-1, enable WORM of obs://plain-1');
    const dry = await setup(...both, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('would be turned on') });
    expect(await isOn('plain-1')).toEqual([undefined, false]);

    const done = await setup(...both, '--yes');
    expect(done.stdout.match(/turned on, and read back/g)).toHaveLength(2);
    expect(await isOn('plain-1')).toEqual(['Enabled', true]);
    expect(await isOn('plain-2')).toEqual([undefined, false]);
    expect(await setup(...both, '--yes')).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('turned'),
    });
    const list = await run(['audit', 'list', '--cloud', 'obs']);
    expect(list.stdout).toContain('enable-worm');
  });

  it('tells a step that failed, and does not try the one after it', async () => {
    await obs.createBucket('plain-3');
    obs.fail('PutBucketVersioning', { status: 403, code: 'AccessDenied' });
    const named = ['--enable-versioning', 'plain-3', '--enable-object-worm', 'plain-3', '--yes'];
    const { code, stdout } = await run(['setup', '--cloud', 'obs', ...named, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).results).toEqual([
      expect.objectContaining({
        feature: 'versioning',
        state: 'failed',
        error: expect.objectContaining({
          code: 'ACCESS_DENIED',
          remedy: expect.stringContaining('obs:bucket:PutBucketVersioning'),
        }),
      }),
      { bucket: 'plain-3', feature: 'WORM', state: 'not tried' },
    ]);
  });

  it('is for OBS: on OSS it prints a script, and --yes is refused', async () => {
    const said = await errorOf(['setup', '--yes', '--cloud', 'oss']);
    expect([said.code, said.error?.code]).toEqual([2, 'USAGE']);
  });
});

describe('what is wrong on obs:// is a coded error that says what to do', () => {
  it.each([
    ['get', []],
    ['initiate', ['--days', '30']],
    ['lock', ['--yes']],
    ['extend', ['--days', '60', '--yes']],
    ['abort', []],
  ])('policy %s', async (operation, options) => {
    const { code, error } = await errorOf(['policy', operation, 'obs://archive-1', ...options]);
    expect(code).toBe(1);
    expect(error).toMatchObject({
      code: 'POLICY_NOT_OFFERED',
      message: 'obs://archive-1: OBS offers no WORM policies of buckets',
    });
  });

  it('a bucket without WORM', async () => {
    const args = ['retention', 'put', 'obs://plain/c', '--days', '30', '--yes'];
    const { error } = await errorOf(args);
    expect(error).toMatchObject({
      code: 'OBJECT_WORM_OFF',
      message: expect.stringContaining('obs://plain'),
      remedy: expect.stringContaining('on OBS it is WORM'),
    });
  });

  it('a bucket without WORM, in a dry run too', async () => {
    const args = ['protect', 'obs://plain', '--dry-run'];
    const { code, error } = await errorOf(args);
    expect([code, error?.code]).toEqual([1, 'OBJECT_WORM_OFF']);
  });

  it('a region without WORM', async () => {
    obs.server.obs.quirks.set({ noWorm: true });
    try {
      const named = ['setup', '--cloud', 'obs', '--enable-object-worm', 'plain', '--yes'];
      expect((await errorOf(named)).error).toMatchObject({
        code: 'WORM_NOT_OFFERED',
        remedy: expect.stringContaining('a region whose OBS offers WORM'),
      });
      await obs.upload('records', 'kept/new', 'text');
      const explain = await run(['explain', 'obs://records/kept/new']);
      expect(explain.stdout).toMatch(
        /^error WORM_NOT_OFFERED: .*\nwhat to do: use a region whose OBS offers/m,
      );
      const { stdout } = await run(['doctor', '--cloud', 'obs']);
      expect(stdout).toMatch(/^failure +WORM records: .*\(WORM_NOT_OFFERED\)/m);
    } finally {
      obs.server.obs.quirks.set({ noWorm: false });
    }
  });

  it('tags in a region without tags', async () => {
    obs.server.obs.quirks.set({ noTags: true });
    try {
      const { error } = await errorOf(['explain', 'obs://records/tagged/b']);
      expect(error).toMatchObject({
        code: 'TAGS_NOT_OFFERED',
        message: expect.stringContaining('obs://records/tagged/b'),
        remedy: expect.stringContaining('rules without tags'),
      });
      const { stdout } = await run(['doctor', '--cloud', 'obs']);
      expect(stdout).toMatch(/^failure +tags records: .*not offered/m);
    } finally {
      obs.server.obs.quirks.set({ noTags: false });
    }
  });

  it('credentials of the other cloud alone', async () => {
    const alibaba = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'i', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 's' };
    expect(await errorOf(['retention', 'get', 'obs://records/kept/a'], alibaba)).toMatchObject({
      error: {
        code: 'OBS_CREDENTIALS_MISSING',
        message: expect.stringContaining('ALIBABA_CLOUD_ACCESS_KEY_ID is set, and is for oss:// alone'),
        remedy: expect.stringContaining('OBS_ACCESS_KEY_ID'),
      },
    });
    const half = { HW_SECRET_KEY: 's' };
    expect((await errorOf(['retention', 'get', 'obs://records/kept/a'], half)).error?.message).toContain(
      'HW_ACCESS_KEY and HW_SECRET_KEY: HW_SECRET_KEY is set, and HW_ACCESS_KEY is not',
    );
    const other = await errorOf(['retention', 'get', 'oss://records/kept/a'], keys);
    expect(other.error).toMatchObject({
      code: 'CREDENTIALS_MISSING',
      message: expect.stringContaining('OBS_ACCESS_KEY_ID is set, and is for obs:// alone'),
    });
  });

  it('a permission that is missing, by its name on OBS', async () => {
    obs.fail('PutObjectRetention', { status: 403, code: 'AccessDenied' });
    const { error } = await errorOf([
      'retention',
      'put',
      'obs://records/kept/a',
      '--until',
      '2036-01-01',
      '--yes',
    ]);
    expect(error).toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('obs://records/kept/a'),
      remedy: expect.stringContaining('obs:object:PutObjectRetention'),
    });
  });

  it('an address of one cloud and --cloud of the other, and two clouds at once', async () => {
    const said = await errorOf(['retention', 'get', 'obs://records/kept/a', '--cloud', 'oss']);
    expect([said.code, said.error?.code]).toEqual([2, 'ADDRESS_CLOUD']);
    const both = await errorOf(['report', 'obs://records', 'oss://records']);
    expect([both.code, both.error?.code]).toEqual([2, 'ADDRESS_CLOUD']);
    const inventory = ['protect', 'obs://records', '--inventory', 'oss://inventory/manifest.json', '--yes'];
    expect((await errorOf(inventory)).error?.code).toBe('ADDRESS_CLOUD');
  });

  it('what needs functions of Function Compute', async () => {
    for (const args of [
      ['protect', 'obs://records', '--fan-out', '--yes'],
      ['redrive', 'replay', '--all', '--invoke', '--yes', '--cloud', 'obs'],
    ]) {
      const { code, error } = await errorOf(args);
      expect([code, error?.code]).toEqual([2, 'USAGE']);
      expect(error?.message).toContain('is not offered on OBS');
    }
  });

  it('a profile of Alibaba Cloud', async () => {
    const { code, error } = await errorOf(['retention', 'get', 'obs://records/kept/a', '--profile', 'x']);
    expect([code, error?.code]).toEqual([2, 'USAGE']);
  });
});
