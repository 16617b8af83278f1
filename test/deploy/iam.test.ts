import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Invocation } from '../../local/fc/invocations.ts';
import { iamOperations } from '../../local/iam/actions.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { obsOperations } from '../../local/obs/operations/index.ts';
import { retainedUntil } from '../../local/plain-client.ts';
import { createObsBucket, createObsRetentionBucket, plainObsClient } from '../../local/plain-obs.ts';
import { approvalsFolder } from '../../shared/approvals/name.ts';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import {
  type GraphFunctionName,
  graphFunctionNames,
  iamStatements,
} from '../../shared/deploy/graph/policies.ts';
import type { IamStatement } from '../../shared/deploy/graph/statement.ts';
import { iamPolicyFiles } from '../../shared/init/huawei/policy-files.ts';
import { mattersFolder } from '../../shared/matters/name.ts';
import { readScope } from '../../shared/matters/record.ts';
import { second } from '../../shared/platform/instant.ts';
import { createObsStorage } from '../../shared/storage/obs/index.ts';
import { runCli } from '../support/cli.ts';
import { logOf } from '../support/holdfast-cloud.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { author } from '../support/matters.ts';
import { validRules, writeRules } from '../support/rules-file.ts';
import { temporaryFolder } from '../support/store.ts';

/**
 * The policies of main.tf.json against what the built functions do: enough for every scenario, and nothing that no scenario
 * needs.
 */
const rules = `
version: 1
limits: { maxRetention: 10y }
deadLetters: obs://letters/dead/
audit: obs://evidence/audit/
objects:
  - { name: finance, match: { bucket: fin-*, tags: { class: finance } }, retain: 7y }
  - { name: logs, match: { bucket: audit-* }, retain: 400d }
defaults:
  - { name: month, match: { bucket: month-* }, retain: 30d }
`;

/** Real names, each as narrow as the rules: with `*` for all of them a wrong resource would go unnoticed. */
const buckets = {
  objectBuckets: ['fin-*', 'audit-*'],
  defaultBuckets: ['month-*'],
  deadLetters: { bucket: 'letters', prefix: 'dead/' },
  inventoryBucket: 'lists',
  audit: { bucket: 'evidence', prefix: 'audit/' },
};

const otherKey = { accessKeyId: 'other', accessKeySecret: 'other-secret' };
const otherPair = { id: otherKey.accessKeyId, secret: otherKey.accessKeySecret };

const policyOf = (Statement: readonly IamStatement[]): string =>
  JSON.stringify({ Version: '1.1', Statement });
const nameOf = (role: GraphFunctionName): string => `holdfast-${role}`;

let cloud: Cloud;
let storage: ReturnType<typeof createObsStorage>;
let url = '';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-iam-'));
for (const name of graphFunctionNames)
  writeFileSync(join(folder, `${name}.json`), policyOf(iamStatements(name, buckets)));
const rulesPath = writeRules(folder, rules);
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a cloud for the tests of a block: each run of the timer looks at all buckets that the tests before have made. */
async function start() {
  cloud = await startCloud({
    instances: inlineInstances,
    template: 's.yaml',
    clouds: ['obs'],
    rules: rulesPath,
    iamPolicies: folder,
    clock: new Date('2027-03-01T10:05:00.300Z'),
    deliver: () => [], // each scenario sends its own event
    accessKeys: [defaultAccessKey, otherKey],
  });
  url = cloud.url;
  const credentials = defaultAccessKey;
  storage = createObsStorage({ region: 'cn-north-4', endpoint: url, credentials });
  await createObsBucket(url, 'letters');
  await createObsBucket(url, 'lists');
  await createObsBucket(url, 'evidence');
}

async function end() {
  storage.close();
  await cloud.close();
}

/** What a function does, in a bucket of its own, and whether it came to pass. */
interface Scenario {
  readonly name: string;
  readonly bucket: string;
  /** The actions without which it does not. */
  readonly needs: readonly string[];
  run(bucket: string): Promise<boolean>;
}

