import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endOfLook } from '../../cli/disposition/certificate.ts';
import { plainClient } from '../../local/plain-client.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { createAuditWriter } from '../../shared/audit/writer.ts';
import { versionId } from '../../shared/storage/port.ts';
import { cloudEnvironment, runCli, startCli } from '../support/cli.ts';
import { holdTestWorld, otherAccessKey } from '../support/hold-world.ts';
import { writeInventory } from '../support/inventory.ts';
import { validRules } from '../support/rules-file.ts';
import { type Asked, stopWhenSeen } from '../support/stop-when-seen.ts';
import { temporaryFolder } from '../support/store.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - name: ledgers
    because: Example Act, section 14
    owner: finance@example.com
    match: { bucket: fin-1 }
    retain: { for: 1y, from: { endOf: year } }
  - { name: letters, match: { bucket: hr-1 }, retain: 30d }
`;

it('ends a look at its beginning where the time of the service has gone back', () => {
  const begun = new Date('2028-01-03T02:00:53.004Z');
  const end = (now: string) => endOfLook(begun, new Date(now)).toISOString();
  expect(end('2028-01-03T02:00:53.003Z')).toBe('2028-01-03T02:00:53.004Z');
  expect(end('2028-01-03T02:00:54.000Z')).toBe('2028-01-03T02:00:54.000Z');
});

async function dispositionWorld() {
  const world = await holdTestWorld(['fin-1', 'hr-1'], rules);
  const runAs = (key: { accessKeyId: string; accessKeySecret: string } | undefined, ...args: string[]) =>
    runCli(args, {
      cwd: world.folder,
      env: cloudEnvironment(world.cloud.url, key),
    });
  const run = (...args: string[]) => runAs(undefined, ...args);
  return {
    ...world,
    run,
    approver: (...args: string[]) => runAs(otherAccessKey, ...args),
    approve: (folder: string) =>
      runAs(otherAccessKey, 'disposition', 'approve', folder, '--reason', 'looked at', '--yes'),
    protect: (bucket: string) => run('protect', `oss://${bucket}`, '--yes', '--restart'),
    /** Deletes one version for good, as a person with the permission does. */
    remove: (bucket: string, key: string, id: string) =>
      plainClient(world.cloud.url, bucket).delete(key, { versionId: id }),
    read: (folder: string, file: string) => readFileSync(join(world.folder, folder, file), 'utf8'),
    keysOf: (folder: string) =>
      readFileSync(join(world.folder, folder, 'versions.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): string => JSON.parse(line).key),
    advance: (days: number) => world.cloud.advance(days * 24 * 3_600_000),
  };
}

