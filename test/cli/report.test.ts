import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { version } from '../../package.json';
import { type CliResult, cloudEnvironment, folderWith, runCli, startCli } from '../support/cli.ts';
import { type ProtectWorld, protectWorld, rulesText } from '../support/protect-world.ts';

const withBuckets = `${rulesText}deadLetters: oss://lists/letters/
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy: { days: { atLeast: 180, atMost: 3650 }, lock: { after: 20h } }
`;

const environmentOf = (world: ProtectWorld) => ({
  cwd: world.folder,
  env: cloudEnvironment(world.cloud.url),
});

const report = (world: ProtectWorld, ...args: string[]): Promise<CliResult> =>
  runCli(['report', ...args], environmentOf(world));

const postureOf = async (world: ProtectWorld, ...args: string[]) => {
  const { stdout, code } = await report(world, ...args, '--json');
  return { code, posture: JSON.parse(stdout) };
};

const rowsOf = async (world: ProtectWorld, ...args: string[]): Promise<Record<string, string>[]> =>
  parse((await report(world, ...args, '--format', 'csv')).stdout, { columns: true });

/** Versions by standing, over all rules. */
function counted({ cells }: { cells: { standing: string; versions: number }[] }): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { standing, versions } of cells) counts[standing] = (counts[standing] ?? 0) + versions;
  return counts;
}

/** Everything that `holdfast protect` can protect is; what it cannot is told by its own key. */
async function mixed(world: ProtectWorld): Promise<void> {
  await world.upload('none/a');
  await world.upload('plain/a');
  await world.upload('plain/a');
  await world.upload('tagged/a', { class: 'finance' });
  await world.upload('tagged/b', { class: 'other' });
  await world.client.delete('plain/gone');
  world.requests();
}