async function invoke(role: GraphFunctionName, event: unknown): Promise<Invocation> {
  return (await cloud.graph.invoke(nameOf(role), Buffer.from(JSON.stringify(event)))).invocation;
}

const finance = { 'x-oss-tagging': 'class=finance' };
const protectedAlready = {
  'x-oss-object-worm-mode': 'COMPLIANCE',
  'x-oss-object-worm-retain-until-date': '2033-01-01T00:00:00.000Z',
};

interface Uploaded {
  readonly versionId: string;
  readonly event: object;
  isProtected(): Promise<boolean>;
}

/** Uploads an object so many times; the event is that of the first, and names no version unless asked to. */
async function upload(
  bucket: string,
  {
    headers = {},
    times = 1,
    named = false,
  }: { headers?: Record<string, string>; times?: number; named?: boolean } = {},
): Promise<Uploaded> {
  const client = await createObsRetentionBucket(url, bucket);
  const { res } = await client.put('k', Buffer.from('first'), { headers });
  const versionId = String(res.headers['x-oss-version-id']);
  const eventTime = cloud.time.now().toISOString();
  for (let count = 1; count < times; count++)
    await client.put('k', Buffer.from(`then ${count}`), { headers });
  const eTag = String(res.headers.etag).replaceAll('"', '');
  const object = { key: 'k', size: 5, eTag, ...(named && { versionId }) };
  return {
    versionId,
    event: {
      Records: [{ eventName: 'ObjectCreated:Put', eventTime, s3: { bucket: { name: bucket }, object } }],
    },
    isProtected: async () => (await retainedUntil(client, 'k', versionId)) !== undefined,
  };
}

/** Makes a bucket that keeps versions and has no WORM, with an object in it. @returns its version */
async function withoutWorm(bucket: string): Promise<string> {
  await createObsBucket(url, bucket);
  const client = plainObsClient(url, bucket);
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await client.request({
    method: 'PUT',
    bucket,
    subres: { versioning: '' },
    content: Buffer.from(body),
    headers: {},
  });
  const { res } = await client.put('k', Buffer.from('first'));
  return String(res.headers['x-oss-version-id']);
}

/** Tells whether a run has ended well, and has written what it decided as evidence. */
async function isEvident({ status }: Invocation, before: number): Promise<boolean> {
  return status === 'succeeded' && (await filesOfEvidence()) > before;
}

async function filesOfEvidence(): Promise<number> {
  let count = 0;
  for await (const { key } of storage.listVersions('evidence', 'audit/')) {
    if (!key.startsWith('audit/matters/')) count += 1;
  }
  return count;
}

const objectScenarios: readonly Scenario[] = [
  {
    name: 'an upload is protected by a rule that reads no tags',
    bucket: 'audit',
    needs: ['obs:object:GetObject', 'obs:object:PutObjectRetention'],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket);
      await invoke('object-created', event);
      return await isProtected();
    },
  },
  {
    name: 'an upload is protected by its tags',
    bucket: 'fin',
    needs: ['obs:object:GetObjectTagging'],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket, { headers: finance });
      await invoke('object-created', event);
      return await isProtected();
    },
  },
  {
    name: 'a version that was overwritten before its event came is protected by its own tags',
    bucket: 'fin',
    needs: [
      'obs:bucket:ListBucketVersions',
      'obs:object:GetObjectVersion',
      'obs:object:GetObjectVersionTagging',
    ],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket, { headers: finance, times: 2 });
      await invoke('object-created', event);
      return await isProtected();
    },
  },
  {
    name: 'an event that names its version is followed to it',
    bucket: 'audit',
    needs: ['obs:object:GetObjectVersion'],
    async run(bucket) {
      const { event, isProtected } = await upload(bucket, { named: true, times: 2 });
      await invoke('object-created', event);
      return await isProtected();
    },
  },
  {
    name: 'a version that is protected already is left as it is',
    bucket: 'audit',
    needs: ['obs:object:GetObjectRetention'],
    async run(bucket) {
      const { event } = await upload(bucket, { headers: protectedAlready });
      return (await invoke('object-created', event)).result?.includes('already-protected') ?? false;
    },
  },
  {
    name: 'a failure that no repetition can fix is kept as a dead letter at once, with its cause',
    bucket: 'audit',
    needs: [
      'obs:bucket:GetBucketObjectLockConfiguration',
      'obs:object:PutObject',
      'obs:object:GetObject',
      'obs:bucket:ListBucket',
    ],
    async run(bucket) {
      await withoutWorm(bucket);
      const object = { key: 'k', size: 5 };
      const record = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: bucket }, object } };
      const run = await invoke('object-created', { Records: [record] });
      return run.status === 'succeeded' && run.logs.join('').includes('OBJECT_WORM_OFF');
    },
  },
  {
    name: 'what was decided of an upload is evidence',
    bucket: 'audit',
    needs: ['obs:object:PutObject'],
    async run(bucket) {
      const before = await filesOfEvidence();
      const { event } = await upload(bucket);
      const done = await invoke('object-created', event);
      return (await isEvident(done, before)) && done.result === '{"protect":1}';
    },
  },
  {
    name: 'an upload is kept for an open matter',
    bucket: 'audit',
    needs: ['obs:object:GetObject', 'obs:object:GetObjectVersion', 'obs:bucket:ListBucketVersions'],
    async run(bucket) {
      await openMatter(bucket);
      const { event } = await upload(bucket);
      const done = await invoke('object-created', event);
      return logOf(done).some((line) => line['legalHold'] === 'not-offered' && line['code'] === undefined);
    },
  },
];

