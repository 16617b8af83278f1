import { describe, expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { day } from '../../shared/platform/instant.ts';
import { folderWith, runCli } from '../support/cli.ts';
import { doctorWorld, repairOf } from '../support/doctor-world.ts';

describe('holdfast doctor', () => {
  it('refuses an account that is none before it looks at anything', async () => {
    const { code, stderr } = await runCli(['doctor', '--account', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('expected the id of an account, in digits alone, found "x"');
  });

  it('finds a whole set-up in order, and then exactly what is broken in it', async () => {
    const world = await doctorWorld();
    const { cloud } = world;
    const client = plainClient(cloud.url, 'letters');

    const { code, findings } = await world.doctor();
    expect(findings.filter(({ status }) => status !== 'ok').map(({ check }) => check)).toEqual([
      ...Array(4).fill('live role'),
      'log project',
    ]);
    expect(code).toBe(0);
    const checks = new Set(findings.map(({ check }) => check));
    expect([...checks]).toEqual([
      ...['rules', 's.yaml', 'bucket', 'region', 'versioning', 'ObjectWorm', 'exclusive', 'policy'],
      ...['Function Compute', 'function', 'code', 'deployed rules', 'trigger', 'uploads'],
      ...['role', 'live role', 'log project', 'dead letters', 'timer', 'repair'],
    ]);

    // Here is other than what is deployed.
    const edits: [string, (text: string) => string, string][] = [
      [
        's.yaml',
        (text) => text.replace('HOLDFAST_RULES: rules.yaml', 'HOLDFAST_RULES: other.yaml'),
        'failure function holdfast-dead-letter',
      ],
      [
        's.yaml',
        (text) => text.replace('triggerName: uploads-', 'triggerName: renamed-'),
        'failure trigger holdfast-object-created/renamed-fin-1',
      ],
      ['rules.yaml', (text) => text.replace('7y', '8y'), 'failure deployed rules holdfast-dead-letter'],
      ['dist/policy-timer/index.js', (text) => `${text} `, 'failure code holdfast-policy-timer'],
      [
        'ram/policy-timer.json',
        (text) => text.replace('"oss:CompleteBucketWorm", ', ''),
        'failure role ram/policy-timer.json',
      ],
      ...['"acs:fc:REGION:ACCOUNT:functions/holdfast-dead-letter",', 'log:PostLogStoreLogs'].map(
        (part): [string, (text: string) => string, string] => [
          'ram/object-created.json',
          (text) => text.replace(part, part.startsWith('log:') ? 'log:Nothing' : ''),
          'failure role ram/object-created.json',
        ],
      ),
    ];
    for (const [file, change, expected] of edits) {
      const undo = world.edit(file, change);
      const troubles = await world.troubles();
      expect(troubles).toContain(expected);
      const kinds = new Set(troubles.map((line) => line.split(' holdfast-')[0]));
      const beside = file === 's.yaml' ? ['failure deployed rules', 'warning trigger'] : [];
      for (const kind of kinds) expect([expected.split(' holdfast-')[0], ...beside]).toContain(kind);
      undo();
    }

    // The caller may not look.
    cloud.oss.faults.add({
      operation: 'GetBucketVersioning',
      bucket: 'fin-1',
      effect: { status: 403, code: 'AccessDenied' },
    });
    expect(await world.troubles()).toEqual(['not-checked versioning fin-1']);
    cloud.oss.faults.clear();

    // The cloud is other than it has to be.
    await world.keep('letters/2026/11/20/20261120T100000.000Z-0123456789abcdef.json', {});
    expect(await world.troubles()).toEqual(['failure dead letters oss://letters/dead/']);
    await world.keep('marks/0123456789abcdef/20261120T100100.000Z-replayed.json', {});
    await world.keep('repairs/fin-1.json', repairOf('fin-1', new Date(cloud.time.now().getTime() - 3 * day)));
    expect(await world.troubles()).toEqual(['warning repair fin-1']);
    await world.keep('repairs/fin-1.json', repairOf('fin-1', cloud.time.now()));

    await client.putBucket('fin-2');
    expect(await world.troubles()).toEqual([
      'failure ObjectWorm fin-2',
      'failure uploads fin-2',
      'failure versioning fin-2',
      'warning repair fin-2',
    ]);
    await createRetentionBucket(cloud.url, 'fin-2');
    expect(await world.troubles()).toEqual(['failure uploads fin-2', 'warning repair fin-2']);
    await world.remove('fin-2');
    await world.remove('ledger');
    expect(await world.troubles()).toEqual(['failure bucket ledger']);
    await createRetentionBucket(cloud.url, 'ledger');

    await client.abortBucketWorm('archive-1');
    await client.initiateBucketWorm('archive-1', '30');
    expect(await world.troubles()).toEqual(['failure policy archive-1']);
  });

  it('tells what it could not look at, and goes on', async () => {
    const cwd = folderWith({ 'rules.yaml': 'version: 2\n' });
    const env = {
      HOLDFAST_OSS_ENDPOINT: 'http://127.0.0.1:1',
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'a',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'b',
    };
    const { code, stdout } = await runCli(['doctor'], { cwd, env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failure {6}rules: \d+ mistake.*\n(?:.*\n)*? {13}do: correct the lines named/m);
    expect(stdout).toMatch(/^failure {6}s\.yaml: cannot read s\.yaml/m);
    expect(stdout).toMatch(/^failure {6}bucket: ListBuckets .* no answer/m);
    expect(stdout).toMatch(/^not checked {2}Function Compute cn-hangzhou: its address is not known$/m);
    expect(stdout).toMatch(/^not checked {2}versioning: needs the rules$/m);
  });
});
