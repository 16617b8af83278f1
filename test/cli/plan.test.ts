import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { runCli } from '../support/cli.ts';
import { afterLockAge, policyWorld } from '../support/policy-world.ts';

describe('holdfast plan', () => {
  it('shows every bucket with its policy, the hours left, and what would be done', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.initiate('archive-short', 30);
    await plainClient(world.cloud.url, 'fresh-1').putBucket('fresh-1');
    await world.cloud.advance(afterLockAge);
    world.writes();
    const { code, stdout } = await world.run('plan');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^archive-1 +archive +InProgress, 365 days, 3\.0 h left +lock \(irreversible\) +acceptable/m,
    );
    expect(stdout).toMatch(
      /^archive-short +archive +InProgress, 30 days, 3\.0 h left +report: mismatch +30 day/m,
    );
    expect(stdout).toMatch(/^fresh-1 +fresh +none +initiate +no policy$/m);
    expect(stdout).toMatch(
      /\n2 changes to make with `holdfast apply` \(1 irreversible\)\. 1 needs you: archive-short \(mismatch\)\. As of 2026-11-\S+Z, region cn-hangzhou\.\n$/,
    );
    expect(world.writes()).toEqual([]);
  });

  it('judges deadlines by the time of the service, not of this machine', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    const { stdout } = await world.run('plan');
    expect(stdout).toMatch(/^archive-1 .* (24\.0|23\.9) h left +wait/m);
    expect(stdout).toContain('2026-11-20T10:0');
  });

  it('keeps the plan in a file that is also what --json prints', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.cloud.advance(afterLockAge);
    const { code, stdout } = await world.run('plan', '--json', '--out', 'plan.json');
    expect(code).toBe(0);
    expect(readFileSync(join(world.folder, 'plan.json'), 'utf8')).toBe(stdout);
    const piped = await world.run('plan', '--out', '-');
    expect(JSON.parse(piped.stdout)).toMatchObject({
      format: 'holdfast.plan/1',
      steps: [{ bucket: 'archive-1' }],
    });
    expect(piped.stderr).toContain('archive-1');
    expect(piped.stderr).not.toMatch(/kept in|apply -/);
    expect(JSON.parse(stdout)).toEqual({
      format: 'holdfast.plan/1',
      version: 1,
      madeAt: expect.stringMatching(/^2026-11-21T07:0\d:/),
      region: 'cn-hangzhou',
      rulesHash: expect.stringMatching(/^sha256:/),
      steps: [
        {
          bucket: 'archive-1',
          rule: 'archive',
          observed: {
            id: (await world.policy('archive-1')).wormId,
            state: 'InProgress',
            days: 365,
            createdAt: expect.stringMatching(/^2026-11-20T10:0\d:\d\dZ$/),
          },
          decision: expect.objectContaining({ action: 'lock', days: 365 }),
        },
      ],
      troubles: [],
      hash: expect.stringMatching(/^sha256:/),
    });
  });

  it('fails when a bucket cannot be looked at, and still shows the others', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.initiate('archive-2', 365);
    world.cloud.oss.faults.add({
      operation: 'GetBucketWorm',
      bucket: 'archive-2',
      effect: { status: 403, code: 'AccessDenied' },
    });
    const { code, stdout } = await world.run('plan');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^archive-1 .* wait/m);
    expect(stdout).toMatch(/^ACCESS_DENIED archive-2: /m);
  });

  it('tells changes from errors with --detailed-exitcode', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    const plan = async (...args: string[]) => (await world.run('plan', '--detailed-exitcode', ...args)).code;
    expect(await plan()).toBe(0);
    await world.cloud.advance(afterLockAge);
    expect(await plan()).toBe(2);
    expect(await plan('--rules', 'nowhere.yaml')).toBe(1);
    expect(await plan('--nonsense')).toBe(1);
    expect((await world.run('apply', '--yes', '--detailed-exitcode')).code).toBe(2);
    expect((await world.run('apply', '--yes', '--detailed-exitcode')).code).toBe(0);
    expect(await plan()).toBe(0);
    await world.initiate('archive-2', 7);
    expect(await plan(), 'a mismatch needs a person').toBe(1);
    await world.cloud.advance(2 * afterLockAge);
    expect(await plan(), 'and so does a lapsed policy').toBe(1);
    expect((await world.run('plan')).code, 'without the option it is no error').toBe(0);
  });

  it('says what to do when wrong credentials are refused', async () => {
    const world = await policyWorld();
    const env = {
      HOLDFAST_OSS_ENDPOINT: world.cloud.url,
      OSS_ACCESS_KEY_ID: 'holdfast',
      OSS_ACCESS_KEY_SECRET: 'wrong',
    };
    const { code, stderr } = await runCli(['plan'], { cwd: world.folder, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error CREDENTIALS_INVALID: /);
    expect(stderr).toContain('what to do:');
  });

  it('says so when nothing answers', async () => {
    const world = await policyWorld();
    const { url } = world.cloud;
    await world.cloud.close();
    const { code, stderr } = await world.run('plan');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error UNREACHABLE: /);
    expect(stderr).toContain(url);
  });
});
