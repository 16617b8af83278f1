import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, heldPolicy, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { needsOf } from '../../shared/deploy/role-needs.ts';
import type { MatchedBucket } from '../../shared/doctor/matched-buckets.ts';
import { keepPlan } from '../../shared/fan-out/plan.ts';
import { tasksOf } from '../../shared/fan-out/start.ts';
import { evaluate, parsePolicy } from '../../shared/ram/policy.ts';
import { bucketRules, objectRulesOfBucket } from '../../shared/rules/match.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { envelopeOf } from '../support/dead-letters.ts';
import { nativeEntry } from '../support/events.ts';
import { invoke, logOf, objectCreated, policyTimer } from '../support/holdfast-cloud.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { inventoryRow, writeInventory } from '../support/inventory.ts';
import {
  type BucketNames,
  exactly,
  filledPolicy,
  type PolicyDocument,
  writePolicies,
} from '../support/policies.ts';
import { writeRules } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';

/**
 * The policies of ram/ against what the functions do: enough for every scenario, and nothing that no scenario needs.
 * The rules are those that ship, with waits cut short so that no day has to pass.
 */
const rules = `
version: 1
limits: { maxRetention: 10y }
deadLetters: oss://holdfast-dead-letters/dead-letters/
objects:
  - { name: finance, match: { bucket: fin-*, tags: { class: finance } }, retain: 7y }
  - { name: logs, match: { bucket: audit-* }, retain: 400d }
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy: { days: { atLeast: 30, atMost: 3650 }, lock: { after: 1min }, extend: { within: 30d, by: 35d, upTo: 730d } }
  - name: backups
    match: { bucket: backup-* }
    policy: { days: 35, initiate: true, lock: { after: 20h } }
`;

/** Real names, each as narrow as the rules: with `*` for all of them a wrong resource would go unnoticed. */
const names: BucketNames = { BUCKET: ['fin-*', 'audit-*'], INVENTORY: ['lists'] };

let cloud: Cloud;
let bucketNumber = 0;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-permissions-'));
beforeAll(async () => {
  const file = writeRules(folder, rules);
  writePolicies(folder, names);
  cloud = await startCloud({
    instances: inlineInstances,
    template: 's.yaml',
    everyBucket: true,
    rules: file,
    policies: folder,
    clock: new Date('2027-03-01T10:05:00.300Z'),
    deliver: () => [], // each scenario sends its own event
  });
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

/** What a function does, in a bucket of its own, and whether it came to pass. */
interface Scenario {
  readonly name: string;
  readonly bucket: string;
  /** The actions without which it does not. */
  readonly needs: readonly string[];
  run(bucket: string): Promise<boolean>;
}

const finance = { headers: { 'x-oss-tagging': 'class=finance' } };

/** Uploads an object so many times; the event that is handled is that of the first. */
async function upload(bucket: string, options = {}, times = 1) {
  const client = await createRetentionBucket(cloud.url, bucket);
  const { res } = await client.put('k', Buffer.from('first'), options);
  const at = { versionId: String(res.headers['x-oss-version-id']), time: cloud.time.now().toISOString() };
  for (let count = 1; count < times; count++) await client.put('k', Buffer.from(`then ${count}`), options);
  const event = {
    bucket,
    key: 'k',
    eTag: String(res.headers.etag).replaceAll('"', ''),
    time: at.time,
  };
  return {
    client,
    event,
    isProtected: async () => (await retainedUntil(client, 'k', at.versionId)) !== undefined,
    ...at,
  };
}

const handle = (event: Parameters<typeof nativeEntry>[0]) =>
  invoke(cloud, objectCreated, { events: [nativeEntry(event)] });

const objectScenarios: readonly Scenario[] = [
  {
    name: 'an upload is protected by a rule that reads no tags',
    bucket: 'audit',
    needs: ['oss:GetObject', 'oss:PutObjectRetention'],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket);
      await handle(event);
      return await isProtected();
    },
  },
  {
    name: 'an upload is protected by its tags',
    bucket: 'fin',
    needs: ['oss:GetObject', 'oss:GetObjectTagging', 'oss:PutObjectRetention'],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket, finance);
      await handle(event);
      return await isProtected();
    },
  },
  {
    name: 'a version that was overwritten before its event came is protected by its own tags',
    bucket: 'fin',
    needs: ['oss:ListObjectVersions', 'oss:GetObjectVersion', 'oss:GetObjectVersionTagging'],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket, finance, 2);
      await handle(event);
      return await isProtected();
    },
  },
  {
    name: 'an event that names its version is followed to it',
    bucket: 'audit',
    needs: ['oss:GetObjectVersion'],
    async run(bucket) {
      const { event, versionId, isProtected } = await upload(bucket, {}, 2);
      await handle({ ...event, versionId });
      return await isProtected();
    },
  },
  {
    name: 'a write that the service denies although it is done is read back, and is no failure',
    bucket: 'audit',
    needs: ['oss:GetObjectRetention'],
    async run(bucket) {
      const { event } = await upload(bucket);
      const effect = { status: 403, code: 'AccessDenied', after: true };
      cloud.oss.faults.add({ operation: 'PutObjectRetention', bucket, times: 1, effect });
      return logOf(await handle(event)).every((line) => line['level'] === 'info');
    },
  },
  {
    name: 'a failure that no repetition can fix is kept as a dead letter at once',
    bucket: 'fin',
    needs: ['oss:PutObject'],
    async run(bucket) {
      await plainClient(cloud.url, letters).putBucket(letters);
      const client = plainClient(cloud.url, bucket);
      await client.putBucket(bucket);
      await client.putBucketVersioning(bucket, 'Enabled'); // and no ObjectWorm
      const { res } = await client.put('k', Buffer.from('x'), finance);
      const eTag = String(res.headers.etag).replaceAll('"', '');
      const { status } = await handle({ bucket, key: 'k', eTag, time: cloud.time.now().toISOString() });
      return status === 'succeeded';
    },
  },
];

