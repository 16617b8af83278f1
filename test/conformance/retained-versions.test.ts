import { describe, expect } from 'vitest';
import { configureObjectWorm, objectWormBucket, ok, setVersioning } from './bucket-calls.ts';
import { header } from './client.ts';
import {
  bypass,
  copy,
  get,
  head,
  named,
  put,
  remove,
  removeMany,
  stored,
  uploading,
} from './object-calls.ts';
import { retain, retentionOf } from './retention-calls.ts';
import { embeddedOnly, everywhere, useTarget } from './target.ts';

// What a retained version resists. Sources as in retention.test.ts.

useTarget();

describe('deleting', () => {
  for (const [mode, headers, status, code] of [
    ['COMPLIANCE', {}, 409, 'FileImmutable'],
    ['COMPLIANCE', bypass, 409, 'FileImmutable'],
    ['GOVERNANCE', {}, 409, 'FileImmutable'],
    ['GOVERNANCE', bypass, 204, ''],
  ] as const) {
    const how = headers === bypass ? ' with bypass' : '';
    // S3 answers 403, OSS 409 (documented).
    everywhere(
      `a version under ${mode}${how}: ${status} [s3 delete_object_with_retention, ls, vgw, mint]`,
      async (target) => {
        const bucket = await objectWormBucket(target);
        const versionId = await stored(target, bucket, 'a', 'kept');
        await ok(retain(target, bucket, 'a', target.inSeconds(60), { mode }));
        expect(await remove(target, bucket, 'a', { versionId, headers })).toMatchObject({ status, code });
        expect((await get(target, bucket, 'a')).status).toBe(status === 204 ? 404 : 200);
      },
    );
  }

  embeddedOnly(
    'is refused to the last millisecond and allowed at the date [ls, doc: to the second]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      const versionId = await stored(target, bucket, 'a');
      await ok(retain(target, bucket, 'a', '2026-12-01T00:00:00Z'));
      target.setTime('2026-11-30T23:59:59.999Z');
      expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
      target.setTime('2026-12-01T00:00:00.000Z');
      expect((await remove(target, bucket, 'a', { versionId })).status).toBe(204);
    },
  );

  everywhere(
    'a marker may come and go, the version stays [s3 delete_object_with_retention_and_marker, ls, oss]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      const versionId = await stored(target, bucket, 'a', 'kept');
      await ok(retain(target, bucket, 'a', target.inSeconds(60)));
      const marker = await remove(target, bucket, 'a');
      expect(marker.status).toBe(204);
      expect(header(marker, 'x-oss-delete-marker')).toBe('true');
      const hidden = await get(target, bucket, 'a');
      expect(hidden).toMatchObject({ status: 404, code: 'NoSuchKey', ec: '0026-00000001' });
      const markerId = header(marker, 'x-oss-version-id');
      expect(hidden.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': markerId });
      expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
      expect((await remove(target, bucket, 'a', { versionId: markerId })).status).toBe(204);
      expect((await get(target, bucket, 'a')).body).toBe('kept');
    },
  );

  everywhere(
    'many at once: one goes, the retained stays and is named [s3 multi_delete_object_with_retention]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      const kept = await stored(target, bucket, 'a');
      await ok(retain(target, bucket, 'a', target.inSeconds(60)));
      const free = await stored(target, bucket, 'a');
      const { body } = await ok(removeMany(target, bucket, named('a', kept) + named('a', free)));
      expect(body).toMatch(new RegExp(`<Deleted>\\s*<Key>a</Key>\\s*<VersionId>${free}<`));
      expect(body).toMatch(
        new RegExp(`<Error>\\s*<Key>a</Key>\\s*<VersionId>${kept}</VersionId>\\s*<Code>FileImmutable<`),
      );
      expect(header(await head(target, bucket, 'a'), 'x-oss-version-id')).toBe(kept);
    },
  );

  everywhere(
    'many at once with bypass: GOVERNANCE yields, COMPLIANCE does not [vgw bypass delete multiple]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      const [a, b] = [await stored(target, bucket, 'a'), await stored(target, bucket, 'b')];
      await ok(retain(target, bucket, 'a', target.inSeconds(60), { mode: 'GOVERNANCE' }));
      await ok(retain(target, bucket, 'b', target.inSeconds(60)));
      const objects = named('a', a) + named('b', b);
      const { body } = await ok(removeMany(target, bucket, objects, { headers: bypass }));
      expect(body).toMatch(/<Deleted>\s*<Key>a</);
      expect(body).toMatch(/<Error>\s*<Key>b</);
    },
  );

  everywhere(
    'of three versions only the retained one resists [mint testLockingRetentionCompliance]',
    async (target) => {
      const bucket = await objectWormBucket(target);
      const ids = [];
      for (const body of ['1', '2', '3']) ids.push(await stored(target, bucket, 'a', body));
      await ok(retain(target, bucket, 'a', target.inSeconds(60), { versionId: ids[1] ?? '' }));
      const statuses = [];
      for (const versionId of ids) statuses.push((await remove(target, bucket, 'a', { versionId })).status);
      expect(statuses).toEqual([204, 409, 204]);
    },
  );

  everywhere('the bucket is refused while a version is in it [vgw]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(retain(target, bucket, 'a', target.inSeconds(60)));
    await ok(remove(target, bucket, 'a'));
    expect(await target.send({ method: 'DELETE', bucket })).toMatchObject({
      status: 409,
      code: 'BucketNotEmpty',
    });
  });
});

