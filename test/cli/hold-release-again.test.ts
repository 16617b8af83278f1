import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { versionId } from '../../shared/storage/port.ts';
import { approvalTestWorld } from '../support/approval-world.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { holdRules, holdTestWorld, killedAt } from '../support/hold-world.ts';
import { releasesIn } from '../support/releases.ts';
import { validRules } from '../support/rules-file.ts';

const evidence = { bucket: 'evidence', prefix: 'decisions/' };

/** A matter over two buckets that is released, in which holds were put on behind the release. */
async function releasedWorld() {
  const world = await holdTestWorld(['fin-1', 'fin-2']);
  const a = await world.upload('fin-1', 'a');
  const b = await world.upload('fin-2', 'b');
  await world.open('case', {});
  await world.release('case');
  const late = async (bucket: string, key: string, id: string) =>
    void (await world.storage.holds?.putHold({ bucket, key, versionId: versionId(id) }, 'ON'));
  await late('fin-1', 'a', a);
  await late('fin-2', 'b', b);
  const held = async () => [await world.isHeld('fin-1', 'a', a), await world.isHeld('fin-2', 'b', b)];
  return { ...world, late, held, a, b };
}

describe('hold release --again', () => {
  it('takes off what was put on behind the release, and says why on record', async () => {
    const world = await releasedWorld();
    const dry = await world.release('case', { again: true, dryRun: true });
    expect(dry).toMatchObject({ exitCode: 0, json: { lifted: 2, dryRun: true } });
    expect(await world.held()).toEqual([true, true]);
    const { exitCode, json } = await world.release('case', { again: true, reason: 'one stayed on' });
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { lifted: 2, complete: true } });
    expect(await world.held()).toEqual([false, false]);
    const run = (...args: string[]) =>
      runCli(['hold', ...args], { cwd: world.folder, env: cloudEnvironment(world.cloud.url) });
    const shown = JSON.parse((await run('show', 'case', '--json')).stdout);
    expect(shown.matter.passes).toMatchObject([
      { kind: 'held', withHolds: ['fin-1', 'fin-2'] },
      { kind: 'lifted' },
      { kind: 'lifted', reason: 'one stayed on' },
    ]);
    expect(shown.matter.passes[1].reason).toBeUndefined();
    expect((await run('show', 'case')).stdout).toMatch(/lifted.*2 lifted.*: one stayed on/);
    const again = await run('release', 'case', '--again', '--reason', 'x', '--yes');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('0 holds taken off') });
    expect((await run('release', 'case', '--reason', 'x', '--yes')).stderr).toContain('--again');
    // Why holds are taken off is on record before they are.
    const said = (await releasesIn(world)).filter((each) => each['again'] === true);
    expect(said.map(({ reason }) => reason).sort()).toEqual(['one stayed on', 'x']);
    const verified = await verifyAudit({
      ...{ storage: world.storage, place: evidence, now: world.cloud.time.now() },
      rules: validRules(holdRules),
      onFinding: (finding) => expect(finding).toBeUndefined(),
    });
    expect(verified.findings).toBe(0);
  });

  it('leaves what another open matter has', async () => {
    const world = await releasedWorld();
    await world.open('other', { match: ['oss://fin-2'] });
    expect((await world.release('case', { again: true })).json).toMatchObject({ lifted: 1, kept: 1 });
    expect(await world.held()).toEqual([false, true]);
  });

  it('is for a matter that is released, and asks', async () => {
    const world = await holdTestWorld(['fin-1']);
    await world.open('case', {});
    await expect(world.release('nobody', { again: true })).rejects.toMatchObject({ code: 'MATTER_UNKNOWN' });
    await expect(world.release('case', { again: true })).rejects.toMatchObject({ code: 'MATTER_OPEN' });
    await world.release('case');
    await expect(world.release('case', { again: true, yes: false })).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      message: expect.stringContaining('go over matter case again'),
    });
  });

  it('goes on where it was stopped, and from the first version on where a release was', async () => {
    const world = await releasedWorld();
    const { a, b, late } = world;
    await expect(world.release('case', { again: true }, killedAt('fin-2'))).rejects.toThrow('killed');
    expect(await world.held()).toEqual([false, true]);
    world.cloud.oss.requests.clear();
    expect((await world.release('case', { again: true })).json).toMatchObject({ lifted: 2, looked: 2 });
    expect(await world.held()).toEqual([false, false]);
    const listed = world.cloud.oss.requests
      .list()
      .filter(({ operation }) => operation === 'ListObjectVersions');
    expect(listed.map(({ bucket }) => bucket)).not.toContain('fin-1');

    // What was begun for another reason is none of it: a hold may have been put on behind its place meanwhile.
    await late('fin-1', 'a', a);
    await late('fin-2', 'b', b);
    await expect(world.release('case', { again: true, reason: 'one' }, killedAt('fin-2'))).rejects.toThrow(
      'killed',
    );
    await late('fin-1', 'a', a);
    expect((await world.release('case', { again: true, reason: 'other' })).json).toMatchObject({ lifted: 2 });
    expect(await world.held()).toEqual([false, false]);

    await world.open('second', {});
    await expect(world.release('second', {}, killedAt('fin-2'))).rejects.toThrow('killed');
    await late('fin-1', 'a', a); // behind the place where the release was
    expect((await world.release('second', { again: true })).json).toMatchObject({
      lifted: 2,
      complete: true,
    });
    expect(await world.held()).toEqual([false, false]);
    await expect(world.release('second')).rejects.toMatchObject({ code: 'MATTER_RELEASED' });
  });
});

