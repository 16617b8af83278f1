import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Invocation } from '../../local/fc/invocations.ts';
import { heldRetention, type PlainClient, tryToDelete } from '../../local/plain-client.ts';
import { createObsBucket, createObsRetentionBucket, plainObsClient } from '../../local/plain-obs.ts';
import { day, hour, minute } from '../../shared/platform/instant.ts';
import { compiledFile, writeCompiled } from '../../shared/rules/compiled-rules.ts';
import { loadRules } from '../../shared/rules/load.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { writeRules } from '../support/rules-file.ts';

/** The functions for FunctionGraph as they are built, in front of the embedded OBS: one cloud for the whole file. */

const quarter = 15 * minute;
const objectCreated = 'holdfast-object-created';
const timer = 'holdfast-policy-timer';

const rules = `
version: 1
limits: { maxRetention: 10y }
deadLetters: obs://letters/dead/
audit: obs://evidence/audit/
objects:
  - { name: tagged, match: { bucket: fin-*, key: ledger/**, tags: { class: finance } }, retain: 7y }
  - { name: plain, match: { bucket: "obs://audit-*", key: "**" }, retain: 400d }
  - { name: until, match: { bucket: "*-records" }, retain: { untilTag: until } }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 30 } }
`;

let cloud: Cloud;
let url: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-huawei-'));
  const rulesPath = writeRules(folder, rules);
  // Compiled as a deployment has them, so that no instance has to read the text.
  const loaded = loadRules(rules, rulesPath, 'obs');
  if (loaded.ok) writeFileSync(join(folder, compiledFile), writeCompiled(loaded.rules, rules, 'obs'));
  cloud = await startCloud({
    instances: inlineInstances,
    template: 's.yaml',
    everyBucket: true,
    clouds: ['oss', 'obs'],
    clock: new Date('2027-03-01T10:05:00.300Z'), // the timer's next run is in ten minutes
    rules: rulesPath,
  });
  url = cloud.obs?.url ?? '';
  await createObsBucket(url, 'letters');
  await createObsBucket(url, 'evidence');
  for (const bucket of ['audit-eu', 'fin-eu', 'app-records']) await createObsRetentionBucket(url, bucket);
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

type Line = Readonly<Record<string, unknown>>;
const linesOf = ({ logs }: Invocation): Line[] => logs.map((line): Line => JSON.parse(line));
const runsOf = (name: string) => cloud.graph.invocations(name);
const last = (name: string) => runsOf(name).at(-1);

/** The last run of object-created for a key; the evidence that it writes makes events too. */
function runFor(key: string): Invocation {
  const run = runsOf(objectCreated).findLast(({ event }) =>
    JSON.stringify(event).includes(encodeURIComponent(key)),
  );
  if (run === undefined) throw new Error(`no event of ${key}`);
  return run;
}

/** Uploads, and waits until no function runs. */
async function upload(bucket: string, key: string, tagging?: string, body = 'abc') {
  const client = plainObsClient(url, bucket);
  const headers = tagging === undefined ? {} : { 'x-oss-tagging': tagging };
  const { res } = await client.put(key, Buffer.from(body), { headers });
  await cloud.idle();
  return { client, key, versionId: String(res.headers['x-oss-version-id']) };
}

/** Last-Modified of a version and its retention, as the server has them. */
async function held({ client, key, versionId }: { client: PlainClient; key: string; versionId: string }) {
  const { res } = await client.head(key, { versionId });
  const modified = new Date(String(res.headers['last-modified']));
  return { modified, until: (await heldRetention(client, key, versionId))?.until };
}

async function letters(): Promise<string[]> {
  const { objects = [] } = await plainObsClient(url, 'letters').getBucketVersions({
    prefix: 'dead/letters/',
  });
  return objects.map(({ name }) => name);
}

async function readLetter(name: string): Promise<{ payload: string }> {
  const params = { method: 'GET', bucket: 'letters', object: name, subres: {}, headers: {} };
  const { data } = await plainObsClient(url, 'letters').request(params);
  return JSON.parse(data.toString());
}

const fail = (operation: string, times: number, bucket: string, effect = { status: 503, code: 'SlowDown' }) =>
  cloud.oss.faults.add({ operation, bucket, effect, times, principal: `function huawei/${objectCreated}` });

