import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'cold', { versioning: true });
});
afterAll(() => server.close());

const minute = 60_000;
const day = 24 * 60 * minute;
const restore = (key: string, body = '') =>
  rawCall(server, `POST /cold/${key}`, { query: { restore: '' }, body });
const request = (days: number, tier?: string) =>
  `<RestoreRequest><Days>${days}</Days>${tier ? `<JobParameters><Tier>${tier}</Tier></JobParameters>` : ''}</RestoreRequest>`;
const classOf = async (path: string) =>
  (await rawCall(server, `HEAD ${path}`)).headers['x-oss-storage-class'];

test.each([
  ['Archive', '', minute, 1],
  ['Archive', request(3), minute, 3],
  ['ColdArchive', request(2, 'Expedited'), 60 * minute, 2],
  ['ColdArchive', request(1), 300 * minute, 1],
  ['DeepColdArchive', request(1, 'Standard'), 2 * day, 1],
])('%s is readable after a while, for some days', async (storageClass, body, duration, days) => {
  const key = `${storageClass}${days}${duration}`;
  await putObject(server, `/cold/${key}`, 'ice', { 'x-oss-storage-class': storageClass });
  const state = async () => (await rawCall(server, `HEAD /cold/${key}`)).headers['x-oss-restore'];
  const read = async () => (await rawCall(server, `GET /cold/${key}`)).code;
  expect([await state(), await read()]).toEqual([undefined, 'InvalidObjectState']);
  expect((await restore(key, body)).status).toBe(202);
  expect([await state(), await read()]).toEqual(['ongoing-request="true"', 'InvalidObjectState']);
  const again = await restore(key, body);
  expect(again).toMatchObject({ status: 409, code: 'RestoreAlreadyInProgress' });
  expect(again.body).toContain('The restore operation is in progress.');
  server.advance(duration);
  expect(await state()).toMatch(/^ongoing-request="false", expiry-date=".* GMT"$/);
  expect((await rawCall(server, `GET /cold/${key}`)).body).toBe('ice');
  server.advance(days * day - 1000);
  expect(await read()).toBe('');
  expect((await restore(key, body)).status).toBe(200); // stays readable from now on
  server.advance(2000);
  expect(await read()).toBe('');
  server.advance(days * day);
  expect([await state(), await read()]).toEqual([undefined, 'InvalidObjectState']);
});

test('only what is archived is restored, and copied when it is', async () => {
  await putObject(server, '/cold/warm');
  expect(await restore('warm')).toMatchObject({ status: 400, code: 'OperationNotSupported' });
  expect((await restore('missing')).code).toBe('NoSuchKey');
  expect((await restore('warm', '<Restore/>')).code).toBe('MalformedXML');
  expect((await restore('warm', request(366, 'Bulk'))).code).toBe('MalformedXML');
  const version = await putObject(server, '/cold/frozen', 'x', { 'x-oss-storage-class': 'Archive' });
  const headers = { 'x-oss-copy-source': '/cold/frozen' };
  expect((await rawCall(server, 'PUT /cold/copy', { headers })).code).toBe('InvalidObjectState');
  const query = { restore: '', versionId: version };
  expect((await rawCall(server, 'POST /cold/frozen', { query })).status).toBe(202);
});

test.each([
  ['GET /listed/', {}],
  ['GET /listed/', { 'list-type': '2' }],
  ['GET /listed/', { versions: '' }],
])('lists say what is being restored: %s %j', async (target, query) => {
  await expectOk(rawCall(server, 'PUT /listed/'));
  await putObject(server, '/listed/a', 'x', { 'x-oss-storage-class': 'Archive' });
  await putObject(server, '/listed/b', 'x', { 'x-oss-storage-class': 'Archive' });
  const infos = async () =>
    [...(await expectOk(rawCall(server, target, { query }))).body.matchAll(/<RestoreInfo>(.*)</g)].map(
      ([, info]) => info,
    );
  expect(await infos()).toEqual([]);
  await expectOk(rawCall(server, 'POST /listed/a', { query: { restore: '' } }));
  expect(await infos()).toEqual(['ongoing-request="true"']);
  server.advance(minute);
  expect(await infos()).toEqual([expect.stringMatching(/^ongoing-request="false", expiry-date=".* GMT"$/)]);
  server.advance(day);
  expect(await infos()).toEqual([]);
});

