import { expect, it, onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { retainedUntil } from '../../local/plain-client.ts';
import { createObsBucket, createObsRetentionBucket, plainObsClient } from '../../local/plain-obs.ts';
import { mattersSettleMs } from '../../shared/matters/age.ts';
import { day, minute } from '../../shared/platform/instant.ts';
import { folderWith, runCli } from '../support/cli.ts';
import { logOf } from '../support/holdfast-cloud.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { rulesFile } from '../support/rules-file.ts';

const rules = `version: 1
limits: { maxRetention: 200d }
deadLetters: obs://letters/dead/
audit: obs://evidence/audit/
objects:
  - { name: kept, match: { bucket: "obs://records", key: "kept/**" }, retain: 10d }
`;
const generation = 90 * day;

async function world() {
  const cloud = await startCloud({
    ...{ instances: inlineInstances, template: 's.yaml', everyBucket: true, clouds: ['obs'] },
    clock: new Date('2027-03-01T10:05:00.300Z'),
    rules: rulesFile(rules),
  });
  onTestFinished(() => cloud.close());
  const { url } = cloud;
  await createObsBucket(url, 'letters');
  await createObsBucket(url, 'evidence');
  const evidence = plainObsClient(url, 'evidence');
  const records = await createObsRetentionBucket(url, 'records');
  const unruled = await createObsRetentionBucket(url, 'unruled');
  const cwd = folderWith({ 'rules.yaml': rules });
  const env = {
    HOLDFAST_OBS_ENDPOINT: url,
    OBS_ACCESS_KEY_ID: 'holdfast',
    OBS_SECRET_ACCESS_KEY: 'holdfast-secret',
  };
  return {
    ...{ cloud, evidence, unruled },
    async run(...args: string[]) {
      const ended = await runCli([...args, '--cloud', 'obs'], { cwd, env });
      if (args[0] === 'hold') await cloud.advance(mattersSettleMs); // until each function knows it
      return ended;
    },
    async upload(key: string, tagging?: string, client = records) {
      const headers: Record<string, string> = tagging === undefined ? {} : { 'x-oss-tagging': tagging };
      const { res } = await client.put(key, Buffer.from(key), { headers });
      await cloud.idle();
      const uploadedAt = cloud.time.now().getTime();
      const until = async () =>
        (await retainedUntil(client, key, String(res.headers['x-oss-version-id'])))?.getTime();
      return { uploadedAt, until };
    },
    /** Lets days pass, and then the timer run. */
    async pass(days: number) {
      cloud.time.leap(days * day);
      await cloud.advance(20 * minute);
      await cloud.idle();
    },
  };
}

it('a matter on OBS keeps what is there and what comes by generations, and says that the cap is passed', async () => {
  const { cloud, run, upload, pass } = await world();
  const before = await upload('old', 'client=acme');
  const other = await upload('other');
  const opened = await run(
    'hold',
    'open',
    'case-1',
    '--match',
    'obs://records/**',
    '--tag',
    'client=acme',
    '--reason',
    'x',
    '--yes',
  );
  expect(opened).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /1 version kept by retention until \S+Z: obs:\/\/records takes no legal hold/,
    ),
  });
  const after = await upload('kept/new', 'client=acme');
  const firstEnd = await before.until();
  expect(firstEnd).toBeGreaterThan(before.uploadedAt + 89 * day);
  expect(await after.until()).toBeGreaterThan(after.uploadedAt + 89 * day);
  expect(await other.until()).toBeUndefined();

  const ends = new Set<number>();
  for (let passed = 0; passed < 320; passed += 40) {
    await pass(40);
    const now = cloud.time.now().getTime();
    for (const version of [before, after]) {
      const until = (await version.until()) ?? 0;
      expect(until, 'never unprotected').toBeGreaterThan(now);
      expect(until, 'two generations at most').toBeLessThanOrEqual(now + 2 * generation);
    }
    ends.add((await before.until()) ?? 0);
  }
  expect(ends.size, 'generations').toBeGreaterThanOrEqual(4);
  const warned = cloud.graph
    .invocations('holdfast-policy-timer')
    .flatMap(logOf)
    .filter(({ reason }) =>
      String(reason).includes(
        'held longer than limits.maxRetention (200d) after Last-Modified, while the matter is open',
      ),
    );
  expect(new Set(warned.map(({ key }) => key))).toEqual(new Set(['old', 'kept/new']));

  const report = await run('report', 'obs://records', '--format', 'csv');
  const reported = report.stdout.split('\n').filter((line) => line.includes('matter case-1'));
  expect(reported).toHaveLength(2);
  for (const line of reported) expect(line).toContain('held longer than limits.maxRetention (200d)');
  const again = [
    'hold',
    'open',
    'case-1',
    '--match',
    'obs://records/**',
    '--tag',
    'client=acme',
    '--reason',
    'x',
    '--again',
    '--yes',
  ];
  expect((await run(...again)).stdout).toContain(
    '2 versions kept longer than limits.maxRetention after Last-Modified',
  );
  expect((await run('hold', 'show', 'case-1')).stdout).toContain(
    '2 longer than limits.maxRetention after Last-Modified',
  );
  expect((await run('plan')).stdout).toContain('2 longer than limits.maxRetention after Last-Modified');
  expect((await run('explain', 'obs://records/old')).stdout).toContain(
    'held longer than limits.maxRetention',
  );
  const listed = await run('audit', 'list', '--action', 'hold');
  expect(listed.stdout).toContain('kept longer than limits.maxRetention');

  const released = await run('hold', 'release', 'case-1', '--reason', 'settled', '--yes');
  expect(released).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 versions had no hold to take off'),
  });
  expect(released.stdout).toMatch(/2 versions can be deleted (between|from) 2028-/);
  const last = await before.until();
  await pass(80);
  expect(await before.until(), 'nothing renews it any more').toBe(last);
});

