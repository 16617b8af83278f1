import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hour } from '../../shared/platform/instant.ts';
import { contentsOf, ofBuckets, ofEvidence, stoppedExport } from '../support/export-stopped.ts';

it('killed again and again, it goes on where it was, and makes the pack that it makes when nobody stops it', async () => {
  const world = await stoppedExport();
  await world.uploadMany('fin-1', 1100); // more than one page of a listing
  await world.uploadMany('hr-1', 30);
  for (const bucket of ['fin-1', 'hr-1'])
    expect((await world.run('protect', `oss://${bucket}`, '--yes')).code).toBe(0);
  await world.open('case-1', { match: ['oss://hr-1/**'] });
  for (let round = 0; round < 3; round += 1) {
    await world.cloud.advance(hour);
    const decided = { action: 'protect', rule: 'letters', bucket: 'hr-1', versionId: 'v' };
    await world.keep(
      ...Array.from({ length: 210 }, (_, index) => ({ ...decided, key: `gone-${round}-${index}` })),
      { action: 'anchor', heads: [] },
    );
  }
  await world.cloud.advance(30 * hour);
  // The period has an end, so that the export has to know its versions when it reads later evidence.
  const asked = ['export', '--to', '2026-11-20', '--out', 'pack', '--json'];

  const stops = [
    [5, ofBuckets],
    [1050, ofBuckets],
    [300, ofEvidence],
    [300, ofEvidence],
  ] as const;
  for (const [count, isCounted] of stops) {
    expect((await world.stopAfter(count, 'SIGKILL', asked, isCounted)).code).toBeNull();
    expect(world.filesOf('pack')).toContain('INCOMPLETE.txt');
    expect(world.filesOf('pack')).not.toContain('SHA256SUMS');
  }
  world.cloud.oss.requests.clear();
  const ended = await world.run(...asked);
  expect(ended.stderr).toMatch(/going on after \d,?\d{3} versions and [46]\d\d files of evidence/);
  const again = world.cloud.oss.requests.list();
  expect(again.filter(({ operation, bucket }) => ofBuckets({ operation, bucket }))).toEqual([]);
  expect(again.filter(({ operation, bucket }) => ofEvidence({ operation, bucket })).length).toBeLessThan(600);

  const whole = await world.run(...asked.map((each) => (each === 'pack' ? 'whole' : each)));
  expect(whole.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    versions: 1130,
    findings: 0,
    decisions: JSON.parse(whole.stdout).decisions,
  });
  const made = contentsOf(join(world.folder, 'pack'));
  const expected = contentsOf(join(world.folder, 'whole'));
  expect([...made.keys()]).toEqual([...expected.keys()]);
  for (const [file, content] of made) expect([file, content === expected.get(file)]).toEqual([file, true]);
  const check = spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], {
    cwd: join(world.folder, 'pack'),
    encoding: 'utf8',
  });
  expect(check).toMatchObject({ status: 0, stdout: '', stderr: '' });
}, 240_000);
