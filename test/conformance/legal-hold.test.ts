import { describe, expect } from 'vitest';
import { objectWormBucket, ok, versionedBucket } from './bucket-calls.ts';
import { element, header } from './client.ts';
import { get, head, remove, stored, uploading } from './object-calls.ts';
import { hold, readHold, retain, retentionOf } from './retention-calls.ts';
import { everywhere, useTarget } from './target.ts';

// Legal hold has no page of documentation: the wire is the SDKs' and the recordings'. Sources as in retention.test.ts.

useTarget();

describe('a hold', () => {
  everywhere('is put, read and lifted [s3 put_legal_hold, get_legal_hold, oss]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    for (const status of ['ON', 'OFF']) {
      await ok(hold(target, bucket, 'a', status));
      expect(element((await ok(readHold(target, bucket, 'a'))).body, 'Status')).toBe(status);
    }
  });

  everywhere(
    'keeps a version until it is lifted [s3 delete_object_with_legal_hold_on, delete_object_with_legal_hold_off, vgw legal_hold_locked, mint testLockingLegalhold]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      const versionId = await stored(target, bucket, 'a', 'kept');
      await ok(hold(target, bucket, 'a', 'ON'));
      expect(await remove(target, bucket, 'a', { versionId })).toMatchObject({
        status: 409,
        code: 'FileImmutable',
      });
      expect((await get(target, bucket, 'a')).body).toBe('kept');
      await ok(hold(target, bucket, 'a', 'OFF'));
      expect((await remove(target, bucket, 'a', { versionId })).status).toBe(204);
    },
  );

  everywhere('keeps a multipart object [s3 delete_multipart_object_with_legal_hold_on]', async (target) => {
    const bucket = await objectWormBucket(target);
    const versionId = header(await ok((await uploading(target, bucket, 'a'))()), 'x-oss-version-id');
    await ok(hold(target, bucket, 'a', 'ON', { versionId }));
    expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
    await ok(hold(target, bucket, 'a', 'OFF', { versionId }));
  });

  everywhere('shows on HEAD beside the retention [s3 get_obj_metadata]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', target.inSeconds(60)));
    await ok(hold(target, bucket, 'a', 'ON'));
    expect((await head(target, bucket, 'a')).headers).toMatchObject({
      'x-oss-object-worm-mode': 'COMPLIANCE',
      'x-oss-object-worm-legal-hold': 'ON',
    });
    await ok(hold(target, bucket, 'a', 'OFF'));
  });

  everywhere('is of one version [mint testLockingLegalhold]', async (target) => {
    const bucket = await objectWormBucket(target);
    const first = await stored(target, bucket, 'a', '1');
    const second = await stored(target, bucket, 'a', '2');
    await ok(hold(target, bucket, 'a', 'ON', { versionId: first }));
    expect((await remove(target, bucket, 'a', { versionId: second })).status).toBe(204);
    expect((await remove(target, bucket, 'a', { versionId: first })).code).toBe('FileImmutable');
    await ok(hold(target, bucket, 'a', 'OFF', { versionId: first }));
  });

  everywhere('can come with the upload [s3 uploading_obj]', async (target) => {
    const bucket = await objectWormBucket(target);
    const versionId = await stored(target, bucket, 'a', 'x', { 'x-oss-object-worm-legal-hold': 'ON' });
    expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
    await ok(hold(target, bucket, 'a', 'OFF'));
  });

  everywhere('and retention leave each other alone [oss legalholdpreservedacrossupdate]', async (target) => {
    const bucket = await objectWormBucket(target);
    const versionId = await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', target.inSeconds(60)));
    const before = await retentionOf(target, bucket, 'a');
    await ok(hold(target, bucket, 'a', 'ON'));
    await ok(hold(target, bucket, 'a', 'OFF'));
    expect(await retentionOf(target, bucket, 'a')).toBe(before);
    expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
  });
});

describe('no hold', () => {
  everywhere(
    'in a bucket without ObjectWorm [s3 put_legal_hold_invalid_bucket, get_legal_hold_invalid_bucket]',
    async (target) => {
      const bucket = await versionedBucket(target);
      await stored(target, bucket, 'a');
      expect(await hold(target, bucket, 'a', 'ON')).toMatchObject({ status: 400, code: 'InvalidRequest' });
      expect(await readHold(target, bucket, 'a')).toMatchObject({ status: 400, code: 'InvalidRequest' });
    },
  );

  for (const status of ['abc', 'on', '']) {
    everywhere(`of status "${status}" [s3 put_legal_hold_invalid_status]`, async (target) => {
      const bucket = await objectWormBucket(target);
      await stored(target, bucket, 'a');
      expect(await hold(target, bucket, 'a', status)).toMatchObject({ status: 400, code: 'MalformedXML' });
      expect((await readHold(target, bucket, 'a')).code).toBe('NoSuchObjectLegalHoldConfiguration');
    });
  }
});
