import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { type ProtectWorld, protectWorld } from '../support/protect-world.ts';

/** Runs `holdfast retention …`, with the rules and the cloud of this world. */
const retention = (world: ProtectWorld, ...args: string[]) =>
  runCli(['retention', ...args], { cwd: world.folder, env: cloudEnvironment(world.cloud.url) });

describe('holdfast retention', () => {
  it('keeps the version it names until a date, and shows it read back', async () => {
    const world = await protectWorld();
    const first = await world.upload('plain/a');
    await world.upload('plain/a');
    world.requests();
    const args = ['oss://records/plain/a', '--version-id', first];
    const before = await retention(world, 'get', ...args);
    expect(before.code).toBe(0);
    expect(before.stdout).toMatch(/^retention +none: it can be deleted$/m);

    const put = ['put', ...args, '--until', '2027-01-01'];
    const unasked = await retention(world, ...put);
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain('type `retain` when asked, or give --yes');
    const dry = await retention(world, ...put, '--dry-run');
    expect(dry.stdout).toBe(
      `dry run: would retain oss://records/plain/a?versionId=${first} until 2027-01-02T00:00:00Z; nothing was sent\n`,
    );
    expect(world.requests()).not.toHaveProperty('PutObjectRetention');

    const done = await retention(world, ...put, '--yes', '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      cloud: 'oss',
      versionId: first,
      changed: true,
      retention: { mode: 'COMPLIANCE', until: '2027-01-02T00:00:00Z' },
    });
    const current = await retention(world, 'get', 'oss://records/plain/a', '--json');
    expect(JSON.parse(current.stdout)).toMatchObject({ cloud: 'oss', retention: null });
  });

  it('counts a duration from Last-Modified, takes what ossutil takes, and never shortens', async () => {
    const world = await protectWorld();
    await world.upload('plain/a');
    const put = (...args: string[]) =>
      retention(world, 'put', 'oss://records/plain/a', '--yes', '--json', ...args);
    await world.cloud.advance(86_400_000);
    const counted = JSON.parse((await put('--for', '30d')).stdout);
    expect(counted.until).toMatch(/^2026-12-20T10:0\d:/);
    const shorter = await put('--days', '29');
    expect(shorter.code).toBe(1);
    expect(JSON.parse(shorter.stdout)).toMatchObject({ error: { code: 'WOULD_SHORTEN' } });
    const same = JSON.parse((await put('--days', '30')).stdout);
    expect(same).toMatchObject({ changed: false, action: 'already-protected' });

    const xml = '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>DATE</RetainUntilDate></Retention>';
    writeFileSync(join(world.folder, 'r.xml'), xml.replace('DATE', '2027-02-01T00:00:00.000Z'));
    expect(JSON.parse((await put('--retention', 'file://r.xml')).stdout).until).toBe('2027-02-01T00:00:00Z');
    const json = JSON.stringify({ Mode: 'COMPLIANCE', RetainUntilDate: '2027-03-01T00:00:00.000Z' });
    expect(JSON.parse((await put('--retention', json)).stdout).until).toBe('2027-03-01T00:00:00Z');
  });

  it('tells wrong usage before it asks the cloud', async () => {
    const cwd = folderWith({});
    const cases = [
      { args: ['--days', '30', '--mode', 'GOVERNANCE'], says: '--mode GOVERNANCE is refused' },
      { args: [], says: 'give one of --until, --for, --days and --retention' },
      { args: ['--days', '30', '--until', '2027-01-01'], says: 'give one of' },
      { args: ['--until', 'tomorrow'], says: 'expected a date such as 2033-01-01' },
      { args: ['--for', '30'], says: 'has no unit' },
      { args: ['--retention', '{"Mode":"GOVERNANCE","RetainUntilDate":"2030-01-01"}'], says: 'is refused' },
      { args: ['--retention', '{"Mode":"COMPLIANCE"}'], says: 'RetainUntilDate' },
    ];
    for (const { args, says } of cases) {
      const { code, stderr } = await runCli(['retention', 'put', 'oss://records/a', ...args], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain('error USAGE');
      expect(stderr).toContain(says);
    }
  });
});

