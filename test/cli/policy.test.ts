import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { folderWith, runCli } from '../support/cli.ts';
import { policyWorld } from '../support/policy-world.ts';

describe('holdfast policy', () => {
  it('takes a policy from none to locked and extended, and shows each step read back', async () => {
    const world = await policyWorld();
    await plainClient(world.cloud.url, 'archive-1').putBucket('archive-1');
    const get = await world.run('policy', 'get', 'oss://archive-1');
    expect(get).toMatchObject({ code: 0, stdout: 'oss://archive-1\nno WORM policy\n' });
    world.writes();

    const begun = await world.run('policy', 'initiate', 'oss://archive-1', '--days', '200');
    expect(begun.code).toBe(0);
    expect(begun.stdout).toMatch(/^state +InProgress$/m);
    expect(begun.stdout).toMatch(/^lock deadline +2026-11-21T10:0\d:\d\dZ \((24\.0|23\.9) hours left\)$/m);
    await world.cloud.advance(21 * hour);
    const open = await world.run('policy', 'get', 'oss://archive-1', '--json');
    expect(JSON.parse(open.stdout)).toMatchObject({
      bucket: 'archive-1',
      policy: { state: 'InProgress', days: 200, hoursLeft: 3 },
    });

    const dry = await world.run('policy', 'lock', 'oss://archive-1', '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      stdout: 'dry run: would lock archive-1 (200 days); nothing was sent\n',
    });
    const unasked = await world.run('policy', 'lock', 'oss://archive-1');
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain('error NOT_CONFIRMED');
    expect(unasked.stderr).toContain('type `lock` when asked, or give --yes');
    expect(world.writes()).toEqual(['InitiateBucketWorm']);

    const locked = await world.run('policy', 'lock', 'oss://archive-1', '--yes');
    expect(locked.code).toBe(0);
    expect(locked.stdout).toMatch(/^state +Locked$/m);
    expect((await world.policy('archive-1')).state).toBe('Locked');
    const again = await world.run('policy', 'lock', 'oss://archive-1', '--yes', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ action: 'lock', changed: false });

    writeFileSync(join(world.folder, 'worm.json'), '{ "RetentionPeriodInDays": 400 }');
    const [json, xml] = [
      'file://worm.json',
      '<ExtendWormConfiguration><RetentionPeriodInDays>500</RetentionPeriodInDays></ExtendWormConfiguration>',
    ].map(
      (text) =>
        ['policy', 'extend', 'oss://archive-1', '--extend-worm-configuration', text, '--yes'] as const,
    );
    expect((await world.run(...(json ?? []))).code).toBe(0);
    expect((await world.policy('archive-1')).days).toBe('400');
    expect((await world.run(...(xml ?? []))).stdout).toMatch(/^days +500$/m);
    expect((await world.policy('archive-1')).days).toBe('500');
    expect(world.writes()).toEqual(['CompleteBucketWorm', 'ExtendBucketWorm', 'ExtendBucketWorm']);
  });

  it('refuses what the rules do not allow, and writes nothing', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 30);
    world.writes();
    const { code, stderr } = await world.run('policy', 'lock', 'oss://archive-1', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'error BEYOND_RULES: the rules do not allow CompleteBucketWorm on oss://archive-1: 30 days, the rule accepts 180 to 3650',
    );
    expect(world.writes()).toEqual([]);
    const ended = await world.run('policy', 'abort', 'oss://archive-1');
    expect(ended.stdout).toContain(
      'done: abort the policy of archive-1; read back:\nstate          no WORM policy',
    );
    expect(world.writes()).toEqual(['AbortBucketWorm']);
  });

  it('needs no rules to look, and rules to write', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    const nowhere = ['--rules', 'nowhere.yaml'];
    expect((await world.run('policy', 'get', 'oss://archive-1', '--json')).code).toBe(0);
    const { code, stderr } = await world.run('policy', 'lock', 'oss://archive-1', '--yes', ...nowhere);
    expect(code).toBe(2);
    expect(stderr).toContain('error RULES_UNREADABLE');
  });

  it('tells wrong usage before it asks the cloud', async () => {
    const cwd = folderWith({});
    const cases = [
      {
        args: ['initiate', 'oss://a-b', '--days', '0'],
        says: 'Expected a whole number of days from 1 to 25550',
      },
      { args: ['initiate', 'oss://a-b'], says: 'give one of --days and --initiate-worm-configuration' },
      {
        args: ['extend', 'oss://a-b', '--extend-worm-configuration', '{"Days":1}'],
        says: 'RetentionPeriodInDays',
      },
      {
        args: ['extend', 'oss://a-b', '--extend-worm-configuration', '<a>1</a>'],
        says: 'cannot be read as XML',
      },
      { args: ['lock', 'a-b'], says: '"a-b" is not oss://bucket' },
    ];
    for (const { args, says } of cases) {
      const { code, stderr } = await runCli(['policy', ...args], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain('error USAGE');
      expect(stderr).toContain(says);
    }
  });
});