const deadLetter = 'holdfast-dead-letter';
const letters = 'holdfast-dead-letters';

const timer = () => invoke(cloud, policyTimer, { triggerName: 'test', payload: '' });
const minute = 60_000;
const day = 86_400_000;

async function policyOf(bucket: string) {
  return await heldPolicy(plainClient(cloud.url, bucket), bucket);
}

/** Makes a bucket with a policy that nobody has locked. */
async function initiate(bucket: string, days: number): Promise<void> {
  const client = plainClient(cloud.url, bucket);
  await client.putBucket(bucket);
  await client.initiateBucketWorm(bucket, String(days));
}

const bucketScenarios: readonly Scenario[] = [
  {
    name: 'an acceptable policy is locked',
    bucket: 'archive',
    needs: ['oss:ListBuckets', 'oss:GetBucketWorm', 'oss:CompleteBucketWorm'],
    async run(bucket) {
      await initiate(bucket, 365);
      await cloud.time.leap(2 * minute);
      await timer();
      return (await policyOf(bucket))?.state === 'Locked';
    },
  },
  {
    name: 'a locked policy near its end is extended',
    bucket: 'archive',
    needs: ['oss:ListBuckets', 'oss:GetBucketWorm', 'oss:ExtendBucketWorm'],
    async run(bucket) {
      await initiate(bucket, 30);
      const client = plainClient(cloud.url, bucket);
      await client.completeBucketWorm(bucket, (await client.getBucketWorm(bucket)).wormId);
      await timer();
      return (await policyOf(bucket))?.days === 65;
    },
  },
  {
    name: 'a missing policy is initiated',
    bucket: 'backup',
    needs: ['oss:InitiateBucketWorm'],
    async run(bucket) {
      await plainClient(cloud.url, bucket).putBucket(bucket);
      await timer();
      return (await policyOf(bucket))?.state === 'InProgress';
    },
  },
  {
    name: 'a lapsed policy is aborted and initiated anew',
    bucket: 'backup',
    needs: ['oss:AbortBucketWorm', 'oss:InitiateBucketWorm'],
    async run(bucket) {
      await initiate(bucket, 7);
      await cloud.time.leap(2 * day);
      await timer();
      const policy = await policyOf(bucket);
      return policy?.state === 'InProgress' && policy.days === 35;
    },
  },
  {
    name: 'the age of the last repair of a bucket is told',
    bucket: 'audit',
    needs: ['oss:ListBuckets', 'oss:ListObjectVersions', 'oss:GetObject'],
    async run(bucket) {
      await createRetentionBucket(cloud.url, bucket);
      const client = plainClient(cloud.url, letters);
      await client.putBucket(letters);
      const completedAt = cloud.time.now().toISOString();
      const record = { bucket, source: 'listing', completedAt, versions: 1, changed: 0, failed: 0 };
      await client.put(`dead-letters/repairs/${bucket}.json`, Buffer.from(JSON.stringify(record)));
      const lines = logOf(await timer());
      return lines.some((line) => line['bucket'] === bucket && line['action'] === 'repaired');
    },
  },
];

