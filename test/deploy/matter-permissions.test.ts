import { expect, it } from 'vitest';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import { type Need, needsOf } from '../../shared/deploy/role-needs.ts';
import { ruledStatements } from '../../shared/init/ram-ruled.ts';
import { objectRulesOfBucket } from '../../shared/rules/match.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { nativeEntry } from '../support/events.ts';
import { protectExisting } from '../support/fan-out-world.ts';
import { holdfastCloud, invoke, logOf, objectCreated } from '../support/holdfast-cloud.ts';
import { inventoryRow, writeInventory } from '../support/inventory.ts';
import { author, validScope } from '../support/matters.ts';
import { exactly } from '../support/policies.ts';
import { validRules } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';

const text = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://letters/dead/
audit: oss://evidence/audit/
objects:
  - { name: records, match: { bucket: holdfast-records, key: "kept/**" }, retain: 1d }
`;
/** They have some keys of the records, and read no tags. */
const narrow = validRules(text);

/** Lists what the role of a function needs. */
const needsUnder = (role: 'protect-existing' | 'object-created', each: Rules): readonly Need[] =>
  needsOf(
    role,
    each,
    [
      {
        name: 'holdfast-records',
        objectRules: objectRulesOfBucket(each, 'holdfast-records'),
        ...{ bucketRules: [], defaultRules: [] },
      },
    ],
    { functionName: protectExisting, rulesAt: undefined, inventories: ['lists'] },
  );

const renewingNeeds = (each: Rules) => needsUnder('protect-existing', each);

/** Returns what `audit` adds to what a role needs. */
function addedByAudit(role: 'protect-existing' | 'object-created'): readonly Need[] {
  const without = new Set(
    needsUnder(role, { ...narrow, audit: undefined }).map((each) => JSON.stringify(each)),
  );
  return needsUnder(role, narrow).filter((each) => !without.has(JSON.stringify(each)));
}

/** Makes a cloud with the functions, and a matter that is open over a bucket by a tag. */
async function worldWithMatter() {
  const cloud = await holdfastCloud(text, { policies: 'ram', deliver: () => [] });
  const records = await createRetentionBucket(cloud.url, 'holdfast-records');
  for (const bucket of ['evidence', 'letters']) await createRetentionBucket(cloud.url, bucket);
  const storage = storageOf(cloud);
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const scope = validScope({ match: ['oss://holdfast-records/**'], tags: { client: 'acme' } });
  await keepMatterRecord(
    { storage, rules: narrow, clock },
    { kind: 'opened', id: 'a', at: clock.now(), by: author, reason: 'a lawsuit', scope },
  );
  return { cloud, records };
}

it('protect-existing renews what an open matter keeps by what audit adds to its role, and not without any of it', async () => {
  const { cloud, records } = await worldWithMatter();
  const lists = plainClient(cloud.url, 'lists');
  await lists.putBucket('lists');
  let count = 0;
  /** Repairs a bucket that takes no legal hold, whose service denies a write that it has done. */
  const isRenewed = async (needs: readonly Need[]): Promise<boolean> => {
    cloud.roles.attach(protectExisting, exactly(needs));
    cloud.oss.faults.clear();
    const bucket = 'holdfast-records';
    const denied = { status: 403, code: 'AccessDenied', after: true };
    cloud.oss.faults.add({ operation: 'PutObjectRetention', bucket, times: 1, effect: denied });
    count += 1;
    const key = `other/${count}`;
    const { res } = await records.put(key, Buffer.from('x'), {
      headers: { 'x-oss-tagging': 'client=acme' },
    });
    await cloud.idle();
    return await repaired(key, String(res.headers['x-oss-version-id']));
  };
  const repaired = async (key: string, id: string): Promise<boolean> => {
    const row = inventoryRow('holdfast-records', key, id, {
      tags: '1',
      date: cloud.time.now().toISOString(),
    });
    const manifest = await writeInventory(lists, {
      folder: `run-${count}`,
      files: [row],
      bucket: 'holdfast-records',
    });
    await cloud.idle();
    const event = nativeEntry({ bucket: 'lists', key: manifest, time: cloud.time.now().toISOString() });
    const lines = logOf(await invoke(cloud, protectExisting, { events: [event] }));
    const until = await retainedUntil(records, key, id);
    return until !== undefined && lines.every(({ level }) => level !== 'error');
  };
  const all = renewingNeeds(narrow);
  expect(await isRenewed(all)).toBe(true);
  const added = addedByAudit('protect-existing');
  const ofEvidence = ({ resource }: Need) => resource === 'evidence/audit/*';
  const renewed: string[] = [];
  for (const need of added.filter((each) => !ofEvidence(each))) {
    if (await isRenewed(all.filter((each) => JSON.stringify(each) !== JSON.stringify(need))))
      renewed.push(need.action);
  }
  expect(renewed, 'renewed without a permission that it is said to need').toEqual([]);
  expect(
    added.filter((each) => !ofEvidence(each)).map(({ action, resource }) => `${action} ${resource}`),
  ).toEqual([
    'oss:ListObjectVersions evidence',
    'oss:GetObject evidence/audit/matters/*',
    'oss:GetObjectVersion evidence/audit/matters/*',
    'oss:GetObject holdfast-records/*',
    'oss:GetObjectVersion holdfast-records/*',
    'oss:GetObjectRetention holdfast-records/*',
    'oss:PutObjectRetention holdfast-records/*',
    'oss:GetObjectTagging holdfast-records/*',
    'oss:GetObjectVersionTagging holdfast-records/*',
  ]);
  const given = ruledStatements(
    'protect-existing',
    { objectBuckets: ['holdfast-records'], archiveBuckets: [] },
    narrow,
  );
  const actions = given.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
  for (const { action } of added) expect(actions).toContain(action);
});

it('object-created keeps an upload of any key for an open matter by what audit adds to its role, and not without any of it', async () => {
  const { cloud, records } = await worldWithMatter();
  const bucket = 'holdfast-records';
  let count = 0;
  /** Handles an upload in a bucket that takes no legal hold, whose service denies a write that it has done. */
  const isKept = async (needs: readonly Need[]): Promise<boolean> => {
    cloud.roles.attach(objectCreated, exactly(needs));
    cloud.oss.faults.clear();
    for (const [operation, effect] of [
      ['PutObjectLegalHold', { status: 501, code: 'NotImplemented', after: true }],
      ['PutObjectRetention', { status: 403, code: 'AccessDenied', after: true }],
    ] as const)
      cloud.oss.faults.add({ operation, bucket, effect });
    count += 1;
    const key = `other/${count}`;
    const { res } = await records.put(key, Buffer.from('x'), {
      headers: { 'x-oss-tagging': 'client=acme' },
    });
    await records.put(key, Buffer.from('y')); // so the version has to be named
    await cloud.idle();
    const eTag = String(res.headers['etag']).replaceAll('"', '');
    const event = nativeEntry({ bucket, key, eTag, time: cloud.time.now().toISOString() });
    const lines = logOf(await invoke(cloud, objectCreated, { events: [event] }));
    const until = await retainedUntil(records, key, String(res.headers['x-oss-version-id']));
    return until !== undefined && lines.every(({ level }) => level !== 'error');
  };
  const all = needsUnder('object-created', narrow);
  expect(await isKept(all)).toBe(true);
  const ofRecords = addedByAudit('object-created').filter(({ resource }) => resource === `${bucket}/*`);
  expect(ofRecords.map(({ action }) => action)).toEqual([
    'oss:PutObjectLegalHold',
    'oss:GetObject',
    'oss:GetObjectVersion',
    'oss:GetObjectRetention',
    'oss:PutObjectRetention',
    'oss:GetObjectTagging',
    'oss:GetObjectVersionTagging',
  ]);
  const kept: string[] = [];
  for (const need of ofRecords) {
    if (await isKept(all.filter((each) => JSON.stringify(each) !== JSON.stringify(need))))
      kept.push(need.action);
  }
  expect(kept, 'kept without a permission that it is said to need').toEqual([]);
});
