import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import type { AuditRecord } from '../../shared/audit/file.ts';
import { formatName } from '../../shared/audit/name.ts';
import { createAuditWriter } from '../../shared/audit/writer.ts';
import { evidenceCheck } from '../../shared/export/cover.ts';
import { minute, second } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { holdTestWorld, otherAccessKey } from '../support/hold-world.ts';
import { holdfastCloud } from '../support/holdfast-cloud.ts';
import { validRules } from '../support/rules-file.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - { name: ledgers, match: { bucket: fin-1, key: "ledger/**" }, retain: { for: 1y, fromTag: closed-on, otherwise: 2y } }
  - { name: letters, match: { bucket: hr-1 }, retain: 30d }
`;

const hostile = 'ledger/=cmd|"calc",\n⁦x';

async function exportWorld() {
  const world = await holdTestWorld(['fin-1', 'hr-1'], rules);
  const env = cloudEnvironment(world.cloud.url);
  const run = (...args: string[]) => runCli(args, { cwd: world.folder, env });
  const inPack = (pack: string, file: string) => readFileSync(join(world.folder, pack, file), 'utf8');
  /** Writes records in a file of the timer. @returns its name */
  const keep = async (...records: AuditRecord[]) => {
    const clock = { now: () => world.cloud.time.now(), sleep: () => Promise.resolve() };
    const deps = { storage: world.storage, rules: validRules(rules), clock };
    const place = { bucket: 'evidence', prefix: 'decisions/' };
    const { name } = await createAuditWriter('policy-timer').write(deps, place, records, undefined);
    return formatName(name);
  };
  return {
    ...world,
    run,
    runAs: (key: { accessKeyId: string; accessKeySecret: string }, ...args: string[]) =>
      runCli(args, {
        cwd: world.folder,
        env: {
          ...env,
          ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
        },
      }),
    inPack,
    table: (pack: string, name: string): Record<string, string>[] =>
      parse(inPack(pack, `${name}.csv`), { columns: true }),
    shell: (pack: string, text: string) =>
      spawnSync('sh', ['-c', text], { cwd: join(world.folder, pack), encoding: 'utf8' }),
    advance: (days: number) => world.cloud.advance(days * 24 * 3_600_000),
    /** Writes an anchor, as the timer does. */
    anchor: (...heads: string[]) => keep({ action: 'anchor', heads }),
    keep,
  };
}

describe('a pack', () => {
  it('has versions, decisions, matters, rules and the evidence, and can be checked without Holdfast', async () => {
    const world = await exportWorld();
    const { run, table, inPack, shell } = world;
    const a = await world.upload('fin-1', 'ledger/a', { 'closed-on': '2026-11-01', secret: 'of-another' });
    await world.upload('fin-1', hostile);
    await world.upload('fin-1', 'other/x');
    await world.upload('hr-1', 'letter');
    for (const bucket of ['fin-1', 'hr-1'])
      expect((await run('protect', `oss://${bucket}`, '--yes')).code).toBe(0);
    await world.open('case-1', { match: ['oss://fin-1/**'], reason: '=SUM(1)' });
    await world.open('case-2', { match: ['oss://hr-1/**'] });
    const anchor = await world.anchor();

    const made = await run('export', '--rule', 'ledgers', '--out', 'pack', '--json');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const document = JSON.parse(made.stdout);
    expect(document).toMatchObject({
      ...{ format: 'holdfast.export/1', folder: 'pack', versions: 2, bytes: 2, decisions: 4, findings: 0 },
      ...{ rules: ['ledgers'], buckets: ['fin-1'], standings: { protected: 2 }, matters: ['case-1'] },
      evidence: { folder: 'oss://evidence/decisions/', lastAnchor: anchor },
      rulesWithoutText: [],
    });

    expect(table('pack', 'versions')).toMatchObject([
      {
        key: hostile,
        rule: 'ledgers',
        retention: 'COMPLIANCE',
        ruleUntil: expect.stringMatching(/^2028-11-20T10:0\d:\d\dZ$/),
      },
      {
        ...{
          bucket: 'fin-1',
          key: 'ledger/a',
          versionId: a,
          current: 'yes',
          size: '1',
          storageClass: 'Standard',
        },
        ...{
          lastModified: expect.stringMatching(/^2026-11-20T10:0\d:\d\dZ$/),
          rule: 'ledgers',
          ruleUntil: '2027-11-02T00:00:00Z',
        },
        ...{ retention: 'COMPLIANCE', retainedUntil: '2027-11-02T00:00:00Z', legalHold: 'on' },
        ...{
          standing: 'protected',
          matters: 'case-1',
          releasedMatters: '',
          tags: '{"closed-on":"2026-11-01"}',
        },
      },
    ]);
    expect(inPack('pack', 'versions.csv')).not.toContain('of-another');
    const decisions = table('pack', 'decisions');
    expect(decisions.map(({ action }) => action).sort()).toEqual(['hold', 'hold', 'protected', 'protected']);
    const ofA = decisions.filter(({ key }) => key === 'ledger/a');
    expect(ofA.find(({ action }) => action === 'protected')).toMatchObject({
      ...{ versionId: a, retainUntil: '2027-11-02T00:00:00Z', caller: 'holdfast' },
    });
    expect(ofA.find(({ action }) => action === 'hold')).toMatchObject({ matters: 'case-1' });
    // A decision stands in a file of the pack, at its number.
    for (const { file = '', record, key } of decisions) {
      const line = inPack('pack', file).split('\n')[Number(record)] ?? '';
      expect(JSON.parse(line)).toMatchObject({ key: key?.replace(/^'(?==)/, '') });
    }
    expect(table('pack', 'matters')).toMatchObject([
      { matter: 'case-1', what: 'opened', reason: "'=SUM(1)", match: 'oss://fin-1/**' },
      { matter: 'case-1', what: 'held', complete: 'true' },
    ]);
    expect(readdirSync(join(world.folder, 'pack', 'matters'))).toEqual(['case-1']);
    expect(table('pack', 'chain')).toHaveLength(document.evidence.files - 4); // without the records of matters
    expect(table('pack', 'chain')).toContainEqual(
      expect.objectContaining({ file: `evidence/${anchor}`, inPack: 'yes', decisions: '0' }),
    );
    const [seen] = table('pack', 'rules');
    expect(seen).toMatchObject({ fingerprint: document.rulesFingerprint, textFitsFingerprint: 'yes' });
    expect(inPack('pack', seen?.['text'] ?? '')).toBe(rules);
    expect(inPack('pack', 'READ-ME.txt')).toContain(`       ${anchor}\n`);

    expect(shell('pack', 'sha256sum -c --quiet SHA256SUMS')).toMatchObject({ status: 0, stdout: '' });
    const listed = shell('pack', 'find . -type f | wc -l').stdout.trim();
    expect(Number(listed)).toBe(document.files + 1);
    expect(shell('pack', evidenceCheck.join('\n'))).toMatchObject({ status: 0, stdout: '' });
    const [first] = decisions;
    writeFileSync(join(world.folder, 'pack', first?.['file'] ?? ''), 'other');
    expect(shell('pack', evidenceCheck.join('\n')).stdout).toMatch(/^changed: evidence\/.*\.jsonl\n$/);
    expect(shell('pack', 'sha256sum -c --quiet SHA256SUMS').status).toBe(1);
    const secret = shell('pack', 'grep -rl holdfast-secret .');
    expect(secret.stdout).toBe('');
  });

  it('has the versions of a period, what was decided in it, and what became of these versions later', async () => {
    const world = await exportWorld();
    const { run, table } = world;
    await world.upload('hr-1', 'early');
    await run('protect', 'oss://hr-1', '--yes');
    await world.advance(2);
    const id = await world.upload('hr-1', 'within');
    await run('protect', 'oss://hr-1', '--yes', '--restart');
    await world.advance(2);
    await world.upload('hr-1', 'late');
    await run('protect', 'oss://hr-1', '--yes', '--restart');
    await world.advance(40);
    expect((await run('disposition', 'plan', '--out', 'd')).code).toBe(0);
    await world.cloud.advance(2 * second); // records of one second have no order
    await world.runAs(otherAccessKey, 'disposition', 'approve', 'd', '--reason', 'yearly', '--yes');
    await plainClient(world.cloud.url, 'hr-1').delete('within', { versionId: id });
    await world.cloud.advance(2 * second);
    await run('disposition', 'certify', 'd');

    const period = ['--from', '2026-11-22', '--to', '2026-11-22'];
    expect(await run('export', ...period, '--out', 'pack')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0 versions \(0 B\) and \d decisions in pack/),
    });
    const decided = table('pack', 'decisions').map(({ key, action }) => `${key} ${action}`);
    expect(decided).toContain('within protected');
    expect(decided).toContain('within disposed');
    expect(decided.filter((each) => /^late|early disposed/.test(each))).toEqual([]);
    expect(table('pack', 'dispositions').map(({ action, caller }) => `${action} ${caller}`)).toEqual([
      'disposition-planned holdfast',
      'disposition-approved approver',
      'disposition-certified holdfast',
    ]);
    // Everything, with the version that went before it.
    const all = JSON.parse((await run('export', '--out', 'all', '--json')).stdout);
    expect(all).toMatchObject({ versions: 2, standings: { elapsed: 2 } });
  });

  it('has all steps of the plans by which versions have gone in the period, also those before it', async () => {
    const world = await exportWorld();
    const { run, table, inPack } = world;
    const id = await world.upload('hr-1', 'k');
    await run('protect', 'oss://hr-1', '--yes');
    await world.advance(40);
    expect((await run('disposition', 'plan', '--out', 'd')).code).toBe(0);
    await world.advance(1);
    await world.runAs(otherAccessKey, 'disposition', 'approve', 'd', '--reason', 'yearly', '--yes');
    await world.advance(2);
    await plainClient(world.cloud.url, 'hr-1').delete('k', { versionId: id });
    expect((await run('disposition', 'certify', 'd')).code).toBe(0);

    const made = await run('export', '--from', '2027-01-02', '--out', 'pack', '--json');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(made.stdout)).toMatchObject({
      ...{ decisions: 1, plansWithoutBeginning: [], evidence: { from: '2026-12-30T00:00:00Z' } },
    });
    expect(
      table('pack', 'dispositions').map(({ time, action }) => `${time?.slice(0, 10)} ${action}`),
    ).toEqual([
      '2026-12-30 disposition-planned',
      '2026-12-31 disposition-approved',
      '2027-01-02 disposition-certified',
    ]);
    for (const { file = '' } of table('pack', 'dispositions')) expect(inPack('pack', file)).not.toBe('');
    expect(inPack('pack', 'READ-ME.txt')).toContain('It was verified from 2026-12-30T00:00:00Z on');

    // A plan of which the evidence has no beginning.
    await world.keep({ action: 'disposed', plan: 'sha256:lost', bucket: 'hr-1', key: 'x', versionId: 'v' });
    const again = JSON.parse((await run('export', '--from', '2027-01-02', '--out', 'lost', '--json')).stdout);
    expect(again).toMatchObject({ plansWithoutBeginning: ['sha256:lost'] });
    expect(inPack('lost', 'READ-ME.txt')).toContain('sha256:lost has steps before 2026-12-30T00:00:00Z');
  });

  it('has what was decided about the default retention of buckets', async () => {
    const world = await exportWorld();
    const { run, table } = world;
    const withDefaults = `${rules}defaults:\n  - { name: first-month, match: { bucket: "tmp-*" }, retain: 30d }\n`;
    writeFileSync(join(world.folder, 'rules.yaml'), withDefaults);
    const decision = { rule: 'first-month', action: 'set-default', reason: 'none' };
    await world.keep(
      { ...decision, bucket: 'tmp-1', defaultRetention: '30 days' },
      { ...decision, bucket: 'x' },
    );
    // Under a name that the rule had once, or of a bucket that another rule has now.
    await world.keep(
      { ...decision, rule: 'once', bucket: 'tmp-2' },
      { ...decision, rule: 'once', bucket: 'x' },
    );

    const made = await run('export', '--rule', 'first-month', '--out', 'pack', '--json');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const told = { rules: ['first-month'], buckets: ['tmp-1', 'tmp-2', 'x'], versions: 0, decisions: 3 };
    expect(JSON.parse(made.stdout)).toMatchObject(told);
    const decided = table('pack', 'decisions').map(({ bucket, rule }) => `${bucket} ${rule}`);
    expect(decided.sort()).toEqual(['tmp-1 first-month', 'tmp-2 once', 'x first-month']);
    expect(table('pack', 'decisions')).toContainEqual(
      expect.objectContaining({ bucket: 'tmp-1', action: 'set-default', defaultRetention: '30 days' }),
    );
    // No rule is for its versions, so they are not asked for.
    const one = await run('export', '--bucket', 'tmp-2', '--out', 'one', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({ buckets: ['tmp-2'], decisions: 1, unread: [] });
  });

  it('says loudly what is wrong with the evidence, and fails', async () => {
    const world = await exportWorld();
    const { run, table, inPack } = world;
    await world.upload('fin-1', 'ledger/a');
    await run('protect', 'oss://fin-1', '--yes');
    const gone = '2026/11/20/10/holdfast-protect-0123456789abcdef/00000001-'.concat('0'.repeat(64), '.jsonl');
    await world.anchor(gone);
    const made = await run('export', '--rule', 'ledgers', '--out', 'pack');
    expect(made).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('THE EVIDENCE IS NOT WHOLE: 1 fault'),
    });
    expect(inPack('pack', 'READ-ME.txt').split('\n')[2]).toBe(
      'THE EVIDENCE IS NOT WHOLE: 1 fault was found.',
    );
    expect(inPack('pack', 'READ-ME.txt')).toContain(`missing ${gone}`);
    expect(table('pack', 'findings')).toMatchObject([{ fault: 'missing', file: gone }]);
    expect(world.shell('pack', 'sha256sum -c --quiet SHA256SUMS').status).toBe(0);
  });

  it('is not stopped by what is no text among the evidence, nor are audit list and disposition', async () => {
    const world = await exportWorld();
    const { run, table } = world;
    await world.upload('hr-1', 'a');
    await world.open('case-1', { match: ['oss://hr-1/**'] });
    const hash = '0'.repeat(64);
    const file = `2026/11/20/10/policy-timer-0123456789abcdef/00000001-${hash}.jsonl`;
    const record = `matters/case-1/lifted-${hash}.json`;
    const client = plainClient(world.cloud.url, 'evidence');
    for (const key of [file, record]) await client.put(`decisions/${key}`, Buffer.from([0xff, 0xfe, 0xc3]));
    for (const [pack, ...period] of [['all'], ['since', '--from', '2026-11-20']]) {
      expect(await run('export', ...period, '--out', String(pack))).toMatchObject({ code: 1, stderr: '' });
      const faults = table(String(pack), 'findings').map((each) => `${each['fault']} ${each['file']}`);
      expect(faults.sort()).toEqual([`changed ${file}`, `changed ${record}`]);
    }
    expect(await run('audit', 'list')).toMatchObject({ code: 0, stdout: expect.stringContaining('hold') });
    expect((await run('hold', 'list')).stderr).not.toContain('UNEXPECTED_REPLY');
    expect((await run('disposition', 'plan', 'oss://hr-1', '--out', 'd')).code).toBe(0);
  });

  it('says which bucket could not be read, and fails', async () => {
    const world = await exportWorld();
    await world.upload('fin-1', 'ledger/a');
    const effect = { status: 403, code: 'AccessDenied' };
    world.cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'fin-1', effect });
    const made = await world.run('export', '--out', 'pack', '--json');
    expect(made.code).toBe(1);
    expect(JSON.parse(made.stdout)).toMatchObject({
      versions: 0,
      unread: [{ bucket: 'fin-1', code: 'ACCESS_DENIED' }],
    });
    expect(world.inPack('pack', 'READ-ME.txt')).toContain('1 bucket COULD NOT BE READ TO THE END.');
    expect(world.table('pack', 'unread')).toMatchObject([{ bucket: 'fin-1', code: 'ACCESS_DENIED' }]);
  });

  it('names the rules that the evidence has no text of', async () => {
    const world = await exportWorld();
    await world.anchor();
    writeFileSync(join(world.folder, 'rules.yaml'), rules.replace('30d', '31d'));
    const { rulesWithoutText } = JSON.parse((await world.run('export', '--out', 'pack', '--json')).stdout);
    expect(rulesWithoutText).toEqual([expect.stringMatching(/^sha256:/)]);
    expect(world.inPack('pack', 'READ-ME.txt')).toContain(
      `The evidence names these rules and has not their text:\n  ${rulesWithoutText[0]}\n`,
    );
    expect(world.table('pack', 'rules')).toMatchObject([
      { fingerprint: rulesWithoutText[0], text: 'not kept' },
    ]);
  });
});

