import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { cloudEvent, nativeEntry } from '../support/events.ts';
import {
  holdfastCloud,
  invoke,
  logOf,
  objectCreated,
  requestsOfFunctions,
  sharedCloud,
} from '../support/holdfast-cloud.ts';

const rules = `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: tagged, match: { bucket: fin-*, key: ledger/**, tags: { class: finance } }, retain: 7y }
  - { name: plain, match: { bucket: audit-*, key: "**" }, retain: 400d }
  - { name: until, match: { bucket: "*-records" }, retain: { untilTag: until } }
  - { name: capped, match: { bucket: capped }, retain: { for: 5y, fromTag: closed } }
  - { name: both, match: { bucket: claimed }, retain: 1y }
buckets:
  - { name: claims, match: { bucket: claimed }, policy: { days: 30 } }
`;

const day = 86_400_000;
const finance = { headers: { 'x-oss-tagging': 'class=finance' } };

async function put(cloud: Cloud, bucket: string, key: string, tagging?: string, body = 'abc') {
  const client = plainClient(cloud.url, bucket);
  const headers = tagging === undefined ? {} : { 'x-oss-tagging': tagging };
  const { res } = await client.put(key, Buffer.from(body), { headers });
  return { client, key, versionId: String(res.headers['x-oss-version-id']), etag: String(res.headers.etag) };
}

let buckets = 0;
/** Returns the name of a bucket that no other test has. */
const bucketLike = (name: string) => {
  buckets += 1;
  return name.replace('-', `-${buckets}-`);
};

const lastInvocation = (cloud: Cloud) => cloud.fc.invocations(objectCreated).at(-1);

describe('an upload', () => {
  const shared = sharedCloud(rules);

  it('is protected by its tags until Last-Modified + 7 years, to the second', async () => {
    const cloud = await holdfastCloud(rules, { clock: new Date('2028-02-29T10:00:00.400Z') });
    await createRetentionBucket(cloud.url, 'fin-eu');
    const { client, key, versionId } = await put(cloud, 'fin-eu', 'ledger/a', 'class=finance');
    await cloud.idle();
    const { res } = await client.head(key, { versionId });
    const modified = new Date(String(res.headers['last-modified']));
    expect(modified.toISOString().slice(0, 10)).toBe('2028-02-29');
    const until = await retainedUntil(client, key, versionId);
    const expected = new Date(modified);
    expected.setUTCFullYear(2035, 1, 28); // 29 February + 7 years
    expect(until).toEqual(expected);
  });

  const counts: [string, string, string, string | undefined, string[]][] = [
    ['nothing when no rule can match bucket and key', 'fin-eu', 'notes/a', undefined, []],
    [
      'two requests when no rule reads tags',
      'audit-app',
      'a',
      undefined,
      ['HeadObject', 'PutObjectRetention'],
    ],
    [
      'three when a rule reads tags',
      'fin-eu',
      'ledger/a',
      'class=finance',
      ['GetObjectTagging', 'HeadObject', 'PutObjectRetention'],
    ],
    ['two when the tags do not match', 'fin-eu', 'ledger/a', 'class=hr', ['GetObjectTagging', 'HeadObject']],
  ];
  it.each(counts)('costs %s', async (_what, name, key, tagging, expected) => {
    const cloud = shared();
    const bucket = bucketLike(name);
    await createRetentionBucket(cloud.url, bucket);
    await put(cloud, bucket, key, tagging);
    await cloud.idle();
    expect(lastInvocation(cloud)?.status).toBe('succeeded');
    expect(requestsOfFunctions(cloud).sort()).toEqual(expected);
  });

  it('writes one JSON line with the stable keys, and no secret', async () => {
    const cloud = await holdfastCloud(rules);
    await createRetentionBucket(cloud.url, 'audit-app');
    const { versionId } = await put(cloud, 'audit-app', '审计/一 二+三%.log');
    await cloud.idle();
    const invocation = lastInvocation(cloud);
    expect(invocation && logOf(invocation)).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        level: 'info',
        msg: 'protect',
        function: 'object-created',
        requestId: invocation?.requestId,
        bucket: 'audit-app',
        key: '审计/一 二+三%.log',
        versionId,
        rule: 'plain',
        action: 'protect',
        retainUntil: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        reason: expect.any(String),
        durationMs: expect.any(Number),
        ossRequestId: expect.stringMatching(/^[0-9A-F]{24}$/),
      },
    ]);
    expect(invocation?.logs.join('')).not.toMatch(/STS\.|[Ss]ignature|[Tt]oken|secret/);
  });

  it('gets the same date on every redelivery, in every form of the event, with one write in all', async () => {
    const cloud = await holdfastCloud(rules);
    await createRetentionBucket(cloud.url, 'audit-app');
    const { client, key, versionId, etag } = await put(cloud, 'audit-app', 'a');
    await cloud.idle();
    const first = await retainedUntil(client, key, versionId);
    const entry = nativeEntry({
      bucket: 'audit-app',
      key,
      eTag: etag.replaceAll('"', ''),
      time: cloud.time.now().toISOString(),
    });
    await cloud.advance(3 * day);
    for (const event of [{ events: [entry] }, cloudEvent(entry), entry]) {
      const again = await invoke(cloud, objectCreated, event);
      expect(logOf(again)).toMatchObject([{ action: 'already-protected', versionId }]);
    }
    expect(await retainedUntil(client, key, versionId)).toEqual(first);
    expect(requestsOfFunctions(cloud).filter((name) => name === 'PutObjectRetention')).toHaveLength(1);
  });

  it('made in parts or copied is protected as well', async () => {
    const cloud = await holdfastCloud(rules);
    const client = await createRetentionBucket(cloud.url, 'fin-eu');
    await client.multipartUpload('ledger/big', Buffer.alloc(250 * 1024, 1), {
      ...finance,
      partSize: 100 * 1024,
    });
    await client.copy('ledger/copy', 'ledger/big'); // the tags come along
    await cloud.idle();
    const { objects = [] } = await client.getBucketVersions({ prefix: 'ledger/' });
    expect(objects.map((object) => object.name)).toEqual(['ledger/big', 'ledger/copy']);
    for (const { name, versionId } of objects)
      expect(await retainedUntil(client, name, versionId)).toBeDefined();
  });
});