describe('writing over it makes a new version and leaves the retained one [vgw unable_to_overwrite_locked: versioned]', () => {
  for (const [name, write] of [
    ['put', put],
    [
      'copy',
      async (target, bucket, key) => {
        await stored(target, bucket, 'source');
        return copy(target, bucket, key, 'source');
      },
    ],
    ['multipart upload', async (target, bucket, key) => (await uploading(target, bucket, key))()],
  ] as [string, typeof put][]) {
    everywhere(name, async (target) => {
      const bucket = await objectWormBucket(target);
      const versionId = await stored(target, bucket, 'a', 'kept');
      await ok(retain(target, bucket, 'a', target.inSeconds(60)));
      const written = await ok(write(target, bucket, 'a'));
      expect(header(written, 'x-oss-version-id')).not.toBe(versionId);
      expect((await get(target, bucket, 'a', { versionId })).body).toBe('kept');
      expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
      expect(await retentionOf(target, bucket, 'a')).toBe('NoSuchObjectRetentionConfiguration');
    });
  }
});

everywhere('a copy does not carry the retention of its source [ls]', async (target) => {
  const bucket = await objectWormBucket(target);
  await stored(target, bucket, 'a');
  await ok(retain(target, bucket, 'a', target.inSeconds(60)));
  await ok(copy(target, bucket, 'b', 'a'));
  expect(await retentionOf(target, bucket, 'b')).toBe('NoSuchObjectRetentionConfiguration');
  expect((await remove(target, bucket, 'b')).status).toBe(204);
});

everywhere(
  'retention given when a multipart upload begins holds once it is complete [s3 delete_multipart_object_with_retention]',
  async (target) => {
    const bucket = await objectWormBucket(target);
    const finish = await uploading(target, bucket, 'a', {
      'x-oss-object-worm-mode': 'COMPLIANCE',
      'x-oss-object-worm-retain-until-date': target.inSeconds(60),
    });
    const versionId = header(await ok(finish()), 'x-oss-version-id');
    expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
  },
);