const existing = 'holdfast-protect-existing';

/** Lets an inventory of a bucket arrive. @returns whether the function succeeded, and what it said */
async function repair(bucket: string, rows: string) {
  for (const name of [letters, 'lists']) await plainClient(cloud.url, name).putBucket(name);
  const lists = plainClient(cloud.url, 'lists');
  const key = await writeInventory(lists, { folder: bucket, files: [rows], bucket });
  const event = nativeEntry({ bucket: 'lists', key, time: cloud.time.now().toISOString() });
  return await invoke(cloud, existing, { events: [event] });
}

/** Uploads an object and repairs its bucket. @returns whether it is protected then, and the repair on record */
async function repairOne(bucket: string, options = {}): Promise<boolean> {
  const { client, versionId } = await upload(bucket, options);
  const { status } = await repair(bucket, inventoryRow(bucket, 'k', versionId));
  const found = await plainClient(cloud.url, letters)
    .head(`dead-letters/repairs/${bucket}.json`)
    .catch(() => undefined);
  const until = await retainedUntil(client, 'k', versionId);
  return status === 'succeeded' && found !== undefined && until !== undefined;
}

/** Uploads an object and hands the list of its bucket to the function as one shard. @returns whether it is protected then */
async function protectListed(bucket: string, options = {}): Promise<boolean> {
  const { client, versionId } = await upload(bucket, options);
  await plainClient(cloud.url, letters).putBucket(letters);
  const run = {
    bucket,
    prefix: '',
    source: 'listing',
    keysEncoded: false,
    dryRun: false,
    repair: false,
    folder: { bucket: letters, prefix: `dead-letters/fan-out/${bucket}/1/` },
  };
  const plan = await keepPlan(storageOf(cloud), run, [{ kind: 'listing' }]);
  const [task] = tasksOf(plan, { concurrency: 4, attempt: 0 });
  await invoke(cloud, existing, task);
  return (await retainedUntil(client, 'k', versionId)) !== undefined;
}

const repairScenarios: readonly Scenario[] = [
  {
    name: 'an inventory is repaired by a rule that reads no tags, and the repair goes on record',
    bucket: 'audit',
    needs: [
      'oss:GetObject',
      'oss:GetObjectVersion',
      'oss:PutObjectRetention',
      'oss:PutObject',
      'oss:ListObjectVersions',
    ],
    run: (bucket) => repairOne(bucket),
  },
  {
    name: 'the same by tags',
    bucket: 'fin',
    needs: ['oss:GetObjectTagging', 'oss:GetObjectVersionTagging'],
    run: (bucket) => repairOne(bucket, finance),
  },
  {
    name: 'a write that the service denies although it is done is read back, and is no failure',
    bucket: 'audit',
    needs: ['oss:GetObjectRetention'],
    async run(bucket) {
      const effect = { status: 403, code: 'AccessDenied', after: true };
      cloud.oss.faults.add({ operation: 'PutObjectRetention', bucket, times: 1, effect });
      await repairOne(bucket);
      const [last] = cloud.fc.invocations(existing).slice(-1);
      return last?.result?.includes('"failed":0') ?? false;
    },
  },
  ...['audit', 'fin'].map((bucket) => ({
    name: `a shard of a listing is worked on: ${bucket}`,
    bucket,
    needs: ['oss:ListObjectVersions'],
    run: (name: string) => protectListed(name, bucket === 'fin' ? finance : {}),
  })),
  {
    name: 'an inventory that can never be read is kept as a dead letter at once',
    bucket: 'audit',
    needs: ['oss:PutObject'],
    async run(bucket) {
      await createRetentionBucket(cloud.url, bucket);
      return (await repair(bucket, 'no row')).result?.includes('"failed":1') ?? false;
    },
  },
  {
    name: 'a large inventory is handed out to further invocations',
    bucket: 'audit',
    needs: ['fc:InvokeFunction'],
    async run(bucket) {
      await createRetentionBucket(cloud.url, bucket);
      const rows = inventoryRow(bucket, 'k', 'v', { marker: true }).repeat(10_001);
      return (await repair(bucket, rows)).result?.includes('handed-out') ?? false;
    },
  },
];

