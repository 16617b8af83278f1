import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { day, minute } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { approvalRulesOf, approvalTestWorld } from '../support/approval-world.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { forwarder } from '../support/forwarder.ts';
import { killedAt } from '../support/hold-world.ts';

const protect = ['protect', 'oss://fin-1', '--yes'] as const;
/** @param retain how long the rule keeps what is below `z/`; open matters keep for 90 days */
const rulesOf = (retain: string) =>
  approvalRulesOf({
    approvals: 'protect: { moreThan: 2 }',
    objects: [
      'name: evidence, match: { bucket: evidence }, retain: 9y',
      `name: z, match: { bucket: fin-1, key: "z/**" }, retain: ${retain}`,
    ],
  });
const listed = ['z/0', 'z/1', 'z/2', 'z/3'];
const denied = { status: 403, code: 'AccessDenied' };
/** Ends a run at its first write. */
const noLock = { status: 400, code: 'InvalidRequest' };

/** Versions below `a/`, which only a matter may keep, and below `z/`, which a rule keeps. */
async function mattersWorld(retain = '1y') {
  const world = await approvalTestWorld(rulesOf(retain));
  const { cloud, folder, storage, run, second } = world;
  for (const key of ['a/0', 'a/1', 'a/2', ...listed]) await world.upload('fin-1', key);
  return {
    ...world,
    /** Has a run approved that writes what the rule keeps. */
    async approve() {
      await cloud.advance(5000);
      const { stdout } = await run(...protect, '--dry-run', '--restart', '--json');
      writeFileSync(join(folder, 'act.json'), stdout);
      expect(JSON.parse(stdout).approval).toMatchObject({ versions: listed.length });
      expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
      await cloud.advance(5000);
    },
    /** Runs it, and does something once it was counted. */
    async runWith(happens: () => Promise<unknown>) {
      let lists = 0;
      const url = await forwarder(cloud.url, async (_method, path) => {
        if (!path.includes('versions') || path.includes('decisions')) return;
        lists += 1;
        if (lists === 2) await happens();
      });
      const again = () => runCli(protect, { cwd: folder, env: cloudEnvironment(url) });
      return { ...(await again()), again };
    },
    /** Takes holds off that an open matter needs, and does what was approved, so that a run has its whole number left. */
    async loseHolds() {
      const until = new Date(started + 400 * day);
      for await (const { key, versionId: id } of storage.listVersions('fin-1', '')) {
        const at = { bucket: 'fin-1', key, versionId: versionId(id) };
        if (key.startsWith('a/')) await storage.holds?.putHold(at, 'OFF');
        else await storage.putRetention(at, { mode: 'COMPLIANCE', until });
      }
    },
    refuseHolds() {
      for (const operation of ['PutObjectLegalHold', 'GetObjectLegalHold'])
        cloud.oss.faults.add({ operation, bucket: 'fin-1', effect: { status: 501, code: 'NotImplemented' } });
    },
    /** The keys of versions under retention, and how long from the beginning in days. */
    async retained() {
      const found: [string, number][] = [];
      for await (const { key, versionId: id } of storage.listVersions('fin-1', '')) {
        const at = { bucket: 'fin-1', key, versionId: versionId(id) };
        const until = (await storage.getRetention(at))?.until.getTime();
        if (until !== undefined) found.push([key, Math.floor((until - started) / day)]);
      }
      return found;
    },
  };
}
const started = Date.parse('2026-11-20T10:00:00Z');
const approved = listed.map((key) => [key, 365]);

it('an approved run writes what was counted, and nothing that loses its legal hold meanwhile', async () => {
  const { approve, runWith, open, loseHolds, retained } = await mattersWorld();
  await open('case', { match: ['oss://fin-1/**'] });
  await approve();
  const done = await runWith(loseHolds);
  expect(done.stdout).toContain('3 failed with APPROVAL_EXCEEDED, for example oss://fin-1/a/0');
  expect(await retained()).toEqual(listed.map((key) => [key, 400]));
});

it('an approved run leaves what a matter has that is released meanwhile', async () => {
  const { approve, cloud, runWith, open, release, retained } = await mattersWorld();
  await open('case', { match: ['oss://fin-1/**'] });
  await approve();
  const done = await runWith(async () => {
    await release('case');
    await cloud.advance(minute);
  });
  expect(done.code).toBe(0);
  expect(await retained()).toEqual(approved);
});

it('a run that is gone on with writes by no matter that was opened behind its plan', async () => {
  const { approve, cloud, run, open, refuseHolds, retained } = await mattersWorld('30d');
  refuseHolds();
  await approve();
  cloud.oss.faults.add({ operation: 'PutObjectRetention', bucket: 'fin-1', effect: noLock });
  expect((await run(...protect)).stderr).toContain('OBJECT_WORM_OFF');
  cloud.oss.faults.clear();
  refuseHolds();
  await expect(open('late', { match: ['oss://fin-1/**'] }, killedAt('fin-1'))).rejects.toThrow('killed');
  expect(await run(...protect)).toMatchObject({ code: 0, stderr: expect.stringContaining('going on') });
  expect(await retained()).toEqual(listed.map((key) => [key, 30]));
});

it('a run that goes over all versions again is counted again', async () => {
  const { approve, cloud, run, open, release, refuseHolds, retained } = await mattersWorld();
  const file = `decisions/matters/broken/opened-${'0'.repeat(64)}.json`;
  await plainClient(cloud.url, 'evidence').put(file, Buffer.from('{}'));
  await approve();
  cloud.oss.faults.add({ operation: 'PutObjectRetention', bucket: 'fin-1', effect: noLock });
  expect((await run(...protect)).stderr).toContain('OBJECT_WORM_OFF');
  cloud.oss.faults.clear();
  await release('broken');
  refuseHolds();
  await expect(open('late', { match: ['oss://fin-1/a/**'] }, killedAt('fin-1'))).rejects.toThrow('killed');
  await cloud.advance(5000);
  expect((await run(...protect)).stderr).toContain('error APPROVAL_OTHER');
  expect(await retained()).toEqual([]);
});

it('a run that was stopped before it had done anything is counted again', async () => {
  const { approve, cloud, run, runWith, retained } = await mattersWorld();
  await approve();
  const stops = { operation: 'ListObjectVersions', bucket: 'fin-1', effect: denied };
  const stopped = await runWith(() => Promise.resolve(cloud.oss.faults.add(stops)));
  expect(stopped.stderr).toContain('ACCESS_DENIED');
  cloud.oss.faults.clear();
  expect((await run('retention', 'put', 'oss://fin-1/z/0', '--for', '2y', '--yes')).code).toBe(0);
  expect((await stopped.again()).stderr).toContain('of 4 versions that were approved, 3 are written: 1 kept');
  expect(await retained()).toEqual([['z/0', 731], ...approved.slice(1)]);
});
