import { expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { minute } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { contentOf } from '../support/dead-letters.ts';
import {
  holdfastCloud,
  invoke,
  logOf,
  objectCreated,
  policyTimer,
  requestsOfFunctions,
} from '../support/holdfast-cloud.ts';
import { rulesFiles } from '../support/rules-file.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
objects:
  - { name: records, match: { bucket: records }, retain: 7y }
  - { name: evidence, match: { bucket: evidence, key: "audit/**" }, retain: 10y }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 30 } }
`;

/** The embedded cloud with a bucket of records and one of evidence. */
async function auditedCloud(environment: Record<string, string> = {}) {
  const cloud = await holdfastCloud(rules, { environment });
  const records = await createRetentionBucket(cloud.url, 'records');
  const evidence = await createRetentionBucket(cloud.url, 'evidence');
  return { cloud, records, evidence };
}

/** The lines of all files of evidence, by their keys. */
async function filesOf(cloud: Cloud): Promise<[key: string, lines: Record<string, unknown>[]][]> {
  const files = await contentOf(cloud, 'evidence');
  return files.map(([key, text]) => [
    key,
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ]);
}

const audit = (cloud: Cloud, ...args: string[]) => {
  const cwd = folderWith(rulesFiles(rules));
  return runCli(['audit', ...args], { cwd, env: cloudEnvironment(cloud.url) });
};

it('writes one file for an event, retained by the rules, and costs two requests', async () => {
  const { cloud, records, evidence } = await auditedCloud();
  cloud.oss.requests.clear();
  await records.put('a.txt', Buffer.from('x'));
  await cloud.idle();

  const [[key = '', [header, record] = []] = ['', []], ...more] = await filesOf(cloud);
  expect(more).toEqual([]);
  expect(key).toMatch(/^audit\/2027\/03\/01\/10\/object-created-[0-9a-f]{16}\/00000001-[0-9a-f]{64}\.jsonl$/);
  expect(header).toMatchObject({ audit: 1, sequence: 1, by: 'object-created', records: 1 });
  expect(record).toMatchObject({ bucket: 'records', key: 'a.txt', action: 'protect', rule: 'records' });
  const { objects = [] } = await evidence.getBucketVersions({});
  const until = await retainedUntil(evidence, key, objects[0]?.versionId ?? '');
  expect(until?.getUTCFullYear()).toBe(2037);
  // The upload of the evidence is an event too: it is handled, and makes no further evidence.
  expect(cloud.fc.invocations(objectCreated)).toHaveLength(2);
  const [first] = cloud.fc.invocations(objectCreated);
  const ofTheFirst = cloud.oss.requests
    .list()
    .filter(({ principal }) => principal.startsWith('function '))
    .map(({ operation }) => operation)
    .filter((operation) => operation === 'PutObject');
  expect(ofTheFirst).toEqual(['PutObject']);
  expect(first?.status).toBe('succeeded');
});

it('sends nothing without audit in the rules', async () => {
  const cloud = await holdfastCloud(rules.replace(/^audit: .*$/m, ''));
  const records = await createRetentionBucket(cloud.url, 'records');
  cloud.oss.requests.clear();
  await records.put('a.txt', Buffer.from('x'));
  await cloud.idle();
  expect(requestsOfFunctions(cloud)).toEqual(['HeadObject', 'PutObjectRetention']);
});

it('is whole after events, runs of the timer and hours, and verify says so', async () => {
  const { cloud, records } = await auditedCloud();
  for (const key of ['a', 'b', 'c']) await records.put(key, Buffer.from(key));
  await cloud.advance(50 * minute);
  await records.put('d', Buffer.from('d'));
  await cloud.advance(20 * minute);
  const verified = await audit(cloud, 'verify', '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({
    findings: [],
    lastAnchor: expect.stringContaining('/policy-timer-'),
    unnamed: 1,
  });
  expect(verified.code).toBe(0);
  const listed = await audit(cloud, 'list', 'oss://records/b', '--json');
  expect(listed.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(listed.stdout)).toMatchObject({ key: 'b', action: 'protect', by: 'object-created' });
});

it('loses no record when its file cannot be written: they are in the log whole, and the invocation fails', async () => {
  const { cloud, records } = await auditedCloud();
  const effect = { status: 403, code: 'AccessDenied' };
  cloud.oss.faults.add({ operation: 'PutObject', bucket: 'evidence', times: 1, effect });
  const { res } = await records.put('a.txt', Buffer.from('x'));
  await cloud.advance(10 * minute);

  const [first] = cloud.fc.invocations(objectCreated);
  expect(first?.error).toMatchObject({ errorType: 'AUDIT_UNWRITTEN' });
  const lines = cloud.fc.invocations(objectCreated).flatMap(logOf);
  expect(lines.filter(({ msg }) => msg === 'not in the audit')).toMatchObject([
    {
      level: 'error',
      code: 'AUDIT_UNWRITTEN',
      record: { bucket: 'records', key: 'a.txt', action: 'protect' },
    },
  ]);
  // The object was protected all the same, and the repetition is evidence of it.
  const versionId = String(res.headers['x-oss-version-id']);
  expect(await retainedUntil(records, 'a.txt', versionId)).toBeInstanceOf(Date);
  const recorded = (await filesOf(cloud))
    .flatMap(([, [, ...rest]]) => rest)
    .filter(({ action }) => action !== 'anchor' && action !== 'run');
  expect(recorded).toMatchObject([{ key: 'a.txt', action: 'already-protected' }]);
});

it('says so when evidence cannot be put under retention, and does not fail what was done', async () => {
  const cloud = await holdfastCloud(rules);
  const records = await createRetentionBucket(cloud.url, 'records');
  await plainClient(cloud.url, 'evidence').putBucket('evidence');
  await records.put('a.txt', Buffer.from('x'));
  await cloud.idle();
  const [invocation] = cloud.fc.invocations(objectCreated);
  expect(invocation?.status).toBe('succeeded');
  expect(invocation && logOf(invocation)).toContainEqual(
    expect.objectContaining({
      level: 'error',
      msg: 'evidence is not under retention',
      code: 'VERSIONING_OFF',
    }),
  );
  // The event of the file itself fails, is repeated and fails again: none of it makes further evidence.
  await cloud.advance(20 * minute);
  const writers = (await filesOf(cloud)).map(([key]) => key.split('/').at(-2));
  expect(writers.filter((writer) => writer?.startsWith('object-created'))).toHaveLength(1);
});

it('is enough where the bucket itself has a locked policy', async () => {
  const cloud = await holdfastCloud(rules.replace(/^.*name: evidence.*$/m, ''));
  const records = await createRetentionBucket(cloud.url, 'records');
  const evidence = plainClient(cloud.url, 'evidence');
  await evidence.putBucket('evidence');
  const { wormId } = await evidence.initiateBucketWorm('evidence', '30');
  await evidence.completeBucketWorm('evidence', wormId);
  // The reply is lost, and OSS refuses to overwrite what is there already.
  cloud.oss.faults.add({ operation: 'PutObject', bucket: 'evidence', times: 1, effect: { reset: 'after' } });
  await records.put('a.txt', Buffer.from('x'));
  await cloud.advance(10 * minute);
  const lines = cloud.fc.invocations(objectCreated).flatMap(logOf);
  expect(lines.map(({ msg }) => msg)).not.toContain('not in the audit');
  expect(await audit(cloud, 'verify')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: /) });
});

it('has a chain for each instance when many work at the same time', async () => {
  const { cloud, records } = await auditedCloud();
  // A reply that is lost leaves a file twice, with the same content.
  cloud.oss.faults.add({ operation: 'PutObject', bucket: 'evidence', times: 3, effect: { reset: 'after' } });
  await Promise.all(Array.from({ length: 12 }, (_, number) => records.put(`k${number}`, Buffer.from('x'))));
  await cloud.advance(20 * minute);
  const files = await filesOf(cloud);
  const writers = new Set(files.map(([key]) => key.split('/').at(-2)));
  expect(writers.size).toBeGreaterThan(2);
  const { code, stdout } = await audit(cloud, 'verify', '--json');
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, findings: [] });
  const listed = await audit(cloud, 'list', 'oss://records');
  expect(listed.stdout.match(/protect until/g)).toHaveLength(12);
});

it('with a hole ends verify with exit code 1, and the hole is named', async () => {
  const cloud = await holdfastCloud(rules.replace(/^.*name: evidence.*$/m, ''));
  const records = await createRetentionBucket(cloud.url, 'records');
  const evidence = plainClient(cloud.url, 'evidence');
  await evidence.putBucket('evidence');
  for (const key of ['a', 'b']) await records.put(key, Buffer.from('x'));
  await cloud.advance(30 * minute);
  const [[first = ''] = []] = await filesOf(cloud);
  await evidence.delete(first);
  const { code, stdout } = await audit(cloud, 'verify', 'oss://evidence/audit/');
  expect(code).toBe(1);
  expect(stdout).toContain(`missing ${first.replace('audit/', '')}`);
  expect(stdout).toContain('unretained ');
});

it.each([
  [['verify', 'evidence'], 'is not oss://bucket/prefix/'],
  [['verify', '--since', 'tomorrow'], '--since tomorrow'],
  [['list', 'records'], 'is not oss://bucket'],
  [['check'], 'expected one of verify, list'],
])('audit %s is wrong usage', async (args, says) => {
  const cwd = folderWith(rulesFiles(rules));
  const env = cloudEnvironment('http://127.0.0.1:9');
  const { code, stderr } = await runCli(['audit', ...args], { cwd, env });
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
});

it('keeps a dry run from writing anything', async () => {
  const { cloud, records } = await auditedCloud({ HOLDFAST_DRY_RUN: 'true' });
  await records.put('a.txt', Buffer.from('x'));
  await invoke(cloud, policyTimer, {});
  await cloud.idle();
  expect(await contentOf(cloud, 'evidence')).toEqual([]);
  expect(cloud.fc.invocations(objectCreated).flatMap(logOf)).toMatchObject([{ dryRun: true }]);
});