describe('the default retention [s3 put_obj_lock; ls: exact to the creation, no rounding to days]', () => {
  // What a year is, OSS does not say. Ours is the calendar's (29 February + 1 year = 28 February); OBS counts 365 days.
  for (const [period, created, until] of [
    ['<Days>1</Days>', '2026-11-22T10:00:00.000Z', '2026-11-23T10:00:00.000Z'],
    ['<Days>1</Days>', '2026-11-22T23:59:59.999Z', '2026-11-23T23:59:59.000Z'],
    ['<Days>36500</Days>', '2026-11-22T10:00:00.000Z', '2126-10-29T10:00:00.000Z'],
    ['<Days>366</Days>', '2028-02-29T12:00:01.000Z', '2029-03-01T12:00:01.000Z'],
    ['<Years>1</Years>', '2026-11-22T10:00:00.000Z', '2027-11-22T10:00:00.000Z'],
    ['<Years>1</Years>', '2027-12-31T23:59:59.000Z', '2028-12-31T23:59:59.000Z'],
    ['<Years>1</Years>', '2028-02-29T12:00:00.000Z', '2029-02-28T12:00:00.000Z'],
    ['<Years>1</Years>', '2028-02-28T20:00:00.000Z', '2029-02-28T20:00:00.000Z'], // 29 February east of UTC
    ['<Years>4</Years>', '2028-02-29T12:00:00.000Z', '2032-02-29T12:00:00.000Z'],
  ] as const) {
    embeddedOnly(`${period} from ${created}: until ${until}`, async (target) => {
      target.setTime(created);
      const bucket = await objectWormBucket(target, `<Mode>COMPLIANCE</Mode>${period}`);
      const versionId = await stored(target, bucket, 'a');
      expect(await retentionOf(target, bucket, 'a')).toBe(`COMPLIANCE ${until}`);
      const reply = await head(target, bucket, 'a');
      expect(header(reply, 'x-oss-object-worm-retain-until-date')).toBe(until);
      target.setTime(new Date(Date.parse(until) - 1).toISOString());
      expect((await remove(target, bucket, 'a', { versionId })).code).toBe('FileImmutable');
      target.setTime(until);
      expect((await remove(target, bucket, 'a', { versionId })).status).toBe(204);
    });
  }

  everywhere(
    'covers uploads, copies and multipart uploads [vgw bucket config governance]',
    async (target) => {
      const bucket = await objectWormBucket(target, '<Mode>GOVERNANCE</Mode><Days>1</Days>');
      await stored(target, bucket, 'put');
      await ok(copy(target, bucket, 'copy', 'put'));
      await ok((await uploading(target, bucket, 'multipart'))());
      for (const key of ['put', 'copy', 'multipart']) {
        expect(await retentionOf(target, bucket, key)).toMatch(/^GOVERNANCE /);
        const versionId = header(await head(target, bucket, key), 'x-oss-version-id');
        expect((await remove(target, bucket, key, { versionId })).code).toBe('FileImmutable');
        expect((await remove(target, bucket, key, { versionId, headers: bypass })).status).toBe(204);
      }
    },
  );

  embeddedOnly(
    'a multipart upload counts from its completion [obs: assembled; ours for OSS]',
    async (target) => {
      const bucket = await objectWormBucket(target, '<Mode>COMPLIANCE</Mode><Days>1</Days>');
      const finish = await uploading(target, bucket, 'a');
      target.advance(3_600_000);
      await ok(finish());
      expect(await retentionOf(target, bucket, 'a')).toBe('COMPLIANCE 2026-11-23T11:00:00.000Z');
    },
  );

  everywhere('does not cover what was there before [doc]', async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'a');
    await ok(configureObjectWorm(target, bucket, '<Mode>GOVERNANCE</Mode><Days>1</Days>'));
    expect(await retentionOf(target, bucket, 'a')).toBe('NoSuchObjectRetentionConfiguration');
  });

  everywhere('a delete marker has none', async (target) => {
    const bucket = await objectWormBucket(target, '<Mode>GOVERNANCE</Mode><Days>1</Days>');
    await stored(target, bucket, 'a');
    const versionId = header(await ok(remove(target, bucket, 'a')), 'x-oss-version-id');
    expect((await remove(target, bucket, 'a', { versionId })).status).toBe(204);
  });

  for (const [what, offset] of [
    ['earlier', 3600],
    ['later', 2 * 24 * 3600],
  ] as const) {
    embeddedOnly(
      `yields to the object's own date, ${what} [s3 put_obj_retention_override_default_retention, doc]`,
      async (target) => {
        const bucket = await objectWormBucket(target, '<Mode>COMPLIANCE</Mode><Days>1</Days>');
        const date = target.inSeconds(offset);
        await stored(target, bucket, 'a', 'x', {
          'x-oss-object-worm-mode': 'GOVERNANCE',
          'x-oss-object-worm-retain-until-date': date,
        });
        expect(await retentionOf(target, bucket, 'a')).toBe(`GOVERNANCE ${date.replace('Z', '.000Z')}`);
      },
    );
  }

  embeddedOnly('a longer default changes nothing that is stored', async (target) => {
    const bucket = await objectWormBucket(target, '<Mode>COMPLIANCE</Mode><Days>1</Days>');
    await stored(target, bucket, 'a');
    await ok(configureObjectWorm(target, bucket, '<Mode>COMPLIANCE</Mode><Days>30</Days>'));
    expect(await retentionOf(target, bucket, 'a')).toBe('COMPLIANCE 2026-11-23T10:00:00.000Z');
    await stored(target, bucket, 'b');
    expect(await retentionOf(target, bucket, 'b')).toBe('COMPLIANCE 2026-12-22T10:00:00.000Z');
  });

  everywhere('does not reach a null version from before [doc: new objects only]', async (target) => {
    const bucket = await target.makeBucket();
    await stored(target, bucket, 'a');
    await ok(setVersioning(target, bucket, 'Enabled'));
    await ok(configureObjectWorm(target, bucket, '<Mode>GOVERNANCE</Mode><Days>1</Days>'));
    expect((await remove(target, bucket, 'a', { versionId: 'null' })).status).toBe(204);
  });
});
