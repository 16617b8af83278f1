import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  enableObjectWorm,
  expectOk,
  makeBucket,
  putObject,
  rawCall,
  setVersioning,
} from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

// The names in brackets are those of the suites in reference/peers.md E.2: s3 = ceph/s3-tests (test_object_lock_…), ls = LocalStack
// recordings of AWS, oss = recordings of OSS, vgw = versitygw.

let server: OssServer;
let bucket = '';
let count = 0;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.setTime('2026-11-22T10:00:00.000Z');
  count += 1;
  bucket = `lock-${count}`;
  await makeBucket(server, bucket, { objectWorm: true });
});

type Options = { versionId?: string; mode?: string; bypass?: boolean };

function retain(key: string, until: string, { versionId, mode = 'COMPLIANCE', bypass }: Options = {}) {
  return rawCall(server, `PUT /${bucket}/${key}`, {
    query: { retention: '', ...(versionId && { versionId }) },
    headers: bypass ? { 'x-oss-bypass-governance-retention': 'true' } : {},
    body: `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`,
  });
}

async function stored(key: string, versionId?: string): Promise<string> {
  const reply = await rawCall(server, `GET /${bucket}/${key}`, {
    query: { retention: '', ...(versionId && { versionId }) },
  });
  const [, mode, until] = /<Mode>(\w+)<.*<RetainUntilDate>([^<]+)</s.exec(reply.body) ?? [];
  return reply.code || `${mode} ${until}`;
}

function remove(key: string, versionId?: string, bypass = false) {
  const headers: Record<string, string> = bypass ? { 'x-oss-bypass-governance-retention': 'true' } : {};
  return rawCall(server, `DELETE /${bucket}/${key}`, { query: versionId ? { versionId } : {}, headers });
}

describe('enabling ObjectWorm', () => {
  test.each([
    ['unversioned [s3 put_obj_lock_invalid_bucket]', undefined],
    ['suspended [s3 put_obj_lock_enable_after_create]', 'Suspended'],
  ])('a bucket that is %s refuses it', async (_name, versioning) => {
    const name = `plain-${count}`;
    await makeBucket(server, name);
    if (versioning) await expectOk(setVersioning(server, name, versioning));
    expect(await enableObjectWorm(server, name)).toMatchObject({ status: 409, code: 'InvalidBucketState' });
    await expectOk(setVersioning(server, name, 'Enabled'));
    expect((await enableObjectWorm(server, name)).status).toBe(200);
  });

  test.each([
    [
      'days and years [s3 put_obj_lock_with_days_and_years]',
      '<Mode>COMPLIANCE</Mode><Days>1</Days><Years>1</Years>',
      'MalformedXML',
    ],
    ['neither days nor years', '<Mode>COMPLIANCE</Mode>', 'MalformedXML'],
    ['no mode', '<Days>1</Days>', 'MalformedXML'],
    [
      'a mode in lower case [s3 put_obj_lock_invalid_mode]',
      '<Mode>compliance</Mode><Days>1</Days>',
      'MalformedXML',
    ],
    ['0 days [s3 put_obj_lock_invalid_days]', '<Mode>COMPLIANCE</Mode><Days>0</Days>', 'InvalidArgument'],
    [
      '-1 years [s3 put_obj_lock_invalid_years]',
      '<Mode>COMPLIANCE</Mode><Years>-1</Years>',
      'InvalidArgument',
    ],
    ['36501 days', '<Mode>COMPLIANCE</Mode><Days>36501</Days>', 'InvalidArgument'],
    ['101 years', '<Mode>COMPLIANCE</Mode><Years>101</Years>', 'InvalidArgument'],
  ])('a default of %s is refused', async (_name, rule, code) => {
    expect(await enableObjectWorm(server, bucket, rule)).toMatchObject({ status: 400, code });
  });

  test('it cannot be disabled [s3 put_obj_lock_invalid_status], nor can versioning [s3 suspend_versioning]', async () => {
    const body =
      '<ObjectWormConfiguration><ObjectWormEnabled>Disabled</ObjectWormEnabled></ObjectWormConfiguration>';
    const disabled = await rawCall(server, `PUT /${bucket}/`, { query: { objectWorm: '' }, body });
    expect(disabled).toMatchObject({ status: 400, code: 'MalformedXML' });
    expect(await setVersioning(server, bucket, 'Suspended')).toMatchObject({
      status: 409,
      code: 'InvalidBucketState',
    });
  });

  test('reading it back [s3 get_obj_lock, get_obj_lock_invalid_bucket]', async () => {
    await expectOk(enableObjectWorm(server, bucket, '<Mode>COMPLIANCE</Mode><Days>30</Days>'));
    const { body } = await rawCall(server, `GET /${bucket}/`, { query: { objectWorm: '' } });
    expect(body).toContain('<ObjectWormEnabled>Enabled</ObjectWormEnabled>');
    expect(body).toMatch(/<DefaultRetention>\s*<Mode>COMPLIANCE<\/Mode>\s*<Days>30<\/Days>/);
    await makeBucket(server, `none-${count}`);
    expect((await rawCall(server, `GET /none-${count}/`, { query: { objectWorm: '' } })).status).toBe(404);
  });

  test('appending is refused (documented)', async () => {
    const reply = await rawCall(server, `POST /${bucket}/log`, {
      query: { append: '', position: '0' },
      body: 'x',
    });
    expect(reply.status).toBe(400);
    expect((await rawCall(server, `HEAD /${bucket}/log`)).status).toBe(404);
  });
});

