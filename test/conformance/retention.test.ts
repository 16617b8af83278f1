import { describe, expect } from 'vitest';
import { configureObjectWorm, objectWormBucket, ok, setVersioning, versionedBucket } from './bucket-calls.ts';
import { element, header } from './client.ts';
import { bypass, head, put, remove, stored, tag } from './object-calls.ts';
import { readRetention, retain, retentionOf } from './retention-calls.ts';
import { embeddedOnly, everywhere, useTarget } from './target.ts';

// In brackets where a case comes from: s3 = ceph/s3-tests (test_object_lock_…), ls = LocalStack's recordings of AWS, oss =
// recordings of OSS, vgw = versitygw, mint = MinIO's, mcj = multicloudj, doc = OSS's pages; ours = documented nowhere.
// Cases for every endpoint retain for a minute or two.

useTarget();

const none = 'NoSuchObjectRetentionConfiguration';
const mode = { 'x-oss-object-worm-mode': 'COMPLIANCE' };
const until = (instant: string) => ({ 'x-oss-object-worm-retain-until-date': instant });
const withMillis = (instant: string) => instant.replace('Z', '.000Z');

describe('putting and reading', () => {
  everywhere(
    'a date is read back, with milliseconds [s3 get_obj_retention, vgw success, oss]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      const date = target.inSeconds(60);
      await ok(retain(target, bucket, 'a', date));
      expect(await retentionOf(target, bucket, 'a')).toBe(`COMPLIANCE ${withMillis(date)}`);
    },
  );

  everywhere(
    'HEAD shows mode and date as ISO 8601 [s3 get_obj_retention_iso8601, get_obj_metadata]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      const date = target.inSeconds(60);
      await ok(retain(target, bucket, 'a', date));
      const reply = await head(target, bucket, 'a');
      expect(header(reply, 'x-oss-object-worm-mode')).toBe('COMPLIANCE');
      expect(header(reply, 'x-oss-object-worm-retain-until-date')).toBe(withMillis(date));
    },
  );

  everywhere('by version id only that version [s3 put_obj_retention_versionid, oss]', async (target) => {
    const bucket = await objectWormBucket(target);
    const first = await stored(target, bucket, 'a');
    const second = await stored(target, bucket, 'a');
    const date = target.inSeconds(60);
    const reply = await ok(retain(target, bucket, 'a', date, { versionId: first }));
    expect(header(reply, 'x-oss-version-id')).toBe(first);
    const read = await ok(readRetention(target, bucket, 'a', { versionId: first }));
    expect(header(read, 'x-oss-version-id')).toBe(first);
    expect(element(read.body, 'RetainUntilDate')).toBe(withMillis(date));
    expect(await retentionOf(target, bucket, 'a')).toBe(none);
    expect(header(await ok(retain(target, bucket, 'a', date)), 'x-oss-version-id')).toBe(second);
  });

  embeddedOnly('far away [s3 put_obj_retention]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', '2140-01-01T00:00:00.000Z'));
    expect(await retentionOf(target, bucket, 'a')).toBe('COMPLIANCE 2140-01-01T00:00:00.000Z');
  });

  everywhere(
    'the null version from before versioning takes it [go2 TestObjectWorm, live]',
    async (target) => {
      const bucket = await target.makeBucket();
      await stored(target, bucket, 'a');
      await ok(setVersioning(target, bucket, 'Enabled'));
      await ok(configureObjectWorm(target, bucket));
      await stored(target, bucket, 'a');
      const date = target.inSeconds(60);
      await ok(retain(target, bucket, 'a', date, { versionId: 'null' }));
      expect(await retentionOf(target, bucket, 'a', { versionId: 'null' })).toBe(
        `COMPLIANCE ${withMillis(date)}`,
      );
      expect((await remove(target, bucket, 'a', { versionId: 'null' })).code).toBe('FileImmutable');
      expect(await retentionOf(target, bucket, 'a')).toBe(none);
    },
  );

  everywhere('tags can be written on a retained version, and move nothing [live]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    const date = target.inSeconds(60);
    await ok(retain(target, bucket, 'a', date));
    expect((await tag(target, bucket, 'a', 'v')).status).toBe(200);
    expect(await retentionOf(target, bucket, 'a')).toBe(`COMPLIANCE ${withMillis(date)}`);
  });
});