test('an Archive object takes no job parameters, even while it is being restored', async () => {
  await putObject(server, '/cold/plain', 'x', { 'x-oss-storage-class': 'Archive' });
  expect((await restore('plain', request(1, 'Standard'))).code).toBe('MalformedXML');
  expect((await restore('plain')).status).toBe(202);
  expect((await restore('plain', request(1, 'Standard'))).code).toBe('MalformedXML');
});

test('direct reading needs no restoring', async () => {
  await makeBucket(server, 'direct');
  await putObject(server, '/direct/a', 'x', { 'x-oss-storage-class': 'Archive' });
  const body = '<ArchiveDirectReadConfiguration><Enabled>true</Enabled></ArchiveDirectReadConfiguration>';
  await expectOk(rawCall(server, 'PUT /direct/', { query: { bucketArchiveDirectRead: '' }, body }));
  expect((await rawCall(server, 'GET /direct/a')).body).toBe('x');
});

describe('lifecycle', () => {
  const rule = (inner: string) =>
    `<LifecycleConfiguration><Rule><ID>r</ID><Prefix>logs/</Prefix><Status>Enabled</Status>${inner}</Rule></LifecycleConfiguration>`;
  const put = (bucket: string, inner: string) =>
    rawCall(server, `PUT /${bucket}/`, { query: { lifecycle: '' }, body: rule(inner) });
  const shown = async (bucket: string) =>
    (await rawCall(server, `GET /${bucket}/`, { query: { lifecycle: '' } })).body.replace(/>\s+</g, '><');

  test.each([
    '<Expiration><CreatedBeforeDate>2020-02-18T00:00:00.000Z</CreatedBeforeDate></Expiration>',
    '<Transition><CreatedBeforeDate>2020-02-18T00:00:00.000Z</CreatedBeforeDate><StorageClass>IA</StorageClass><IsAccessTime>false</IsAccessTime></Transition>',
    '<Transition><Days>20</Days><StorageClass>Archive</StorageClass></Transition><Transition><Days>90</Days><StorageClass>ColdArchive</StorageClass></Transition>',
    '<NoncurrentVersionTransition><NoncurrentDays>10</NoncurrentDays><StorageClass>IA</StorageClass></NoncurrentVersionTransition>',
    '<AbortMultipartUpload><CreatedBeforeDate>2020-02-18T00:00:00.000Z</CreatedBeforeDate></AbortMultipartUpload>',
    '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>',
    '<Filter><Not><Prefix>logs/keep/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></Not><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan><ObjectSizeLessThan>64000</ObjectSizeLessThan></Filter><Expiration><Days>3</Days></Expiration>',
    '<Transition><Days>3</Days><StorageClass>IA</StorageClass><IsAccessTime>true</IsAccessTime><ReturnToStdWhenVisit>false</ReturnToStdWhenVisit></Transition><AtimeBase>1631698332</AtimeBase>',
  ])('a legal rule is kept: %#', async (inner) => {
    await expectOk(put('cold', inner));
    expect(await shown('cold')).toContain(inner);
  });

  test.each([
    ['<Expiration><Date>2020-02-18T00:00:00.000Z</Date></Expiration>', '2020-02-18T00:00:00.000Z'],
    [
      '<Expiration><CreatedBeforeDate>2020-02-18</CreatedBeforeDate></Expiration>',
      '2020-02-18T00:00:00.000Z',
    ],
    [
      '<Expiration><CreatedBeforeDate>2023-12-16T16:20:57</CreatedBeforeDate></Expiration>',
      '2023-12-16T16:20:57.000Z',
    ],
    [
      '<Expiration><CreatedBeforeDate>2020-02-18T08:00:00+08:00</CreatedBeforeDate></Expiration>',
      '2020-02-18T00:00:00.000Z',
    ],
    [
      '<Transition><Days>1</Days><StorageClass>IA</StorageClass><IsAccessTime>False</IsAccessTime></Transition>',
      '<IsAccessTime>false</IsAccessTime>',
    ],
    [
      '<Expiration><ExpiredObjectDeleteMarker>True</ExpiredObjectDeleteMarker></Expiration>',
      '<ExpiredObjectDeleteMarker>true<',
    ],
    ['<Days>9</Days><Expiration><Days>1</Days></Expiration>', '<Expiration><Days>1</Days></Expiration>'],
    [
      '<Date>2020-02-18T00:00:00.000Z</Date><Expiration><CreatedBeforeDate>2021-01-01T00:00:00.000Z</CreatedBeforeDate></Expiration>',
      '<CreatedBeforeDate>2021-01-01T00:00:00.000Z<',
    ],
  ])('a form that clients send is understood: %#', async (inner, element) => {
    await expectOk(put('cold', inner));
    expect(await shown('cold')).toContain(element);
  });

  test.each([
    '<Expiration><Days>0</Days></Expiration>',
    '<Expiration><CreatedBeforeDate>soon</CreatedBeforeDate></Expiration>',
    '<Expiration><CreatedBeforeDate>2020-13-45T00:00:00Z</CreatedBeforeDate></Expiration>',
    '<Transition><Days>3</Days></Transition>',
    '<Transition><Days>3</Days><StorageClass>Warm</StorageClass></Transition>',
    '<Surprise>1</Surprise>',
    '<Days>1</Days>',
    '<Date>2020-02-18T00:00:00.000Z</Date><Transition><Days>3</Days><StorageClass>IA</StorageClass></Transition>',
    '<Days>soon</Days><Expiration><Days>1</Days></Expiration>',
  ])('what is not legal is malformed: %#', async (inner) => {
    expect((await put('cold', inner)).code).toBe('MalformedXML');
  });

  test('transitions change the storage class when they are due, filters and access rules not', async () => {
    await makeBucket(server, 'moves', { versioning: true });
    await putObject(server, '/moves/logs/a', 'first');
    await putObject(server, '/moves/logs/a', 'second');
    await putObject(server, '/moves/logs/keep/b');
    await putObject(server, '/moves/other');
    const old = /<VersionId>(\S+)<\/VersionId>\s*<IsLatest>false/.exec(
      (await rawCall(server, 'GET /moves/', { query: { versions: '' } })).body,
    )?.[1];
    await expectOk(
      put(
        'moves',
        '<Filter><Not><Prefix>logs/keep/</Prefix></Not></Filter><Transition><Days>2</Days><StorageClass>IA</StorageClass></Transition><Transition><Days>4</Days><StorageClass>Archive</StorageClass></Transition><Transition><Days>1</Days><StorageClass>ColdArchive</StorageClass><IsAccessTime>true</IsAccessTime></Transition><NoncurrentVersionTransition><NoncurrentDays>3</NoncurrentDays><StorageClass>ColdArchive</StorageClass></NoncurrentVersionTransition>',
      ),
    );
    const oldClass = async () =>
      (await rawCall(server, 'HEAD /moves/logs/a', { query: { versionId: old ?? '' } })).headers[
        'x-oss-storage-class'
      ];
    const seen: unknown[] = [];
    for (let days = 1; days <= 4; days++) {
      server.advance(day);
      server.oss.runLifecycle();
      seen.push([await classOf('/moves/logs/a'), await oldClass()]);
    }
    expect(seen).toEqual([
      ['Standard', 'Standard'],
      ['IA', 'Standard'],
      ['IA', 'ColdArchive'],
      ['Archive', 'ColdArchive'],
    ]);
    expect(await classOf('/moves/logs/keep/b')).toBe('Standard');
    expect(await classOf('/moves/other')).toBe('Standard');
  });
});

