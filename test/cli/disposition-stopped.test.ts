import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { sha256 } from '../../shared/audit/name.ts';
import { dispositionPlanText, finishDispositionPlan } from '../../shared/disposition/plan.ts';
import { day } from '../../shared/platform/instant.ts';
import { cloudEnvironment, runCli, startCli } from '../support/cli.ts';
import { holdTestWorld, otherAccessKey } from '../support/hold-world.ts';
import { type Asked, stopWhenSeen } from '../support/stop-when-seen.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - { name: ledgers, match: { bucket: "fin-*" }, retain: 30d }
  - { name: letters, match: { bucket: hr-1 }, retain: 30d }
`;

async function stoppedDisposition() {
  const world = await holdTestWorld(['fin-1', 'hr-1'], rules);
  const env = cloudEnvironment(world.cloud.url);
  const { accessKeyId, accessKeySecret } = otherAccessKey;
  const others = {
    ...env,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
  };
  const { requests } = world.cloud.oss;
  const options = { cwd: world.folder, env };
  const uploaded: [bucket: string, key: string, id: string][] = [];
  for (const bucket of ['fin-1', 'hr-1']) {
    for (let number = 0; number < 40; number += 1)
      uploaded.push([bucket, `k${number}`, await world.upload(bucket, `k${number}`)]);
  }
  await world.cloud.advance(40 * day);
  return {
    ...world,
    run: (...args: string[]) => runCli(args, options),
    other: (...args: string[]) => runCli(args, { cwd: world.folder, env: others }),
    /** Kills it as soon as so many requests were seen that a test asks for. */
    async kill(count: number, args: readonly string[], isCounted: (asked: Asked) => boolean) {
      const stop = { requests: count, signal: 'SIGKILL', isCounted } as const;
      const { code, stderr } = await stopWhenSeen(requests, () => startCli(args, options), stop);
      expect(code, stderr).toBeNull();
    },
    /** Returns the looks at versions of a bucket since they were cleared. */
    looksAt: (bucket: string) =>
      requests.list().filter((asked) => asked.operation === 'HeadObject' && asked.bucket === bucket).length,
    remove: async (share: 'all' | 'half') => {
      for (const [index, [bucket, key, versionId]] of uploaded.entries())
        if (share === 'all' || index % 2 === 0)
          await plainClient(world.cloud.url, bucket).delete(key, { versionId });
    },
    files: (folder: string) => readdirSync(join(world.folder, folder)).sort(),
    read: (folder: string, file: string) => readFileSync(join(world.folder, folder, file), 'utf8'),
    count: async (action: string) => {
      const { stdout } = await runCli(['audit', 'list', '--action', action, '--json'], options);
      return stdout.split('\n').filter((line) => line !== '').length;
    },
  };
}

/** The log has such a request at once, and one that hangs only when the command has given it up, after ten seconds. */
const unanswered = { reset: 'before' } as const;

const looks =
  (bucket: string) =>
  ({ operation, bucket: asked }: Asked) =>
    operation === 'HeadObject' && asked === bucket;

it('a plan that was killed is none, goes on where it was, and is the plan that it is when nobody stops it', async () => {
  const world = await stoppedDisposition();
  const { run } = world;
  const asked = ['disposition', 'plan', '--out', 'd'];
  await world.kill(10, [...asked, '--concurrency', '1'], looks('hr-1'));
  expect(world.files('d')).toEqual(['plan.checkpoint.json', 'versions.jsonl.part']);
  const early = await world.other('disposition', 'approve', 'd', '--reason', 'x', '--yes');
  expect(early).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error DISPOSITION_PLAN_INVALID'),
  });
  expect(early.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'it is not finished; the command that makes it goes on',
  );
  // It is one person's, and of one state of the matters.
  const others = await world.other(...asked);
  expect(others.stderr.replaceAll(/\s+/g, ' ')).toContain('access key was holdfast and is approver');
  await world.open('case-1', { match: ['oss://other'] });
  const withMatter = await run(...asked);
  expect(withMatter.stderr.replaceAll(/\s+/g, ' ')).toContain('open matters was none and is case-1');
  await world.release('case-1');

  appendFileSync(join(world.folder, 'd', 'versions.jsonl.part'), '{"half":');
  world.cloud.oss.requests.clear();
  const ended = await run(...asked, '--json');
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('going on after 40 versions') });
  expect(world.looksAt('fin-1')).toBe(0);
  expect(world.files('d')).toEqual(['plan.json', 'versions.jsonl']);
  expect((await run('disposition', 'plan', '--out', 'whole', '--json')).code).toBe(0);
  expect(world.read('d', 'versions.jsonl')).toBe(world.read('whole', 'versions.jsonl'));
  const { folder: _, madeAt: made, hash: own, ...plan } = JSON.parse(ended.stdout);
  const { madeAt, hash, ...whole } = JSON.parse(world.read('whole', 'plan.json'));
  expect(plan).toMatchObject({ versions: 80, whole: ['oss://fin-1/', 'oss://hr-1/'] });
  // Matters were opened in between, and their records are evidence that stays.
  const { troubles: none, kept, ...same } = plan;
  expect({ ...same, format: whole.format, kept: whole.kept }).toEqual(whole);
  expect([none, kept]).toEqual([[], {}]);
  expect((await world.other('disposition', 'approve', 'd', '--reason', 'x', '--yes')).code).toBe(0);
});

it('a plan is not gone on with for other buckets than it was begun with, and --restart begins anew', async () => {
  const world = await stoppedDisposition();
  const asked = ['disposition', 'plan', '--out', 'd'];
  world.cloud.oss.faults.add({ operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } });
  expect((await world.run(...asked)).code).toBe(1);
  world.cloud.oss.faults.clear();
  const kept = JSON.parse(world.read('d', 'plan.checkpoint.json'));
  expect(kept.targets).toEqual(['oss://evidence/', 'oss://fin-1/', 'oss://hr-1/']);
  await createRetentionBucket(world.cloud.url, 'fin-0');
  await world.upload('fin-0', 'a');
  const refused = await world.run(...asked);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('error CHECKPOINT_MISMATCH') });
  const words = refused.stderr.replaceAll(/\s+/g, ' ');
  expect(words).toContain('oss://fin-0/ is to be looked through and was not');
  expect(words).toContain('begin anew with --restart');
  expect(world.files('d')).not.toContain('plan.json');
  const anew = await world.run(...asked, '--restart', '--json');
  expect(JSON.parse(anew.stdout)).toMatchObject({
    ...{ versions: 80, troubles: [], whole: ['oss://fin-1/', 'oss://hr-1/'] },
    targets: ['oss://evidence/', 'oss://fin-0/', 'oss://fin-1/', 'oss://hr-1/'],
  });
});

it('a plan that was killed behind the last page of a bucket counts it once, and as whole', async () => {
  const world = await stoppedDisposition();
  const asked = ['disposition', 'plan', '--out', 'd'];
  world.cloud.oss.faults.add({ operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } });
  expect((await world.run(...asked)).code).toBe(1);
  world.cloud.oss.faults.clear();
  // Killed behind the last page of a bucket, before it counted as done with.
  const state = JSON.parse(world.read('d', 'plan.checkpoint.json'));
  const { done, whole } = state;
  expect([done.at(-1), whole]).toEqual(['oss://fin-1/', ['oss://fin-1/']]);
  const under = { url: 'oss://fin-1/', position: 'end', going: 40, staying: 0 };
  const before = { ...state, done: done.slice(0, -1), whole: [], under };
  writeFileSync(join(world.folder, 'd', 'plan.checkpoint.json'), JSON.stringify(before));
  world.cloud.oss.requests.clear();
  const ended = await world.run(...asked, '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ versions: 80, whole: ['oss://fin-1/', 'oss://hr-1/'] });
  expect([world.looksAt('fin-1'), world.looksAt('hr-1')]).toEqual([0, 40]);
});

it('a plan that has a version twice is neither approved nor certified', async () => {
  const world = await stoppedDisposition();
  await world.run('disposition', 'plan', 'oss://hr-1', '--out', 'd');
  const [first] = world.read('d', 'versions.jsonl').split('\n');
  const list = `${world.read('d', 'versions.jsonl')}${first}\n`;
  writeFileSync(join(world.folder, 'd', 'versions.jsonl'), list);
  const { format: _, hash: own, ...plan } = JSON.parse(world.read('d', 'plan.json'));
  const changed = { ...plan, versions: 41, bytes: plan.bytes + 1, list: sha256(list) };
  const text = dispositionPlanText(finishDispositionPlan(changed));
  writeFileSync(join(world.folder, 'd', 'plan.json'), text);
  for (const asked of [
    ['approve', 'd', '--reason', 'x', '--yes'],
    ['certify', 'd'],
  ]) {
    const refused = await world.other('disposition', ...asked);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error DISPOSITION_PLAN_INVALID'),
    });
    expect(refused.stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /oss:\/\/hr-1\/k0\?versionId=\S+ is in its list twice/,
    );
  }
});

it('an outage ends a plan, and does not leave buckets out of it', async () => {
  const world = await stoppedDisposition();
  world.cloud.oss.faults.add({ operation: 'HeadObject', bucket: 'hr-1', effect: { reset: 'before' } });
  const broken = await world.run('disposition', 'plan', '--out', 'd');
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('UNREACHABLE') });
  expect(broken.stderr).toContain('nothing is planned yet; the same command goes on where it was');
  expect(world.files('d')).not.toContain('plan.json');
  world.cloud.oss.faults.clear();
  const again = await world.run('disposition', 'plan', '--out', 'd', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ versions: 80, troubles: [] });
});

it('a certificate that was killed while it was looked for or recorded is none until the evidence has it', async () => {
  const world = await stoppedDisposition();
  const { run } = world;
  expect((await run('disposition', 'plan', '--out', 'd')).code).toBe(0);
  await world.cloud.advance(2000); // records of one second have no order
  expect((await world.other('disposition', 'approve', 'd', '--reason', 'x', '--yes')).code).toBe(0);
  await world.remove('half');
  await world.kill(10, ['disposition', 'certify', 'd', '--concurrency', '1'], looks('hr-1'));
  expect(world.files('d')).toContain('certificate.jsonl.part');
  expect(world.files('d')).not.toContain('certificate.json');
  await world.remove('all');

  // The certificate is written, and not all of it is in the evidence.
  const isRecord = ({ operation, bucket }: Asked) => operation === 'PutObject' && bucket === 'evidence';
  world.cloud.oss.faults.add({
    ...{ operation: 'PutObject', bucket: 'evidence', skip: 1 },
    effect: unanswered,
  });
  await world.kill(2, ['disposition', 'certify', 'd'], isRecord);
  world.cloud.oss.faults.clear();
  expect(world.files('d')).toContain('certificate.json.part');
  expect(world.files('d')).not.toContain('certificate.json');
  const part = world.read('d', 'certificate.json.part');
  expect(await world.count('disposition-certified')).toBe(0);

  world.cloud.oss.requests.clear();
  expect((await run('disposition', 'certify', 'd')).code).toBe(0);
  expect(world.looksAt('fin-1') + world.looksAt('hr-1')).toBe(0);
  expect(world.read('d', 'certificate.json')).toBe(part);
  expect(JSON.parse(part)).toMatchObject({ gone: { versions: 80 }, there: { versions: 0 } });
  expect(world.files('d').filter((name) => /part|checkpoint/.test(name))).toEqual([]);
  expect(await world.count('disposed')).toBe(80);
  expect(await world.count('disposition-certified')).toBe(1);
});

it('a certificate that was killed at any point of its recording is in the evidence once, and so is each version', async () => {
  const world = await stoppedDisposition();
  const { run } = world;
  const asked = ['disposition', 'certify', 'd'];
  await run('disposition', 'plan', 'oss://hr-1', '--out', 'd');
  await world.cloud.advance(2000);
  await world.other('disposition', 'approve', 'd', '--reason', 'x', '--yes');
  await world.remove('all');
  const isRecord = ({ operation, bucket }: Asked) => operation === 'PutObject' && bucket === 'evidence';
  // Each time the record is written, and the command is killed before it knows that: first the versions, then the certificate.
  for (const recorded of ['disposed', 'disposition-certified']) {
    world.cloud.oss.requests.clear();
    world.cloud.oss.faults.add({
      ...{ operation: 'PutObject', bucket: 'evidence' },
      effect: { reset: 'after' },
    });
    await world.kill(1, asked, isRecord);
    world.cloud.oss.faults.clear();
    expect(await world.count(recorded)).toBeGreaterThan(0);
    expect(world.files('d')).not.toContain('certificate.json');
  }
  expect((await run(...asked)).code).toBe(0);
  expect(world.files('d').filter((name) => /part|checkpoint/.test(name))).toEqual([]);
  expect(await world.count('disposed')).toBe(40);
  expect(await world.count('disposition-certified')).toBe(1);
  // A further certificate has records of its own.
  expect((await run(...asked)).code).toBe(0);
  expect([await world.count('disposed'), await world.count('disposition-certified')]).toEqual([80, 2]);
});

it('a certificate of which the list was changed meanwhile is not gone on with, and --restart begins anew', async () => {
  const world = await stoppedDisposition();
  const { run, folder } = world;
  await run('disposition', 'plan', 'oss://hr-1', '--out', 'd');
  await world.cloud.advance(2000);
  await world.other('disposition', 'approve', 'd', '--reason', 'x', '--yes');
  await world.remove('all');
  world.cloud.oss.faults.add({ operation: 'PutObject', bucket: 'evidence', effect: unanswered });
  await world.kill(1, ['disposition', 'certify', 'd'], ({ operation }) => operation === 'PutObject');
  world.cloud.oss.faults.clear();
  const checkpoint = join(folder, 'd', 'certify.checkpoint.json');
  writeFileSync(checkpoint, world.read('d', 'certify.checkpoint.json').replace(',"recorded":0', ''));
  writeFileSync(join(folder, 'd', 'certificate.jsonl.part'), 'x');
  const changed = await run('disposition', 'certify', 'd');
  expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining('error CHECKPOINT_UNUSABLE') });
  expect((await run('disposition', 'certify', 'd', '--restart')).code).toBe(0);
  expect(existsSync(checkpoint)).toBe(false);
});