describe('an upload to OBS', () => {
  test('is protected by its tags to the second, and cannot be deleted', async () => {
    const version = await upload('fin-eu', 'ledger/年度 账本+50%.csv', 'class=finance');
    const { modified, until } = await held(version);
    const expected = new Date(modified);
    expected.setUTCFullYear(2034);
    expect(until).toEqual(expected);
    expect(await tryToDelete(version.client, version.key, version.versionId)).toBe('403 AccessDenied');
    expect(linesOf(runFor('50%.csv'))).toMatchObject([
      { action: 'protect', bucket: 'fin-eu', key: version.key, versionId: version.versionId, rule: 'tagged' },
    ]);
  });

  test('that no rule matches costs no request', async () => {
    const before = cloud.obs?.server.requests.list().length ?? 0;
    const { client, key, versionId } = await upload('fin-eu', 'notes/a');
    expect(runFor('notes').result).toBe('{"no-rule":1}');
    const asked = cloud.obs?.server.requests.list().slice(before) ?? [];
    expect(asked.filter(({ principal, key: of }) => principal.startsWith('function') && of === key)).toEqual(
      [],
    );
    expect(await heldRetention(client, key, versionId)).toBeUndefined();
  });

  test('is protected in each version of an overwritten key, by its own tags', async () => {
    const client = plainObsClient(url, 'app-records');
    const years = ['2030', '2031', '2032'];
    const ids: string[] = [];
    for (const year of years) {
      const headers = { 'x-oss-tagging': `until=${year}-01-01` };
      const { res } = await client.put('plan', Buffer.from(year), { headers });
      ids.push(String(res.headers['x-oss-version-id']));
    }
    await cloud.idle();
    for (const [index, versionId] of ids.entries()) {
      expect((await held({ client, key: 'plan', versionId })).until).toEqual(
        new Date(`${years[index]}-01-02T00:00:00Z`),
      );
    }
  });

  test.each([
    ['events that name no version', { eventsWithoutVersion: true }],
    ['EventGrid, whose time is local with a false Z', { eventGrid: true }],
    ['EventGrid without a version', { eventGrid: true, eventsWithoutVersion: true }],
  ])('is protected by %s, also when it was overwritten with the same content', async (name, switches) => {
    cloud.obs?.server.quirks.set(switches);
    const client = plainObsClient(url, 'audit-eu');
    const ids: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const { res } = await client.put(`same/${name}`, Buffer.from('same'));
      ids.push(String(res.headers['x-oss-version-id']));
    }
    await cloud.idle();
    cloud.obs?.server.quirks.set({});
    for (const versionId of ids) {
      const { modified, until } = await held({ client, key: `same/${name}`, versionId });
      expect(until).toEqual(new Date(modified.getTime() + 400 * day));
    }
  });

  test('is protected when the service fails for a while: within the invocation, and by a repetition', async () => {
    fail('PutObjectRetention', 2, 'audit-eu');
    const first = await upload('audit-eu', 'short');
    expect((await held(first)).until).toBeDefined();

    cloud.graph.weather.add({ kind: 'instances', killRate: 1 });
    const second = await upload('audit-eu', 'long');
    cloud.graph.weather.clear();
    expect((await held(second)).until).toBeUndefined();
    expect(last(objectCreated)).toMatchObject({
      status: 'retrying',
      attempt: 1,
      trigger: expect.any(String),
    });
    await cloud.advance(2 * minute);
    const { modified, until } = await held(second);
    expect(until).toEqual(new Date(modified.getTime() + 400 * day));
  });
});

describe('what fails for good', () => {
  test('is kept at once as a dead letter, and not repeated', async () => {
    const before = await letters();
    await upload('app-records', 'letter.eml', 'until=soon');
    const added = (await letters()).filter((name) => !before.includes(name));
    expect(added).toHaveLength(1);
    expect(runFor('letter.eml')).toMatchObject({ status: 'succeeded', result: '{"refuse":1,"failed":1}' });
    expect(await readLetter(added[0] ?? '')).toMatchObject({
      function: objectCreated,
      error: { code: 'TAG_UNREADABLE' },
      payload: expect.stringContaining('letter.eml'),
    });
    expect(linesOf(runFor('letter.eml'))).toContainEqual(
      expect.objectContaining({ msg: 'a dead letter', letter: `obs://letters/${added[0]}` }),
    );
  });

  test('an event of OSS is refused with a code, and kept', async () => {
    const before = await letters();
    const event = Buffer.from(JSON.stringify({ events: [{ eventName: 'ObjectCreated:PutObject' }] }));
    const { invocation } = await cloud.graph.invoke(objectCreated, event);
    expect(linesOf(invocation)).toContainEqual(
      expect.objectContaining({ code: 'OBS_EVENT_MALFORMED', remedy: expect.stringContaining('OBS') }),
    );
    expect((await letters()).length).toBe(before.length + 1);
  });

  test('an event of OBS is refused by the function for OSS', async () => {
    const payload = { Records: [{ eventName: 'ObjectCreated:Put', s3: {} }] };
    const { invocation } = await cloud.fc.invoke(objectCreated, Buffer.from(JSON.stringify(payload)));
    expect(invocation.error?.errorType).toBe('EVENT_MALFORMED');
  });

  test('a failure that lasts is repeated three times, and then goes to the failure destination', async () => {
    const before = await letters();
    cloud.graph.weather.add({ kind: 'instances', killRate: 1, withinMs: 1 });
    const { key } = await upload('audit-eu', 'lasting');
    await cloud.advance(7.5 * minute); // repetitions come after 1, 2 and 4 minutes
    cloud.graph.weather.clear();
    await cloud.advance(6 * minute);
    const runs = runsOf(objectCreated).filter(({ event }) => JSON.stringify(event).includes(key));
    expect(runs.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 'retrying'],
      [2, 'retrying'],
      [3, 'retrying'],
      [4, 'dead'],
    ]);
    expect(last('holdfast-dead-letter')).toMatchObject({ trigger: 'destination', status: 'succeeded' });
    // The timer may have been hit as well, and have a letter of its own.
    const added = (await letters()).filter((name) => !before.includes(name));
    const payloads = await Promise.all(added.map(async (name) => (await readLetter(name)).payload));
    expect(payloads.filter((payload) => payload.includes(key))).toHaveLength(1);
  });
});