describe('an object that was overwritten or deleted before its event is handled', () => {
  it('is protected in every version, each by its own tags', async () => {
    const cloud = await holdfastCloud(rules, { deliver: () => [60_000] });
    await createRetentionBucket(cloud.url, 'x-records');
    const dates = ['2030-01-01', '2031-01-01', '2032-01-01'];
    const versions = [];
    for (const date of dates) versions.push(await put(cloud, 'x-records', 'k', `until=${date}`, date));
    await cloud.advance(120_000);
    const held = await Promise.all(
      versions.map(({ client, key, versionId }) => retainedUntil(client, key, versionId)),
    );
    expect(held.map((until) => until?.toISOString())).toEqual([
      '2030-01-02T00:00:00.000Z',
      '2031-01-02T00:00:00.000Z',
      '2032-01-02T00:00:00.000Z',
    ]);
  });

  it('is protected in every version of the same content within one second', async () => {
    const cloud = await holdfastCloud(rules, { deliver: () => [60_000] });
    await createRetentionBucket(cloud.url, 'audit-app');
    const versions = [];
    for (let count = 0; count < 4; count++) versions.push(await put(cloud, 'audit-app', 'k'));
    await cloud.advance(120_000);
    for (const { client, key, versionId } of versions)
      expect(await retainedUntil(client, key, versionId)).toBeDefined();
  });

  it('is protected beneath a delete marker', async () => {
    const cloud = await holdfastCloud(rules, { deliver: () => [60_000] });
    await createRetentionBucket(cloud.url, 'audit-app');
    const { client, key, versionId } = await put(cloud, 'audit-app', 'k');
    await client.delete(key);
    await cloud.advance(120_000);
    expect(await retainedUntil(client, key, versionId)).toBeDefined();
  });

  it('and is gone for good: recorded, no failure', async () => {
    const cloud = await holdfastCloud(rules, { deliver: () => [60_000] });
    await createRetentionBucket(cloud.url, 'audit-app');
    const { client, key, versionId } = await put(cloud, 'audit-app', 'k');
    await client.delete(key, { versionId });
    await cloud.advance(120_000);
    const invocation = lastInvocation(cloud);
    expect(invocation?.status).toBe('succeeded');
    expect(invocation && logOf(invocation)).toMatchObject([{ action: 'gone', key: 'k' }]);
  });
});