describe('a stored COMPLIANCE date', () => {
  const first = '2030-01-01T00:00:00Z';
  const changes: [string, string, number, string, string][] = [
    [
      'later by a second [s3 put_obj_retention_increase_period, ls, oss]',
      '2030-01-01T00:00:01Z',
      200,
      '',
      '2030-01-01T00:00:01.000Z',
    ],
    ['equal [mcj: no shortening; ours: nothing changes]', first, 200, '', '2030-01-01T00:00:00.000Z'],
    [
      'equal but for milliseconds [mint: seconds count]',
      '2030-01-01T00:00:00.999Z',
      200,
      '',
      '2030-01-01T00:00:00.000Z',
    ],
    [
      'earlier by a second [s3 put_obj_retention_shorten_period, ls, vgw]',
      '2029-12-31T23:59:59Z',
      403,
      'AccessDenied',
      '2030-01-01T00:00:00.000Z',
    ],
    ['earlier by a millisecond', '2029-12-31T23:59:59.999Z', 403, 'AccessDenied', '2030-01-01T00:00:00.000Z'],
    [
      'in the past [ls, vgw expired_retain_until_date]',
      '2026-11-22T09:59:59Z',
      400,
      'InvalidArgument',
      '2030-01-01T00:00:00.000Z',
    ],
    ['now [ours]', '2026-11-22T10:00:00Z', 400, 'InvalidArgument', '2030-01-01T00:00:00.000Z'],
  ];
  for (const [name, date, status, code, after] of changes) {
    for (const headers of [{}, bypass]) {
      const how = headers === bypass ? ', with bypass [mcj shorten_evenwithbypass]' : '';
      embeddedOnly(`${name}${how}: ${status} ${code}`, async (target) => {
        const bucket = await objectWormBucket(target);
        await stored(target, bucket, 'a');
        await ok(retain(target, bucket, 'a', first));
        expect(await retain(target, bucket, 'a', date, { headers })).toMatchObject({ status, code });
        expect(await retentionOf(target, bucket, 'a')).toBe(`COMPLIANCE ${after}`);
      });
    }
  }

  everywhere(
    'cannot be brought forward, on any endpoint [s3 put_obj_retention_shorten_period]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      const date = target.inSeconds(90);
      await ok(retain(target, bucket, 'a', date));
      const reply = await retain(target, bucket, 'a', target.inSeconds(60));
      expect(reply).toMatchObject({ status: 403, code: 'AccessDenied' });
      expect(await retentionOf(target, bucket, 'a')).toBe(`COMPLIANCE ${withMillis(date)}`);
      await ok(retain(target, bucket, 'a', target.inSeconds(120)));
    },
  );

  embeddedOnly('that has passed is free: renewed, or in another mode', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', '2026-11-22T11:00:00Z'));
    target.setTime('2026-11-22T11:00:00.000Z');
    await ok(retain(target, bucket, 'a', '2026-11-22T12:00:00Z', { mode: 'GOVERNANCE' }));
    expect(await retentionOf(target, bucket, 'a')).toBe('GOVERNANCE 2026-11-22T12:00:00.000Z');
  });

  embeddedOnly('that has passed is still read [ours]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', '2026-11-22T11:00:00Z'));
    target.setTime('2026-11-23T00:00:00.000Z');
    expect(await retentionOf(target, bucket, 'a')).toBe('COMPLIANCE 2026-11-22T11:00:00.000Z');
  });
});