// The story of docs/records.md, with the files that it leaves.
it('keeps records by a schedule, holds some for a matter, and lets the rest go, proved and by two people', async () => {
  const world = await dispositionWorld();
  const { run, approve, upload, advance } = world;
  const [a, b] = [await upload('fin-1', 'ledger/a'), await upload('fin-1', 'ledger/b', { client: 'acme' })];
  expect((await world.protect('fin-1')).code).toBe(0);
  const schedule = await run('schedule', 'rules.yaml', '--format', 'markdown');
  expect(schedule.stdout).toContain('Example Act, section 14');

  await world.open('case-1', { match: ['oss://fin-1/**'], tag: ['client=acme'], reason: 'Acme v. us' });
  await advance(365); // 2027-11-20: the year of the upload has ended, and the period after it has not
  const early = await run('disposition', 'plan', 'oss://fin-1', '--out', 'early');
  expect(early).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 versions may go/) });
  expect(early.stdout).not.toContain('disposition approve');

  await advance(60); // 2028-01-19
  const planned = await run('disposition', 'plan', 'oss://fin-1', '--out', 'd1', '--json');
  expect(JSON.parse(planned.stdout)).toMatchObject({ versions: 1, bytes: 1, kept: { matter: 1 }, whole: [] });
  expect(world.keysOf('d1')).toEqual(['ledger/a']);
  expect(await run('disposition', 'certify', 'd1', '--region', 'cn-beijing')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('name --cloud oss --region cn-hangzhou'),
  });
  expect(world.read('d1', 'versions.jsonl')).toContain(
    'rule ledgers kept it until 2028-01-01T00:00:00Z; its retention ended 2028-01-01T00:00:00Z; no open matter has it',
  );

  expect(await approve('d1')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('approved: 1 version'),
  });
  expect(world.read('d1', 'delete.sh')).toContain(
    `ossutil rm 'oss://fin-1/ledger%2Fa' --encoding-type url --version-id '${a}' -f || failed=`,
  );
  await world.remove('fin-1', 'ledger/a', a);
  expect(await run('disposition', 'certify', 'd1')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 version gone \(1 B\), 0 versions still there/),
  });

  const hash = createHash('sha256').update(world.read('d1', 'certificate.json')).digest('hex');
  const listed = await run('audit', 'list', '--action', 'disposition-certified', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({
    certificate: hash,
    gone: 1,
    touched: 0,
    caller: 'holdfast',
  });
  const { plan } = JSON.parse(world.read('d1', 'certificate.json'));
  expect((await run('audit', 'list', '--action', 'disposition-certified')).stdout).toContain(
    `plan ${plan} disposition-certified 1 version gone, 0 still there, certificate ${hash}, list `,
  );
  const { certified } = JSON.parse(world.read('d1', 'certificate.json'));
  expect(certified.begunAt <= certified.at).toBe(true);
  expect(JSON.parse(world.read('d1', 'certificate.json'))).toMatchObject({
    planned: { caller: 'holdfast' },
    approved: { caller: 'approver', reason: 'looked at' },
    late: false,
  });

  await world.release('case-1');
  await advance(1); // what was open in the same second counts as open since the plan
  await run('disposition', 'plan', 'oss://fin-1', '--out', 'd2');
  expect(world.keysOf('d2')).toEqual(['ledger/b']);
  expect((await approve('d2')).code).toBe(0);
  expect(world.read('d2', 'lifecycle-fin-1.xml')).toContain('<CreatedBeforeDate>2026-11-21T00:00:00.000Z');
  await world.remove('fin-1', 'ledger/b', b);
  expect((await run('disposition', 'certify', 'd2')).code).toBe(0);
  const { storage, cloud } = world;
  const verified = await verifyAudit({
    storage,
    place: { bucket: 'evidence', prefix: 'decisions/' },
    now: cloud.time.now(),
    rules: validRules(rules),
    onFinding: (finding) => expect(finding).toBeUndefined(),
  });
  expect(verified.findings).toBe(0);
});