it.each([
  ['a record of a matter cannot be read', 'MATTER_MALFORMED'],
  ['nobody may list the matters', 'ACCESS_DENIED'],
] as const)(
  'where %s, the timer does what the rules ask for each day, fails, and records no repair',
  async (_what, code) => {
    const { cloud, evidence, run, upload, pass } = await world();
    const file = `audit/matters/case-1/opened-${'0'.repeat(64)}.json`;
    const effect = { status: 403, code: 'AccessDenied' };
    /** Puts an object whose event does nothing, so that a repair alone protects it. */
    const missed = async (key: string) => {
      cloud.oss.faults.add({ operation: 'PutObjectRetention', bucket: 'records', effect });
      const version = await upload(key);
      cloud.oss.faults.clear();
      if (code === 'ACCESS_DENIED')
        cloud.oss.faults.add({ operation: 'ListBucketVersions', bucket: 'evidence', effect });
      return version;
    };
    /** Lets days pass. @returns the last run, and what the timer logged */
    const runAfter = async (days: number) => {
      const before = cloud.graph.invocations('holdfast-policy-timer').length;
      await pass(days);
      const runs = cloud.graph.invocations('holdfast-policy-timer').slice(before);
      return { run: runs.at(-1), lines: runs.flatMap(logOf) };
    };
    if (code === 'MATTER_MALFORMED') await evidence.put(file, Buffer.from('{}'));
    for (const key of ['kept/first', 'kept/second']) {
      const version = await missed(key);
      const { run: last, lines } = await runAfter(1);
      expect(await version.until()).toBeDefined();
      expect(last?.error).toMatchObject({
        errorType: 'RUN_FAILED',
        errorMessage: expect.stringContaining(`records: ${code}`),
      });
      expect(lines.filter(({ action }) => action === 'repair-done')).toEqual([]);
    }
    // Once they can be read, the whole bucket is looked at again.
    if (code === 'MATTER_MALFORMED') await evidence.delete(file);
    cloud.oss.faults.clear();
    const old = await upload('old');
    await run('hold', 'open', 'case-2', '--match', 'obs://records/**', '--reason', 'x', '--yes');
    const { lines } = await runAfter(1);
    expect(lines).toContainEqual(expect.objectContaining({ action: 'repair-done', bucket: 'records' }));
    expect(await old.until()).toBeDefined();
  },
); // a limit against hanging

it('a bucket that only a matter has is left out of a run that cannot read the matters, which says so, and taken by the next', async () => {
  const { cloud, run, upload, pass, unruled } = await world();
  const version = await upload('old', undefined, unruled);
  await run('hold', 'open', 'case', '--match', 'obs://unruled/**', '--reason', 'x', '--yes');
  const first = await version.until();
  cloud.oss.faults.add({
    ...{ operation: 'GetObject', bucket: 'evidence', key: 'audit/matters/', times: 1 },
    effect: { status: 403, code: 'AccessDenied' },
  });
  const before = cloud.graph.invocations('holdfast-policy-timer').length;
  await pass(60);
  const [blind, next] = cloud.graph.invocations('holdfast-policy-timer').slice(before);
  expect(blind?.error).toMatchObject({
    errorType: 'RUN_FAILED',
    errorMessage: expect.stringMatching(/evidence: the open matters are not all known, .*ACCESS_DENIED/),
  });
  const buckets = (invocation: typeof blind) =>
    invocation === undefined ? [] : logOf(invocation).map(({ bucket }) => bucket);
  expect([buckets(blind), buckets(next)].map((each) => each.includes('unruled'))).toEqual([false, true]);
  expect(await version.until(), 'the next run renews it').toBeGreaterThan(first ?? 0);
  const listed = await run('audit', 'list', '--action', 'matters-unknown');
  expect(listed.stdout).toContain('evidence');
}, 300_000); // a limit against hanging
