import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { approvalRules, approvalTestWorld } from '../support/approval-world.ts';
import { cloudEnvironment, runCli, startCli } from '../support/cli.ts';
import { forwarder } from '../support/forwarder.ts';
import { stopWhenSeen } from '../support/stop-when-seen.ts';

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
const protect = ['protect', 'oss://fin-1'] as const;

/** Three versions, where the rules let a run write two without an approval. */
async function protectWorld() {
  const world = await approvalTestWorld();
  const ids = [];
  for (const key of ['a', 'b', 'c']) ids.push(await world.upload('fin-1', key));
  await world.cloud.advance(5000);
  return {
    ...world,
    /** The keys of versions under retention. */
    retained: async () => {
      const keys: string[] = [];
      for await (const { key, versionId: id } of world.storage.listVersions('fin-1', '')) {
        const at = { bucket: 'fin-1', key, versionId: versionId(id) };
        if ((await world.storage.getRetention(at)) !== undefined) keys.push(key);
      }
      return keys;
    },
    plan: async (...args: string[]) => {
      const { stdout } = await world.run(...protect, '--dry-run', '--restart', '--json', ...args);
      writeFileSync(join(world.folder, 'act.json'), stdout);
      const { approval } = JSON.parse(stdout);
      return approval;
    },
  };
}

