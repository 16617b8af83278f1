import { describe, expect } from 'vitest';
import { objectWormBucket, ok, versionedBucket } from './bucket-calls.ts';
import { element, header, type Reply } from './client.ts';
import { bypass, copy, get, named, put, remove, removeMany, stored, tag, uploading } from './object-calls.ts';
import { hold, readHold, readRetention, retain } from './retention-calls.ts';
import { embeddedOnly, everywhere, useTarget } from './target.ts';

// The service's own words: what OSS in cn-shanghai answered in May and June 2026, as recorded by the tests of
// salesforce/multicloudj (blob-ali, mappings/aliblobstoreit_*; Apache License 2.0). Each case is named after its recording. Statuses,
// codes, messages, EC numbers, and which headers there are and which there are not.

useTarget();

const written = ['content-md5', 'etag', 'x-oss-hash-crc64ecma', 'x-oss-version-id'];
const document = ['content-type', 'x-oss-version-id'];
const markerGone = ['x-oss-delete-marker', 'x-oss-version-id'];

/** The headers of a reply that say something: not those of the connection, nor those of every reply. */
function telling(reply: Reply): string[] {
  const everyReply =
    /^(connection|keep-alive|date|server|content-length|transfer-encoding|x-oss-request-id|x-oss-server-time)$/;
  return Object.keys(reply.headers)
    .filter((name) => !everyReply.test(name))
    .sort();
}

function expectReply(reply: Reply, status: number, headers: readonly string[]): void {
  expect({ status: reply.status, headers: telling(reply) }).toEqual({ status, headers: [...headers].sort() });
  expect(header(reply, 'x-oss-request-id')).toMatch(/^[0-9A-F]{24}$/);
  expect(header(reply, 'server')).toBe('AliyunOSS');
}

function expectError(reply: Reply, status: number, code: string, message: string, ec = ''): void {
  expect(reply).toMatchObject({ status, code, ec });
  expect(element(reply.body, 'Message')).toBe(message);
  expect(element(reply.body, 'RequestId')).toBe(header(reply, 'x-oss-request-id'));
  expect(header(reply, 'x-oss-ec')).toBe(ec);
  expect(header(reply, 'content-type')).toBe('application/xml');
}

const noKey = 'The specified key does not exist.';
const noRetention = 'The specified object does not have an object retention configuration.';
const noHold = 'The specified object does not have an object legal hold configuration.';

describe('updateobjectretention', () => {
  for (const [name, mode, before, after, headers] of [
    ['compliance_extend_succeeds', 'COMPLIANCE', '2030-01-01T00:00:00Z', '2030-06-01T00:00:00Z', {}],
    ['governance_extend_succeeds', 'GOVERNANCE', '2030-01-01T00:00:00Z', '2030-06-01T00:00:00Z', {}],
    [
      'governance_shorten_withbypass_succeeds',
      'GOVERNANCE',
      '2030-06-01T00:00:00Z',
      '2030-02-01T00:00:00Z',
      bypass,
    ],
  ] as const) {
    embeddedOnly(name, async (target) => {
      const bucket = await objectWormBucket(target);
      const uploaded = await put(target, bucket, 'a');
      expectReply(uploaded, 200, written);
      const versionId = header(uploaded, 'x-oss-version-id');
      expectReply(await retain(target, bucket, 'a', before, { mode, versionId }), 200, ['x-oss-version-id']);
      for (const date of [before, after]) {
        if (date === after) {
          expectReply(await retain(target, bucket, 'a', after, { mode, headers }), 200, ['x-oss-version-id']);
        }
        const read = await readRetention(target, bucket, 'a');
        expectReply(read, 200, document);
        expect(read.body).toBe(
          `<?xml version="1.0" encoding="UTF-8"?>\n<Retention>\n  <Mode>${mode}</Mode>\n  <RetainUntilDate>${date.replace('Z', '.000Z')}</RetainUntilDate>\n</Retention>\n`,
        );
      }
      expectError(await readHold(target, bucket, 'a'), 404, 'NoSuchObjectLegalHoldConfiguration', noHold);
      expectReply(await remove(target, bucket, 'a'), 204, markerGone);
    });
  }

  embeddedOnly('legalholdpreservedacrossupdate', async (target) => {
    const bucket = await objectWormBucket(target);
    const versionId = await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', '2030-01-01T00:00:00Z', { mode: 'GOVERNANCE', versionId }));
    expectReply(await hold(target, bucket, 'a', 'ON', { versionId }), 200, ['x-oss-version-id']);
    await ok(retain(target, bucket, 'a', '2030-06-01T00:00:00Z', { mode: 'GOVERNANCE' }));
    const held = await readHold(target, bucket, 'a');
    expectReply(held, 200, document);
    expect(element(held.body, 'Status')).toBe('ON');
    expect(element((await readRetention(target, bucket, 'a')).body, 'RetainUntilDate')).toBe(
      '2030-06-01T00:00:00.000Z',
    );
    expectReply(await hold(target, bucket, 'a', 'OFF'), 200, ['x-oss-version-id']);
  });

  everywhere('nocurrentretention_throws', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    const reply = await readRetention(target, bucket, 'a');
    expectError(reply, 404, 'NoSuchObjectRetentionConfiguration', noRetention);
    expect(telling(reply)).toEqual(['content-type']);
    expect(element(reply.body, 'ObjectName')).toBe('a');
  });
});