/** Opens a matter of one bucket, and waits until functions know of it. */
async function openMatter(bucket: string): Promise<void> {
  const scope = readScope({ match: [`obs://${bucket}`] }, 'obs');
  if ('problem' in scope) throw new Error(scope.problem);
  await keepMatterRecord(
    {
      storage,
      rules: validRules(rules, 'rules.yaml', 'obs'),
      clock: { now: () => cloud.time.now(), sleep: () => Promise.resolve() },
    },
    { kind: 'opened', id: bucket, at: cloud.time.now(), by: author, reason: 'a lawsuit', scope },
  );
  await cloud.advance(3 * second);
}

let requests = 0;
const letterScenarios: readonly Scenario[] = [
  {
    name: 'an event that failed to the end is kept',
    bucket: 'unused',
    needs: ['obs:object:PutObject', 'obs:object:GetObject', 'obs:bucket:ListBucket'],
    async run() {
      requests += 1;
      const envelope = {
        timestamp: '2027-03-01T10:00:00.123000000+00:00',
        request_context: {
          request_id: `r-${requests}`,
          function_urn: 'urn:fss:cn-north-4:1:function:default:holdfast-object-created:latest',
        },
        request_payload: '{}',
      };
      return (await invoke('dead-letter', envelope)).status === 'succeeded';
    },
  },
];

/** Lets the timer run. @returns what it said of a bucket, when the repair is on record */
async function repair(bucket: string): Promise<string | undefined> {
  const event = { version: 'v1.0', trigger_type: 'TIMER', trigger_name: 't' };
  const lines = logOf(await invoke('policy-timer', event));
  const line = lines.find((each) => each['bucket'] === bucket && each['action'] === 'repair-done');
  return line && JSON.stringify(line);
}