describe('holdfast protect, where the rules ask for an approval', () => {
  it('writes nothing that nobody else has approved, and then exactly what was', async () => {
    const { run, second, plan, upload, retained } = await protectWorld();
    const refused = await run(...protect, '--yes');
    expect(flat(refused.stderr)).toMatch(
      /error APPROVAL_MISSING: .*: retention of 3 versions in oss:\/\/fin-1 until 2027-11-20T10:0\d:\d\dZ at the latest .* what to do: make a plan of it with `holdfast protect oss:\/\/fin-1 --dry-run --json > plan.json`/,
    );
    expect(await plan()).toMatchObject({ act: 'protect', target: 'oss://fin-1', versions: 3 });
    expect(await second('approve', 'act.json', '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect((await second(...protect, '--yes')).stderr).toContain('error APPROVAL_OWN');
    expect(await retained()).toEqual([]);

    // What comes after the plan is not in it: a later run takes it.
    await upload('fin-1', 'd');
    const done = await run(...protect, '--yes', '--json');
    expect(done.code).toBe(0);
    expect(done.stderr, 'what was approved bounds the run, and not its evidence').not.toContain(
      'not under retention',
    );
    expect(JSON.parse(done.stdout)).toMatchObject({ versions: 3, changed: 3, failed: 0 });
    expect(await retained()).toEqual(['a', 'b', 'c']);
    expect((await run(...protect, '--yes')).code).toBe(0);
    expect(await retained()).toEqual(['a', 'b', 'c', 'd']);
    const listed = (await run('audit', 'list', '--json')).stdout.split('\n').filter(Boolean);
    expect(listed.map((line): unknown => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ action: 'protect-run', versions: 3, approvedBy: 'approver' }),
    );
  });

  it('writes what is left of what was approved, and tells what is gone or kept by something else', async () => {
    const { run, second, plan, upload, retained, cloud } = await protectWorld();
    await upload('fin-1', 'd');
    const gone = await upload('fin-1', 'e');
    await cloud.advance(5000);
    expect(await plan()).toMatchObject({ versions: 5 });
    expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
    await plan(); // another plan beside it, of the same
    expect((await run('retention', 'put', 'oss://fin-1/a', '--for', '2y', '--yes')).code).toBe(0);
    await plainClient(cloud.url, 'fin-1').delete('e', { versionId: gone });
    await upload('fin-1', 'f');
    await cloud.advance(5000);
    const done = await run(...protect, '--yes', '--json');
    expect(done.code, done.stderr).toBe(0);
    expect(flat(done.stderr)).toContain(
      'of 5 versions that were approved, 3 are written: 1 gone, 1 kept as long by something else, or by no rule any more',
    );
    const left = { kept: 1, unread: 0, gone: 1 };
    expect(JSON.parse(done.stdout)).toMatchObject({ changed: 3, leftOfApproved: left });
    expect(await retained()).toEqual(['a', 'b', 'c', 'd']);
    const listed = (await run('audit', 'list', '--action', 'protect-run', '--json')).stdout;
    expect(JSON.parse(listed)).toMatchObject({ versions: 5, left, approvedBy: 'approver' });
  });

  it('keeps the list of its plan while writes have failed', async () => {
    const { run, second, plan, retained, cloud } = await protectWorld();
    await plan();
    expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
    cloud.oss.faults.add({
      ...{ operation: 'PutObjectRetention', bucket: 'fin-1', key: 'b' },
      effect: { status: 403, code: 'AccessDenied' },
    });
    expect((await run(...protect, '--yes')).code).toBe(1);
    expect(await retained()).toEqual(['a', 'c']);
    for (const fault of cloud.oss.faults.list()) cloud.oss.faults.remove(fault);
    const again = await run(...protect, '--yes');
    expect(flat(again.stderr)).toContain('of 3 versions that were approved, 1 are written: 2 kept');
    expect([again.code, await retained()]).toEqual([0, ['a', 'b', 'c']]);
  });

  it('takes a damaged list of its plan for none: then it has to be exactly what was approved', async () => {
    const { run, second, plan, retained, folder } = await protectWorld();
    await plan();
    expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
    const lists = join(folder, '.holdfast');
    const kept = readdirSync(lists).filter((name) => name.startsWith('protect-plan-'));
    expect(kept).toHaveLength(1);
    for (const name of kept) appendFileSync(join(lists, name), 'x');
    expect((await run(...protect, '--yes')).code).toBe(0);
    expect(await retained()).toEqual(['a', 'b', 'c']);
  });

  it('refuses less than was approved without the list of its plan, and what was approved when the approval has ended', async () => {
    const { run, second, plan, upload, retained, cloud, folder } = await protectWorld();
    await upload('fin-1', 'd');
    await cloud.advance(5000);
    await plan();
    expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
    expect((await run('retention', 'put', 'oss://fin-1/a', '--for', '2y', '--yes')).code).toBe(0);
    rmSync(join(folder, '.holdfast'), { recursive: true }); // as on another machine
    expect(flat((await run(...protect, '--yes')).stderr)).toMatch(
      /error APPROVAL_OTHER: this was not approved: retention of 3 versions .* The approval by approver is of another plan: retention of 4 versions/,
    );
    await plan();
    expect((await second('approve', 'act.json', '--yes', '--until', '1h')).code).toBe(0);
    await cloud.advance(3_660_000);
    expect((await run(...protect, '--yes')).stderr).toContain('error APPROVAL_EXPIRED');
    expect(await retained()).toEqual(['a']);
    // Two that are left need nobody to be asked.
    expect((await run('retention', 'put', 'oss://fin-1/b', '--for', '2y', '--yes')).code).toBe(0);
    expect((await run(...protect, '--yes')).code).toBe(0);
    expect(await retained()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('writes nothing when its approval is taken back, or ends, while it counts', async () => {
    const { second, plan, retained, cloud, folder, storage } = await protectWorld();
    const runAgainst = (url: string) =>
      runCli([...protect, '--yes', '--restart'], { cwd: folder, env: cloudEnvironment(url) });
    const takeBack = async () => {
      for await (const { key } of storage.listVersions('evidence', 'decisions/approvals/'))
        await plainClient(cloud.url, 'evidence').delete(key); // a delete marker
    };
    for (const [happens, code] of [
      [takeBack, 'APPROVAL_MISSING'],
      [() => cloud.advance(2 * hour), 'APPROVAL_EXPIRED'],
    ] as const) {
      await plan();
      const approved = await second('approve', 'act.json', '--yes', '--until', '1h', '--note', code);
      expect(approved.code).toBe(0);
      let isDone = false;
      const url = await forwarder(cloud.url, async (method) => {
        if (isDone || method !== 'HEAD') return;
        isDone = true;
        await happens();
      });
      const stopped = await runAgainst(url);
      expect([isDone, stopped.code]).toEqual([true, 1]);
      expect(stopped.stderr).toContain(`error ${code}`);
      expect(await retained()).toEqual([]);
    }
  });

  it('names the approval that counts when it begins to write, where another was taken back while it counted', async () => {
    const { run, second, plan, retained, cloud, folder } = await protectWorld();
    await plan();
    const approve = async (until: string) => {
      const { stdout } = await second('approve', 'act.json', '--yes', '--until', until, '--json');
      const { approval }: { approval: { key: string } } = JSON.parse(stdout);
      return approval.key;
    };
    const [stays, foundFirst] = [await approve('1h'), await approve('2h')];
    let isDone = false;
    const url = await forwarder(cloud.url, async (method) => {
      if (isDone || method !== 'HEAD') return;
      isDone = true;
      await plainClient(cloud.url, 'evidence').delete(foundFirst); // a delete marker
    });
    const done = await runCli([...protect, '--yes', '--restart'], {
      cwd: folder,
      env: cloudEnvironment(url),
    });
    expect([isDone, done.code]).toEqual([true, 0]);
    expect(await retained()).toEqual(['a', 'b', 'c']);
    const { stdout } = await run('audit', 'list', '--action', 'protect-run', '--json');
    expect(`decisions/${JSON.parse(stdout).approval}`).toBe(stays);
  });

  it('goes on with an approved run that was killed between two writes, and writes nothing else', async () => {
    const { run, second, plan, upload, retained, cloud, folder } = await protectWorld();
    await plan();
    expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
    const { requests } = cloud.oss;
    const isWrite = ({ operation, bucket }: { operation: string; bucket: string }) =>
      operation === 'PutObjectRetention' && bucket === 'fin-1';
    const command = [...protect, '--yes', '--concurrency', '1'];
    const start = () => startCli(command, { cwd: folder, env: cloudEnvironment(cloud.url) });
    const stop = { requests: 2, signal: 'SIGKILL', isCounted: isWrite } as const;
    const killed = await stopWhenSeen(requests, start, stop);
    expect(killed.code, killed.stderr).toBeNull();
    const done = await retained();
    expect(['a', 'b']).toEqual(expect.arrayContaining(done));
    expect(done).toContain('a');

    await upload('fin-1', 'd'); // nobody has approved it
    requests.clear();
    const resumed = await run(...command, '--json');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ versions: 3, changed: 3, failed: 0 });
    expect(await retained()).toEqual(['a', 'b', 'c']);
    expect(requests.list().filter(isWrite), 'what was written is not written again').toHaveLength(
      3 - done.length,
    );
    // The approval is of a run that is done: the next one is another.
    expect(JSON.parse((await run(...protect, '--yes', '--json')).stdout)).toMatchObject({ changed: 1 });
  });

  it('hands nothing to functions, and asks for an approval of what is kept for long', async () => {
    const world = await protectWorld();
    const fanned = await world.run(...protect, '--fan-out', '--yes');
    expect(flat(fanned.stderr)).toContain('error APPROVAL_UNCOUNTED');
    writeFileSync(
      join(world.folder, 'rules.yaml'),
      approvalRules.replace('bucket: "fin-*" }, retain: 1y', 'bucket: "fin-*" }, retain: 6y'),
    );
    const long = await world.run('protect', 'oss://fin-1/a', '--yes');
    expect(flat(long.stderr)).toContain(
      'APPROVAL_MISSING: the rules ask that somebody else approves this first, and nobody has: retention of 1 version in oss://fin-1/a until 2032-11-20',
    );
  });
});