describe('what cannot be protected', () => {
  const shared = sharedCloud(rules);
  const entry = (bucket: string, key: string, versionId?: string) =>
    nativeEntry({ bucket, key, ...(versionId === undefined ? {} : { versionId }) });

  it('a delete marker is skipped, with the reason', async () => {
    const cloud = shared();
    const bucket = bucketLike('audit-app');
    const client = await createRetentionBucket(cloud.url, bucket);
    await client.put('k', Buffer.from('abc'));
    const { res } = (await client.delete('k')) as { res: { headers: Record<string, string> } };
    const marker = String(res.headers['x-oss-version-id']);
    const invocation = await invoke(cloud, objectCreated, { events: [entry(bucket, 'k', marker)] });
    expect(invocation.status).toBe('succeeded');
    expect(logOf(invocation)).toMatchObject([
      { action: 'skipped', reason: 'a delete marker carries no data and no retention' },
    ]);
  });

  it('an appendable object is skipped, with the reason', async () => {
    const cloud = shared();
    const bucket = bucketLike('audit-app');
    const client = plainClient(cloud.url, bucket);
    await client.putBucket(bucket);
    const params = {
      method: 'POST',
      bucket,
      object: 'log',
      subres: { append: '', position: '0' },
    };
    const appended = await client.request({ ...params, headers: {}, content: 'line\n' });
    expect(appended.status).toBe(200);
    await client.putBucketVersioning(bucket, 'Enabled');
    const etag = String(appended.headers['etag']).replaceAll('"', '');
    const event = nativeEntry({ bucket, key: 'log', eTag: etag, time: '2099-01-01T00:00:00Z' });
    const invocation = await invoke(cloud, objectCreated, { events: [event] });
    expect(logOf(invocation)).toMatchObject([
      { action: 'skipped', reason: 'an appendable object cannot carry retention' },
    ]);
  });

  it('events that create nothing retainable cost no request', async () => {
    const cloud = shared();
    const names = ['ObjectCreated:AppendObject', 'ObjectCreated:UploadPart', 'ObjectRemoved:DeleteObject'];
    const events = names.map((name) => nativeEntry({ bucket: 'audit-app', key: 'k', name }));
    const invocation = await invoke(cloud, objectCreated, { events });
    expect(logOf(invocation).map((line) => line['action'])).toEqual(['ignored', 'ignored', 'ignored']);
    expect(requestsOfFunctions(cloud)).toEqual([]);
  });

  const refused: [string, string, string | undefined, string, RegExp][] = [
    [
      'an unreadable tag',
      'x-records',
      'until=soon',
      'TAG_UNREADABLE',
      /tag until of .* "soon" is not a date/,
    ],
    ['a missing tag that a rule needs', 'x-records', undefined, 'TAG_UNREADABLE', /\(missing\)/],
    [
      'a date beyond the cap',
      'x-records',
      'until=2099-01-01',
      'OVER_CAP',
      /beyond limits.maxRetention \(10y\)/,
    ],
    [
      'a bucket claimed by both kinds of rules',
      'claimed',
      undefined,
      'RULES_COLLIDE',
      /object rules \(both\) .* \(claims\)/,
    ],
  ];
  it.each(refused)('%s fails loudly and is never written', async (_what, name, tagging, code, message) => {
    const cloud = shared();
    const bucket = bucketLike(name);
    await createRetentionBucket(cloud.url, bucket);
    const { client, key, versionId } = await put(cloud, bucket, 'k', tagging);
    await cloud.idle();
    const invocation = lastInvocation(cloud);
    expect(invocation?.status).toBe('retrying');
    expect(invocation?.error).toMatchObject({
      errorType: code,
      errorMessage: expect.stringMatching(message),
    });
    expect(invocation?.error?.errorMessage).toContain('What to do:');
    expect(invocation?.logs.join()).toContain(`"code":"${code}"`);
    expect(requestsOfFunctions(cloud)).not.toContain('PutObjectRetention');
    expect(await retainedUntil(client, key, versionId)).toBeUndefined();
  });

  it('a bucket without ObjectWorm is a coded error that says what to do', async () => {
    const cloud = shared();
    const bucket = bucketLike('audit-app');
    const client = plainClient(cloud.url, bucket);
    await client.putBucket(bucket);
    await client.putBucketVersioning(bucket, 'Enabled');
    await client.put('k', Buffer.from('abc'));
    await cloud.idle();
    expect(lastInvocation(cloud)?.error).toMatchObject({
      errorType: 'OBJECT_WORM_OFF',
      errorMessage: expect.stringContaining('enable versioning, then object lock'),
    });
  });

  it('a bucket without versions is a coded error that says what to do', async () => {
    const cloud = shared();
    const bucket = bucketLike('audit-app');
    const client = plainClient(cloud.url, bucket);
    await client.putBucket(bucket);
    await client.put('k', Buffer.from('abc'));
    await cloud.idle();
    expect(lastInvocation(cloud)?.error?.errorType).toBe('VERSIONING_OFF');
  });

  it.each([
    ['a truncated event', '{"events":[{"eventName":"ObjectCr', 'EVENT_MALFORMED'],
    ['an empty event', '', 'EVENT_MALFORMED'],
    ['a foreign event', { Records: [] }, 'EVENT_MALFORMED'],
  ])('%s is a coded error', async (_what, event, code) => {
    const cloud = shared();
    expect((await invoke(cloud, objectCreated, event)).error?.errorType).toBe(code);
  });
});