describe('an approval', () => {
  it('is refused to whoever made the plan, for a plan that was edited, and for one that the evidence does not know', async () => {
    const world = await dispositionWorld();
    await world.upload('hr-1', 'a');
    await world.advance(40);
    expect(await world.run('disposition', 'plan', '--out', 'd')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 version may go/),
    });
    const own = await world.run('disposition', 'approve', 'd', '--reason', 'mine', '--yes');
    expect(own).toMatchObject({ code: 1, stderr: expect.stringContaining('error APPROVAL_OWN') });
    expect(await world.run('disposition', 'certify', 'd')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error DISPOSITION_UNAPPROVED'),
    });
    const again = await world.run('disposition', 'plan', '--out', 'd');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('there is a plan in d already') });
    const twice = await world.run('disposition', 'plan', 'oss://hr-1', 'oss://hr-1/a', '--out', 'other');
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('would count twice') });
    const asked = await world.approver('disposition', 'approve', 'd', '--reason', 'x');
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('error NOT_CONFIRMED') });

    const plan = world.read('d', 'plan.json');
    writeFileSync(join(world.folder, 'd', 'plan.json'), plan.replace('"versions": 1', '"versions": 2'));
    expect((await world.approve('d')).stderr).toContain('error DISPOSITION_PLAN_INVALID');
    writeFileSync(join(world.folder, 'd', 'plan.json'), plan);
    appendFileSync(join(world.folder, 'd', 'versions.jsonl'), world.read('d', 'versions.jsonl'));
    expect((await world.approve('d')).stderr).toContain('it is not the list of plan.json beside it');
  });

  it('is refused for a plan that is not true any more, and names what has changed', async () => {
    const world = await dispositionWorld();
    const id = await world.upload('hr-1', 'a');
    await world.advance(40);
    await world.run('disposition', 'plan', '--out', 'd');
    await world.open('case-1', { match: ['oss://hr-1'] });
    expect((await world.approve('d')).stderr).toMatch(
      /error DISPOSITION_STALE: .*oss:\/\/hr-1\/a\?versionId=.*: an open matter has it/,
    );
    await world.release('case-1');
    await world.storage.holds?.putHold({ bucket: 'hr-1', key: 'a', versionId: versionId(id) }, 'ON');
    expect((await world.approve('d')).stderr).toContain('a legal hold is on');
    await world.storage.holds?.putHold({ bucket: 'hr-1', key: 'a', versionId: versionId(id) }, 'OFF');
    writeFileSync(join(world.folder, 'rules.yaml'), rules.replace('30d', '90d'));
    expect((await world.approve('d')).stderr).toContain('the rules are others');
  });
});

it('an approval is refused to each of those who have made the plan', async () => {
  const world = await dispositionWorld();
  const { storage, cloud } = world;
  await world.upload('hr-1', 'a');
  await world.advance(40);
  await world.run('disposition', 'plan', '--out', 'd');
  const { hash } = JSON.parse(world.read('d', 'plan.json'));
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const place = { bucket: 'evidence', prefix: 'decisions/' };
  const record = { action: 'disposition-planned', plan: hash, caller: 'approver' };
  await createAuditWriter('holdfast-disposition').write(
    { storage, rules: validRules(rules), clock },
    place,
    [record],
    undefined,
  );
  expect((await world.approve('d')).stderr).toContain('error APPROVAL_OWN');
});

it('no step of a disposition is taken while a matter that may be open cannot be read', async () => {
  const world = await dispositionWorld();
  await world.upload('hr-1', 'a');
  await world.advance(40);
  await world.run('disposition', 'plan', '--out', 'd');
  const file = `decisions/matters/bad/opened-${'b'.repeat(64)}.json`;
  await plainClient(world.cloud.url, 'evidence').put(file, Buffer.from('{}'));
  for (const said of [
    await world.run('disposition', 'plan', '--out', 'other'),
    await world.approve('d'),
    await world.run('disposition', 'certify', 'd'),
  ])
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('error MATTER_MALFORMED') });
  expect(existsSync(join(world.folder, 'other', 'plan.json'))).toBe(false);
});