it('shows a legal hold, which is no retention, in get, explain and report', async () => {
  const world = await protectWorld();
  await plainClient(world.cloud.url, 'records').put('plain/held', Buffer.from('x'), {
    headers: { 'x-oss-object-worm-legal-hold': 'ON' },
  });
  const got = await retention(world, 'get', 'oss://records/plain/held');
  expect(got.stdout).toMatch(/^legal hold +ON: it cannot be deleted until the hold is lifted/m);
  expect(got.stdout).not.toContain('it can be deleted');
  expect(
    JSON.parse((await retention(world, 'get', 'oss://records/plain/held', '--json')).stdout),
  ).toMatchObject({
    legalHold: true,
  });
  const run = (...args: string[]) =>
    runCli(args, { cwd: world.folder, env: cloudEnvironment(world.cloud.url) });
  expect((await run('explain', 'oss://records/plain/held')).stdout).toMatch(/^legal hold +ON/m);
  const csv = await run('report', 'oss://records/plain/', '--format', 'csv');
  expect(csv.stdout).toMatch(/^standing,.*,reason,mode,legalHold$/m);
});

it('shows a legal hold, and a date that is stored, of a version whose own date is past', async () => {
  const world = await protectWorld();
  const headers = (extra: Record<string, string>) => ({ headers: extra });
  await world.client.put('brief/held', Buffer.from('x'), headers({ 'x-oss-object-worm-legal-hold': 'ON' }));
  await world.client.put('brief/free', Buffer.from('x'));
  await world.client.put(
    'brief/longer',
    Buffer.from('x'),
    headers({
      'x-oss-object-worm-mode': 'COMPLIANCE',
      'x-oss-object-worm-retain-until-date': '2027-01-01T00:00:00.000Z',
    }),
  );
  await world.cloud.advance(3 * 24 * 3_600_000);
  const { stdout } = await runCli(['report', 'oss://records/brief/', '--format', 'csv'], {
    cwd: world.folder,
    env: cloudEnvironment(world.cloud.url),
  });
  const rows: Record<string, string>[] = parse(stdout, { columns: true });
  const found = rows.map(({ key, standing, until, legalHold, mode }) => ({
    key,
    standing,
    until,
    legalHold,
    mode,
  }));
  expect(found).toEqual([
    { key: 'brief/free', standing: 'elapsed', until: '', legalHold: '', mode: '' },
    { key: 'brief/held', standing: 'elapsed', until: '', legalHold: 'true', mode: '' },
    {
      key: 'brief/longer',
      standing: 'elapsed',
      until: '2027-01-01T00:00:00Z',
      legalHold: '',
      mode: 'COMPLIANCE',
    },
  ]);
});

it.each([
  ['GOVERNANCE', '<Days>30</Days>', 'DEFAULT_GOVERNANCE', 1],
  ['COMPLIANCE', '<Years>99</Years>', 'DEFAULT_OVER_CAP', 0],
  ['COMPLIANCE', '<Days>30</Days>', undefined, 0],
])('report and doctor judge a default retention: %s, %s', async (mode, length, code, exitCode) => {
  const world = await protectWorld();
  await world.upload('plain/a');
  await world.run('oss://records');
  const content = `<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled><Rule><DefaultRetention><Mode>${mode}</Mode>${length}</DefaultRetention></Rule></ObjectWormConfiguration>`;
  const put = {
    method: 'PUT' as const,
    bucket: 'records',
    subres: { objectWorm: '' },
    headers: {},
    mime: 'xml',
    content,
  };
  expect(await world.client.request(put)).toMatchObject({ status: 200 });
  const env = cloudEnvironment(world.cloud.url);
  const report = await runCli(['report', 'oss://records', '--json'], { cwd: world.folder, env });
  const posture = JSON.parse(report.stdout);
  expect(report.code).toBe(exitCode);
  expect(posture.verdict).toBe(exitCode === 1 ? 'not-protected' : 'protected');
  expect(posture.troubles.map((trouble: { code: string }) => trouble.code)).toEqual(code ? [code] : []);

  const doctor = await runCli(['doctor', '--json'], { cwd: world.folder, env });
  const { findings } = JSON.parse(doctor.stdout);
  const worm = findings.find(
    ({ check, about }: { check: string; about: string }) => check === 'ObjectWorm' && about === 'records',
  );
  expect(worm.status).toBe(code === undefined ? 'ok' : 'failure');
  expect(worm.message).toContain(`default retention`);
  expect(worm.message).toContain(mode);
});
