import { expect, it } from 'vitest';
import { createRetentionBucket, retainedUntil } from '../../local/plain-client.ts';
import { repairsOf } from '../../shared/backfill/repairs.ts';
import { mattersSettleMs } from '../../shared/matters/age.ts';
import { day } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { fanOutWorld, protectExisting } from '../support/fan-out-world.ts';
import { logOf } from '../support/holdfast-cloud.ts';
import { inventoryRow } from '../support/inventory.ts';
import { rulesFile } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';

const rules = `version: 1
limits: { maxRetention: 120d }
deadLetters: oss://kept/failed/
audit: oss://evidence/audit/
objects:
  - { name: kept, match: { bucket: records, key: "kept/**" }, retain: 10d }
`;
const generation = 60 * day;
const about = ['--match', 'oss://records/**', '--tag', 'client=acme', '--reason', 'x', '--yes'];

/** A world where no event of an upload comes, so inventories alone fire the function. */
async function world() {
  const { cloud, client, inventory } = await fanOutWorld({ repairs: true, rules: rulesFile(rules) });
  const evidence = await createRetentionBucket(cloud.url, 'evidence');
  const cli = { cwd: folderWith({ 'rules.yaml': rules }), env: cloudEnvironment(cloud.url) };
  const rows: string[] = [];
  let runs = 0;
  return {
    cloud,
    evidence,
    async run(...args: string[]) {
      const ended = await runCli(args, cli);
      if (args[0] === 'hold') await cloud.advance(mattersSettleMs); // until each function knows it
      return ended;
    },
    /** Lets the bucket tell of no legal hold, and take none. */
    offerNoHolds() {
      for (const call of ['Put', 'Get']) {
        const effect = { status: 501, code: 'NotImplemented' };
        cloud.oss.faults.add({ operation: `${call}ObjectLegalHold`, bucket: 'records', effect });
      }
    },
    async upload(key: string, tagging?: string) {
      const headers: Record<string, string> = tagging === undefined ? {} : { 'x-oss-tagging': tagging };
      const { res } = await client.put(key, Buffer.from(key), { headers });
      const id = String(res.headers['x-oss-version-id']);
      const date = cloud.time.now().toISOString();
      rows.push(inventoryRow('records', key, id, { tags: tagging === undefined ? '0' : '1', date }));
      return {
        until: async () => (await retainedUntil(client, key, id))?.getTime(),
        isHeld: () => storageOf(cloud).holds.getHold({ bucket: 'records', key, versionId: versionId(id) }),
      };
    },
    /** Lets days pass, and then an inventory arrive. @returns what the function logged of it */
    async pass(days: number) {
      cloud.time.leap(days * day);
      const before = cloud.fc.invocations(protectExisting).length;
      runs += 1;
      await inventory(`run-${runs}`, [rows.join('')]);
      await cloud.idle();
      return cloud.fc.invocations(protectExisting).slice(before).flatMap(logOf);
    },
  };
}

it('inventories on OSS renew what an open matter keeps, say that the cap is passed, and stop with its release', async () => {
  const { cloud, run, upload, pass, offerNoHolds } = await world();
  offerNoHolds();
  const before = await upload('old', 'client=acme');
  const other = await upload('other');
  const opened = await run('hold', 'open', 'case-1', ...about);
  expect(opened).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /1 version kept by retention until \S+Z: oss:\/\/records takes no legal hold/,
    ),
  });
  expect(opened.stdout).toContain(
    'renewed by `protect-existing` where an inventory of the bucket arrives daily',
  );
  const missed = await upload('kept/missed', 'client=acme');
  expect(await missed.until()).toBeUndefined();

  const warned = new Set<unknown>();
  const ends = new Set<unknown>();
  await pass(1);
  for (let passed = 1; passed < 100; passed += 11) {
    const now = cloud.time.now().getTime();
    for (const version of [before, missed]) {
      const until = (await version.until()) ?? 0;
      expect(until, 'never unprotected').toBeGreaterThan(now);
      expect(until, 'two generations at most').toBeLessThanOrEqual(now + 2 * generation);
    }
    const lines = await pass(11);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    for (const { key, reason } of lines)
      if (String(reason).includes('held longer than limits.maxRetention (120d) after Last-Modified'))
        warned.add(key);
    ends.add(await before.until());
  }
  expect(ends.size, 'generations').toBeGreaterThanOrEqual(3);
  expect(warned).toEqual(new Set(['old', 'kept/missed']));
  expect(await other.until()).toBeUndefined();

  const released = await run('hold', 'release', 'case-1', '--reason', 'settled', '--yes');
  expect(released).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 versions had no hold to take off'),
  });
  const last = [await before.until(), await missed.until()];
  await pass(50);
  expect([await before.until(), await missed.until()], 'nothing renews them any more').toEqual(last);
});