it('the script that deletes ends with its approval, and counts what was not deleted', async () => {
  const world = await dispositionWorld();
  for (const key of ['a', 'b']) await world.upload('hr-1', key);
  await world.advance(40);
  await world.run('disposition', 'plan', 'oss://hr-1', '--out', 'd');
  await world.upload('hr-1', 'late');
  expect((await world.approve('d')).code).toBe(0);
  // A version has come since, and a lifecycle rule would remove it too.
  expect(existsSync(join(world.folder, 'd', 'lifecycle-hr-1.xml'))).toBe(false);

  const stand = join(world.folder, 'stand-in');
  mkdirSync(stand);
  const program = (name: string, text: string) => {
    writeFileSync(join(stand, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  const script = join(world.folder, 'd', 'delete.sh');
  const cut = join(world.folder, 'cut.sh');
  program('ossutil', 'case "$2" in */a) exit 0;; *) exit 7;; esac');
  const env = { ...process.env, PATH: `${stand}:${process.env['PATH']}` };
  const run = (date: string, file = script) => {
    program('date', `echo ${date}`);
    return spawnSync('sh', [file], { env, encoding: 'utf8' });
  };
  writeFileSync(cut, world.read('d', 'delete.sh').split('failed=$((')[0] ?? '');
  expect(run('20261201000000', cut)).toMatchObject({
    status: 1,
    stderr: 'this script was cut off: nothing was deleted\n',
  });
  expect(run('20261201000000')).toMatchObject({ status: 1, stderr: 'versions that were not deleted: 1\n' });
  expect(run('20991201000000').stderr).toBe('the approval has ended: nothing was deleted\n');
});

describe('a certificate', () => {
  it('names what is still there, and what a matter or a rule has touched since the plan', async () => {
    const world = await dispositionWorld();
    const a = await world.upload('hr-1', 'a');
    await world.upload('hr-1', 'b');
    await world.advance(40);
    await world.run('disposition', 'plan', '--out', 'd');
    expect((await world.approve('d')).code).toBe(0);
    await world.open('case-1', { match: ['oss://hr-1/b'] });
    await world.remove('hr-1', 'a', a);
    writeFileSync(join(world.folder, 'rules.yaml'), rules.replace('30d', '90d'));
    await world.advance(40);
    const { code, stdout } = await world.run('disposition', 'certify', 'd');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^1 version gone \(1 B\), 1 version still there/);
    const text = stdout.replaceAll('\n', ' ');
    expect(text).toMatch(/touched oss:\/\/hr-1\/a\S* \(gone\): the date of a rule is ahead \(rule letters\)/);
    expect(text).toMatch(
      /touched oss:\/\/hr-1\/b\S* \(there\): .*matter case-1 has it; the evidence has a write since: a legal hold/,
    );
    expect(text).toContain('late: the approval of approver ended');
  });

  it('names a version that a matter had which was opened and released since the plan', async () => {
    const world = await dispositionWorld();
    const a = await world.upload('hr-1', 'a');
    await world.advance(40);
    await world.run('disposition', 'plan', '--out', 'd');
    expect((await world.approve('d')).code).toBe(0);
    await world.open('case-1', { match: ['oss://hr-1/a'] });
    await world.release('case-1');
    await world.remove('hr-1', 'a', a);
    const { stdout } = await world.run('disposition', 'certify', 'd');
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /touched oss:\/\/hr-1\/a\S* \(gone\): .*matter case-1 has it/,
    );
  });

  it('takes delete.sh for approved whichever of two approvals has written it last', async () => {
    const world = await dispositionWorld();
    await world.upload('hr-1', 'a');
    await world.advance(40);
    await world.run('disposition', 'plan', '--out', 'd');
    const approve = (days: string) =>
      world.approver('disposition', 'approve', 'd', '--for', days, '--reason', 'looked at', '--yes');
    expect((await approve('30d')).code).toBe(0);
    expect((await approve('7d')).code).toBe(0);
    await world.run('disposition', 'certify', 'd');
    expect(JSON.parse(world.read('d', 'certificate.json'))).toMatchObject({ script: 'approved' });
  });

  it('names what is still there though nothing keeps it, and no key breaks a line', async () => {
    const world = await dispositionWorld();
    await world.upload('hr-1', 'a\nevidence is fine\u202e');
    await world.advance(40);
    await world.run('disposition', 'plan', '--out', 'd');
    expect((await world.approve('d')).code).toBe(0);
    const { code, stdout } = await world.run('disposition', 'certify', 'd');
    expect(code).toBe(1);
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /still there oss:\/\/hr-1\/a⟨U\+000A⟩evidence is fine⟨U\+202E⟩\?versionId=\S+: nothing keeps it, and nobody has deleted it/,
    );
    expect(stdout).not.toMatch(/^evidence is fine/m);
  });

  it('leaves an earlier certificate as it is, and nothing half written when a look fails', async () => {
    const world = await dispositionWorld();
    await world.upload('hr-1', 'a');
    await world.advance(40);
    await world.run('disposition', 'plan', '--out', 'd');
    expect((await world.approve('d')).code).toBe(0);
    expect((await world.run('disposition', 'certify', 'd')).code).toBe(1); // it is still there
    const first = world.read('d', 'certificate.json');
    world.cloud.oss.faults.add({
      operation: 'HeadObject',
      bucket: 'hr-1',
      effect: { status: 403, code: 'AccessDenied' },
    });
    expect((await world.run('disposition', 'certify', 'd')).stderr).toContain('error ACCESS_DENIED');
    world.cloud.oss.faults.clear();
    appendFileSync(join(world.folder, 'd', 'delete.sh'), 'ossutil rm -rf oss://hr-1\n');
    const second = await world.run('disposition', 'certify', 'd');
    expect(second.stdout.replaceAll('\n', ' ')).toContain('delete.sh is not the script that was approved');
    expect(world.read('d', 'certificate.json')).toBe(first);
    expect(JSON.parse(world.read('d', 'certificate-2.json'))).toMatchObject({ script: 'changed' });
    const listed = await world.run('audit', 'list', '--action', 'disposition-certified', '--json');
    expect(listed.stdout.trim().split('\n')).toHaveLength(2);
  });
});