describe('GOVERNANCE [oss: accepted live, though OSS documents only COMPLIANCE]', () => {
  everywhere('extends [oss governance_extend_succeeds, ls, vgw]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', target.inSeconds(60), { mode: 'GOVERNANCE' }));
    const date = target.inSeconds(90);
    await ok(retain(target, bucket, 'a', date, { mode: 'GOVERNANCE' }));
    expect(await retentionOf(target, bucket, 'a')).toBe(`GOVERNANCE ${withMillis(date)}`);
  });

  everywhere(
    'is shortened with bypass only [oss governance_shorten, s3 put_obj_retention_shorten_period_bypass]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      await ok(retain(target, bucket, 'a', target.inSeconds(90), { mode: 'GOVERNANCE' }));
      const sooner = target.inSeconds(60);
      const refused = await retain(target, bucket, 'a', sooner, { mode: 'GOVERNANCE' });
      expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' });
      await ok(retain(target, bucket, 'a', sooner, { mode: 'GOVERNANCE', headers: bypass }));
      expect(await retentionOf(target, bucket, 'a')).toBe(`GOVERNANCE ${withMillis(sooner)}`);
    },
  );

  // S3 lets GOVERNANCE become COMPLIANCE with bypass; OSS never does (AliBlobStore.java of multicloudj).
  for (const [before, after, headers, source] of [
    ['GOVERNANCE', 'COMPLIANCE', {}, 's3 changing_mode_from_governance_without_bypass'],
    ['GOVERNANCE', 'COMPLIANCE', bypass, 's3 changing_mode_from_governance_with_bypass'],
    ['COMPLIANCE', 'GOVERNANCE', {}, 's3 changing_mode_from_compliance'],
    ['COMPLIANCE', 'GOVERNANCE', bypass, 'vgw overwrite_compliance_mode'],
  ] as const) {
    everywhere(
      `${before} never becomes ${after}${headers === bypass ? ', with bypass' : ''} [${source}]`,
      async (target) => {
        const bucket = await objectWormBucket(target);
        await stored(target, bucket, 'a');
        const date = target.inSeconds(60);
        await ok(retain(target, bucket, 'a', date, { mode: before }));
        const reply = await retain(target, bucket, 'a', target.inSeconds(90), { mode: after, headers });
        expect(reply).toMatchObject({ status: 409, code: 'FileImmutable' });
        expect(await retentionOf(target, bucket, 'a')).toBe(`${before} ${withMillis(date)}`);
      },
    );
  }
});

describe('who has nothing to retain', () => {
  everywhere('no bucket [ls, vgw non_existing_bucket]', async (target) => {
    const bucket = `${await target.makeBucket()}-not`;
    const wanted = { status: 404, code: 'NoSuchBucket' };
    expect(await retain(target, bucket, 'a', target.inSeconds(60))).toMatchObject(wanted);
    expect(await readRetention(target, bucket, 'a')).toMatchObject(wanted);
  });

  everywhere('no key [ls, vgw non_existing_object, oss nonexistentkey]', async (target) => {
    const bucket = await objectWormBucket(target);
    const wanted = { status: 404, code: 'NoSuchKey', ec: '0026-00000001' };
    expect(await retain(target, bucket, 'a', target.inSeconds(60))).toMatchObject(wanted);
    expect(await readRetention(target, bucket, 'a')).toMatchObject(wanted);
  });

  for (const [name, versionId, status, code] of [
    ['no such version [vgw non_existing_version]', 'CAEQ'.padEnd(64, 'A'), 404, 'NoSuchVersion'],
    ['a malformed version id [vgw invalid_versionId]', 'what?', 400, 'InvalidArgument'],
  ] as const) {
    embeddedOnly(name, async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      const wanted = { status, code };
      expect(await retain(target, bucket, 'a', target.inSeconds(60), { versionId })).toMatchObject(wanted);
      expect(await readRetention(target, bucket, 'a', { versionId })).toMatchObject(wanted);
    });
  }

  everywhere(
    'a bucket without ObjectWorm [s3 put_obj_retention_invalid_bucket, get_obj_retention_invalid_bucket, vgw disabled_lock]',
    async (target) => {
      const bucket = await versionedBucket(target);
      await stored(target, bucket, 'a');
      const wanted = { status: 400, code: 'InvalidRequest' };
      expect(await retain(target, bucket, 'a', target.inSeconds(60))).toMatchObject(wanted);
      expect(await readRetention(target, bucket, 'a')).toMatchObject(wanted);
    },
  );

  everywhere(
    'a delete marker: 405 by its id, 404 as the current one [ls, vgw delete_marker]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      const versionId = header(await ok(remove(target, bucket, 'a')), 'x-oss-version-id');
      const byId = { status: 405, code: 'MethodNotAllowed' };
      expect(await retain(target, bucket, 'a', target.inSeconds(60), { versionId })).toMatchObject(byId);
      expect(await readRetention(target, bucket, 'a', { versionId })).toMatchObject(byId);
      const current = await retain(target, bucket, 'a', target.inSeconds(60));
      expect(current).toMatchObject({ status: 404, code: 'NoSuchKey' });
      expect(current.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': versionId });
    },
  );
});

