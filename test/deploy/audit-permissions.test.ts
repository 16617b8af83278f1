import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRetentionBucket } from '../../local/plain-client.ts';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import { minute } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { contentOf } from '../support/dead-letters.ts';
import { holdfastCloud, logOf, objectCreated, policyTimer } from '../support/holdfast-cloud.ts';
import { author, validScope } from '../support/matters.ts';
import { validRules } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';
import { temporaryFolder } from '../support/store.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
objects:
  - { name: logs, match: { bucket: audit-* }, retain: 400d }
  - { name: evidence, match: { bucket: evidence }, retain: 10y }
`;

/** The files of ram/ with what ram/README.md says to add for `audit`. */
function policies(withList: boolean): string {
  const folder = temporaryFolder();
  cpSync('ram', folder, { recursive: true });
  const add = (name: string, ...statements: unknown[]) => {
    const file = join(folder, name);
    const policy = JSON.parse(readFileSync(file, 'utf8'));
    policy.Statement.push(...statements);
    writeFileSync(file, JSON.stringify(policy));
  };
  const allow = (actions: string[], resource: string) => ({
    Effect: 'Allow',
    Action: actions,
    Resource: [`acs:oss:*:ACCOUNT:${resource}`],
  });
  const writes = allow(['oss:PutObject', 'oss:PutObjectRetention'], 'evidence/audit/*');
  const lists = allow(['oss:ListObjectVersions'], 'evidence');
  const matters = allow(['oss:GetObject', 'oss:GetObjectVersion'], 'evidence/audit/matters/*');
  const holds = allow(['oss:PutObjectLegalHold'], 'holdfast-records/*');
  const uploads = allow(['oss:GetObject', 'oss:PutObjectRetention'], 'audit-eu/*');
  add('object-created.json', writes, lists, matters, holds, uploads);
  const reads = allow(['oss:GetObject'], 'evidence/audit/*');
  add('policy-timer.json', writes, reads, ...(withList ? [lists] : []));
  return folder;
}

async function run(withList: boolean) {
  const cloud = await holdfastCloud(rules, { everyBucket: false, policies: policies(withList) });
  const client = await createRetentionBucket(cloud.url, 'holdfast-records');
  await createRetentionBucket(cloud.url, 'evidence');
  await client.put('a', Buffer.from('a'));
  await cloud.advance(11 * minute);
  const lines = [objectCreated, policyTimer].flatMap((name) => cloud.fc.invocations(name).flatMap(logOf));
  const troubles = lines.filter(({ msg }) => typeof msg === 'string' && /evidence|audit/.test(msg));
  return { troubles, files: await contentOf(cloud, 'evidence') };
}

it('the roles with what ram/README.md adds for audit can write evidence, retain it and anchor it', async () => {
  const { troubles, files } = await run(true);
  expect(troubles).toEqual([]);
  expect(files.map(([key]) => key.split('/')[5]?.replace(/-[0-9a-f]{16}$/, ''))).toEqual([
    'object-created',
    'policy-timer',
  ]);
});

it('they can hold an upload for an open matter', async () => {
  const cloud = await holdfastCloud(rules, { everyBucket: false, policies: policies(true) });
  const client = await createRetentionBucket(cloud.url, 'holdfast-records');
  await createRetentionBucket(cloud.url, 'evidence');
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const scope = validScope({ match: ['oss://holdfast-records/**'] });
  await keepMatterRecord(
    { storage: storageOf(cloud), rules: validRules(rules), clock },
    { kind: 'opened', id: 'a', at: clock.now(), by: author, reason: 'a lawsuit', scope },
  );
  const { res } = await client.put('a', Buffer.from('a'));
  await cloud.idle();
  const at = {
    bucket: 'holdfast-records',
    key: 'a',
    versionId: versionId(String(res.headers['x-oss-version-id'])),
  };
  expect(cloud.fc.invocations(objectCreated).flatMap(logOf)).toContainEqual(
    expect.objectContaining({ key: 'a', matters: ['a'], legalHold: 'put-on' }),
  );
  expect(await storageOf(cloud).holds.getHold(at)).toBe(true);
});

it('without the permission to list the timer cannot anchor it, and says so', async () => {
  const { troubles } = await run(false);
  expect(troubles).toMatchObject([
    { level: 'warn', msg: expect.stringContaining('the last evidence is not known'), code: 'ACCESS_DENIED' },
    { level: 'error', msg: 'the evidence is not anchored', code: 'ACCESS_DENIED' },
  ]);
});