it('needs a folder for the plan, and one for evidence', async () => {
  const world = await dispositionWorld();
  if (existsSync('/proc/self')) {
    const unmade = await world.run('disposition', 'plan', '--out', '/proc/x/y');
    expect(unmade).toMatchObject({ code: 1, stderr: expect.stringContaining('error FILE_UNWRITABLE') });
  }
  writeFileSync(join(world.folder, 'rules.yaml'), rules.replace('audit: oss://evidence/decisions/\n', ''));
  const { stderr } = await world.run('disposition', 'plan', '--out', 'd');
  expect(stderr).toContain('error EVIDENCE_UNSET');
});

it('takes the versions from an inventory, also a key that reads in two ways, and believes HEAD', async () => {
  const world = await dispositionWorld();
  const { cloud, run, upload } = world;
  await plainClient(cloud.url, 'lists').putBucket('lists');
  const [a, plus] = [await upload('hr-1', 'a'), await upload('hr-1', 'b c')];
  await world.advance(20);
  const young = await upload('hr-1', 'young');
  await world.advance(20);
  await upload('hr-1', 'not in the inventory');
  const row = (key: string, id: string, more = '') => `hr-1,${key},${id}${more}\n`;
  const lists = plainClient(cloud.url, 'lists');
  const key = await writeInventory(lists, {
    ...{ folder: 'hr-1/1', bucket: 'hr-1', schema: 'Bucket, Key, VersionId, LastModifiedDate, Size' },
    files: [
      row('a', a, ',2026-11-20T10:00:00Z,9') + row('b+c', plus, ',2026-11-20T10:00:00Z,9'),
      // The inventory is wrong about the time: the rule keeps it still.
      row('young', young, ',2026-01-01T00:00:00Z,9') + row('lost', a, ',2026-11-20T10:00:00Z,9'),
    ],
  });
  const from = ['--inventory', `oss://lists/${key}`];
  const planned = await run('disposition', 'plan', 'oss://hr-1', ...from, '--out', 'd', '--json');
  expect(JSON.parse(planned.stdout)).toMatchObject({
    versions: 2,
    bytes: 2,
    kept: { 'rule-holds': 1, gone: 1 },
  });
  expect(world.keysOf('d')).toEqual(['a', 'b c']);
  expect((await world.approve('d')).code).toBe(0);
  expect(existsSync(join(world.folder, 'd', 'lifecycle-hr-1.xml'))).toBe(false);
  const two = await run('disposition', 'plan', ...from, '--out', 'e');
  expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('--inventory is of one bucket') });
});