describe('what is no retention', () => {
  const documents: [string, (date: string) => string][] = [
    ['an unknown mode [s3 put_obj_retention_invalid_mode, ls, vgw]', (date) => retention('abc', date)],
    ['a mode in lower case [s3 put_obj_retention_invalid_mode]', (date) => retention('governance', date)],
    ['no mode [ls]', (date) => `<Retention><RetainUntilDate>${date}</RetainUntilDate></Retention>`],
    ['no date [ls; mint: it cannot be cleared]', () => '<Retention><Mode>COMPLIANCE</Mode></Retention>'],
    ['neither [mint: it cannot be cleared]', () => '<Retention/>'],
    ['a date without zone', (date) => retention('COMPLIANCE', date.replace('Z', ''))],
    ['a day without time', (date) => retention('COMPLIANCE', date.slice(0, 10))],
    ['no document', () => ''],
    ['no XML', (date) => `Mode=COMPLIANCE&RetainUntilDate=${date}`],
    [
      'an element too much',
      (date) => retention('COMPLIANCE', date).replace('</Retention>', '<X/></Retention>'),
    ],
    ['a DOCTYPE', (date) => `<!DOCTYPE r [<!ENTITY m "COMPLIANCE">]>${retention('&m;', date)}`],
  ];
  for (const [name, document] of documents) {
    everywhere(`${name}: MalformedXML`, async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      const body = document(target.inSeconds(60));
      const reply = await target.send({ method: 'PUT', bucket, key: 'a', query: { retention: '' }, body });
      expect(reply).toMatchObject({ status: 400, code: 'MalformedXML' });
      expect(await retentionOf(target, bucket, 'a')).toBe(none);
    });
  }

  embeddedOnly('a day that is not in the calendar: MalformedXML', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    expect((await retain(target, bucket, 'a', '2090-02-29T00:00:00Z')).code).toBe('MalformedXML');
    expect(await retentionOf(target, bucket, 'a')).toBe(none);
  });
});

function retention(mode: string, date: string): string {
  return `<Retention><Mode>${mode}</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`;
}

describe('headers on an upload', () => {
  everywhere('hold, and HEAD shows them [s3 uploading_obj, doc]', async (target) => {
    const bucket = await objectWormBucket(target);
    const date = target.inSeconds(60);
    const versionId = await stored(target, bucket, 'a', 'x', { ...mode, ...until(date) });
    expect((await head(target, bucket, 'a')).headers).toMatchObject({ ...mode, ...until(withMillis(date)) });
    expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
  });

  const refused: [string, (date: string) => Record<string, string>][] = [
    ['the mode alone [ls, minio]', () => mode],
    ['the date alone [ls, minio, vgw missing_object_lock_retention_config]', (date) => until(date)],
    ['a past date [vgw past_retain_until_date]', () => ({ ...mode, ...until('2020-01-01T00:00:00Z') })],
    ['an unreadable date [vgw invalid_retain_until_date]', () => ({ ...mode, ...until('tomorrow') })],
    [
      'an unknown mode [vgw invalid_object_lock_mode]',
      (date) => ({ 'x-oss-object-worm-mode': 'abc', ...until(date) }),
    ],
  ];
  for (const [name, headers] of refused) {
    everywhere(`${name}: 400, and nothing is stored`, async (target) => {
      const bucket = await objectWormBucket(target);
      const reply = await put(target, bucket, 'a', 'x', headers(target.inSeconds(60)));
      expect(reply).toMatchObject({ status: 400, code: 'InvalidArgument' });
      expect((await head(target, bucket, 'a')).status).toBe(404);
    });
  }

  embeddedOnly('on a part, or at the end of a multipart upload, are refused and not lost', async (target) => {
    const bucket = await objectWormBucket(target);
    const headers = { ...mode, ...until(target.inSeconds(60)) };
    const begun = await target.send({ method: 'POST', bucket, key: 'a', query: { uploads: '' } });
    const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
    const part = {
      method: 'PUT' as const,
      bucket,
      key: 'a',
      query: { uploadId, partNumber: '1' },
      headers,
      body: 'x',
    };
    expect((await target.send(part)).code).toBe('NotImplemented');
    const body =
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>';
    const done = await target.send({ method: 'POST', bucket, key: 'a', query: { uploadId }, headers, body });
    expect(done.code).toBe('NotImplemented');
  });

  everywhere('in a bucket without ObjectWorm: 400 [vgw missing_bucket_lock]', async (target) => {
    const bucket = await versionedBucket(target);
    const headers = { ...mode, ...until(target.inSeconds(60)) };
    expect(await put(target, bucket, 'a', 'x', headers)).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
    expect((await head(target, bucket, 'a')).status).toBe(404);
  });
});
