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
  const cwd = folderWith({ 'rules.yaml': rules });
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
  await cloud.advance(2 * 60 * minute);
  await records.put('d', Buffer.from('d'));
  await cloud.advance(30 * minute);
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
  await plainClient(cloud.url, 'elsewhere').putBucket('elsewhere');
  cloud.oss.faults.add({ operation: 'PutObject', bucket: 'evidence', effect: { status: 403, code: 'AccessDenied' } });
  await records.put('a.txt', Buffer.from('x'));
  const [invocation] = cloud.fc.invocations(objectCreated);
  expect(invocation).toBeDefined();
});

it('keeps a dry run from writing anything', async () => {
  const { cloud, records } = await auditedCloud({ HOLDFAST_DRY_RUN: 'true' });
  await records.put('a.txt', Buffer.from('x'));
  await invoke(cloud, policyTimer, {});
  await cloud.idle();
  expect(await contentOf(cloud, 'evidence')).toEqual([]);
  expect(cloud.fc.invocations(objectCreated).flatMap(logOf)).toMatchObject([{ dryRun: true }]);
});