describe('several events in one invocation', () => {
  it('are all tried; the invocation fails and names those that failed; repeating it is harmless', async () => {
    const cloud = await holdfastCloud(rules, { deliver: () => [] });
    await createRetentionBucket(cloud.url, 'audit-app');
    await createRetentionBucket(cloud.url, 'x-records');
    const good = [await put(cloud, 'audit-app', 'a'), await put(cloud, 'audit-app', 'b')];
    const bad = await put(cloud, 'x-records', 'c', 'until=soon');
    const time = cloud.time.now().toISOString();
    const entry = ({ key, etag }: { key: string; etag: string }, bucket: string) =>
      nativeEntry({ bucket, key, eTag: etag.replaceAll('"', ''), time });
    const [first, second] = good.map((object) => entry(object, 'audit-app'));
    const event = { events: [first, entry(bad, 'x-records'), { eventName: 'broken' }, second] };

    const invocation = await invoke(cloud, objectCreated, event);
    expect(invocation.error).toMatchObject({
      errorType: 'EVENTS_FAILED',
      errorMessage: expect.stringMatching(
        /^2 of 4 events failed:\nTAG_UNREADABLE: [^\n]*x-records\/c[^\n]*\nEVENT_MALFORMED/,
      ),
    });
    const dates = () =>
      Promise.all(good.map((object) => retainedUntil(object.client, object.key, object.versionId)));
    const before = await dates();
    expect(before.every((until) => until !== undefined)).toBe(true);
    expect((await invoke(cloud, objectCreated, event)).error?.errorType).toBe('EVENTS_FAILED');
    expect(await dates()).toEqual(before);
  });
});