const repairScenarios: readonly Scenario[] = [
  {
    name: 'a bucket is repaired by a rule that reads no tags, and the repair goes on record',
    bucket: 'audit',
    needs: [
      'obs:bucket:ListAllMyBuckets',
      'obs:bucket:ListBucketVersions',
      'obs:object:GetObject',
      'obs:object:GetObjectVersion',
      'obs:object:PutObjectRetention',
      'obs:object:PutObject',
      'obs:bucket:ListBucket',
    ],
    async run(bucket) {
      const { isProtected } = await upload(bucket);
      return (await repair(bucket)) !== undefined && (await isProtected());
    },
  },
  {
    name: 'the same by tags',
    bucket: 'fin',
    needs: ['obs:object:GetObjectTagging', 'obs:object:GetObjectVersionTagging'],
    async run(bucket) {
      const { isProtected } = await upload(bucket, { headers: finance });
      return (await repair(bucket)) !== undefined && (await isProtected());
    },
  },
  {
    name: 'a version that is protected already is left as it is',
    bucket: 'audit',
    needs: ['obs:object:GetObjectRetention'],
    async run(bucket) {
      await upload(bucket, { headers: protectedAlready });
      return (await repair(bucket))?.includes('"changed":0,"failed":0') ?? false;
    },
  },
  {
    name: 'a bucket without WORM is named as such',
    bucket: 'audit',
    needs: ['obs:bucket:GetBucketObjectLockConfiguration'],
    async run(bucket) {
      await withoutWorm(bucket);
      const event = { version: 'v1.0', trigger_type: 'TIMER', trigger_name: 't' };
      const { logs } = await invoke('policy-timer', event);
      return logs.some((line) => line.includes(bucket) && line.includes('OBJECT_WORM_OFF'));
    },
  },
];

/**
 * Writes an inventory of a bucket, and lets it arrive.
 * @param versions the versions of `k` that it names
 */
async function inventory(bucket: string, versions: readonly string[], rows = versions.length) {
  const client = plainObsClient(url, 'lists');
  const row = (versionId: string) =>
    `${[bucket, 'k', versionId, 'true', 'false', '5', '2027-03-01T10:05:00Z'].map((cell) => `"${cell}"`).join(',')}\n`;
  const body = Buffer.from(versions.map(row).join(''));
  const file = {
    key: encodeURIComponent(`${bucket}/1_index.csv`),
    size: body.length,
    inventoriedRecord: rows,
  };
  if (versions.length > 0) await client.put(`${bucket}/1_index.csv`, body);
  const manifest = {
    sourceBucket: bucket,
    destinationBucket: 'lists',
    version: '2019-01-03',
    creationTimestamp: String(cloud.time.now().getTime()),
    fileFormat: 'CSV',
    fileSchema: 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate',
    files: versions.length > 0 ? [file] : [],
  };
  const key = `${bucket}/manifest.json`;
  await client.put(key, Buffer.from(JSON.stringify(manifest)));
  const record = {
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'lists' }, object: { key, size: 5 } },
  };
  return await invoke('protect-existing', { Records: [record] });
}

const inventoryScenarios: readonly Scenario[] = [
  {
    name: 'what an inventory names is protected by a rule that reads no tags, and the repair goes on record',
    bucket: 'audit',
    needs: [
      'obs:bucket:ListBucketVersions',
      'obs:object:GetObject',
      'obs:object:GetObjectVersion',
      'obs:object:PutObjectRetention',
      'obs:object:PutObject',
      'obs:bucket:ListBucket',
    ],
    async run(bucket) {
      const { versionId, isProtected } = await upload(bucket);
      const { result } = await inventory(bucket, [versionId]);
      return (result?.includes('repair-done') ?? false) && (await isProtected());
    },
  },
  {
    name: 'the same by tags',
    bucket: 'fin',
    needs: ['obs:object:GetObjectTagging', 'obs:object:GetObjectVersionTagging'],
    async run(bucket) {
      const { versionId, isProtected } = await upload(bucket, { headers: finance });
      await inventory(bucket, [versionId]);
      return await isProtected();
    },
  },
  {
    name: 'a version that is protected already is left as it is',
    bucket: 'audit',
    needs: ['obs:object:GetObjectRetention'],
    async run(bucket) {
      const { versionId } = await upload(bucket, { headers: protectedAlready });
      const { result } = await inventory(bucket, [versionId]);
      return result?.includes('"changed":0,"failed":0') ?? false;
    },
  },
  {
    name: 'a bucket without WORM is named as such',
    bucket: 'audit',
    needs: ['obs:bucket:GetBucketObjectLockConfiguration'],
    async run(bucket) {
      const { logs } = await inventory(bucket, [await withoutWorm(bucket)]);
      return logs.some((line) => line.includes(bucket) && line.includes('OBJECT_WORM_OFF'));
    },
  },
  {
    name: 'an inventory that names nothing of a bucket with older versions is kept as a dead letter',
    bucket: 'fin',
    needs: ['obs:bucket:ListBucketVersions', 'obs:object:PutObject'],
    async run(bucket) {
      await upload(bucket);
      await cloud.advance(1000);
      const { status, logs } = await inventory(bucket, []);
      return status === 'succeeded' && logs.some((line) => line.includes('the bucket has older ones'));
    },
  },
];