test('the timer says once that bucket policies are not offered, and repairs each bucket once a day', async () => {
  const actionsOf = (bucket?: string) =>
    runsOf(timer)
      .flatMap(linesOf)
      .filter((line) => line['bucket'] === bucket)
      .map(({ action }) => action);
  const repairs = () => actionsOf('audit-eu').filter((action) => action === 'repair-done').length;
  const told = () => actionsOf().filter((action) => action === 'policies-not-offered').length;
  const toldBefore = told();
  cloud.graph.weather.add({ kind: 'events', lose: 1, seed: 1 });
  const lost = await upload('audit-eu', 'lost');
  cloud.graph.weather.clear();
  expect((await held(lost)).until).toBeUndefined();

  await cloud.time.leap(25 * hour);
  await cloud.advance(quarter);
  const before = repairs();
  const { modified, until } = await held(lost);
  expect(until).toEqual(new Date(modified.getTime() + 400 * day));
  await cloud.advance(2 * quarter);
  expect(repairs()).toBe(before);
  await cloud.time.leap(25 * hour);
  await cloud.advance(quarter);
  expect(repairs()).toBe(before + 1);
  // Once an instance: the one before may have been killed above.
  expect(told()).toBeGreaterThan(0);
  expect(told() - toldBefore).toBeLessThanOrEqual(1);
  expect(runsOf(timer).map(({ status }) => status)).not.toContain('retrying');
});

describe('an inventory of OBS, plain CSV without a checksum', () => {
  const protect = 'holdfast-protect-existing';

  /** Loses the event of an upload, and writes an inventory that names it. */
  async function inventoryOf(key: string, rows: number) {
    cloud.graph.weather.add({ kind: 'events', lose: 1, seed: 1 });
    const lost = await upload('audit-eu', key);
    cloud.graph.weather.clear();
    const { modified } = await held(lost);
    const cells = [
      'audit-eu',
      encodeURIComponent(key),
      lost.versionId,
      'true',
      'false',
      '3',
      modified.toISOString(),
    ];
    const row = `${[...cells, 'etag', 'STANDARD', 'false', 'FALSE', 'NOT_SSE'].map((cell) => `"${cell}"`).join(',')}\n`;
    const lists = plainObsClient(url, 'lists');
    await lists.put(`${key}/files/a b_index.csv`, Buffer.from(row));
    const manifest = {
      sourceBucket: 'audit-eu',
      destinationBucket: 'lists',
      version: '2019-01-03',
      creationTimestamp: String(cloud.time.now().getTime()),
      fileFormat: 'CSV',
      fileSchema:
        'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, EncryptionStatus',
      files: [
        {
          key: encodeURIComponent(`${key}/files/a b_index.csv`),
          size: Buffer.byteLength(row),
          inventoriedRecord: rows,
        },
      ],
    };
    await lists.put(`${key}/manifest.json`, Buffer.from(JSON.stringify(manifest)));
    await cloud.idle();
    return lost;
  }

  test('has what it names protected when it arrives', async () => {
    await createObsBucket(url, 'lists');
    const lost = await inventoryOf('listed/一', 1);
    const { modified, until } = await held(lost);
    expect(until).toEqual(new Date(modified.getTime() + 400 * day));
    expect(linesOf(last(protect) as Invocation).map(({ action }) => action)).toContain('repair-done');
  });

  test('is refused when it has not the rows that its manifest says', async () => {
    const lost = await inventoryOf('miscounted', 2);
    expect((await held(lost)).until).toBeUndefined();
    expect(linesOf(last(protect) as Invocation)).toContainEqual(
      expect.objectContaining({
        msg: 'a dead letter',
        failedCode: 'INVENTORY_INVALID',
        reason: expect.stringContaining('it has 1 rows, and the manifest says 2'),
      }),
    );
  });
});

test('the evidence of all that was decided is kept on OBS', async () => {
  const { objects = [] } = await plainObsClient(url, 'evidence').getBucketVersions({ prefix: 'audit/' });
  expect(objects.length).toBeGreaterThan(5);
});