it('asks HEAD once for a version that is still there', async () => {
  const world = await dispositionWorld();
  await world.upload('hr-1', 'a');
  await world.advance(40);
  await world.run('disposition', 'plan', '--out', 'd');
  expect((await world.approve('d')).code).toBe(0);
  world.cloud.oss.requests.clear();
  await world.run('disposition', 'certify', 'd');
  const heads = world.cloud.oss.requests
    .list()
    .filter(({ operation, bucket }) => operation === 'HeadObject' && bucket === 'hr-1');
  expect(heads).toHaveLength(1);
});

it('an odd refusal about one hold lets nothing go, where a hold could be there', async () => {
  const world = await dispositionWorld();
  const held = await world.upload('hr-1', 'held');
  await world.upload('hr-1', 'zfree');
  await world.storage.holds?.putHold({ bucket: 'hr-1', key: 'held', versionId: versionId(held) }, 'ON');
  await world.advance(40);
  // HEAD shows the hold of one; the question about the other is refused as by a bucket that takes none.
  world.cloud.oss.faults.add({
    operation: 'GetObjectLegalHold',
    times: 1,
    effect: { status: 400, code: 'InvalidRequest' },
  });
  const { stdout } = await world.run(
    'disposition',
    'plan',
    'oss://hr-1',
    '--out',
    'd',
    '--json',
    '--concurrency',
    '1',
  );
  expect(world.keysOf('d')).not.toContain('held');
  expect(JSON.parse(stdout)).toMatchObject({ versions: 0, kept: { 'hold-unknown': 1, 'legal-hold': 1 } });
});

it.each([
  ['plan', 'nothing is planned yet; the same command goes on where it was', ['plan', '--out', 'd2']],
  [
    'approve',
    'nothing was approved; the same command begins anew',
    ['approve', 'd', '--reason', 'x', '--yes'],
  ],
  ['certify', 'nothing is certified yet; the same command goes on where it was', ['certify', 'd']],
])('Ctrl-C stops %s before anything is on record', async (operation, says, args) => {
  const world = await dispositionWorld();
  for (let count = 0; count < 40; count += 1) await world.upload('hr-1', `k${count}`);
  await world.advance(40);
  await world.run('disposition', 'plan', 'oss://hr-1', '--out', 'd');
  if (operation === 'certify') expect((await world.approve('d')).code).toBe(0);
  const key = operation === 'approve' ? otherAccessKey : undefined;
  const start = () =>
    startCli(['disposition', ...args, '--qps', '60', '--concurrency', '1'], {
      cwd: world.folder,
      env: cloudEnvironment(world.cloud.url, key),
    });
  const isLook = ({ operation: name }: Asked) => name === 'HeadObject';
  const stop = { requests: 5, signal: 'SIGINT', isCounted: isLook } as const;
  const { code, stderr } = await stopWhenSeen(world.cloud.oss.requests, start, stop);
  expect(code, stderr).toBe(130);
  expect(stderr).toContain(`interrupted: ${says}`);
  const files = readdirSync(join(world.folder, args[0] === 'plan' ? 'd2' : 'd')).sort();
  expect(files).toEqual(
    {
      plan: ['plan.checkpoint.json', 'versions.jsonl.part'],
      approve: ['plan.json', 'versions.jsonl'],
      certify: [
        ...['certificate.jsonl.part', 'certify.checkpoint.json', 'delete.sh'],
        ...['lifecycle-hr-1.xml', 'plan.json', 'versions.jsonl'],
      ],
    }[operation],
  );
});

it('a plan is of one region, and --all-regions says what to do', async () => {
  const folder = temporaryFolder();
  const args = ['disposition', 'plan', '--out', join(folder, 'd'), '--all-regions'];
  const { code, stderr } = await runCli(args, { cwd: folder });
  expect(code).toBe(2);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
    'error USAGE: a plan of disposition is of one region: leave out --all-regions, and make, approve and certify one plan for each --region',
  );
});
