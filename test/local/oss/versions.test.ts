import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall, setVersioning } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
let bucket = '';
let count = 0;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  bucket = `versions-${count}`;
  await makeBucket(server, bucket);
});

const get = (key: string, versionId?: string) =>
  rawCall(server, `GET /${bucket}/${key}`, { query: versionId ? { versionId } : {} });

describe('a bucket that never had versioning', () => {
  test('overwrites, deletes for good, and names no version', async () => {
    const reply = await expectOk(rawCall(server, `PUT /${bucket}/a`, { body: 'one' }));
    expect(reply.headers).not.toHaveProperty('x-oss-version-id');
    await putObject(server, `/${bucket}/a`, 'two');
    expect((await get('a')).body).toBe('two');
    const removed = await rawCall(server, `DELETE /${bucket}/a`);
    expect(removed.status).toBe(204);
    expect(removed.headers).not.toHaveProperty('x-oss-delete-marker');
    const gone = await get('a');
    expect(gone).toMatchObject({ status: 404, code: 'NoSuchKey' });
    expect(gone.headers).not.toHaveProperty('x-oss-delete-marker');
    expect((await rawCall(server, `DELETE /${bucket}/a`)).status).toBe(204);
  });

  test('x-oss-forbid-overwrite keeps what is there', async () => {
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    await putObject(server, `/${bucket}/a`, 'one', headers);
    const reply = await rawCall(server, `PUT /${bucket}/a`, { body: 'two', headers });
    expect(reply).toMatchObject({ status: 409, code: 'FileAlreadyExists' });
    expect((await get('a')).body).toBe('one');
  });
});