/** Lets somebody else approve the release of `case-1`, or that it is gone over again. */
async function approveRelease(world: Awaited<ReturnType<typeof approvalTestWorld>>, again: boolean) {
  const dry = await world.release('case-1', { again, dryRun: true });
  writeFileSync(join(world.folder, 'act.json'), JSON.stringify(dry.json));
  expect(await world.second('approve', 'act.json', '--yes')).toMatchObject({ code: 0, stderr: '' });
}

it('a matter is gone over again when somebody else has approved that', async () => {
  const world = await approvalTestWorld();
  const { storage, cloud } = world;
  const version = await world.upload('fin-1', 'a');
  await world.open('case-1', {});
  await approveRelease(world, false);
  await world.release('case-1');
  await storage.holds?.putHold({ bucket: 'fin-1', key: 'a', versionId: versionId(version) }, 'ON');
  // The approval of the release is none of what is done later.
  await expect(world.release('case-1', { again: true })).rejects.toMatchObject({ code: 'APPROVAL_OTHER' });
  expect(await world.isHeld('fin-1', 'a', version)).toBe(true);
  await approveRelease(world, true);
  await cloud.time.advance(60_000);
  expect((await world.release('case-1', { again: true })).json).toMatchObject({ lifted: 1, complete: true });
  // Nor is the approval of one time that of the next.
  await expect(world.release('case-1', { again: true })).rejects.toMatchObject({ code: 'APPROVAL_OTHER' });
  const found = await releasesIn(world);
  expect(found.filter((each) => each['again'] === true)).toMatchObject([
    { matter: 'case-1', approvedBy: 'approver' },
  ]);
  expect(found).toHaveLength(2);
});

it('an approval to go over a matter again is of one pass, also where that leaves something', async () => {
  const world = await approvalTestWorld();
  const { storage, cloud } = world;
  const at = { bucket: 'fin-1', key: 'a', versionId: versionId(await world.upload('fin-1', 'a')) };
  await world.open('case-1', {});
  await approveRelease(world, false);
  await world.release('case-1');
  await storage.holds?.putHold(at, 'ON');
  await approveRelease(world, true);
  // What was stopped has no record, and goes on with its approval.
  await expect(world.release('case-1', { again: true }, killedAt('fin-1'))).rejects.toThrow('killed');
  cloud.oss.faults.add({
    ...{ operation: 'PutObjectLegalHold', bucket: 'fin-1' },
    effect: { status: 403, code: 'AccessDenied' },
  });
  const left = await world.release('case-1', { again: true });
  expect(left.json).toMatchObject({ lifted: 0, failed: 1, complete: false });
  cloud.oss.faults.clear();
  await expect(world.release('case-1', { again: true })).rejects.toMatchObject({ code: 'APPROVAL_OTHER' });
  expect(await world.isHeld('fin-1', 'a', at.versionId)).toBe(true);
});
