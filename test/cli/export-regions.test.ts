import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { createPlainBucket, createVersionedBucket, uploadLocal } from '../../cli/local/store.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { twoRegions } from '../support/two-regions.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - { name: records, match: { bucket: "*-records" }, retain: 1y }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 365, lock: { after: 20h } } }
`;

/** A bucket with a record in each region, one with a policy in the other, and the evidence here. */
async function exportOfRegions() {
  const regions = await twoRegions(new Date('2026-11-20T10:00:00Z'));
  for (const [cloud, names] of [
    [regions.here, ['here-records', 'evidence']],
    [regions.there, ['there-records']],
  ] as const) {
    const transport = regions.transportTo(cloud);
    for (const name of names) {
      await createVersionedBucket(transport, name);
      await storageOver(transport).putObjectWorm(name, {});
    }
    await uploadLocal(transport, names[0], { key: 'a', body: Buffer.from('a'), tags: {} });
  }
  const there = regions.transportTo(regions.there);
  await createPlainBucket(there, 'archive-there');
  await storageOver(there).policies.initiatePolicy('archive-there', 365);
  await uploadLocal(there, 'archive-there', { key: 'a', body: Buffer.from('a'), tags: {} });
  const options = { cwd: folderWith({ 'rules.yaml': rules }), env: cloudEnvironment(regions.url) };
  return {
    ...regions,
    run: (...args: string[]) => runCli(args, options),
    read: (pack: string, file: string) => readFileSync(join(options.cwd, pack, file), 'utf8'),
    check: (pack: string) =>
      spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: join(options.cwd, pack) }).status,
  };
}

it('one pack has the versions of every region, under one chain of evidence, and says which region has which bucket', async () => {
  const { run, read, check } = await exportOfRegions();
  expect((await run('protect', 'oss://here-records', '--yes')).code).toBe(0);
  const made = await run('export', '--all-regions', '--out', 'pack', '--json');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(made.stdout)).toMatchObject({
    ...{ versions: 3, decisions: 1, unread: [], region: 'cn-hangzhou, cn-shanghai' },
    regions: [
      { region: 'cn-hangzhou', buckets: ['evidence', 'here-records'], error: null },
      { region: 'cn-shanghai', buckets: ['archive-there', 'there-records'], error: null },
    ],
  });
  const versions: Record<string, string>[] = parse(read('pack', 'versions.csv'), { columns: true });
  expect(versions.map(({ bucket, standing }) => `${bucket} ${standing}`).sort()).toEqual([
    'archive-there too-short',
    'here-records protected',
    'there-records unprotected',
  ]);
  expect(read('pack', 'READ-ME.txt')).toContain(
    'where         oss, region cn-hangzhou: evidence, here-records\n' +
      '              oss, region cn-shanghai: archive-there, there-records\n',
  );
  expect(check('pack')).toBe(0);
  // Without it, what is elsewhere is named, and the pack is not whole.
  const one = await run('export', '--out', 'one', '--json');
  expect(one.code).toBe(1);
  expect(JSON.parse(one.stdout).unread).toContainEqual(
    expect.objectContaining({ bucket: 'there-records', code: 'BUCKET_ELSEWHERE' }),
  );
});

it('a region that cannot be read is named on the cover, and hides no other', async () => {
  const { run, read, refuseThere } = await exportOfRegions();
  refuseThere();
  const made = await run('export', '--all-regions', '--out', 'pack', '--json');
  expect(made.code).toBe(1);
  const { versions, unread } = JSON.parse(made.stdout);
  expect(versions).toBe(1);
  expect(unread.map(({ bucket }: { bucket: string }) => bucket).sort()).toEqual([
    'archive-there',
    'there-records',
  ]);
  expect(read('pack', 'READ-ME.txt')).toMatch(/oss, region cn-shanghai COULD NOT BE READ \([A-Z_]+\): /);
});
