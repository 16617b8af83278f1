import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { contentsOf, ofBuckets, stoppedExport } from '../support/export-stopped.ts';
import { otherAccessKey } from '../support/hold-world.ts';

it('killed, it goes on where it was, and makes the pack that it makes when nobody stops it', async () => {
  const world = await stoppedExport();
  for (const bucket of ['fin-1', 'hr-1']) await world.uploadMany(bucket, 40);
  await world.open('case-1', { match: ['oss://hr-1/**'] });
  const asked = ['export', '--out', 'pack', '--json'];
  // The first bucket is done with, and of the second a page is under way.
  expect((await world.stopAfter(45, 'SIGKILL', asked, ofBuckets)).code).toBeNull();
  expect(world.filesOf('pack')).toContain('INCOMPLETE.txt');
  expect(world.filesOf('pack')).not.toContain('SHA256SUMS');
  world.cloud.oss.requests.clear();
  const ended = await world.run(...asked);
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/going on after \d+ versions\n/) });
  const looks = world.cloud.oss.requests.list().filter(({ operation }) => operation === 'HeadObject');
  expect(looks.filter(({ bucket }) => bucket === 'fin-1')).toEqual([]);

  const whole = await world.run(...asked.map((each) => (each === 'pack' ? 'whole' : each)));
  expect(JSON.parse(ended.stdout)).toMatchObject({ versions: 80, decisions: 40, matters: ['case-1'] });
  expect(whole.code).toBe(0);
  const [made, expected] = ['pack', 'whole'].map((pack) => contentsOf(join(world.folder, pack)));
  expect(made).toEqual(expected);
  const sums = spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: join(world.folder, 'pack') });
  expect(sums.status).toBe(0);
});

it('Ctrl-C leaves a folder that says that it is no pack, and another export into it is refused', async () => {
  const world = await stoppedExport();
  await world.uploadMany('hr-1', 60);
  const asked = ['export', '--out', 'pack'];
  const slow = [...asked, '--qps', '40', '--concurrency', '1'];
  const stopped = await world.stopAfter(5, 'SIGINT', slow, ofBuckets);
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain('interrupted: pack is no pack yet; the same command goes on where it was');
  const files = world.filesOf('pack');
  expect(files).toContain('INCOMPLETE.txt');
  expect(files).not.toContain('SHA256SUMS');
  expect(files).not.toContain('READ-ME.txt');

  const other = await world.run(...asked, '--rule', 'ledgers');
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('error CHECKPOINT_MISMATCH') });
  expect(other.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'chosen rules was evidence, ledgers, letters and is ledgers',
  );
  expect(other.stderr).toContain('--restart');
  expect((await world.run(...asked, '--rule', 'ledgers', '--restart')).code).toBe(0);
  expect(world.filesOf('pack')).not.toContain('INCOMPLETE.txt');
  expect(world.filesOf('pack')).not.toContain('checkpoint.json');
  const taken = await world.run(...asked);
  expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining('pack has a pack already') });
});

it('an outage ends it with an error, and no bucket counts as one that could not be read', async () => {
  const world = await stoppedExport();
  await world.uploadMany('hr-1', 10);
  world.cloud.oss.faults.add({ operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } });
  const broken = await world.run('export', '--out', 'pack');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('UNREACHABLE');
  expect(broken.stderr).toContain('pack is no pack yet; the same command goes on where it was');
  expect(world.filesOf('pack')).toContain('INCOMPLETE.txt');
  world.cloud.oss.faults.clear();
  const ended = await world.run('export', '--out', 'pack', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ versions: 10, unread: [], callers: ['holdfast'] });
});

it('what was changed in the folder meanwhile is noticed, and what nothing is known of begins anew', async () => {
  const world = await stoppedExport();
  await world.uploadMany('hr-1', 10);
  world.cloud.oss.faults.add({ operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } });
  await world.run('export', '--out', 'pack');
  world.cloud.oss.faults.clear();
  const table = join(world.folder, 'pack', 'versions.csv');
  const before = readFileSync(table, 'utf8');
  writeFileSync(table, before.replace('bucket', 'BUCKET'));
  const changed = await world.run('export', '--out', 'pack');
  expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining('error CHECKPOINT_UNUSABLE') });
  expect(changed.stderr.replaceAll(/\s+/g, ' ')).toContain('versions.csv: it has not what it had');
  // What was written behind the last checkpoint is cut off, and files that no sum names go.
  writeFileSync(table, before);
  appendFileSync(table, 'half a line');
  mkdirSync(join(world.folder, 'pack', 'evidence', '2026'), { recursive: true });
  writeFileSync(join(world.folder, 'pack', 'evidence', '2026', 'stray.jsonl'), 'x');
  writeFileSync(join(world.folder, 'pack', 'mine.txt'), 'of somebody');
  expect((await world.run('export', '--out', 'pack')).code).toBe(0);
  expect(world.read('pack', 'versions.csv')).not.toContain('half a line');
  expect(existsSync(join(world.folder, 'pack', 'evidence', '2026', 'stray.jsonl'))).toBe(false);
  expect(world.filesOf('pack')).toContain('mine.txt');

  mkdirSync(join(world.folder, 'bare'));
  for (const name of ['INCOMPLETE.txt', 'versions.csv'])
    writeFileSync(join(world.folder, 'bare', name), 'of an earlier version');
  expect((await world.run('export', '--out', 'bare')).code).toBe(0);
  expect(world.read('bare', 'versions.csv')).not.toContain('earlier');
});

it('is gone on with by whoever has the folder, and the pack names both access keys', async () => {
  const world = await stoppedExport();
  await world.uploadMany('hr-1', 10);
  world.cloud.oss.faults.add({ operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } });
  await world.run('export', '--out', 'pack');
  world.cloud.oss.faults.clear();
  const { accessKeyId, accessKeySecret } = otherAccessKey;
  const env = {
    ...world.options.env,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
  };
  expect((await runCli(['export', '--out', 'pack'], { ...world.options, env })).code).toBe(0);
  expect(world.read('pack', 'READ-ME.txt')).toContain('the access keys holdfast, approver\n');
});