const defaultOfBucket: Scenario = {
  name: 'the default retention of a bucket is put, and read back',
  bucket: 'month',
  needs: ['obs:bucket:GetBucketObjectLockConfiguration', 'obs:bucket:PutBucketObjectLockConfiguration'],
  async run(bucket) {
    await createObsRetentionBucket(url, bucket);
    await invoke('policy-timer', { version: 'v1.0', trigger_type: 'TIMER', trigger_name: 't' });
    const worm = await storage.getObjectWorm(bucket);
    return worm?.defaultRetention !== undefined;
  },
};

const evidenceOfInventory: Scenario = {
  name: 'what was decided by an inventory is evidence',
  bucket: 'audit',
  needs: ['obs:object:PutObject'],
  async run(bucket) {
    const before = await filesOfEvidence();
    const { versionId } = await upload(bucket);
    return await isEvident(await inventory(bucket, [versionId]), before);
  },
};

const readingMatters = [
  'obs:object:GetObject',
  'obs:object:GetObjectVersion',
  'obs:bucket:ListBucketVersions',
];

const matterOfInventory: Scenario = {
  name: 'what an inventory names is kept for an open matter',
  bucket: 'fin',
  needs: readingMatters,
  async run(bucket) {
    await openMatter(bucket);
    const { versionId, isProtected } = await upload(bucket);
    await inventory(bucket, [versionId]);
    return await isProtected();
  },
};

const matterOfRepair: Scenario = {
  name: 'a repair keeps versions for an open matter',
  bucket: 'fin',
  needs: readingMatters,
  async run(bucket) {
    await openMatter(bucket);
    const { isProtected } = await upload(bucket);
    return (await repair(bucket)) !== undefined && (await isProtected());
  },
};

const evidenceOfRepair: Scenario = {
  name: 'what was decided in a repair is evidence, and goes on from the last evidence',
  bucket: 'audit',
  needs: ['obs:object:PutObject', 'obs:object:GetObject', 'obs:bucket:ListBucketVersions'],
  async run(bucket) {
    const before = await filesOfEvidence();
    await upload(bucket);
    const done = await invoke('policy-timer', { version: 'v1.0', trigger_type: 'TIMER', trigger_name: 't' });
    const isAnchored = !logOf(done).some(({ msg }) => /evidence/.test(String(msg)));
    return (await isEvident(done, before)) && isAnchored;
  },
};

let bucketNumber = 0;
/** Runs a scenario, and writes that its bucket was repaired: no later run of the timer has to look at it. */
async function run(scenario: Scenario): Promise<boolean> {
  bucketNumber += 1;
  const bucket = `${scenario.bucket}-${bucketNumber}`;
  const done = await scenario.run(bucket);
  const completedAt = cloud.time.now().toISOString();
  const record = { bucket, source: 'listing', completedAt, versions: 1, changed: 0, failed: 0 };
  await plainObsClient(url, 'letters').put(
    `dead/repairs/${bucket}.json`,
    Buffer.from(JSON.stringify(record)),
  );
  return done;
}

const actionsOf = (statements: readonly IamStatement[]) => [
  ...new Set(statements.flatMap(({ Action }) => Action)),
];

