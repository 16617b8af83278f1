import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { nativeEntry } from '../support/events.ts';
import { invoke, logOf, objectCreated, requestsOfFunctions } from '../support/holdfast-cloud.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { writeRules } from '../support/rules-file.ts';

const rules = `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: spaces, match: { bucket: decoded, key: "in box/**" }, retain: 30d }
  - { name: all, match: { bucket: records }, retain: 400d }
`;

let cloud: Cloud;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  const file = writeRules(folder, rules);
  cloud = await startCloud({
    instances: inlineInstances,
    template: 's.yaml',
    everyBucket: true,
    clock: new Date('2026-11-21T10:10:00Z'),
    rules: file,
    deliver: () => [], // each test sends its own event
  });
  for (const bucket of ['records', 'decoded']) await createRetentionBucket(cloud.url, bucket);
  return async () => {
    await cloud.close();
    rmSync(folder, { recursive: true });
  };
});

/** Uploads an object and takes its event for another form of it. */
async function upload(key: string, bucket = 'records', body = key) {
  const client = plainClient(cloud.url, bucket);
  const { res } = await client.put(key, Buffer.from(body));
  const versionId = String(res.headers['x-oss-version-id']);
  const eTag = String(res.headers.etag).replaceAll('"', '');
  const entry = nativeEntry({ bucket, key, eTag, time: cloud.time.now().toISOString() });
  return { entry, versionId, eTag, until: () => retainedUntil(client, key, versionId) };
}

/** The entry with other fields of its object. */
function changed(entry: Record<string, unknown>, fields: Record<string, unknown>, rest = {}) {
  const oss = JSON.parse(JSON.stringify(entry['oss']));
  return { ...entry, ...rest, oss: { ...oss, object: { ...oss.object, ...fields } } };
}

async function handle(...events: unknown[]) {
  cloud.oss.requests.clear();
  const invocation = await invoke(cloud, objectCreated, { events });
  return { status: invocation.status, lines: logOf(invocation), requests: requestsOfFunctions(cloud) };
}

describe('a key that was encoded on its way', () => {
  it.each([
    ['form encoding', 'a b+c/ü.txt', 'a+b%2Bc/%C3%BC.txt'],
    ['percent encoding', 'a b/ü+.txt', 'a%20b%2F%C3%BC+.txt'],
    ['+ for a space alone', '50% of it.txt', '50%+of+it.txt'],
    ['lower-case digits', 'x/ö', 'x%2f%c3%b6'],
  ])('by %s is found by its decoded reading', async (_what, key, eventKey) => {
    const { entry, until, versionId } = await upload(key);
    const { lines, status } = await handle(changed(entry, { key: eventKey }));
    expect(status).toBe('succeeded');
    expect(lines).toMatchObject([{ level: 'info', action: 'protect', key, eventKey, versionId }]);
    expect(await until()).toBeDefined();
  });

  it('is matched against the rules in every reading, and costs no request when none matches', async () => {
    const { entry, until } = await upload('in box/a', 'decoded');
    const { lines } = await handle(changed(entry, { key: 'in+box%2Fa' }));
    expect(lines).toMatchObject([{ action: 'protect', rule: 'spaces', key: 'in box/a' }]);
    expect(await until()).toBeDefined();
    const other = await handle(changed(entry, { key: 'out+box%2Fa' }));
    expect(other).toMatchObject({ lines: [{ action: 'no-rule' }], requests: [] });
  });

  it('is taken as it stands where an object of that name has the content', async () => {
    const literal = await upload('both+ways', 'records', 'same');
    const decoded = await upload('both ways', 'records', 'same');
    const { requests } = await handle(literal.entry);
    expect(requests).toEqual(['HeadObject', 'PutObjectRetention']);
    expect(await literal.until()).toBeDefined();
    expect(await decoded.until()).toBeUndefined();
  });

  it('leads to the decoded object where the object of that name has other content', async () => {
    await upload('mixed+up', 'records', 'other');
    const { entry, until } = await upload('mixed up');
    await handle(changed(entry, { key: 'mixed+up' }));
    expect(await until()).toBeDefined();
  });

  it('no rule for the literal key, which exists: it is no-rule, and the decoded one is not touched', async () => {
    const literal = await upload('in+box/b', 'decoded', 'same');
    const decoded = await upload('in box/b', 'decoded', 'same');
    expect((await handle(literal.entry)).lines).toMatchObject([{ level: 'info', action: 'no-rule' }]);
    expect(await decoded.until()).toBeUndefined();
  });

  it('the case of the reports: nothing is seen under any reading, and that is a warning', async () => {
    const event = JSON.parse(readFileSync('test/fixtures/events/key-plus.json', 'utf8'));
    const { lines, status } = await handle(event.events[0]);
    expect(status).toBe('succeeded');
    expect(lines).toMatchObject([
      { level: 'warn', action: 'gone', reason: expect.stringContaining('decoded reading') },
    ]);
  });

  it('an old event without a trace is believed, and so is one with a delete marker', async () => {
    const old = nativeEntry({ bucket: 'records', key: 'none', time: '2026-11-20T10:00:00Z' });
    expect((await handle(old)).lines).toMatchObject([{ level: 'info', action: 'gone' }]);
    const { entry, versionId } = await upload('marked');
    const client = plainClient(cloud.url, 'records');
    await client.delete('marked', { versionId });
    await client.delete('marked');
    expect((await handle(entry)).lines).toMatchObject([{ level: 'info', action: 'gone' }]);
  });
});