it('where a legal hold keeps a version, the function leaves it to that, and keeps what none does', async () => {
  const { cloud, run, upload, pass } = await world();
  const held = await upload('old', 'client=acme');
  expect((await run('hold', 'open', 'case-1', ...about)).stdout).toContain('1 version held');
  const missed = await upload('missed', 'client=acme');
  const lines = await pass(1);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect([await held.isHeld(), await missed.isHeld()]).toEqual([true, false]);
  expect(await held.until()).toBeUndefined();
  expect(await missed.until()).toBeGreaterThan(cloud.time.now().getTime());
});

it('a bucket that a pass has found to take no holds is renewed, whatever it answers later', async () => {
  const { cloud, run, upload, pass, offerNoHolds } = await world();
  offerNoHolds();
  const old = await upload('old', 'client=acme');
  await run('hold', 'open', 'case-1', ...about);
  const end = await old.until();
  cloud.oss.faults.clear();
  expect((await pass(35)).filter(({ level }) => level === 'error')).toEqual([]);
  expect(await old.until()).toBeGreaterThan(end ?? Infinity);
});

it('what cannot be read of the matters stops no repair by the rules, and fails it', async () => {
  const { cloud, evidence, run, upload, pass, offerNoHolds } = await world();
  const storage = storageOf(cloud);
  const old = await upload('old', 'client=acme');
  await run('hold', 'open', 'case-1', ...about);
  const kept = await upload('kept/a');
  const effect = { status: 403, code: 'AccessDenied' };
  cloud.oss.faults.add({ operation: 'GetObjectLegalHold', bucket: 'records', effect });
  expect(
    (await pass(5)).filter(({ level }) => level === 'error'),
    'it asks for no hold',
  ).toEqual([]);
  expect(await kept.until()).toBeGreaterThan(cloud.time.now().getTime());
  expect(await old.until(), 'a hold keeps it').toBeUndefined();

  cloud.oss.faults.clear();
  offerNoHolds();
  const unheld = await upload('unheld', 'client=acme');
  const malformed = `audit/matters/case-2/opened-${'0'.repeat(64)}.json`;
  await evidence.put(malformed, Buffer.from('{}'));
  const later = await upload('kept/b');
  const unread = await pass(1);
  expect(unread).toContainEqual(expect.objectContaining({ level: 'error', code: 'MATTER_MALFORMED' }));
  expect(unread).toContainEqual(letterOf('MATTER_MALFORMED'));
  expect(await later.until()).toBeDefined();
  expect(await unheld.until(), 'the matter that can be read is renewed').toBeDefined();

  cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'evidence', effect });
  const last = await upload('kept/c');
  const unlisted = await pass(1);
  expect(unlisted).toContainEqual(
    expect.objectContaining({ level: 'error', msg: 'the open matters are not known', code: 'ACCESS_DENIED' }),
  );
  expect(unlisted).toContainEqual(letterOf('ACCESS_DENIED'));
  expect(await last.until()).toBeDefined();
  // That of the first inventory, when all was known, is the last one.
  expect(await repairsOf(storage, { bucket: 'kept', prefix: 'failed/' })).toMatchObject([
    { repair: { source: expect.stringContaining('run-1') } },
  ]);
  cloud.oss.faults.clear();
});

const letterOf = (failedCode: string) => expect.objectContaining({ msg: 'a dead letter', failedCode });