it('an export is refused where it would not be what was asked for, and then nothing is written', async () => {
  const world = await exportWorld();
  const { run, folder } = world;
  const refused = async (...args: string[]) => {
    const { code, stderr } = await run('export', '--out', 'pack', ...args);
    expect(existsSync(join(folder, 'pack', 'SHA256SUMS'))).toBe(false);
    return `${code} ${stderr.split('\n')[0]}`;
  };
  expect(await refused('--rule', 'ledger')).toMatch(/^2 .*--rule ledger: there is no such rule.*ledgers/);
  expect(await refused('--from', '2026-11-21', '--to', '2026-11-20')).toMatch(
    /^2 .*--from 2026-11-21 is not before/,
  );
  expect(await refused('--from', '2026-02-30')).toMatch(/^2 .*--from: there is no day such as/);
  expect(await refused('--bucket', 'none')).toMatch(/^2 .*--bucket none: none of the rules is for it/);
  expect(existsSync(join(folder, 'pack'))).toBe(false);
  writeFileSync(join(folder, 'full'), '');
  expect((await run('export', '--out', 'full')).stderr).toContain('full is a file');
  if (existsSync('/proc/self'))
    expect((await run('export', '--out', '/proc/x/y')).stderr).toContain('error FILE_UNWRITABLE');
  expect((await run('export', '--out', '.')).stderr).toContain('. is not empty');
  writeFileSync(join(folder, 'rules.yaml'), rules.replace(/audit:.*\n/, ''));
  expect((await run('export', '--out', 'other')).stderr).toContain('error EVIDENCE_UNSET');
});

