import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRetentionBucket } from '../../local/plain-client.ts';
import { day } from '../../shared/platform/instant.ts';
import { contentsOf, stoppedExport } from '../support/export-stopped.ts';

const asked = ['export', '--out', 'pack', '--json'];
const noEvidence = { operation: 'GetObject', bucket: 'evidence', effect: { reset: 'before' } };
const noLooks = { operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } };
const refused = { code: 'AccessDenied', status: 403 };

type World = Awaited<ReturnType<typeof stoppedExport>>;

const decision = (world: World, key: string) => ({
  ...{ action: 'protect', rule: 'letters', bucket: 'hr-1', versionId: 'v', key },
  time: world.cloud.time.now().toISOString(),
});

/** Stops an export at what goes wrong. */
async function stopAt(world: World, fault: unknown) {
  world.cloud.oss.faults.add(fault);
  expect(await world.run(...asked)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('UNREACHABLE'),
  });
  world.cloud.oss.faults.clear();
}

const bucketsIn = (world: World) =>
  world
    .read('pack', 'versions.csv')
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(',')[0])
    .sort();

it('goes on with the bucket under way and no other, also where one has come before it', async () => {
  const world = await stoppedExport();
  await world.uploadMany('fin-1', 2);
  await world.uploadMany('hr-1', 3);
  await world.keep(decision(world, 'k0'));
  await stopAt(world, noEvidence);
  // Killed behind the last page of a bucket, before it counted as done with.
  const state = JSON.parse(world.read('pack', 'checkpoint.json'));
  const { done } = state.versions;
  expect(done).toEqual(['oss://evidence/', 'oss://fin-1/', 'oss://hr-1/']);
  const versions = { ...state.versions, done: done.slice(0, 2), under: { url: done[2], position: 'end' } };
  writeFileSync(join(world.folder, 'pack', 'checkpoint.json'), JSON.stringify({ ...state, versions }));
  await createRetentionBucket(world.cloud.url, 'hr-0');
  await world.uploadMany('hr-0', 4);

  const ended = await world.run(...asked);
  expect(ended.code).toBe(0);
  const summary = JSON.parse(ended.stdout);
  expect(summary).toMatchObject({ versions: 5, unread: [], since: [{ bucket: 'hr-0', change: 'new' }] });
  expect(summary.buckets).not.toContain('hr-0');
  expect(bucketsIn(world)).toEqual(['fin-1', 'fin-1', 'hr-1', 'hr-1', 'hr-1']);
  expect(world.read('pack', 'READ-ME.txt')).toContain(
    'hr-0: new since the export was begun; nothing of it is in',
  );
});

it('a bucket that could not be looked at when it was begun stays one that is not in the pack', async () => {
  const world = await stoppedExport();
  await world.uploadMany('hr-1', 3);
  await world.keep(decision(world, 'k0'));
  const listing = { operation: 'ListObjectVersions', bucket: 'fin-1', effect: refused };
  world.cloud.oss.faults.add(listing);
  await stopAt(world, noEvidence);
  await world.uploadMany('fin-1', 2);
  const ended = await world.run(...asked);
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    ...{ versions: 3, since: [] },
    unread: [{ bucket: 'fin-1', code: 'ACCESS_DENIED' }],
  });
});

it('a bucket that was read and cannot be read any more is named, and the exit code is that of a first run', async () => {
  const world = await stoppedExport();
  await world.uploadMany('fin-1', 2);
  await world.uploadMany('hr-1', 3);
  await world.keep(decision(world, 'k0'));
  await stopAt(world, noEvidence);
  world.cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'fin-1', effect: refused });
  const ended = await world.run('export', '--out', 'pack');
  expect(ended.code).toBe(1);
  const words = 'fin-1: cannot be read any more since the export was begun; ACCESS_DENIED';
  expect(ended.stdout.replaceAll(/\s+/g, ' ')).toContain(words);
  expect(world.read('pack', 'READ-ME.txt')).toContain(words);
  expect(world.read('pack', 'READ-ME.txt')).toContain('\n1 bucket CANNOT BE READ ANY MORE.\n');
  expect(bucketsIn(world)).toHaveLength(5);
});

it('gone on with days later, it makes the pack of the day on which it was begun', async () => {
  const world = await stoppedExport();
  await world.uploadMany('fin-1', 3);
  await world.uploadMany('hr-1', 3);
  await world.open('case-1', { match: ['oss://hr-1/**'] });
  await world.keep(decision(world, 'k0'));
  const from = ['--from', '2026-11-19'];
  const whole = await world.run('export', '--out', 'whole', '--json', ...from);
  expect(whole.code).toBe(0);
  world.cloud.oss.faults.add(noLooks);
  expect((await world.run(...asked, ...from)).code).toBe(1);
  world.cloud.oss.faults.clear();

  await world.cloud.advance(3 * day);
  for (const bucket of ['fin-1', 'hr-1']) await world.upload(bucket, 'late', {});
  await world.open('case-2', { match: ['oss://*/**'] });
  await world.release('case-1');
  await world.keep(decision(world, 'late'));
  const ended = await world.run(...asked, ...from);
  expect(ended.code).toBe(0);
  const { madeAt, finishedAt, later, matters, decisions } = JSON.parse(ended.stdout);
  expect({ later, matters, decisions }).toEqual({
    ...{ later: 1, matters: ['case-1'] },
    decisions: JSON.parse(whole.stdout).decisions,
  });
  expect(Date.parse(finishedAt) - Date.parse(madeAt)).toBeGreaterThan(3 * day - 1);
  const cover = world.read('pack', 'READ-ME.txt');
  expect(cover).toContain(`made          as of ${madeAt}, read until ${finishedAt}, by Holdfast`);
  expect(cover).toContain('  1 version was uploaded after the export was begun, and left out\n');
  const tables = (pack: string) =>
    [...contentsOf(join(world.folder, pack))].filter(
      ([file]) => !['READ-ME.txt', 'summary.json', 'SHA256SUMS'].includes(file),
    );
  expect(tables('pack')).toEqual(tables('whole'));
});