describe('holdfast report', () => {
  it('says that nothing is protected, then that everything is, by the exit code too', async () => {
    const world = await protectWorld();
    await mixed(world);
    const before = await postureOf(world, 'oss://records');
    expect(before.code).toBe(1);
    expect(before.posture.verdict).toBe('not-protected');
    expect(counted(before.posture)).toEqual({ unprotected: 3, uncovered: 2, 'delete-marker': 1 });
    expect(before.posture.reasons).toMatchObject([{ code: 'NO_RETENTION', versions: 3, bytes: 3 }]);

    await world.run('oss://records');
    const { code, posture } = await postureOf(world, 'oss://records');
    expect(code).toBe(0);
    expect(posture.verdict).toBe('protected');
    expect(counted(posture)).toEqual({ protected: 3, uncovered: 2, 'delete-marker': 1 });
    expect(posture.months).toEqual([
      { month: '2027-11', versions: 2, bytes: 2, unsized: 0 },
      { month: '2033-11', versions: 1, bytes: 1, unsized: 0 },
    ]);
    expect(posture.endings.map(({ versions }: { versions: number }) => versions)).toEqual([0, 0, 2]);
    const { stdout } = await report(world, 'oss://records');
    expect(stdout).toMatch(/^Everything that the rules cover is protected\.\n/);
  });

  it('says whose buckets they are, who made it with what, the rules in words, and what to do', async () => {
    const world = await protectWorld();
    await world.upload('plain/a');
    const { posture } = await postureOf(world);
    expect(posture).toMatchObject({
      account: world.cloud.accountId,
      madeBy: { holdfast: version, caller: 'holdfast', callerFrom: 'ALIBABA_CLOUD_ACCESS_KEY_ID' },
      reasons: [{ code: 'NO_RETENTION', remedy: expect.stringContaining('`holdfast protect`') }],
    });
    expect(posture.rules.schedule.rows[0]).toMatchObject({ rule: 'plain', start: 'Last-Modified' });
    const named = await postureOf(world, 'oss://records', '--account', '42');
    expect(named.posture.account).toBe('42');
    const { stdout } = await report(world, 'oss://records', '--format', 'jsonl');
    expect(stdout).toContain('"code":"NO_RETENTION"');
    expect(stdout).not.toContain('remedy');
  });

  it('asks what protect would ask, and writes nothing', async () => {
    const world = await protectWorld();
    await mixed(world);
    await report(world, 'oss://records');
    expect(world.requests()).toEqual({
      GetBucketObjectWormConfiguration: 1,
      ListObjectVersions: 1,
      GetObjectTagging: 2,
      HeadObject: 3,
    });
  });

  it('with --no-head asks about no version, and says that nothing was read', async () => {
    const world = await protectWorld();
    await mixed(world);
    const { code, posture } = await postureOf(world, 'oss://records', '--no-head');
    expect(world.requests()).toEqual({ ListObjectVersions: 1 });
    expect(code).toBe(0);
    expect(posture).toMatchObject({ verdict: 'not-read', read: false });
    expect(counted(posture)).toEqual({ expected: 2, unknown: 2, uncovered: 1, 'delete-marker': 1 });
    const { stdout } = await report(world, 'oss://records', '--no-head');
    expect(stdout).toMatch(/^By the rules alone nothing is unprotected; what OSS stores was not read\.\n/);
  });

  it('tells what is held where the rules cannot be followed', async () => {
    const world = await protectWorld();
    await world.upload('until/bad', { until: 'soon' });
    await world.upload('until/far', { until: '2100-01-01' });
    const rows = await rowsOf(world, 'oss://records');
    expect(rows.map(({ key, standing, code }) => [key, standing, code])).toEqual([
      ['until/bad', 'unprotected', 'TAG_UNREADABLE'],
      ['until/far', 'unprotected', 'OVER_CAP'],
    ]);
  });

  it('covers every bucket that the rules match: policies, dead letters and repairs with it', async () => {
    const world = await protectWorld(withBuckets);
    await world.upload('plain/a');
    const archive = plainClient(world.cloud.url, 'archive-1');
    await archive.putBucket('archive-1');
    await archive.initiateBucketWorm('archive-1', '180');
    await archive.put('a', Buffer.from('xyz'));
    await plainClient(world.cloud.url, 'archive-2').putBucket('archive-2');
    const { code, posture } = await postureOf(world);
    expect(code).toBe(1);
    expect(posture.targets).toEqual(['oss://records/', 'oss://archive-1/', 'oss://archive-2/']);
    expect(posture.policies).toMatchObject([
      {
        bucket: 'archive-1',
        state: 'InProgress',
        hoursLeft: expect.closeTo(24, 1),
        holds: false,
        action: 'wait',
      },
      { bucket: 'archive-2', state: 'none', holds: false, action: 'report' },
    ]);
    expect(posture.upkeep).toMatchObject({ deadLetters: { open: 0 }, repairs: [] });
    expect(posture.cells).toContainEqual({
      bucket: 'archive-1',
      rule: 'archive',
      standing: 'too-short',
      versions: 1,
      bytes: 3,
      unsized: 0,
    });
    const { stdout, stderr } = await report(world, '--store');
    const [, key = ''] =
      /kept in oss:\/\/lists\/(letters\/reports\/2026\/11\/20261120T10\d{4}Z\.json)\n/.exec(stderr) ?? [];
    const kept = await plainClient(world.cloud.url, 'lists').head(key);
    expect(Number(kept.res.headers['content-length'])).toBeGreaterThan(1000);
    expect(stdout).toContain('2 versions and 2 bucket policies need attention');
  });

  it('reports on the other buckets when one cannot be read, and says which one', async () => {
    const world = await protectWorld();
    await world.upload('none/a');
    const { code, posture } = await postureOf(world, 'oss://nowhere', 'oss://records');
    expect(code).toBe(1);
    expect(posture.verdict).toBe('incomplete');
    expect(posture.troubles).toMatchObject([{ bucket: 'nowhere', code: 'NO_SUCH_BUCKET' }]);
    expect(counted(posture)).toEqual({ uncovered: 1 });
  });

  it('says that a version could not be read, and does not call it protected', async () => {
    const world = await protectWorld();
    await world.upload('plain/a');
    const denied = { status: 403, code: 'AccessDenied' };
    world.cloud.oss.faults.add({ operation: 'HeadObject', rate: 1, times: 9, effect: denied });
    const { code, posture } = await postureOf(world, 'oss://records');
    expect(code).toBe(1);
    expect(posture.verdict).toBe('incomplete');
    expect(posture.reasons).toMatchObject([{ code: 'ACCESS_DENIED', standing: 'unknown', versions: 1 }]);
  });

  it('reads an inventory, with sizes where it has them', async () => {
    const world = await protectWorld();
    const id = await world.upload('plain/a');
    const row = (size: string) => `records,plain%2Fa,${id},2026-11-20T10:00:00Z,${size}\n`;
    const schema = 'Bucket, Key, VersionId, LastModifiedDate, Size';
    const sized = await world.inventory([row('1234')], { schema });
    const { posture } = await postureOf(world, 'oss://records', '--inventory', sized);
    expect(posture).toMatchObject({ source: sized, versions: { versions: 1, bytes: 1234, unsized: 0 } });
    const bare = await world.inventory([row('')], { schema });
    const { stdout } = await report(world, 'oss://records', '--inventory', bare);
    expect(stdout).toContain('0 B and 1 version of unknown size');
  });

  it('writes one CSV row a version, in which no key is a formula or breaks a line', async () => {
    const world = await protectWorld();
    const keys = ['plain/"x", y', 'plain/账 本', '=HYPERLINK("x")', '@SUM(A1)', '-1', '+1'];
    for (const key of keys) await world.upload(key);
    const { stdout } = await report(world, 'oss://records', '--format', 'csv');
    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    const shown = keys.map((key) => (/^[=@+-]/.test(key) ? `'${key}` : key));
    expect(rows.map(({ key }) => key).sort()).toEqual(shown.sort());
    expect(stdout.split('\n')[0]).toBe(
      'standing,bucket,key,versionId,rule,until,wanted,size,lastModified,code,reason,mode,legalHold',
    );
  });

  it('makes one page that holds the posture and allows no script but its own', async () => {
    const world = await protectWorld();
    await world.upload('plain/</script><script>alert(1)</script>');
    const { code, stdout } = await report(world, 'oss://records', '--format', 'html');
    expect(code).toBe(1);
    expect(stdout).toMatch(/content="default-src 'none'; script-src 'sha256-[\w+/=]{44}';/);
    expect(stdout.match(/<script/g)).toHaveLength(2);
    const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(stdout) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      headline: 'Not everything is protected: 1 version needs attention.',
      total: 1,
      versions: [{ standing: 'unprotected', key: 'plain/</script><script>alert(1)</script>' }],
    });
  });

  it('does not call it protected when no bucket matches the rules', async () => {
    const world = await protectWorld(rulesText.replaceAll('bucket: records', 'bucket: no-*'));
    const { code, stdout } = await report(world);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^No bucket of this region matches the rules: there is nothing to report on\.\n/);
  });

  it('shows a key that would steer the terminal as plain text', async () => {
    const world = await protectWorld();
    await world.upload('plain/a\u001b[31m\u202eb');
    const { stdout } = await report(world, 'oss://records');
    expect(stdout).toContain('oss://records/plain/a⟨U+001B⟩[31m⟨U+202E⟩b');
  });

  it('writes a file as a whole, and leaves nothing of the run behind', async () => {
    const world = await protectWorld();
    await world.upload('plain/a');
    writeFileSync(join(world.folder, 'r.csv.new'), 'mine');
    const { code, stdout } = await report(world, 'oss://records', '--format', 'csv', '--output', 'r.csv');
    expect(code).toBe(1);
    expect(stdout).toBe('Not everything is protected: 1 version needs attention.\nreport: r.csv\n');
    expect(readFileSync(join(world.folder, 'r.csv'), 'utf8')).toContain('unprotected,records,plain/a');
    expect(readdirSync(world.folder).sort()).toEqual(['.holdfast', 'r.csv', 'r.csv.new', 'rules.yaml']);
    expect(readFileSync(join(world.folder, 'r.csv.new'), 'utf8')).toBe('mine');
    const piped = await report(world, 'oss://records', '--format', 'csv', '--output', '-');
    expect(piped.stdout).toBe(readFileSync(join(world.folder, 'r.csv'), 'utf8'));
    expect(piped.stderr).not.toContain('report:');
    expect(readdirSync(join(world.folder, '.holdfast'))).toEqual([]);
  });

  it('keeps what was read when the report cannot be written, and does not read it again', async () => {
    const world = await protectWorld();
    await mixed(world);
    const failed = await report(world, 'oss://records', '--output', '/dev/full');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('error FILE_UNWRITABLE');
    world.requests();
    const again = await report(world, 'oss://records');
    expect(again.stderr).toContain('going on after 6 versions');
    expect(again.stdout).toContain('3 versions need attention');
    expect(world.requests()).toEqual({ GetBucketObjectWormConfiguration: 1 });
  });

  it('killed in the middle it goes on where it was, and says what a run says that nobody stopped', async () => {
    const world = await protectWorld();
    const keys = Array.from({ length: 60 }, (_, index) => `plain/${index}`);
    const ids = await Promise.all(keys.map((key) => world.upload(key)));
    const rows = keys.map((key, index) => `records,${encodeURIComponent(key)},${ids[index]}\n`);
    const files = [0, 20, 40].map((from) => rows.slice(from, from + 20).join(''));
    const url = await world.inventory(files, { schema: 'Bucket, Key, VersionId' });
    const args = ['oss://records', '--inventory', url];
    const undisturbed = await rowsOf(world, ...args);
    expect(undisturbed.map(({ key }) => key)).toEqual(keys);

    world.requests();
    const child = startCli(['report', ...args, '--format', 'csv'], environmentOf(world));
    const read = () =>
      world.cloud.oss.requests.list().filter(({ operation }) => operation === 'GetObject').length;
    // The second file is asked for, after the manifest and the first, only when the first one's versions are kept.
    while (read() < 3 && child.exitCode === null) await new Promise((next) => setImmediate(next));
    child.kill('SIGKILL');
    await once(child, 'close');
    world.requests();
    const { stdout, stderr } = await report(world, ...args, '--format', 'csv');
    expect(stderr).toMatch(/going on after [24]0 versions/);
    expect(parse(stdout, { columns: true })).toEqual(undisturbed);
    expect(world.requests()['HeadObject']).toBeLessThanOrEqual(40);
  });

  it.each([
    [['--json', '--format', 'csv'], '--json and --format csv exclude each other'],
    [['--inventory', 'oss://a/m.json'], '--inventory is of one bucket'],
    [['oss://a/x', 'oss://a/x/y'], 'oss://a/x/y is in oss://a/x already'],
    [['oss://records', '--store'], '--store needs `deadLetters: oss://bucket/prefix/` in the rules'],
    [['records'], '"records" is not oss://bucket'],
    [['--format', 'pdf'], 'Allowed choices are text, json, csv, html'],
  ])('refuses %s', async (args, words) => {
    const cwd = folderWith({ 'rules.yaml': rulesText });
    const { code, stderr, stdout } = await runCli(['report', ...args], { cwd });
    expect(code).toBe(2);
    expect(`${stderr}${stdout}`).toContain(words);
  });
});
