import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, heldPolicy, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { envelopeOf } from '../support/dead-letters.ts';
import { nativeEntry } from '../support/events.ts';
import { invoke, logOf, objectCreated, policyTimer } from '../support/holdfast-cloud.ts';
import { inventoryRow, writeInventory } from '../support/inventory.ts';

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

let cloud: Cloud;
let bucketNumber = 0;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-permissions-'));
beforeAll(async () => {
  writeFileSync(join(folder, 'rules.yaml'), rules);
  cloud = await startCloud({
    template: 's.yaml',
    everyBucket: true,
    rules: join(folder, 'rules.yaml'),
    policies: 'ram',
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
      return (await handle(event)).status === 'succeeded';
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

type Document = { readonly Statement: readonly { readonly Action: readonly string[] }[] };
const shipped = (file: string): Document => JSON.parse(readFileSync(`ram/${file}`, 'utf8'));
const actionsOf = (document: Document) => document.Statement.flatMap(({ Action }) => Action);

/** The same policy but for one action. */
function without(document: Document, action: string): string {
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
    .filter(({ error }) => error?.errorMessage.includes('fc:InvokeFunction')),
];

const run = (scenario: Scenario) => {
  bucketNumber += 1;
  cloud.oss.requests.clear();
  return scenario.run(`${scenario.bucket}-${bucketNumber}`);
};

describe.each([
  { file: 'object-created.json', function: objectCreated, scenarios: objectScenarios },
  { file: 'policy-timer.json', function: policyTimer, scenarios: bucketScenarios },
  { file: 'protect-existing.json', function: existing, scenarios: repairScenarios },
  { file: 'dead-letter.json', function: deadLetter, scenarios: letterScenarios },
])('ram/$file', ({ file, function: functionName, scenarios }) => {
  const policy = shipped(file);

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

  it('holds no action that no scenario needs', () => {
    expect(actionsOf(policy).sort()).toEqual([...new Set(scenarios.flatMap(({ needs }) => needs))].sort());
  });
});

it('an action that nobody granted is AccessDenied, and the error names what to grant', async () => {
  cloud.roles.attach(objectCreated, without(shipped('object-created.json'), 'oss:PutObjectRetention'));
  const { event } = await upload('audit-ungranted');
  const { error } = await handle(event);
  cloud.roles.attach(objectCreated, readFileSync('ram/object-created.json', 'utf8'));
  expect(error).toMatchObject({
    errorType: 'ACCESS_DENIED',
    errorMessage: expect.stringContaining('grant oss:PutObjectRetention'),
  });
});

it("a policy names its buckets: another function's are denied to it", async () => {
  cloud.roles.attach(policyTimer, readFileSync('ram/object-created.json', 'utf8'));
  const { error } = await timer();
  cloud.roles.attach(policyTimer, readFileSync('ram/policy-timer.json', 'utf8'));
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