test('suspended: uploads take the place of the null version, the others stay', async () => {
  await putObject(server, `/${bucket}/a`, 'before');
  await expectOk(setVersioning(server, bucket, 'Enabled'));
  const kept = await putObject(server, `/${bucket}/a`, 'kept');
  expect((await get('a', 'null')).body).toBe('before');
  await expectOk(setVersioning(server, bucket, 'Suspended'));
  expect(await putObject(server, `/${bucket}/a`, 'after')).toBe('null');
  expect((await get('a')).body).toBe('after');
  expect((await get('a', 'null')).body).toBe('after');
  expect((await get('a', kept)).body).toBe('kept');
  const marker = await rawCall(server, `DELETE /${bucket}/a`);
  expect(marker.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': 'null' });
  expect((await get('a', 'null')).status).toBe(405);
  expect((await get('a', kept)).body).toBe('kept');
});

describe('a delete marker', () => {
  test('hides the object (404), is no object itself (405), and lets it reappear when deleted', async () => {
    await expectOk(setVersioning(server, bucket, 'Enabled'));
    await putObject(server, `/${bucket}/a`, 'one');
    const versionId = String((await rawCall(server, `DELETE /${bucket}/a`)).headers['x-oss-version-id']);
    for (const method of ['GET', 'HEAD']) {
      const hidden = await rawCall(server, `${method} /${bucket}/a`);
      expect(hidden).toMatchObject({ status: 404, code: 'NoSuchKey' });
      expect(hidden.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': versionId });
      const itself = await rawCall(server, `${method} /${bucket}/a`, { query: { versionId } });
      expect(itself).toMatchObject({ status: 405, code: 'MethodNotAllowed' });
    }
    const tagging = { query: { tagging: '', versionId } };
    expect((await rawCall(server, `GET /${bucket}/a`, tagging)).status).toBe(404);
    const gone = await rawCall(server, `DELETE /${bucket}/a`, { query: { versionId } });
    expect(gone.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': versionId });
    expect((await get('a')).body).toBe('one');
  });

  test('is made for a key that never was, too', async () => {
    await expectOk(setVersioning(server, bucket, 'Enabled'));
    await expectOk(rawCall(server, `DELETE /${bucket}/never`));
    expect((await get('never')).headers['x-oss-delete-marker']).toBe('true');
  });
});

test('deleting a version that is not there succeeds; a malformed id does not', async () => {
  await expectOk(setVersioning(server, bucket, 'Enabled'));
  const missing = await rawCall(server, `DELETE /${bucket}/a`, { query: { versionId: 'CAEQmissing' } });
  expect(missing.status).toBe(204);
  const malformed = await rawCall(server, `DELETE /${bucket}/a`, { query: { versionId: '?' } });
  expect(malformed).toMatchObject({ status: 400, code: 'InvalidArgument' });
  expect(malformed.headers['x-oss-ec']).toBe('0012-00000202');
});

describe('deleting many', () => {
  const remove = (body: string) => rawCall(server, `POST /${bucket}/`, { query: { delete: '' }, body });

  test('quietly: an empty reply', async () => {
    await putObject(server, `/${bucket}/a`);
    const reply = await remove('<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>');
    expect(reply).toMatchObject({ status: 200, body: '' });
    expect(reply.headers).not.toHaveProperty('content-type');
    expect((await get('a')).status).toBe(404);
  });

  test('names markers made and versions gone', async () => {
    await expectOk(setVersioning(server, bucket, 'Enabled'));
    const versionId = await putObject(server, `/${bucket}/a b`);
    const objects = `<Object><Key>a b</Key><VersionId>${versionId}</VersionId></Object><Object><Key>c</Key></Object>`;
    const { body } = await remove(`<Delete>${objects}</Delete>`);
    expect(body).toMatch(
      new RegExp(`<Deleted>\\s*<Key>a b</Key>\\s*<VersionId>${versionId}</VersionId>\\s*</Deleted>`),
    );
    expect(body).toMatch(/<Key>c<\/Key>\s*<DeleteMarker>true<\/DeleteMarker>\s*<DeleteMarkerVersionId>CAEQ/);
  });

  test('takes keys that XML can only write as references', async () => {
    await putObject(server, `/${bucket}/a&<\u0001`);
    await expectOk(remove('<Delete><Object><Key>a&amp;&lt;&#x1;</Key></Object></Delete>'));
    expect((await get('a&<\u0001')).status).toBe(404);
  });

  test.each([
    '<Delete></Delete>',
    '<Delete><Object></Object></Delete>',
    '<Delete><Object><Key>&none;</Key></Object></Delete>',
    '<Delete><Object><Key>&#x110000;</Key></Object></Delete>',
    '',
  ])('%j is malformed', async (body) => {
    expect((await remove(body)).code).toBe('MalformedXML');
  });
});

describe('conditions', () => {
  const etag = '"9A0364B9E99BB480DD25E1F0284C8555"';
  test.each([
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-modified-since': 'Sun, 22 Nov 2026 10:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Sun, 22 Nov 2026 09:59:59 GMT' }, 200],
    [{ 'if-unmodified-since': 'Sun, 22 Nov 2026 10:00:00 GMT' }, 200],
    [{ 'if-unmodified-since': 'Sun, 22 Nov 2026 09:59:59 GMT' }, 412],
  ])('%j answers %i', async (headers: Record<string, string>, status) => {
    await putObject(server, `/${bucket}/a`, 'content');
    for (const method of ['GET', 'HEAD']) {
      expect((await rawCall(server, `${method} /${bucket}/a`, { headers })).status).toBe(status);
    }
  });
});

test.each([
  ['bytes=0-2', 206, 'con', 'bytes 0-2/7'],
  ['bytes=4-', 206, 'ent', 'bytes 4-6/7'],
  ['bytes=-2', 206, 'nt', 'bytes 5-6/7'],
  ['bytes=5-100', 206, 'nt', 'bytes 5-6/7'],
  ['bytes=7-9', 200, 'content', undefined],
  ['lines=1-2', 200, 'content', undefined],
])('the range %s answers %i with %j', async (range, status, body, contentRange) => {
  await putObject(server, `/${bucket}/a`, 'content');
  const reply = await rawCall(server, `GET /${bucket}/a`, { headers: { range } });
  expect(reply).toMatchObject({ status, body });
  expect(reply.headers['content-range']).toBe(contentRange);
});

describe('tags', () => {
  const many = Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&');
  test.each([many, 'a=1&a=2', '=value', `${'k'.repeat(129)}=v`, `k=${'v'.repeat(257)}`, 'k=%2A', 'k=%zz'])(
    '%s is InvalidTag and nothing is stored',
    async (tagging) => {
      const reply = await rawCall(server, `PUT /${bucket}/a`, { headers: { 'x-oss-tagging': tagging } });
      expect(reply).toMatchObject({ status: 400, code: 'InvalidTag' });
      expect((await get('a')).status).toBe(404);
    },
  );

  test('a change moves neither date nor ETag', async () => {
    await putObject(server, `/${bucket}/a`);
    const before = await get('a');
    server.advance(60_000);
    const body = '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>';
    await expectOk(rawCall(server, `PUT /${bucket}/a`, { query: { tagging: '' }, body }));
    const { headers } = await get('a');
    expect(headers).toMatchObject({
      'x-oss-tagging-count': '1',
      'last-modified': before.headers['last-modified'],
    });
    expect(headers['etag']).toBe(before.headers['etag']);
    server.setTime('2026-11-22T10:00:00.000Z');
  });
});

test.each(['ab', 'Upper', 'under_score', '-begins', 'x'.repeat(64)])(
  'the bucket name %s is refused',
  async (name) => {
    expect((await rawCall(server, `PUT /${name}/`)).code).toBe('InvalidBucketName');
  },
);

test('a key of 1023 bytes is taken, of 1024 is not', async () => {
  expect((await rawCall(server, `PUT /${bucket}/${'k'.repeat(1023)}`)).status).toBe(200);
  expect((await rawCall(server, `PUT /${bucket}/${'k'.repeat(1024)}`)).code).toBe('InvalidObjectName');
});