describe('trouble on the way', () => {
  it('a throttled or failing service is retried inside the invocation', async () => {
    const cloud = await holdfastCloud(rules);
    await createRetentionBucket(cloud.url, 'audit-app');
    const fault = (operation: string, effect: unknown) =>
      cloud.oss.faults.add({ operation, times: 1, effect });
    fault('HeadObject', { status: 503, code: 'TotalQpsLimitExceeded' });
    fault('HeadObject', { reset: 'before' });
    fault('PutObjectRetention', { status: 500, code: 'InternalError' });
    fault('PutObjectRetention', { reset: 'after' });
    const { client, key, versionId } = await put(cloud, 'audit-app', 'a');
    await cloud.idle();
    expect(lastInvocation(cloud)).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(await retainedUntil(client, key, versionId)).toBeDefined();
  });

  it('a failure that outlasts the invocation is left to FC, which repeats it until it succeeds', async () => {
    const cloud = await holdfastCloud(rules, { timeout: 6 });
    await createRetentionBucket(cloud.url, 'audit-app');
    cloud.oss.faults.add({
      operation: 'PutObjectRetention',
      effect: { status: 503, code: 'ServiceUnavailable' },
    });
    const { client, key, versionId } = await put(cloud, 'audit-app', 'a');
    await cloud.idle();
    expect(lastInvocation(cloud)).toMatchObject({ status: 'retrying', error: { errorType: 'THROTTLED' } });
    cloud.oss.faults.clear();
    await cloud.advance(10 * 60_000);
    expect(lastInvocation(cloud)).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(await retainedUntil(client, key, versionId)).toBeDefined();
  });

  it('a permission that is missing fails at once, naming the action to grant', async () => {
    const cloud = await holdfastCloud(rules);
    await createRetentionBucket(cloud.url, 'audit-app');
    const effect = { status: 403, code: 'AccessDenied' };
    cloud.oss.faults.add({ operation: 'PutObjectRetention', principal: `function ${objectCreated}`, effect });
    await put(cloud, 'audit-app', 'a');
    await cloud.idle();
    expect(lastInvocation(cloud)?.error).toMatchObject({
      errorType: 'ACCESS_DENIED',
      errorMessage: expect.stringContaining('grant oss:PutObjectRetention'),
    });
    expect(requestsOfFunctions(cloud)).toEqual(['HeadObject', 'PutObjectRetention', 'GetObjectRetention']);
  });

  it('AccessDenied because somebody set a later date meanwhile is told apart from a missing permission', async () => {
    const cloud = await holdfastCloud(rules, { deliver: () => [] });
    const client = await createRetentionBucket(cloud.url, 'audit-app');
    const { key, versionId, etag } = await put(cloud, 'audit-app', 'a');
    const later = new Date(cloud.time.now().getTime() + 3000 * day).toISOString().replace(/\.\d+Z/, '.000Z');
    // The function has read the version as unprotected; before its write arrives, somebody else protects it for longer.
    cloud.oss.faults.add({
      operation: 'PutObjectRetention',
      principal: `function ${objectCreated}`,
      times: 1,
      effect: { delayMs: 3000 },
    });
    const eTag = etag.replaceAll('"', '');
    const entry = nativeEntry({ bucket: 'audit-app', key, eTag, time: cloud.time.now().toISOString() });
    const running = invoke(cloud, objectCreated, { events: [entry] });
    await expect.poll(() => requestsOfFunctions(cloud), { interval: 10 }).toContain('HeadObject');
    const content = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${later}</RetainUntilDate></Retention>`;
    const subres = { retention: '', versionId };
    const request = {
      method: 'PUT',
      bucket: 'audit-app',
      object: key,
      subres,
      headers: {},
      mime: 'xml',
      content,
    };
    expect((await client.request(request)).status).toBe(200);
    const invocation = await running;
    expect(invocation.status).toBe('succeeded');
    expect(logOf(invocation)).toMatchObject([
      { action: 'already-protected', previousUntil: later.replace('.000Z', 'Z') },
    ]);
  });

  it('a server that does not answer is an error that names the endpoint, and is left to FC', async () => {
    const cloud = await holdfastCloud(rules, { timeout: 6 });
    // A bucket that is not there is refused before anything else goes wrong.
    await createRetentionBucket(cloud.url, 'audit-app');
    cloud.oss.faults.add({ effect: { reset: 'before' } });
    const event = { events: [nativeEntry({ bucket: 'audit-app', key: 'a' })] };
    expect((await invoke(cloud, objectCreated, event)).error).toMatchObject({
      errorType: 'UNREACHABLE',
      errorMessage: expect.stringContaining(`no answer from ${cloud.url}`),
    });
  });

  it('dry run decides, says so, and sends no write', async () => {
    const cloud = await holdfastCloud(rules, { environment: { HOLDFAST_DRY_RUN: 'true' } });
    await createRetentionBucket(cloud.url, 'audit-app');
    const { client, key, versionId } = await put(cloud, 'audit-app', 'a');
    await cloud.idle();
    const invocation = lastInvocation(cloud);
    expect(invocation && logOf(invocation)).toMatchObject([{ action: 'protect', dryRun: true, versionId }]);
    expect(requestsOfFunctions(cloud)).toEqual(['HeadObject']);
    expect(await retainedUntil(client, key, versionId)).toBeUndefined();
  });
});
