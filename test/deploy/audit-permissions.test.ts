import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import { keepApproval } from '../../shared/audit/approval-record.ts';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import type { Role } from '../../shared/deploy/role-needs.ts';
import { missingDenial } from '../../shared/doctor/roles.ts';
import { ruledStatements } from '../../shared/init/ram-ruled.ts';
import { minute } from '../../shared/platform/instant.ts';
import { parsePolicy } from '../../shared/ram/policy.ts';
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

/** The files of ram/ with what `holdfast init --audit` adds, and without the permission to list unless asked to. */
function policies(withList: boolean): string {
  const folder = temporaryFolder();
  cpSync('ram', folder, { recursive: true });
  const add = (role: Role, ...statements: readonly object[]) => {
    const file = join(folder, `${role}.json`);
    const policy = JSON.parse(readFileSync(file, 'utf8'));
    policy.Statement.push(...statements);
    writeFileSync(file, JSON.stringify(policy));
  };
  const onAudit = (role: Role) =>
    ruledStatements(role, { objectBuckets: ['holdfast-records'], archiveBuckets: [] }, heldToo);
  add('object-created', ...onAudit('object-created'));
  const listing = ({ Action }: { readonly Action: readonly string[] }) =>
    Action.includes('oss:ListObjectVersions');
  add('policy-timer', ...onAudit('policy-timer').filter((each) => withList || !listing(each)));
  return folder;
}

/** The rules with one for the bucket of the uploads, which a matter may hold. */
const heldToo = validRules(
  `${rules}  - { name: records, match: { bucket: holdfast-records }, retain: 1d }\n`,
);

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

it('the roles with what init --audit adds can write evidence, retain it and anchor it', async () => {
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

it('they let the timer read an approval, and let no function write one', async () => {
  const rulesText = `${rules}buckets:
  - name: archives
    match: { bucket: "archive-*" }
    policy: { days: { atLeast: 30, atMost: 3650 }, lock: { after: 1h } }
approvals: { lock: true }
`;
  const asked = validRules(rulesText);
  const folder = temporaryFolder();
  cpSync('ram', folder, { recursive: true });
  const file = join(folder, 'policy-timer.json');
  const policy = JSON.parse(readFileSync(file, 'utf8'));
  const buckets = { objectBuckets: ['holdfast-records'], archiveBuckets: ['archive-1'] };
  policy.Statement.push(...ruledStatements('policy-timer', buckets, asked));
  writeFileSync(file, JSON.stringify(policy));
  const cloud = await holdfastCloud(rulesText, { everyBucket: false, policies: folder });
  await createRetentionBucket(cloud.url, 'evidence');
  const client = plainClient(cloud.url, 'archive-1');
  await client.putBucket('archive-1');
  await client.initiateBucketWorm('archive-1', '30');
  const { wormId } = await client.getBucketWorm('archive-1');
  const subjects = [{ act: 'lock' as const, bucket: 'archive-1', wormId, days: 30 }];
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const until = new Date(clock.now().getTime() + 180 * minute);
  const by = { caller: 'ann', callerFrom: 'a test' };
  await keepApproval(
    { storage: storageOf(cloud), rules: asked, clock },
    { by, until, plan: hashSubjects(subjects), subjects },
  );
  await cloud.advance(90 * minute);
  expect((await client.getBucketWorm('archive-1')).state).toBe('Locked');
  for (const role of ['object-created', 'policy-timer', 'protect-existing'] as const) {
    const Statement = ruledStatements(role, buckets, asked);
    const granted = parsePolicy(JSON.stringify({ Version: '1', Statement }), role);
    expect(missingDenial(granted, asked)).toBeUndefined();
    const [denial] = Statement.slice(-1);
    const undenied = { Version: '1', Statement: Statement.slice(0, -1) };
    expect(missingDenial(parsePolicy(JSON.stringify(undenied), role), asked)).toEqual({
      found: 'may write approvals',
      statement: JSON.stringify(denial),
    });
    expect(missingDenial(parsePolicy(JSON.stringify(undenied), role), heldToo)).toBeUndefined();
  }
});

it('without the permission to list the timer cannot anchor it, and says so', async () => {
  const { troubles } = await run(false);
  expect(troubles).toMatchObject([
    { level: 'warn', msg: expect.stringContaining('the last evidence is not known'), code: 'ACCESS_DENIED' },
    { level: 'error', msg: 'the evidence is not anchored', code: 'ACCESS_DENIED' },
  ]);
});