describe.each([
  { role: 'object-created' as const, scenarios: objectScenarios },
  {
    role: 'protect-existing' as const,
    scenarios: [...inventoryScenarios, evidenceOfInventory, matterOfInventory],
  },
  {
    role: 'policy-timer' as const,
    scenarios: [...repairScenarios, evidenceOfRepair, defaultOfBucket, matterOfRepair],
  },
  { role: 'dead-letter' as const, scenarios: letterScenarios },
])('the policy of $role', ({ role, scenarios }) => {
  beforeAll(start);
  afterAll(end);
  const statements = iamStatements(role, buckets);
  const attach = (changed: readonly IamStatement[]) => cloud.agencies.attach(nameOf(role), policyOf(changed));

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'is enough: %s',
    async (_, scenario) => {
      expect(await run(scenario)).toBe(true);
    },
  );

  const pairs = scenarios.flatMap((scenario) =>
    scenario.needs.map((action) => [action, scenario.name, scenario] as const),
  );
  it.each(pairs)('has to hold %s, or it does not come to pass: %s', async (action, _, scenario) => {
    attach(
      statements.map((each) => ({
        ...each,
        Action: each.Action.map((name) => (name === action ? 'obs:object:Nothing' : name)),
      })),
    );
    const done = await run(scenario);
    attach(statements);
    expect(done).toBe(false);
  });

  const grants = statements.flatMap((statement, index) =>
    (statement.Effect === 'Deny' ? [] : statement.Resource).map(
      (resource) => [index, resource, statement] as const,
    ),
  );
  it.each(grants)('statement %i names no resource that no scenario needs: %s', async (index, resource) => {
    attach(
      statements.map((each, at) =>
        at === index
          ? {
              ...each,
              Resource: each.Resource.map((name) => (name === resource ? 'obs:*:*:bucket:none' : name)),
            }
          : each,
      ),
    );
    let missed = 0;
    for (const scenario of scenarios) {
      if (!(await run(scenario))) missed += 1;
      if (missed > 0) break;
    }
    attach(statements);
    expect(missed).toBe(1);
  });

  it('holds no action that no scenario needs', () => {
    expect(actionsOf(statements).sort()).toEqual(
      [...new Set(scenarios.flatMap(({ needs }) => needs))].sort(),
    );
  });
});

