import { expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { second } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { contentOf } from '../support/dead-letters.ts';
import { holdfastCloud } from '../support/holdfast-cloud.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
objects:
  - { name: records, match: { bucket: records }, retain: 7y }
  - { name: evidence, match: { bucket: evidence, key: "audit/**" }, retain: 10y }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 30, initiate: true } }
`;

/** A cloud where nothing but the command line acts. */
async function commandLine() {
  const cloud = await holdfastCloud(rules, { everyBucket: false });
  const records = await createRetentionBucket(cloud.url, 'records');
  await createRetentionBucket(cloud.url, 'evidence');
  for (const bucket of ['archive-1', 'archive-2']) await plainClient(cloud.url, bucket).putBucket(bucket);
  const options = { cwd: folderWith({ 'rules.yaml': rules }), env: cloudEnvironment(cloud.url) };
  const run = (...args: string[]) => runCli(args, options);
  const listed = async (...args: string[]) => {
    const { stdout } = await run('audit', 'list', '--json', ...args);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line): Record<string, unknown> => JSON.parse(line));
  };
  return { cloud, records, run, listed };
}

it('what commands do is in the evidence too, each command a chain of its own', async () => {
  const { records, run, listed } = await commandLine();
  for (const key of ['a', 'b', 'c']) await records.put(key, Buffer.from(key));
  const codes = [
    await run('protect', 'oss://records/a', '--yes'),
    await run('retention', 'put', 'oss://records/b', '--for', '1y', '--yes'),
    await run('policy', 'initiate', 'oss://archive-1', '--days', '30'),
    await run('apply', '--yes'),
  ].map(({ code, stderr }) => (code === 0 ? 0 : stderr));
  expect(codes).toEqual([0, 0, 0, 0]);
  const found = await listed();
  expect(found).toHaveLength(4);
  const who = { caller: 'holdfast', callerFrom: 'ALIBABA_CLOUD_ACCESS_KEY_ID' };
  expect(found).toEqual(Array(4).fill(expect.objectContaining(who)));
  expect(found).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ by: 'holdfast protect', key: 'a', action: 'protected', rule: 'records' }),
      expect.objectContaining({ by: 'holdfast retention', key: 'b', action: 'protect', reason: 'by hand' }),
      expect.objectContaining({ by: 'holdfast policy', bucket: 'archive-1', action: 'initiate' }),
      expect.objectContaining({ by: 'holdfast apply', bucket: 'archive-2', action: 'initiate' }),
    ]),
  );
  expect(await run('audit')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: 4 files/) });
  expect(JSON.parse((await run('audit', '--json')).stdout)).toMatchObject({ files: 4, findings: [] });
});

it('a change by hand names the key that made it, also one that failed and one by the other variable', async () => {
  const { run, listed, cloud } = await commandLine();
  const env = {
    ...cloudEnvironment(cloud.url),
    ALIBABA_CLOUD_ACCESS_KEY_ID: '',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: '',
    OSS_ACCESS_KEY_ID: 'holdfast',
    OSS_ACCESS_KEY_SECRET: 'holdfast-secret',
  };
  const other = (...args: string[]) => runCli(args, { cwd: folderWith({ 'rules.yaml': rules }), env });
  expect(await other('policy', 'initiate', 'oss://archive-1', '--days', '30')).toMatchObject({ code: 0 });
  const effect = { status: 403, code: 'AccessDenied' };
  cloud.oss.faults.add({ operation: 'CompleteBucketWorm', times: 1, effect });
  await cloud.advance(2 * second); // records of one second have no order
  expect(await run('policy', 'lock', 'oss://archive-1', '--yes')).toMatchObject({ code: 1 });
  await cloud.advance(2 * second);
  expect(await run('policy', 'lock', 'oss://archive-1', '--yes')).toMatchObject({ code: 0 });
  const caller = 'holdfast';
  const callerFrom = 'ALIBABA_CLOUD_ACCESS_KEY_ID';
  expect(await listed()).toMatchObject([
    { action: 'initiate', caller, callerFrom: 'OSS_ACCESS_KEY_ID' },
    { action: 'lock', code: 'ACCESS_DENIED', caller, callerFrom },
    { action: 'lock', state: 'Locked', caller, callerFrom },
  ]);
  const { stdout } = await run('audit', 'list');
  expect(stdout).toMatch(/holdfast policy \(holdfast\):/);

  const actions = async (...args: string[]) => (await listed(...args)).map(({ action }) => action);
  expect(await listed()).toContainEqual(expect.objectContaining({ format: 'holdfast.audit.record/1' }));
  expect(await actions('--action', 'initiate')).toEqual(['initiate']);
  expect(await actions('--action', 'lock', 'initiate')).toEqual(['initiate', 'lock', 'lock']);
  expect(await actions('--changes-only'), 'one lock has failed').toEqual(['initiate', 'lock']);
  expect(await actions('--changes-only', '--action', 'lock')).toEqual(['lock']);
  const none = await run('audit', 'list', '--action', 'protect');
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('no such record') });
  const verify = await run('audit', 'verify', '--changes-only');
  expect(verify).toMatchObject({ code: 2, stderr: expect.stringContaining('say holdfast audit list') });
});

it('a dry run leaves no evidence', async () => {
  const { cloud, records, run } = await commandLine();
  await records.put('a', Buffer.from('a'));
  expect((await run('protect', 'oss://records', '--dry-run')).code).toBe(0);
  expect((await run('apply', '--dry-run')).code).toBe(0);
  expect(await contentOf(cloud, 'evidence')).toEqual([]);
});

it('where the evidence cannot be written the command fails, and its records are on standard error whole', async () => {
  const { cloud, records, run } = await commandLine();
  await records.put('a', Buffer.from('a'));
  const effect = { status: 403, code: 'AccessDenied' };
  cloud.oss.faults.add({ operation: 'PutObject', bucket: 'evidence', times: 1, effect });
  const { code, stderr } = await run('protect', 'oss://records', '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain('error AUDIT_UNWRITTEN: 1 record of');
  expect(stderr).toMatch(/not in the audit: \{"record":\{.*"key":"a".*"retainUntil"/);
  // The same command goes on, and finds the version protected.
  expect((await run('protect', 'oss://records', '--yes')).code).toBe(0);
});

it('the first file of a command keeps the rules that it went by', async () => {
  const { cloud, records, run } = await commandLine();
  await records.put('a', Buffer.from('a'));
  expect((await run('protect', 'oss://records', '--yes')).code).toBe(0);
  const [[, text = ''] = []] = await contentOf(cloud, 'evidence');
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({
    rules: expect.stringMatching(/^sha256:/),
    rulesText: rules,
  });
});