describe('the default retention', () => {
  test.each([
    ['<Days>1</Days>', '2026-11-22T10:00:00.999Z', '2026-11-23T10:00:00.000Z'],
    ['<Years>1</Years>', '2026-11-22T10:00:00.000Z', '2027-11-22T10:00:00.000Z'],
    ['<Years>1</Years>', '2028-02-29T12:00:00.000Z', '2029-02-28T12:00:00.000Z'],
    ['<Days>366</Days>', '2028-02-29T12:00:00.000Z', '2029-03-01T12:00:00.000Z'],
  ])('%s, created %s: until %s, exact to the second [ls]', async (period, created, until) => {
    await expectOk(enableObjectWorm(server, bucket, `<Mode>COMPLIANCE</Mode>${period}`));
    server.setTime(created);
    await putObject(server, `/${bucket}/a`);
    expect(await stored('a')).toBe(`COMPLIANCE ${until}`);
    const head = await rawCall(server, `HEAD /${bucket}/a`);
    expect(head.headers).toMatchObject({
      'x-oss-object-worm-mode': 'COMPLIANCE',
      'x-oss-object-worm-retain-until-date': until,
    });
  });

  test('covers copies and multipart uploads, not what was there before', async () => {
    await putObject(server, `/${bucket}/before`);
    await expectOk(enableObjectWorm(server, bucket, '<Mode>COMPLIANCE</Mode><Days>1</Days>'));
    expect(await stored('before')).toBe('NoSuchObjectRetentionConfiguration');
    const headers = { 'x-oss-copy-source': `/${bucket}/before` };
    await expectOk(rawCall(server, `PUT /${bucket}/copy`, { headers }));
    expect(await stored('copy')).toBe('COMPLIANCE 2026-11-23T10:00:00.000Z');
    await upload('big');
    expect(await stored('big')).toBe('COMPLIANCE 2026-11-23T10:00:00.000Z');
  });

  test('yields to the value of the object [s3 put_obj_retention_override_default_retention]', async () => {
    await expectOk(enableObjectWorm(server, bucket, '<Mode>COMPLIANCE</Mode><Days>30</Days>'));
    await putObject(server, `/${bucket}/a`, 'x', {
      'x-oss-object-worm-mode': 'COMPLIANCE',
      'x-oss-object-worm-retain-until-date': '2026-11-23T00:00:00Z',
    });
    expect(await stored('a')).toBe('COMPLIANCE 2026-11-23T00:00:00.000Z');
  });

  test('a copy does not carry the retention of its source [ls]', async () => {
    await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', '2030-01-01T00:00:00Z'));
    await expectOk(rawCall(server, `PUT /${bucket}/b`, { headers: { 'x-oss-copy-source': `/${bucket}/a` } }));
    expect(await stored('b')).toBe('NoSuchObjectRetentionConfiguration');
  });
});

