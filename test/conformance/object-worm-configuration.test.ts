import { describe, expect } from 'vitest';
import {
  abort,
  complete,
  configureObjectWorm,
  initiate,
  initiated,
  objectWormBucket,
  ok,
  policyOf,
  readObjectWorm,
  setVersioning,
  versionedBucket,
} from './bucket-calls.ts';
import { element } from './client.ts';
import { append, head, link, stored } from './object-calls.ts';
import { retain, retentionOf } from './retention-calls.ts';
import { embeddedOnly, everywhere, useTarget } from './target.ts';

// In brackets the suite a case comes from (reference/peers.md, E.2): s3 = ceph/s3-tests (test_object_lock_…), ls = LocalStack's
// recordings of AWS, vgw = versitygw, minio = its lock_test.go; doc = OSS's own pages; ours = documented nowhere.
// ObjectWorm cannot be turned off, but a bucket that has it can be deleted once it is empty.

const DAY = 24 * 3_600_000;

useTarget();

describe('enabling', () => {
  everywhere('a bucket that was never versioned refuses [s3 put_obj_lock_invalid_bucket]', async (target) => {
    const bucket = await target.makeBucket();
    expect(await configureObjectWorm(target, bucket)).toMatchObject({
      status: 409,
      code: 'InvalidBucketState',
    });
    expect((await readObjectWorm(target, bucket)).status).toBe(404);
  });

  everywhere(
    'so does one with versioning suspended, until it is enabled [s3 put_obj_lock_enable_after_create]',
    async (target) => {
      const bucket = await target.makeBucket();
      await ok(setVersioning(target, bucket, 'Suspended'));
      expect((await configureObjectWorm(target, bucket)).code).toBe('InvalidBucketState');
      await ok(setVersioning(target, bucket, 'Enabled'));
      expect((await configureObjectWorm(target, bucket)).status).toBe(200);
    },
  );

  everywhere('a default can be set and set again [s3 put_obj_lock, vgw success]', async (target) => {
    const bucket = await versionedBucket(target);
    await ok(configureObjectWorm(target, bucket, '<Mode>GOVERNANCE</Mode><Days>1</Days>'));
    await ok(configureObjectWorm(target, bucket, '<Mode>COMPLIANCE</Mode><Years>1</Years>'));
    const { body } = await ok(readObjectWorm(target, bucket));
    expect(element(body, 'Mode')).toBe('COMPLIANCE');
    expect(element(body, 'Years')).toBe('1');
    const versioning = await target.send({ method: 'GET', bucket, query: { versioning: '' } });
    expect(element(versioning.body, 'Status')).toBe('Enabled');
  });

  everywhere('reading gives what was written [s3 get_obj_lock]', async (target) => {
    const bucket = await objectWormBucket(target, '<Mode>COMPLIANCE</Mode><Days>30</Days>');
    const { body } = await ok(readObjectWorm(target, bucket));
    expect(element(body, 'ObjectWormEnabled')).toBe('Enabled');
    expect(element(body, 'Mode')).toBe('COMPLIANCE');
    expect(element(body, 'Days')).toBe('30');
    expect(body).not.toContain('<Years>');
  });

  everywhere('without a default there is no Rule [doc getbucketobjectwormconfiguration]', async (target) => {
    const { body } = await ok(readObjectWorm(target, await objectWormBucket(target)));
    expect(element(body, 'ObjectWormEnabled')).toBe('Enabled');
    expect(body).not.toContain('<Rule>');
  });

  everywhere(
    'without ObjectWorm there is nothing to read [s3 get_obj_lock_invalid_bucket]',
    async (target) => {
      expect((await readObjectWorm(target, await versionedBucket(target))).status).toBe(404);
    },
  );

  everywhere('versioning can no longer be suspended [s3 suspend_versioning]', async (target) => {
    const bucket = await objectWormBucket(target);
    const reply = await setVersioning(target, bucket, 'Suspended');
    expect(reply).toMatchObject({ status: 409, code: 'InvalidBucketState' });
  });

  everywhere('appending is refused [doc putbucketobjectwormconfiguration]', async (target) => {
    const bucket = await objectWormBucket(target);
    expect((await append(target, bucket, 'log', 0)).status).toBeGreaterThanOrEqual(400);
    expect((await head(target, bucket, 'log')).status).toBe(404);
  });

  everywhere(
    'a bucket that is not there [vendors: 400 for PUT of no document, 404 for GET]',
    async (target) => {
      const bucket = `${await target.makeBucket()}-not`;
      const put = await target.send({ method: 'PUT', bucket, query: { objectWorm: '' } });
      expect(put).toMatchObject({ status: 400, code: 'MalformedXML', ec: '0015-00000231' });
      expect(await readObjectWorm(target, bucket)).toMatchObject({
        status: 404,
        code: 'NoSuchBucket',
        ec: '0015-00000101',
      });
    },
  );
});