test('what is restored can be frozen again', async () => {
  const clean = (key: string) => rawCall(server, `POST /cold/${key}`, { query: { cleanRestoredObject: '' } });
  await putObject(server, '/cold/cleaned', 'ice', { 'x-oss-storage-class': 'ColdArchive' });
  const stale = await clean('cleaned');
  expect(stale).toMatchObject({ status: 409, code: 'ArchiveRestoreFileStale' });
  expect(stale.body).toContain('<EC>0016-00000718</EC>');
  await expectOk(restore('cleaned'));
  const early = await clean('cleaned');
  expect(early).toMatchObject({ status: 409, code: 'ArchiveRestoreNotFinished' });
  expect(early.body).toContain('<EC>0016-00000719</EC>');
  server.advance(300 * minute);
  expect((await rawCall(server, 'GET /cold/cleaned')).body).toBe('ice');
  await expectOk(clean('cleaned'));
  expect((await rawCall(server, 'GET /cold/cleaned')).code).toBe('InvalidObjectState');
  expect((await rawCall(server, 'HEAD /cold/cleaned')).headers['x-oss-restore']).toBeUndefined();
  expect((await clean('cleaned')).code).toBe('ArchiveRestoreFileStale');
  expect((await restore('cleaned')).status).toBe(202);
  await putObject(server, '/cold/never');
  expect(await clean('never')).toMatchObject({ status: 400, code: 'OperationNotSupported' });
  expect((await clean('nothing')).code).toBe('NoSuchKey');
});