const letterScenarios: readonly Scenario[] = [
  {
    name: 'an event that failed to the end is kept',
    bucket: 'unused',
    needs: ['oss:PutObject'],
    async run() {
      await plainClient(cloud.url, letters).putBucket(letters);
      const envelope = envelopeOf({ requestId: `request-${bucketNumber}` });
      return (await invoke(cloud, deadLetter, envelope)).status === 'succeeded';
    },
  },
];

const shipped = (file: string): PolicyDocument => filledPolicy(file, names);
/** What Function Compute does in a function's name, by its role: no request of the function itself asks for it. */
const ofService = (resource: string): boolean =>
  resource.startsWith('acs:log:') || /^acs:fc:.*(?:holdfast-dead-letter|\/\*)$/.test(resource);
const allowed = ({ Statement }: PolicyDocument) =>
  Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((each) => {
    const Resource = each.Resource.filter((resource) => !ofService(resource));
    return Resource.length === 0 ? [] : [{ ...each, Resource }];
  });
const actionsOf = (document: PolicyDocument) => [
  ...new Set(allowed(document).flatMap(({ Action }) => Action)),
];
const resourcesOf = (document: PolicyDocument) => [
  ...new Set(allowed(document).flatMap(({ Resource }) => Resource)),
];

/** A policy that lacks one action. */
function without(document: PolicyDocument, action: string): string {
  const Statement = document.Statement.map((each) => ({
    ...each,
    Action: each.Action.map((name) => (name === action ? 'oss:Nothing' : name)),
  }));
  return JSON.stringify({ ...document, Statement });
}

/** What a function was denied since the log was cleared: by OSS, and by Function Compute, whose refusal it told. */
const denials = (functionName: string) => [
  ...cloud.oss.requests
    .list()
    .filter(({ principal, code }) => principal.startsWith('function ') && code === 'AccessDenied'),
  ...cloud.fc
    .invocations(functionName)
    .slice(-1)
    .filter((invocation) => JSON.stringify(logOf(invocation)).includes('fc:InvokeFunction')),
];

/** A policy that gives everything, but not on one resource. */
function withoutResource(document: PolicyDocument, resource: string): string {
  const Statement = document.Statement.map((each) => ({
    ...each,
    Resource: each.Resource.map((name) => (name === resource ? 'acs:oss:*:ACCOUNT:nothing' : name)),
  }));
  return JSON.stringify({ ...document, Statement });
}

const run = (scenario: Scenario) => {
  bucketNumber += 1;
  cloud.oss.requests.clear();
  return scenario.run(`${scenario.bucket}-${bucketNumber}`);
};

const loadedRules = () => rulesFrom(rules, 'rules.yaml');
const deployment = { functionName: existing, rulesAt: undefined, inventories: ['lists'] };

/** The buckets of the scenarios under the patterns that policies name them by. */
function concerned(): MatchedBucket[] {
  const loaded = loadedRules();
  return ['fin', 'audit', 'archive', 'backup'].map((name) => ({
    name: `${name}-*`,
    region: 'cn-hangzhou',
    objectRules: objectRulesOfBucket(loaded, `${name}-1`),
    bucketRules: bucketRules(loaded, `${name}-1`),
    defaultRules: [],
  }));
}

describe.each([
  { role: 'object-created' as const, function: objectCreated, scenarios: objectScenarios },
  { role: 'policy-timer' as const, function: policyTimer, scenarios: bucketScenarios },
  { role: 'protect-existing' as const, function: existing, scenarios: repairScenarios },
  { role: 'dead-letter' as const, function: deadLetter, scenarios: letterScenarios },
])('the policy of $role', ({ role, function: functionName, scenarios }) => {
  const policy = shipped(`${role}.json`);

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'is enough: %s',
    async (_name, scenario) => {
      expect(await run(scenario)).toBe(true);
    },
  );

  const pairs = scenarios.flatMap((scenario) =>
    scenario.needs.map((action) => [action, scenario.name, scenario] as const),
  );
  it.each(pairs)('has to hold %s, or it does not come to pass: %s', async (action, _name, scenario) => {
    cloud.roles.attach(functionName, without(policy, action));
    const done = await run(scenario);
    const denied = denials(functionName);
    cloud.roles.attach(functionName, JSON.stringify(policy));
    cloud.oss.faults.clear();
    expect(done).toBe(false);
    expect(denied.length).toBeGreaterThan(0);
  });

  it.each(resourcesOf(policy))('names no resource that no scenario needs: %s', async (resource) => {
    cloud.roles.attach(functionName, withoutResource(policy, resource));
    let missed = 0;
    for (const scenario of scenarios) {
      if (!(await run(scenario)) && denials(functionName).length > 0) missed += 1;
      cloud.oss.faults.clear();
      if (missed > 0) break;
    }
    cloud.roles.attach(functionName, JSON.stringify(policy));
    expect(missed).toBe(1);
  });

  it('allows all that holdfast doctor looks for, and that is enough for every scenario', async () => {
    const needs = needsOf(role, loadedRules(), concerned(), deployment);
    cloud.roles.attach(functionName, exactly(needs));
    const failed: string[] = [];
    for (const scenario of scenarios) {
      if (!(await run(scenario))) failed.push(scenario.name);
      cloud.oss.faults.clear();
    }
    cloud.roles.attach(functionName, JSON.stringify(policy));
    expect(failed).toEqual([]);
    expect([...new Set(needs.map(({ action }) => action))].sort()).toEqual(
      [...new Set(actionsOf(policy))].sort(),
    );
  });

  it('holds no action that no scenario needs', () => {
    expect(actionsOf(policy).sort()).toEqual([...new Set(scenarios.flatMap(({ needs }) => needs))].sort());
  });
});