it('each decision can be followed from the last anchor by the files of the pack alone', async () => {
  const cloud = await holdfastCloud(rules, { instances: 'threads' });
  const clients = [
    await createRetentionBucket(cloud.url, 'fin-1'),
    await createRetentionBucket(cloud.url, 'hr-1'),
  ];
  await createRetentionBucket(cloud.url, 'evidence');
  for (const round of [1, 2, 3]) {
    for (const client of clients) await client.put(`ledger/${round}`, Buffer.from('x'));
    await cloud.idle();
    await cloud.advance((round === 2 ? 70 : 20) * minute);
  }
  const options = { cwd: folderWith({ 'rules.yaml': rules }), env: cloudEnvironment(cloud.url) };
  const made = await runCli(['export', '--rule', 'ledgers', '--out', 'pack', '--json'], options);
  expect(made.code).toBe(0);
  const { evidence, versions } = JSON.parse(made.stdout);
  expect(versions).toBe(3);
  const read = (file: string) => readFileSync(join(options.cwd, 'pack', 'evidence', file), 'utf8');
  const reached = new Set<string>();
  const follow = (file: string): void => {
    if (reached.has(file) || !existsSync(join(options.cwd, 'pack', 'evidence', file))) return;
    reached.add(file);
    const [{ previous }, ...records] = read(file)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    if (previous !== undefined) follow(previous);
    for (const { heads = [] } of records) for (const head of heads) follow(head);
  };
  follow(evidence.lastAnchor);
  const decisions: Record<string, string>[] = parse(
    readFileSync(join(options.cwd, 'pack', 'decisions.csv'), 'utf8'),
    { columns: true },
  );
  expect(decisions.map(({ action }) => action)).toEqual(['protect', 'protect', 'protect']);
  for (const { file } of decisions) expect(reached).toContain(file?.replace('evidence/', ''));
});