describe('getobjectlock', () => {
  everywhere('nonexistentkey_throws', async (target) => {
    const reply = await readRetention(target, await objectWormBucket(target), 'a');
    expectError(reply, 404, 'NoSuchKey', noKey, '0026-00000001');
    expect(telling(reply)).toEqual(['content-type', 'x-oss-ec']);
    expect(element(reply.body, 'Key')).toBe('a');
    expect(element(reply.body, 'RecommendDoc')).toBe('https://api.aliyun.com/troubleshoot?q=0026-00000001');
  });

  everywhere('objectwithoutlock_returnsnullornoretention', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    const reply = await readHold(target, bucket, 'a');
    expectError(reply, 404, 'NoSuchObjectLegalHoldConfiguration', noHold);
    expect(telling(reply)).toEqual(['content-type']);
    expect(element(reply.body, 'ObjectName')).toBe('a');
  });
});

embeddedOnly('multipartupload_withobjectlock', async (target) => {
  const bucket = await objectWormBucket(target);
  const done = await (await uploading(target, bucket, 'a'))();
  expectReply(done, 200, ['content-type', 'etag', 'x-oss-hash-crc64ecma', 'x-oss-version-id']);
  const versionId = header(done, 'x-oss-version-id');
  await ok(retain(target, bucket, 'a', '2100-01-01T00:00:00Z', { mode: 'GOVERNANCE', versionId }));
  expectReply(await readRetention(target, bucket, 'a'), 200, document);
});

everywhere('tagging_withobjectlock', async (target) => {
  const bucket = await objectWormBucket(target);
  await stored(target, bucket, 'a');
  expectReply(await tag(target, bucket, 'a', 'value3'), 200, ['x-oss-version-id']);
  expectReply(await get(target, bucket, 'a', { query: { tagging: '' } }), 200, document);
  const marker = await remove(target, bucket, 'a');
  const refused = await tag(target, bucket, 'a', 'value5');
  expectError(refused, 404, 'NoSuchKey', noKey, '0026-00000001');
  expect(telling(refused)).toEqual(['content-type', 'x-oss-delete-marker', 'x-oss-ec', 'x-oss-version-id']);
  expect(header(refused, 'x-oss-version-id')).toBe(header(marker, 'x-oss-version-id'));
});

describe('versions', () => {
  everywhere('versioneddelete', async (target) => {
    const bucket = await versionedBucket(target);
    const [first, second] = [await stored(target, bucket, 'a', '1'), await stored(target, bucket, 'a', '2')];
    expectReply(await remove(target, bucket, 'a', { versionId: second }), 204, ['x-oss-version-id']);
    const gone = await get(target, bucket, 'a', { versionId: second });
    expectError(gone, 404, 'NoSuchVersion', 'The specified version does not exist.', '0012-00000203');
    expectReply(await get(target, bucket, 'a', { versionId: first }), 200, [
      'accept-ranges',
      'content-md5',
      'content-type',
      'etag',
      'last-modified',
      'x-oss-hash-crc64ecma',
      'x-oss-object-type',
      'x-oss-storage-class',
      'x-oss-version-id',
    ]);
    expectReply(await remove(target, bucket, 'a', { versionId: second }), 204, ['x-oss-version-id']);
    expectReply(await remove(target, bucket, 'a'), 204, markerGone);
  });

  everywhere('versioneddelete_filedoesnotexist', async (target) => {
    expectReply(await remove(target, await versionedBucket(target), 'never-there'), 204, markerGone);
  });

  everywhere('bulkversioneddelete', async (target) => {
    const bucket = await versionedBucket(target);
    const objects = named('a', await stored(target, bucket, 'a')) + named('never-there');
    const reply = await removeMany(target, bucket, objects + objects, { quiet: true });
    expectReply(reply, 200, []);
    expect(reply.body).toBe('');
    const hidden = await get(target, bucket, 'never-there');
    expectError(hidden, 404, 'NoSuchKey', noKey, '0026-00000001');
    expect(telling(hidden)).toEqual(['content-type', 'x-oss-delete-marker', 'x-oss-ec', 'x-oss-version-id']);
  });

  everywhere('versionedcopy', async (target) => {
    const bucket = await versionedBucket(target);
    const versionId = await stored(target, bucket, 'a', '1');
    await stored(target, bucket, 'a', '2');
    const reply = await copy(target, bucket, 'b', `a?versionId=${versionId}`);
    expectReply(reply, 200, [
      'content-type',
      'etag',
      'x-oss-copied-size',
      'x-oss-copy-source-version-id',
      'x-oss-hash-crc64ecma',
      'x-oss-ia-retrieve-flow-type',
      'x-oss-version-id',
    ]);
    expect(header(reply, 'x-oss-copy-source-version-id')).toBe(versionId);
    expect((await get(target, bucket, 'b')).body).toBe('1');
  });

  everywhere('doesobjectexist_versioned', async (target) => {
    const bucket = await versionedBucket(target);
    const versionId = await stored(target, bucket, 'a');
    const meta = ['etag', 'last-modified', 'x-oss-hash-crc64ecma', 'x-oss-object-type', 'x-oss-version-id'];
    const request = { method: 'HEAD', bucket, key: 'a', query: { objectMeta: '', versionId } } as const;
    expectReply(await target.send(request), 200, meta);
    await ok(remove(target, bucket, 'a', { versionId }));
    const gone = await target.send({ ...request, query: { objectMeta: '' } });
    expectReply(gone, 404, ['content-type', 'x-oss-ec', 'x-oss-err']);
    expect(gone.code).toBe('NoSuchKey');
  });

  everywhere('getbucketversioning_nonexistentbucket_throws', async (target) => {
    const bucket = `${await target.makeBucket()}-not`;
    const reply = await target.send({ method: 'GET', bucket, query: { versioning: '' } });
    expectError(reply, 404, 'NoSuchBucket', 'The specified bucket does not exist.', '0015-00000101');
  });
});