it('an action that nobody granted is AccessDenied, and the error names what to grant', async () => {
  cloud.roles.attach(objectCreated, without(shipped('object-created.json'), 'oss:PutObjectRetention'));
  const { event } = await upload('audit-ungranted');
  const lines = logOf(await handle(event));
  cloud.roles.attach(objectCreated, JSON.stringify(shipped('object-created.json')));
  expect(lines[0]).toMatchObject({
    level: 'error',
    code: 'ACCESS_DENIED',
    remedy: expect.stringContaining('grant oss:PutObjectRetention'),
  });
});

it("a policy names its buckets: another function's are denied to it", async () => {
  cloud.roles.attach(policyTimer, JSON.stringify(shipped('object-created.json')));
  const { error } = await timer();
  cloud.roles.attach(policyTimer, JSON.stringify(shipped('policy-timer.json')));
  expect(error).toMatchObject({
    errorType: 'ACCESS_DENIED',
    errorMessage: expect.stringContaining('ListBuckets'),
  });
});

it('the key of the user may do everything still', async () => {
  const client = plainClient(cloud.url, 'mine');
  await client.putBucket('mine');
  await client.put('k', Buffer.from('x'));
  await client.delete('k');
});

/** What no role may do, although it lies beside what it does. */
const beyond: readonly [role: string, action: string, resource: string, prefix?: string][] = [
  ...['repairs/audit-1.json', 'marks/0/m.json', 'fan-out/audit-1-0/1/plan.json'].map(
    (key) => ['dead-letter', 'oss:PutObject', `${letters}/dead-letters/${key}`] as [string, string, string],
  ),
  ['dead-letter', 'oss:GetObject', `${letters}/dead-letters/letters/x`],
  ['policy-timer', 'oss:ListObjectVersions', letters],
  ['policy-timer', 'oss:ListObjectVersions', letters, ''],
  ['policy-timer', 'oss:ListObjectVersions', letters, 'dead-letters/letters/'],
  ['policy-timer', 'oss:GetObject', `${letters}/dead-letters/letters/x`],
  ['policy-timer', 'oss:PutObject', `${letters}/dead-letters/repairs/x`],
  ['policy-timer', 'oss:AbortBucketWorm', 'archive-1'],
  ['protect-existing', 'oss:PutObject', `${letters}/dead-letters/marks/0/m.json`],
  ['protect-existing', 'oss:PutObject', 'lists/audit-1/manifest.json'],
  ['protect-existing', 'oss:PutObject', 'audit-1/k'],
  ['protect-existing', 'oss:ListObjectVersions', letters, 'dead-letters/letters/'],
  ['object-created', 'oss:PutObject', 'audit-1/k'],
  ['object-created', 'oss:PutObjectRetention', `${letters}/dead-letters/letters/x`],
  ['object-created', 'oss:PutObjectRetention', 'other/k'],
];

it.each(beyond)('%s may not do %s on %s (prefix %s)', (role, action, resource, prefix) => {
  const policy = parsePolicy(JSON.stringify(shipped(`${role}.json`)).replaceAll('ACCOUNT', '*'), role);
  const facts = prefix === undefined ? {} : { 'oss:Prefix': prefix };
  expect(evaluate(policy, action, `acs:oss:*:0:${resource}`, facts)).not.toBe('Allow');
});