async function upload(key: string, headers: Record<string, string> = {}): Promise<string> {
  const begun = await expectOk(
    rawCall(server, `POST /${bucket}/${key}`, { query: { uploads: '' }, headers }),
  );
  const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
  const part = await rawCall(server, `PUT /${bucket}/${key}`, {
    query: { uploadId, partNumber: '1' },
    body: 'x',
  });
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`;
  const done = await expectOk(rawCall(server, `POST /${bucket}/${key}`, { query: { uploadId }, body }));
  return String(done.headers['x-oss-version-id']);
}

describe('PutObjectRetention', () => {
  const first = '2030-01-01T00:00:00Z';
  test.each([
    [
      'a later date [s3 put_obj_retention_increase_period, oss]',
      '2030-01-01T00:00:01Z',
      200,
      '2030-01-01T00:00:01.000Z',
    ],
    [
      'the same date (undocumented: nothing changes)',
      '2030-01-01T00:00:00Z',
      200,
      '2030-01-01T00:00:00.000Z',
    ],
    [
      'the same second, written with milliseconds',
      '2030-01-01T00:00:00.999Z',
      200,
      '2030-01-01T00:00:00.000Z',
    ],
    [
      'an earlier date [s3 put_obj_retention_shorten_period, ls]',
      '2029-12-31T23:59:59Z',
      403,
      '2030-01-01T00:00:00.000Z',
    ],
    [
      'a past date [ls, vgw expired_retain_until_date]',
      '2026-11-22T09:59:59Z',
      400,
      '2030-01-01T00:00:00.000Z',
    ],
    ['this very moment', '2026-11-22T10:00:00Z', 400, '2030-01-01T00:00:00.000Z'],
    ['far away [s3 put_obj_retention]', '2140-01-01T00:00:00.000Z', 200, '2140-01-01T00:00:00.000Z'],
  ])('%s', async (_name, until, status, expected) => {
    await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', first));
    const reply = await retain('a', until);
    expect(reply).toMatchObject({
      status,
      code: { 200: '', 400: 'InvalidArgument', 403: 'AccessDenied' }[status],
    });
    expect(await stored('a')).toBe(`COMPLIANCE ${expected}`);
  });

  test('names the version it changed, and only that one changes [s3 put_obj_retention_versionid, oss]', async () => {
    const old = await putObject(server, `/${bucket}/a`);
    const current = await putObject(server, `/${bucket}/a`);
    const reply = await retain('a', first, { versionId: old });
    expect(reply.headers['x-oss-version-id']).toBe(old);
    expect(await stored('a', old)).toBe('COMPLIANCE 2030-01-01T00:00:00.000Z');
    expect(await stored('a', current)).toBe('NoSuchObjectRetentionConfiguration');
    expect((await retain('a', first)).headers['x-oss-version-id']).toBe(current);
  });

  test('an expired retention may be renewed, in another mode too', async () => {
    await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', '2026-11-23T00:00:00Z'));
    server.setTime('2026-11-23T00:00:00.000Z');
    expect((await retain('a', first, { mode: 'GOVERNANCE' })).status).toBe(200);
  });

  test('the null version from before versioning takes it (go2 TestObjectWorm)', async () => {
    const name = `null-${count}`;
    await makeBucket(server, name);
    await putObject(server, `/${name}/a`);
    await expectOk(setVersioning(server, name, 'Enabled'));
    await expectOk(enableObjectWorm(server, name));
    bucket = name;
    expect((await retain('a', first, { versionId: 'null' })).status).toBe(200);
    expect((await remove('a', 'null')).code).toBe('FileImmutable');
  });

  test.each([
    ['no such bucket [ls]', 'missing-bucket', 'a', undefined, 404, 'NoSuchBucket'],
    ['no such key [ls]', '', 'missing', undefined, 404, 'NoSuchKey'],
    ['no such version [vgw]', '', 'a', 'CAEQnone', 404, 'NoSuchVersion'],
    ['a malformed version id [vgw]', '', 'a', 'what?', 400, 'InvalidArgument'],
  ])('%s', async (_name, otherBucket, key, versionId, status, code) => {
    await putObject(server, `/${bucket}/a`);
    bucket = otherBucket || bucket;
    expect(await retain(key, first, versionId ? { versionId } : {})).toMatchObject({ status, code });
    expect(await stored(key, versionId)).toBe(code);
  });

  test('a bucket without ObjectWorm [s3 put_obj_retention_invalid_bucket, get_obj_retention_invalid_bucket]', async () => {
    bucket = `without-${count}`;
    await makeBucket(server, bucket, { versioning: true });
    await putObject(server, `/${bucket}/a`);
    expect(await retain('a', first)).toMatchObject({ status: 400, code: 'InvalidRequest' });
    expect(await stored('a')).toBe('InvalidRequest');
  });

  test('a delete marker: 405 by its id [ls], 404 as the current one', async () => {
    await putObject(server, `/${bucket}/a`);
    const marker = await remove('a');
    const versionId = String(marker.headers['x-oss-version-id']);
    expect(await retain('a', first, { versionId })).toMatchObject({ status: 405, code: 'MethodNotAllowed' });
    const current = await retain('a', first);
    expect(current).toMatchObject({ status: 404, code: 'NoSuchKey' });
    expect(current.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': versionId });
  });

  test.each([
    [
      'an unknown mode [s3 put_obj_retention_invalid_mode]',
      '<Retention><Mode>abc</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>',
    ],
    [
      'a mode in lower case',
      '<Retention><Mode>compliance</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>',
    ],
    ['a missing date [ls]', '<Retention><Mode>COMPLIANCE</Mode></Retention>'],
    ['a missing mode [ls]', '<Retention><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>'],
    [
      'a date without zone',
      '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00</RetainUntilDate></Retention>',
    ],
    [
      'a day that does not exist',
      '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-02-30T00:00:00Z</RetainUntilDate></Retention>',
    ],
    [
      'an element too much',
      '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate><X/></Retention>',
    ],
    ['nothing', ''],
    ['no XML', 'Mode=COMPLIANCE'],
    [
      'a DOCTYPE',
      '<!DOCTYPE r [<!ENTITY m "COMPLIANCE">]><Retention><Mode>&m;</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>',
    ],
  ])('%s is MalformedXML', async (_name, body) => {
    await putObject(server, `/${bucket}/a`);
    const reply = await rawCall(server, `PUT /${bucket}/a`, { query: { retention: '' }, body });
    expect(reply).toMatchObject({ status: 400, code: 'MalformedXML' });
    expect(await stored('a')).toBe('NoSuchObjectRetentionConfiguration');
  });
});

describe('GOVERNANCE (seen live, reference/oss-retention.md 2.3)', () => {
  test.each([
    ['later', '2031-01-01T00:00:00Z', false, 200],
    ['earlier without bypass', '2029-01-01T00:00:00Z', false, 403],
    [
      'earlier with bypass [s3 put_obj_retention_shorten_period_bypass, oss]',
      '2029-01-01T00:00:00Z',
      true,
      200,
    ],
  ])('%s', async (_name, until, bypass, status) => {
    await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', '2030-01-01T00:00:00Z', { mode: 'GOVERNANCE' }));
    expect((await retain('a', until, { mode: 'GOVERNANCE', bypass })).status).toBe(status);
  });

  test.each([
    ['GOVERNANCE', 'COMPLIANCE', false],
    ['GOVERNANCE', 'COMPLIANCE', true],
    ['COMPLIANCE', 'GOVERNANCE', false],
    ['COMPLIANCE', 'GOVERNANCE', true],
  ])(
    '%s never turns into %s (bypass: %s) [s3 changing_mode_…, multicloudj]',
    async (before, after, bypass) => {
      await putObject(server, `/${bucket}/a`);
      await expectOk(retain('a', '2030-01-01T00:00:00Z', { mode: before }));
      const reply = await retain('a', '2031-01-01T00:00:00Z', { mode: after, bypass });
      expect(reply).toMatchObject({ status: 409, code: 'FileImmutable' });
      expect(await stored('a')).toBe(`${before} 2030-01-01T00:00:00.000Z`);
    },
  );
});

describe('deleting', () => {
  test.each([
    ['COMPLIANCE', false, 409],
    ['COMPLIANCE', true, 409],
    ['GOVERNANCE', false, 409],
    ['GOVERNANCE', true, 204],
  ])('a version under %s, bypass %s: %i [s3 delete_object_with_retention]', async (mode, bypass, status) => {
    const versionId = await putObject(server, `/${bucket}/a`, 'kept');
    await expectOk(retain('a', '2030-01-01T00:00:00Z', { mode }));
    const reply = await remove('a', versionId, bypass);
    expect(reply).toMatchObject({ status, code: status === 409 ? 'FileImmutable' : '' });
    if (status === 409) expect((await rawCall(server, `GET /${bucket}/a`)).body).toBe('kept');
  });

  test('is allowed from the second the retention ends [ls]', async () => {
    const versionId = await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', '2026-12-01T00:00:00Z'));
    server.setTime('2026-11-30T23:59:59.999Z');
    expect((await remove('a', versionId)).status).toBe(409);
    server.setTime('2026-12-01T00:00:00.000Z');
    expect((await remove('a', versionId)).status).toBe(204);
  });

  test('without a version id puts a marker, which may go again [s3 delete_object_with_retention_and_marker, oss]', async () => {
    const versionId = await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', '2030-01-01T00:00:00Z'));
    const marker = await remove('a');
    expect(marker).toMatchObject({ status: 204, headers: { 'x-oss-delete-marker': 'true' } });
    expect((await remove('a', versionId)).status).toBe(409);
    expect((await remove('a', String(marker.headers['x-oss-version-id']))).status).toBe(204);
    expect((await rawCall(server, `HEAD /${bucket}/a`)).headers['x-oss-version-id']).toBe(versionId);
  });

  test('many at once: the free ones go, the retained stay and are named [s3 multi_delete_object_with_retention]', async () => {
    const kept = await putObject(server, `/${bucket}/a`);
    await expectOk(retain('a', '2030-01-01T00:00:00Z'));
    const free = await putObject(server, `/${bucket}/a`);
    const objects = [kept, free]
      .map((id) => `<Object><Key>a</Key><VersionId>${id}</VersionId></Object>`)
      .join('');
    const body = `<Delete><Quiet>true</Quiet>${objects}</Delete>`;
    const reply = await rawCall(server, `POST /${bucket}/`, { query: { delete: '' }, body });
    expect(reply.body).toMatch(
      new RegExp(`<Error>\\s*<Key>a</Key>\\s*<VersionId>${kept}<.*FileImmutable`, 's'),
    );
    expect(reply.body).not.toContain(free);
    expect((await rawCall(server, `GET /${bucket}/a`)).headers['x-oss-version-id']).toBe(kept);
  });

  test('of three versions only the retained one resists [mint testLockingRetentionCompliance]', async () => {
    const ids = [];
    for (const text of ['1', '2', '3']) ids.push(await putObject(server, `/${bucket}/a`, text));
    await expectOk(retain('a', '2030-01-01T00:00:00Z', { versionId: ids[1] ?? '' }));
    const statuses = [];
    for (const id of ids) statuses.push((await remove('a', id)).status);
    expect(statuses).toEqual([204, 409, 204]);
  });
});

describe('retention headers on an upload', () => {
  const mode = { 'x-oss-object-worm-mode': 'COMPLIANCE' };
  const until = { 'x-oss-object-worm-retain-until-date': '2027-10-11T00:00:00.000Z' };

  test('appear on HEAD and hold [s3 uploading_obj, get_obj_metadata]', async () => {
    const versionId = await putObject(server, `/${bucket}/a`, 'x', { ...mode, ...until });
    expect((await rawCall(server, `HEAD /${bucket}/a`)).headers).toMatchObject({ ...mode, ...until });
    expect((await remove('a', versionId)).status).toBe(409);
  });

  test('given with a multipart upload hold after it is complete [s3 delete_multipart_object_with_retention]', async () => {
    const versionId = await upload('a', { ...mode, ...until });
    expect((await remove('a', versionId)).status).toBe(409);
  });

  test('coming only at the end of a multipart upload are refused, not lost', async () => {
    const begun = await expectOk(rawCall(server, `POST /${bucket}/a`, { query: { uploads: '' } }));
    const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
    const headers = { ...mode, ...until };
    const part = await rawCall(server, `PUT /${bucket}/a`, { query: { uploadId, partNumber: '1' }, headers });
    expect(part.code).toBe('NotImplemented');
    const body =
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>';
    const done = await rawCall(server, `POST /${bucket}/a`, { query: { uploadId }, headers, body });
    expect(done.code).toBe('NotImplemented');
  });

  test.each([
    ['the mode alone [ls]', mode, 'InvalidArgument'],
    ['the date alone [ls]', until, 'InvalidArgument'],
    [
      'a past date [vgw past_retain_until_date]',
      { ...mode, 'x-oss-object-worm-retain-until-date': '2026-11-22T10:00:00Z' },
      'InvalidArgument',
    ],
    ['an unreadable date', { ...mode, 'x-oss-object-worm-retain-until-date': 'tomorrow' }, 'InvalidArgument'],
    ['an unknown mode', { ...until, 'x-oss-object-worm-mode': 'compliance' }, 'InvalidArgument'],
  ])('%s is refused and nothing is stored', async (_name, headers: Record<string, string>, code) => {
    expect(await rawCall(server, `PUT /${bucket}/a`, { headers })).toMatchObject({ status: 400, code });
    expect((await rawCall(server, `HEAD /${bucket}/a`)).status).toBe(404);
  });

  test('a bucket without ObjectWorm refuses them [vgw missing_bucket_lock]', async () => {
    await makeBucket(server, `no-lock-${count}`, { versioning: true });
    const reply = await rawCall(server, `PUT /no-lock-${count}/a`, { headers: { ...mode, ...until } });
    expect(reply).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });
});

test('appendable objects and symlinks carry no retention', async () => {
  bucket = `other-${count}`;
  await makeBucket(server, bucket);
  await expectOk(rawCall(server, `POST /${bucket}/log`, { query: { append: '', position: '0' }, body: 'x' }));
  await expectOk(setVersioning(server, bucket, 'Enabled'));
  await expectOk(enableObjectWorm(server, bucket, '<Mode>COMPLIANCE</Mode><Days>1</Days>'));
  const headers = { 'x-oss-symlink-target': 'log' };
  const link = await expectOk(rawCall(server, `PUT /${bucket}/link`, { query: { symlink: '' }, headers }));
  for (const key of ['log', 'link']) {
    expect((await retain(key, '2030-01-01T00:00:00Z')).code).toBe('OperationNotSupported');
  }
  expect((await rawCall(server, `HEAD /${bucket}/link`)).headers).not.toHaveProperty(
    'x-oss-object-worm-mode',
  );
  expect((await remove('link', String(link.headers['x-oss-version-id']))).status).toBe(204);
});
