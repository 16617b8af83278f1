import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOssStorage } from '../../../../shared/storage/oss/index.ts';
import { policiesOf } from '../../../../shared/storage/policies.ts';
import { type Storage, type VersionAt, versionId } from '../../../../shared/storage/port.ts';
import { withRetry } from '../../../../shared/storage/retry.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { ways } from '../../../support/ways.ts';
import { embeddedOss } from '../harness.ts';

/** What is true of the bucket after a connection broke before or after the effect, with retry in front. */

const bucket = 'records';
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;

describe.each(ways)('over %s', (_way, connections) => {
  let harness: Awaited<ReturnType<typeof embeddedOss>>;
  let storage: Storage;
  let at: VersionAt;

  beforeEach(async () => {
    harness = await embeddedOss(
      '127.0.0.1',
      (plain) => withRetry(plain, { clock: manualClock('2026-11-21T00:00:00Z') }),
      (options) => createOssStorage({ ...options, connections: connections() }),
    );
    storage = harness.storage;
    await harness.createBucket(bucket, { versioning: 'Enabled' });
    at = { bucket, key: 'a', versionId: versionId((await harness.upload(bucket, 'a', 'x')) ?? '') };
    harness.operations();
  });
  afterEach(() => harness.close());

  test.each([
    ['before it was read', { reset: 'before' }],
    ['after it was read', { reset: 'after' }],
    ['by an internal error', { status: 500, code: 'InternalError' }],
    ['by throttling', { status: 503, code: 'TotalQpsLimitExceeded' }],
  ] as const)('a read that broke %s is repeated', async (_when, effect) => {
    harness.fail('HeadObject', effect, 2);
    expect(await storage.headObject(at)).toMatchObject({ versionId: at.versionId });
    expect(harness.operations()).toEqual(['HeadObject', 'HeadObject', 'HeadObject']);
  });

  test.each(['before', 'after'] as const)(
    'retention is put even if the line breaks %s its effect',
    async (reset) => {
      await harness.direct.putObjectWorm(bucket, {});
      harness.fail('PutObjectRetention', { reset });
      await storage.putRetention(at, retention);
      expect(await storage.getRetention(at)).toEqual(retention);
    },
  );

  test('a permission that is missing is not asked for twice', async () => {
    harness.fail('HeadObject', { status: 403, code: 'AccessDenied' }, 5);
    await expect(storage.headObject(at)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(harness.operations()).toEqual(['HeadObject']);
  });

  describe('a policy call whose line broke', () => {
    const fresh = 'policies';
    beforeEach(() => harness.createBucket(fresh));

    test('after its effect fails transiently, and the policy read next tells the truth', async () => {
      harness.fail('InitiateBucketWorm', { reset: 'after' });
      await expect(policiesOf(storage, fresh).initiatePolicy(fresh, 100)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        transient: true,
      });
      const policy = await policiesOf(storage, fresh).getPolicy(fresh);
      if (policy === undefined) throw new Error('the policy was initiated');
      expect(policy).toMatchObject({ state: 'InProgress', days: 100 });

      harness.fail('CompleteBucketWorm', { reset: 'after' });
      await expect(policiesOf(storage, fresh).lockPolicy(fresh, policy.id)).rejects.toMatchObject({
        transient: true,
      });
      expect(await policiesOf(storage, fresh).getPolicy(fresh)).toMatchObject({ state: 'Locked' });

      harness.fail('ExtendBucketWorm', { reset: 'after' });
      await expect(policiesOf(storage, fresh).extendPolicy(fresh, policy.id, 200)).rejects.toMatchObject({
        transient: true,
      });
      expect(await policiesOf(storage, fresh).getPolicy(fresh)).toMatchObject({ days: 200 });
    });

    test('before its effect fails transiently too, and nothing has changed', async () => {
      const { id } = await policiesOf(storage, fresh).initiatePolicy(fresh, 100);
      harness.fail('CompleteBucketWorm', { reset: 'before' });
      await expect(policiesOf(storage, fresh).lockPolicy(fresh, id)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        transient: true,
      });
      expect(await policiesOf(storage, fresh).getPolicy(fresh)).toMatchObject({ state: 'InProgress' });

      harness.fail('AbortBucketWorm', { reset: 'after' });
      await expect(policiesOf(storage, fresh).abortPolicy(fresh)).rejects.toMatchObject({ transient: true });
      expect(await policiesOf(storage, fresh).getPolicy(fresh)).toBeUndefined();
    });

    test('by throttling is repeated, since it did not begin', async () => {
      harness.fail('InitiateBucketWorm', { status: 503, code: 'MetaOperationQpsLimitExceeded' }, 2);
      await policiesOf(storage, fresh).initiatePolicy(fresh, 100);
      expect(await policiesOf(storage, fresh).getPolicy(fresh)).toMatchObject({ days: 100 });
    });
  });
});
