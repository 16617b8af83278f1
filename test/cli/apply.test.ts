import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { day } from '../../shared/platform/instant.ts';
import { folderWith, runCli } from '../support/cli.ts';
import { afterLockAge, type PolicyWorld, policyWorld } from '../support/policy-world.ts';

/** A world in which archive-1 is due to be locked, and a plan that says so. */
async function dueWorld(): Promise<PolicyWorld> {
  const world = await policyWorld();
  await world.initiate('archive-1', 365);
  await world.cloud.advance(afterLockAge);
  expect((await world.run('plan', '--out', 'plan.json')).code).toBe(0);
  world.writes();
  return world;
}

describe('holdfast apply', () => {
  it('locks what the plan says when told yes, and shows it read back', async () => {
    const world = await dueWorld();
    const { code, stdout } = await world.run('apply', 'plan.json', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^archive-1 +lock +done: Locked, 365 days$/m);
    expect(world.writes()).toEqual(['CompleteBucketWorm']);
    expect((await world.policy('archive-1')).state).toBe('Locked');
  });

  it('changes nothing without a terminal to confirm on', async () => {
    const world = await dueWorld();
    const { code, stderr } = await world.run('apply', 'plan.json');
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error NOT_CONFIRMED: not confirmed, so nothing was changed: lock archive-1 (365 days) cannot be undone\n' +
        'what to do: type `lock` when asked, or give --yes\n',
    );
    expect(world.writes()).toEqual([]);
    expect((await world.policy('archive-1')).state).toBe('InProgress');
  });

  it('goes through it all in a dry run and sends no write', async () => {
    const world = await dueWorld();
    const { code, stdout } = await world.run('apply', 'plan.json', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^archive-1 +lock +dry run: not sent$/m);
    expect(world.writes()).toEqual([]);
  });

  it('plans now when no plan is named, and confirms nothing that can be undone', async () => {
    const world = await policyWorld();
    await plainClient(world.cloud.url, 'fresh-1').putBucket('fresh-1');
    const { code, stdout } = await world.run('apply', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).results).toEqual([
      expect.objectContaining({
        bucket: 'fresh-1',
        rule: 'fresh',
        action: 'initiate',
        ok: true,
        policy: expect.objectContaining({ state: 'InProgress', days: 90 }),
      }),
    ]);
  });

  it('extends only when confirmed, since that cannot be undone either', async () => {
    const world = await dueWorld();
    await world.run('apply', 'plan.json', '--yes');
    await world.cloud.advance(340 * day);
    const refused = await world.run('apply');
    expect(refused.stderr).toContain(
      'error NOT_CONFIRMED: not confirmed, so nothing was changed: extend archive-1 (to 730 days)',
    );
    expect(refused.stderr).toContain('type `extend`');
    const { code, stdout } = await world.run('apply', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^archive-1 +extend +done: Locked, 730 days$/m);
    expect((await world.policy('archive-1')).days).toBe('730');
  });

  it('does nothing twice: the same plan is refused once it has been carried out', async () => {
    const world = await dueWorld();
    await world.run('apply', 'plan.json', '--yes');
    const { code, stderr } = await world.run('apply', 'plan.json', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('error PLAN_CHANGED');
    expect(stderr).toContain('bucket archive-1: its state was InProgress and is Locked');
  });

  it('leaves alone what has become due since the plan was made', async () => {
    const world = await dueWorld();
    await plainClient(world.cloud.url, 'fresh-1').putBucket('fresh-1');
    world.writes();
    expect((await world.run('apply', 'plan.json', '--yes')).code).toBe(0);
    expect(world.writes()).toEqual(['CompleteBucketWorm']);
  });

  it('refuses the whole plan when another policy has taken the place of the one planned', async () => {
    const world = await dueWorld();
    const client = plainClient(world.cloud.url, 'archive-1');
    const before = (await world.policy('archive-1')).wormId;
    await client.abortBucketWorm('archive-1');
    await client.initiateBucketWorm('archive-1', '180');
    const after = (await world.policy('archive-1')).wormId;
    world.writes();
    const { code, stderr } = await world.run('apply', 'plan.json', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('error PLAN_CHANGED');
    expect(stderr).toContain(`bucket archive-1: the policy was ${before} and is ${after}`);
    expect(stderr).toContain('bucket archive-1: its days was 365 and is 180');
    expect(stderr).toContain('bucket archive-1: what to do was lock (365 days) and is wait');
    expect(world.writes()).toEqual([]);
  });

  it('refuses when the rules are others now, and not for a comment', async () => {
    const world = await dueWorld();
    const file = join(world.folder, 'rules.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('atMost: 3650', 'atMost: 3000'));
    const { code, stderr } = await world.run('apply', 'plan.json', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('the rules are others');
    expect(world.writes()).toEqual([]);
    writeFileSync(file, `# a comment\n${text}`);
    expect((await world.run('apply', 'plan.json', '--yes')).code).toBe(0);
  });

  it.each([
    {
      what: 'edited',
      edit: (text: string) => text.replace('"days": 365', '"days": 180'),
      reason: 'its hash does not fit',
    },
    { what: 'cut off', edit: (text: string) => text.slice(0, 200), reason: 'it is not JSON' },
    {
      what: 'of another version',
      edit: (text: string) => text.replace('"version": 1', '"version": 2'),
      reason: 'version',
    },
    { what: 'something else', edit: () => '[]', reason: 'the file' },
  ])('refuses a plan that is $what', async ({ edit, reason }) => {
    const world = await dueWorld();
    const file = join(world.folder, 'plan.json');
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    const { code, stderr } = await world.run('apply', 'plan.json', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('error PLAN_INVALID: plan.json is not a plan of this version: ');
    expect(stderr).toContain(reason);
    expect(world.writes()).toEqual([]);
  });

  it('does not tell to write a plan over the file that is none', async () => {
    const cwd = folderWith({ 'rules.yaml': 'version: 1\n' });
    const { code, stderr } = await runCli(['apply', 'rules.yaml'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('error PLAN_INVALID: rules.yaml is not a plan');
    expect(stderr).toContain('make a new one with `holdfast plan --out plan.json`');
  });

  it('says so when the plan is not there', async () => {
    const world = await policyWorld();
    const { code, stderr } = await world.run('apply', 'nowhere.json');
    expect(code).toBe(2);
    expect(stderr).toContain('error FILE_UNREADABLE: cannot read nowhere.json');
  });

  it('says of a bucket with ObjectWorm the same as `policy initiate` does', async () => {
    const world = await policyWorld();
    expect(
      (await world.run('local', 'mb', 'oss://fresh-1', '--port', new URL(world.cloud.url).port)).stderr,
    ).toBe('');
    const applied = await world.run('apply');
    expect(applied.code).toBe(1);
    const byHand = await world.run('policy', 'initiate', 'oss://fresh-1', '--days', '90');
    const says = 'InitiateBucketWorm on oss://fresh-1: the bucket takes no WORM policy as it is (';
    expect(applied.stdout).toContain(`POLICY_EXCLUDED: ${says}`);
    expect(byHand.stderr).toContain(`error POLICY_EXCLUDED: ${says}it has ObjectWorm)`);
  });

  it('fails when a step fails, says why, and still carries out the others', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.initiate('archive-2', 365);
    await world.cloud.advance(afterLockAge);
    world.cloud.oss.faults.add({
      operation: 'CompleteBucketWorm',
      bucket: 'archive-1',
      effect: { status: 403, code: 'AccessDenied' },
    });
    const { code, stdout } = await world.run('apply', '--yes');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^archive-1 +lock +failed: ACCESS_DENIED: /m);
    expect(stdout).toMatch(/^archive-2 +lock +done: Locked, 365 days$/m);
  });
});
