import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { createAuditWriter } from '../../shared/audit/writer.ts';
import { evidenceCheck } from '../../shared/export/cover.ts';
import { hour, second as secondMs } from '../../shared/platform/instant.ts';
import { approvalRules, approvalTestWorld } from '../support/approval-world.ts';
import { validRules } from '../support/rules-file.ts';

/** A policy that was approved on 20 November; it was locked, a run was approved and made, and a matter released on 21 November. */
async function approvedWorld() {
  const world = await approvalTestWorld();
  const { run, second, cloud, folder } = world;
  const approve = async (text: unknown): Promise<string> => {
    writeFileSync(join(folder, 'act.json'), typeof text === 'string' ? text : JSON.stringify(text));
    const approved = await second('approve', 'act.json', '--yes', '--note', 'looked at', '--json');
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    return String(JSON.parse(approved.stdout).approval.key).replace('decisions/', '');
  };
  await world.initiate('archive-1', 365);
  await cloud.advance(2 * hour);
  await run('plan', '--out', 'plan.json');
  const lock = await approve(readFileSync(join(folder, 'plan.json'), 'utf8'));
  await cloud.advance(13 * hour);
  expect((await run('apply', '--yes')).code).toBe(0);
  for (const key of ['a', 'b', 'c']) await world.upload('fin-1', key);
  await cloud.advance(5 * secondMs);
  const protect = await approve((await run('protect', 'oss://fin-1', '--dry-run', '--json')).stdout);
  expect((await run('protect', 'oss://fin-1', '--yes')).code).toBe(0);
  await world.open('case-1', {});
  const release = await approve((await world.release('case-1', { dryRun: true })).json);
  expect((await world.release('case-1')).json).toMatchObject({ complete: true });
  return {
    ...world,
    ...{ lock, protect, release },
    table: (pack: string, name: string): Record<string, string>[] =>
      parse(readFileSync(join(folder, pack, `${name}.csv`), 'utf8'), { columns: true }),
    shell: (pack: string, text: string) =>
      spawnSync('sh', ['-c', text], { cwd: join(folder, pack), encoding: 'utf8' }),
  };
}

it('a pack says who has approved what, and has the approvals', async () => {
  const { run, table, shell, folder, lock, protect, release } = await approvedWorld();
  const made = await run('export', '--from', '2026-11-21', '--out', 'pack', '--json');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const approvals = [lock, protect, release].sort();
  expect(JSON.parse(made.stdout)).toMatchObject({ approvals, findings: 0 });

  const decided = table('pack', 'decisions');
  const by = { approvedBy: 'approver' };
  expect(decided).toContainEqual(
    expect.objectContaining({ ...by, action: 'lock', bucket: 'archive-1', approval: lock }),
  );
  expect(decided).toContainEqual(
    expect.objectContaining({ ...by, action: 'protect-run', bucket: 'fin-1', approval: protect }),
  );
  expect(decided).toContainEqual(
    expect.objectContaining({ ...by, action: 'released', matters: 'case-1', approval: release }),
  );
  const rows = table('pack', 'approvals');
  expect(rows.map(({ approval }) => approval)).toEqual(approvals);
  const rowOf = (file: string) => rows.find(({ approval }) => approval === file);
  const common = { approvedBy: 'approver', note: 'looked at', inPack: 'yes' };
  // Its record is of the day before.
  expect(rowOf(lock)).toMatchObject({
    ...{ ...common, writtenAt: expect.stringMatching(/^2026-11-20T12:0\d:/), file: '', record: '' },
    acts: expect.stringMatching(/^lock of archive-1 \(policy \w+, 365 days\)$/),
  });
  expect(rowOf(protect)).toMatchObject({
    ...{ ...common, acts: expect.stringMatching(/^retention of 3 versions in oss:\/\/fin-1/) },
  });
  const { file = '', record } = rowOf(release) ?? {};
  const line = readFileSync(join(folder, 'pack', file), 'utf8').split('\n')[Number(record)] ?? '';
  expect(JSON.parse(line)).toMatchObject({ action: 'approved', approval: `decisions/${release}` });
  for (const each of decided) expect(existsSync(join(folder, 'pack', each['file'] ?? ''))).toBe(true);

  // What follows them in the chains of their writers is there too.
  const writers = rows.concat(decided).map((each) => String(each['file']).replace(/[^/]+$/, ''));
  const chained = table('pack', 'chain').filter(({ file: each = '' }) =>
    writers.some((writer) => writer !== '' && each.startsWith(writer)),
  );
  expect(chained.length).toBeGreaterThan(4);
  expect(chained.filter(({ inPack }) => inPack !== 'yes')).toEqual([]);
  expect(shell('pack', 'sha256sum -c --quiet SHA256SUMS')).toMatchObject({ status: 0, stdout: '' });
  expect(shell('pack', evidenceCheck.join('\n'))).toMatchObject({ status: 0, stdout: '' });
  writeFileSync(join(folder, 'pack', lock), 'other');
  expect(shell('pack', evidenceCheck.join('\n')).stdout).toBe(`changed: ${lock}\n`);

  // Approvals of what another rule is for are not in it.
  const some = await run('export', '--rule', 'archives', '--out', 'some', '--json');
  expect(JSON.parse(some.stdout)).toMatchObject({ approvals: [lock] });
  const place = { file: expect.stringMatching(/^evidence\//), record: '1' };
  expect(table('some', 'approvals')).toMatchObject([{ approval: lock, ...place }]);
});

it('an approval that is named and is not what it was is a finding, also in a period', async () => {
  const { run, table, storage, cloud, lock } = await approvedWorld();
  await storage.writeText({ bucket: 'evidence', key: `decisions/${lock}` }, 'another text');
  const lost = lock.replace(/[0-9a-f]{64}/, '0'.repeat(64));
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const record = { action: 'lock', bucket: 'archive-1', rule: 'archives', approvedBy: 'approver' };
  await createAuditWriter('holdfast apply').write(
    { storage, rules: validRules(approvalRules), clock },
    { bucket: 'evidence', prefix: 'decisions/' },
    [
      { ...record, approval: lost },
      { ...record, approval: 'approvals/../x' },
    ],
    undefined,
  );
  for (const period of [['--from', '2026-11-21'], []]) {
    const pack = `pack-${period.length}`;
    expect((await run('export', ...period, '--out', pack)).code).toBe(1);
    const found = table(pack, 'findings').map(({ fault, file }) => `${fault} ${file}`);
    expect(found.sort().filter((each) => each.includes('approvals/'))).toEqual(
      [`changed ${lock}`, `missing ${lost}`, 'missing approvals/../x'].sort(),
    );
    expect(table(pack, 'approvals')).toContainEqual(
      expect.objectContaining({ approval: lost, approvedBy: 'approver', inPack: 'no' }),
    );
  }
});