describe('what is no configuration', () => {
  // S3 says InvalidRetentionPeriod where OSS is taken to say InvalidArgument [ours].
  const rules: [string, string, string][] = [
    [
      'days and years [s3 put_obj_lock_with_days_and_years, vgw both_years_and_days]',
      '<Mode>COMPLIANCE</Mode><Days>1</Days><Years>1</Years>',
      'MalformedXML',
    ],
    ['0 days [s3 put_obj_lock_invalid_days]', '<Mode>COMPLIANCE</Mode><Days>0</Days>', 'InvalidArgument'],
    [
      '-1 years [s3 put_obj_lock_invalid_years]',
      '<Mode>COMPLIANCE</Mode><Years>-1</Years>',
      'InvalidArgument',
    ],
    ['36501 days [doc, minio]', '<Mode>COMPLIANCE</Mode><Days>36501</Days>', 'InvalidArgument'],
    ['101 years [doc, minio]', '<Mode>COMPLIANCE</Mode><Years>101</Years>', 'InvalidArgument'],
    ['an unknown mode [s3 put_obj_lock_invalid_mode]', '<Mode>abc</Mode><Days>1</Days>', 'MalformedXML'],
    [
      'a mode in lower case [s3 put_obj_lock_invalid_mode]',
      '<Mode>governance</Mode><Days>1</Days>',
      'MalformedXML',
    ],
    ['no period', '<Mode>COMPLIANCE</Mode>', 'MalformedXML'],
    ['no mode', '<Days>1</Days>', 'MalformedXML'],
    ['days that are no number', '<Mode>COMPLIANCE</Mode><Days>a</Days>', 'MalformedXML'],
  ];
  for (const [name, rule, code] of rules) {
    everywhere(`${name}: ${code}`, async (target) => {
      const bucket = await versionedBucket(target);
      expect(await configureObjectWorm(target, bucket, rule)).toMatchObject({ status: 400, code });
      expect((await readObjectWorm(target, bucket)).status).toBe(404);
    });
  }

  for (const [name, body] of [
    [
      'Disabled [s3 put_obj_lock_invalid_status, vgw invalid_status]',
      '<ObjectWormConfiguration><ObjectWormEnabled>Disabled</ObjectWormEnabled></ObjectWormConfiguration>',
    ],
    ['an empty body [vgw empty_request_body]', ''],
    ['a malformed body [vgw malformed_body]', '<ObjectWormConfiguration>'],
    ['no status', '<ObjectWormConfiguration/>'],
  ] as const) {
    everywhere(`${name}: MalformedXML, and nothing changes`, async (target) => {
      const bucket = await objectWormBucket(target);
      const reply = await target.send({ method: 'PUT', bucket, query: { objectWorm: '' }, body });
      expect(reply).toMatchObject({ status: 400, code: 'MalformedXML' });
      expect(element((await readObjectWorm(target, bucket)).body, 'ObjectWormEnabled')).toBe('Enabled');
    });
  }

  for (const rule of [
    '<Mode>COMPLIANCE</Mode><Days>36500</Days>',
    '<Mode>COMPLIANCE</Mode><Years>100</Years>',
  ]) {
    everywhere(`the longest is taken: ${rule} [doc]`, async (target) => {
      expect((await configureObjectWorm(target, await versionedBucket(target), rule)).status).toBe(200);
    });
  }
});

describe('bucket WORM and ObjectWorm exclude each other [doc; tried by no vendor]', () => {
  everywhere('ObjectWorm first: no policy', async (target) => {
    const bucket = await objectWormBucket(target);
    expect((await initiate(target, bucket, 1)).status).toBe(409); // [ours] the code
    expect(await policyOf(target, bucket)).toBe('NoSuchWORMConfiguration');
  });

  everywhere('a policy InProgress: no ObjectWorm, until it is aborted', async (target) => {
    const bucket = await versionedBucket(target);
    await ok(initiate(target, bucket, 1));
    expect((await configureObjectWorm(target, bucket)).status).toBe(409);
    expect((await readObjectWorm(target, bucket)).status).toBe(404);
    await ok(abort(target, bucket));
    expect((await configureObjectWorm(target, bucket)).status).toBe(200);
  });

  for (const state of ['Locked', 'Expired']) {
    embeddedOnly(`a policy ${state}: no ObjectWorm [Expired: ours]`, async (target) => {
      const bucket = await versionedBucket(target);
      const wormId = await initiated(target, bucket, 1);
      if (state === 'Locked') await ok(complete(target, bucket, wormId));
      target.advance(2 * DAY);
      expect((await configureObjectWorm(target, bucket)).status).toBe(409);
      expect((await readObjectWorm(target, bucket)).status).toBe(404);
    });
  }
});

describe('what cannot carry retention [doc: appendable; ours: symlinks]', () => {
  everywhere('an appendable object from before', async (target) => {
    const bucket = await target.makeBucket();
    await ok(append(target, bucket, 'log', 0));
    await ok(setVersioning(target, bucket, 'Enabled'));
    await ok(configureObjectWorm(target, bucket));
    const reply = await retain(target, bucket, 'log', target.inSeconds(60));
    expect(reply).toMatchObject({ status: 400, code: 'OperationNotSupported' });
  });

  everywhere('a symlink, by itself or by default', async (target) => {
    const bucket = await objectWormBucket(target, '<Mode>GOVERNANCE</Mode><Days>1</Days>');
    await stored(target, bucket, 'a');
    await ok(link(target, bucket, 'link', 'a'));
    expect((await retain(target, bucket, 'link', target.inSeconds(60))).status).toBe(400);
    expect(await retentionOf(target, bucket, 'link')).not.toContain('GOVERNANCE');
  });
});