describe('a version id', () => {
  it.each(['unknown', 'CAE%2BQ%3D%3D', 'x'.repeat(200)])(
    '%s that is not known leads to the list',
    async (versionId) => {
      const { entry, until } = await upload(`by-id/${versionId.length}`);
      expect((await handle(changed(entry, { versionId }))).status).toBe('succeeded');
      expect(await until()).toBeDefined();
    },
  );
});

describe('what is not needed', () => {
  it.each(['vid-null', 'time-lower', 'time-nozone', 'time-space', 'repl'])(
    'does not prevent it: %s',
    async (name) => {
      const event = JSON.parse(readFileSync(`test/fixtures/events/${name}.json`, 'utf8')).events[0];
      const { key } = event.oss.object;
      const { until, eTag } = await upload(key);
      const { status } = await handle(changed(event, { eTag }));
      expect(status).toBe('succeeded');
      expect(await until()).toBeDefined();
    },
  );

  it.each([
    ['no time', {}, { eventTime: null }],
    ['a time that nobody reads', {}, { eventTime: 'half past ten' }],
    ['no ETag', { eTag: null }, {}],
    ['an empty ETag and no time', { eTag: '' }, { eventTime: undefined }],
    ['a version id that is a number, and a size that is a list', { versionId: 7, deltaSize: [] }, {}],
  ])('does not prevent it: %s', async (what, fields, rest) => {
    const { entry, until } = await upload(`optional/${what}`);
    expect((await handle(changed(entry, fields, rest))).status).toBe('succeeded');
    expect(await until()).toBeDefined();
  });
});

describe('the name of an event', () => {
  it.each([
    'ObjectReplication:ObjectCreated',
    'ObjectReplication:ObjectModified',
    'ObjectCreated:SomethingNew',
    'oss:ObjectCreated:PutObject',
  ])('%s may mean a new version, and is looked at', async (eventName) => {
    const { entry, until } = await upload(`named/${eventName}`);
    await handle({ ...entry, eventName });
    expect(await until()).toBeDefined();
  });

  it.each([
    ['ObjectCreated:PutSymlink', 'symlink'],
    ['ObjectCreated:UploadPartCopy', 'before the upload is complete'],
    ['ObjectReplication:ObjectRemoved', 'removes'],
    ['ObjectRestore:FinishRestore', 'not about the creation'],
  ])('%s is ignored, with a reason that is true', async (eventName, reason) => {
    const event = nativeEntry({ bucket: 'records', key: 'k', name: eventName });
    const { lines, requests } = await handle(event);
    expect(lines).toMatchObject([{ action: 'ignored', reason: expect.stringContaining(reason) }]);
    expect(requests).toEqual([]);
  });
});

it('an event that is stamped before its version protects all that may be meant, in every order', async () => {
  const first = await upload('twice', 'records', 'same');
  await cloud.advance(60_000);
  const second = await upload('twice', 'records', 'same');
  const client = plainClient(cloud.url, 'records');
  const { res } = await client.head('twice', { versionId: second.versionId });
  const early = new Date(Date.parse(String(res.headers['last-modified'])) - 1).toISOString();
  await handle({ ...second.entry, eventTime: early });
  expect(await second.until()).toBeDefined();
  expect(await first.until()).toBeDefined();
});

it('a hot key costs one page of its versions, by a late event, an unchanged size and a redelivery alike', async () => {
  const client = plainClient(cloud.url, 'records');
  for (let count = 0; count < 1100; count += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, at) => client.put('hot', Buffer.from(`${count + at}`))));
  }
  await cloud.advance(5000);
  const late = await upload('hot', 'records', 'second newest');
  await cloud.advance(5000);
  const newest = await upload('hot', 'records', 'newest');
  const pages = async (entry: unknown) => {
    const { requests } = await handle(entry);
    return requests.filter((name) => name === 'ListObjectVersions').length;
  };
  expect(await pages(late.entry)).toBe(1);
  expect(await late.until()).toBeDefined();
  expect(await pages(changed(newest.entry, { deltaSize: 0 }))).toBe(1);
  expect(await newest.until()).toBeDefined();
  expect(await pages(newest.entry)).toBe(1);
});