describe('a key with the policy of', () => {
  beforeAll(start);
  afterAll(end);

  it.each(['object-created', 'protect-existing', 'policy-timer'] as const)(
    '%s writes evidence, and no record of a matter nor an approval',
    async (role) => {
      cloud.agencies.attachToUser('other', policyOf(iamStatements(role, buckets)));
      const client = plainObsClient(url, 'evidence', otherPair);
      const put = (key: string) =>
        client.put(key, Buffer.from('x')).then(
          () => 'written',
          ({ code }) => code,
        );
      expect(await put('audit/2027/x')).toBe('written');
      expect(await put(`audit/${mattersFolder}case/released-0.json`)).toBe('AccessDenied');
      expect(await put(`audit/${approvalsFolder}key/0.json`)).toBe('AccessDenied');
      expect(await put('elsewhere')).toBe('AccessDenied');
    },
  );

  /** Runs `holdfast setup --cloud obs` with the key. */
  async function setup(statements: readonly IamStatement[], ...args: string[]) {
    cloud.agencies.attachToUser('other', policyOf(statements));
    const env = {
      HOLDFAST_OBS_ENDPOINT: url,
      OBS_ACCESS_KEY_ID: otherKey.accessKeyId,
      OBS_SECRET_ACCESS_KEY: otherKey.accessKeySecret,
    };
    const file = writeRules(temporaryFolder(), rules.replace(/^audit:.*$/m, ''));
    return await runCli(['setup', '--cloud', 'obs', '--rules', file, ...args], { env });
  }

  it('the examiner exports, and writes nothing', async () => {
    const { isProtected, event } = await upload('fin-examined', { headers: finance });
    await invoke('object-created', event);
    expect(await isProtected()).toBe(true);
    const folder = temporaryFolder();
    const file = writeRules(folder, rules);
    const env = {
      HOLDFAST_OBS_ENDPOINT: url,
      OBS_ACCESS_KEY_ID: otherKey.accessKeyId,
      OBS_SECRET_ACCESS_KEY: otherKey.accessKeySecret,
    };
    const statements = iamStatements('examiner', buckets);
    const exported = async (policy: readonly IamStatement[], out: string) => {
      cloud.agencies.attachToUser('other', policyOf(policy));
      const args = [
        '--cloud',
        'obs',
        '--rules',
        file,
        '--bucket',
        'fin-examined',
        '--out',
        join(folder, out),
      ];
      const { code, stdout, stderr } = await runCli(['export', '--json', ...args], { env });
      return { code, stderr, json: stdout === '' ? undefined : JSON.parse(stdout) };
    };
    const { json } = await exported(statements, 'whole');
    expect(json).toMatchObject({ versions: 1, standings: { protected: 1 }, decisions: 1, unread: [] });
    for (const action of actionsOf(statements)) {
      if (action === 'obs:bucket:ListBucket' || action === 'obs:bucket:ListAllMyBuckets') continue;
      const without = statements.map((each) => ({
        ...each,
        Action: each.Action.map((name) => (name === action ? 'obs:bucket:Nothing' : name)),
      }));
      const { json: lacking } = await exported(without, action.replaceAll(':', '-'));
      const { versions, standings, unread } = lacking ?? {};
      expect([action, { versions, standings, unread }]).not.toEqual([
        action,
        { versions: 1, standings: { protected: 1 }, unread: [] },
      ]);
    }
    cloud.agencies.attachToUser('other', policyOf(statements));
    for (const bucket of ['fin-examined', 'evidence']) {
      const put = plainObsClient(url, bucket, otherPair).put('audit/x', Buffer.from('x'));
      await expect(put).rejects.toMatchObject({ code: 'AccessDenied' });
    }
  });

  it('setup turns versioning and WORM on, with each action and no other', async () => {
    const statements = iamStatements('setup', buckets);
    const turnOn = async (bucket: string, policy: readonly IamStatement[]) => {
      await createObsBucket(url, bucket);
      return await setup(policy, '--enable-versioning', bucket, '--enable-object-worm', bucket, '--yes');
    };
    expect(await turnOn('fin-setup', statements)).toMatchObject({ code: 0 });
    expect(await setup(statements)).toMatchObject({ code: 0 });
    for (const action of actionsOf(statements)) {
      const without = statements.map((each) => ({
        ...each,
        Action: each.Action.map((name) => (name === action ? 'obs:bucket:Nothing' : name)),
      }));
      const { code, stdout, stderr } = action.endsWith('ListAllMyBuckets')
        ? await setup(without)
        : await turnOn(`fin-${action.slice('obs:bucket:'.length, -3).toLowerCase()}`, without);
      expect({ action, code, said: `${stdout}${stderr}` }).toEqual({
        action,
        code: 1,
        said: expect.stringContaining('ACCESS_DENIED'),
      });
    }
  });

  it('whoever keeps records protects, holds, releases and plans a disposition, and neither deletes nor approves', async () => {
    const { run, file } = runner('records', rules);
    const { versionId } = await upload('fin-kept', { headers: finance });
    const from = ['--rules', file, '--cloud', 'obs'];
    for (const args of [
      ['protect', 'obs://fin-kept', '--yes'],
      ['hold', 'open', 'case', '--match', 'obs://fin-kept', '--reason', 'x', '--yes'],
      ['hold', 'release', 'case', '--reason', 'x', '--yes'],
      ['disposition', 'plan', 'obs://fin-kept', '--out', join(temporaryFolder(), 'd')],
    ])
      expect(await run([...args, ...from]), args.join(' ')).toMatchObject({ code: 0 });
    const denied = { code: 'AccessDenied' };
    const kept = plainObsClient(url, 'fin-kept', otherPair);
    await expect(kept.delete('fin-kept', { versionId })).rejects.toMatchObject(denied);
    const evidence = plainObsClient(url, 'evidence', otherPair);
    await expect(evidence.put('audit/approvals/other/x', Buffer.from('x'))).rejects.toMatchObject(denied);
  });

  it('whoever approves does so in their own name alone', async () => {
    const { run, file } = runner('approver', `${rules}approvals: { release: true }\n`);
    await createObsRetentionBucket(url, 'fin-approved');
    const from = ['--rules', file, '--cloud', 'obs'];
    const mine = {
      HOLDFAST_OBS_ENDPOINT: url,
      OBS_ACCESS_KEY_ID: defaultAccessKey.accessKeyId,
      OBS_SECRET_ACCESS_KEY: defaultAccessKey.accessKeySecret,
    };
    const open = ['hold', 'open', 'own', '--match', 'obs://fin-approved', '--reason', 'x', '--yes'];
    expect((await runCli([...open, ...from], { env: mine })).code).toBe(0);
    const release = ['hold', 'release', 'own', '--reason', 'x', '--dry-run', '--json'];
    const plan = join(temporaryFolder(), 'plan.json');
    writeFileSync(plan, (await runCli([...release, ...from], { env: mine })).stdout);
    expect(await run(['approve', plan, '--yes', ...from])).toMatchObject({ code: 0 });
    const evidence = plainObsClient(url, 'evidence', otherPair);
    for (const key of ['audit/approvals/somebody/x', 'audit/matters/own/x'])
      await expect(evidence.put(key, Buffer.from('x'))).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  /** Runs commands with the key under a policy of iam/. */
  function runner(name: 'records' | 'approver', text: string) {
    cloud.agencies.attachToUser('other', policyOf(iamStatements(name, { ...buckets, approver: 'other' })));
    const env = {
      HOLDFAST_OBS_ENDPOINT: url,
      OBS_ACCESS_KEY_ID: otherKey.accessKeyId,
      OBS_SECRET_ACCESS_KEY: otherKey.accessKeySecret,
    };
    const cwd = temporaryFolder();
    return { file: writeRules(cwd, text), run: (args: readonly string[]) => runCli(args, { cwd, env }) };
  }

  it('a user may do everything still', async () => {
    await createObsBucket(url, 'mine');
    const client = plainObsClient(url, 'mine');
    await client.put('k', Buffer.from('x'));
    expect(await client.delete('k')).toMatchObject({ status: 204 });
  });
});

it('rules that lie in a bucket take GetObject on that object, as iam/README.md says, and nothing else', async () => {
  const reading = {
    Effect: 'Allow',
    Action: ['obs:object:GetObject'],
    Resource: ['obs:*:*:object:rules/r.yaml'],
  } as const;
  const own = iamStatements('object-created', buckets);
  const { url: place, ...other } = await startCloud({
    template: 's.yaml',
    instances: inlineInstances,
    clouds: ['obs'],
    environment: { HOLDFAST_RULES: 'obs://rules/r.yaml' },
    clock: new Date('2027-03-01T10:05:00.300Z'),
    deliver: () => [],
  });
  onTestFinished(() => other.close());
  for (const name of ['letters', 'evidence', 'rules']) await createObsBucket(place, name);
  await plainObsClient(place, 'rules').put('r.yaml', Buffer.from(rules));
  const client = await createObsRetentionBucket(place, 'audit-1');
  const statusUnder = async (statements: readonly IamStatement[], key: string) => {
    other.agencies.attach('holdfast-object-created', policyOf(statements));
    await client.put(key, Buffer.from('x'));
    const object = { key, size: 1 };
    const record = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'audit-1' }, object } };
    const event = Buffer.from(JSON.stringify({ Records: [record] }));
    const { status, error } = (await other.graph.invoke('holdfast-object-created', event)).invocation;
    return { status, error: error?.errorMessage ?? '' };
  };
  const refused = await statusUnder(own, 'a');
  expect(refused.status).not.toBe('succeeded');
  expect(refused.error).toContain('GetObject on obs://rules/r.yaml is not allowed');
  expect(await statusUnder([...own, reading], 'b')).toEqual({ status: 'succeeded', error: '' });
});

it('the folder iam/ has the policies of main.tf.json', () => {
  const written = new Map(
    readdirSync('iam')
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name, readFileSync(join('iam', name), 'utf8')]),
  );
  expect(written).toEqual(new Map([...iamPolicyFiles()].sort()));
});

it('every operation of the embedded OBS has its permissions', () => {
  expect(obsOperations.map(({ name }) => name).filter((name) => !iamOperations.has(name))).toEqual([]);
});
