import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failure } from '../../../shared/platform/errors.ts';
import { holdsOf } from '../../../shared/storage/holds.ts';
import { DecidedOtherwise } from '../../../shared/storage/last-look.ts';
import { policiesOf } from '../../../shared/storage/policies.ts';
import { type LastLook, type Storage, versionId, wormId } from '../../../shared/storage/port.ts';
import { type RetryOptions, withRetry } from '../../../shared/storage/retry.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { refusal, type ScriptedReply } from '../../support/scripted-server.ts';
import { scriptedStorage } from '../../support/scripted-storage.ts';

const bucket = 'examplebucket';
const at = { bucket, key: 'a', versionId: versionId('V1') };
const worm = wormId('W1');
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
const start = '2026-11-21T00:00:00Z';

const busy = refusal(503, 'TotalQpsLimitExceeded');
const broken = refusal(500, 'InternalError');
const denied = refusal(403, 'AccessDenied');
const done: ScriptedReply = { status: 200, headers: { 'x-oss-worm-id': 'W1' } };
const versioned: ScriptedReply = { status: 200, body: '<VersioningConfiguration/>' };

const scripted = scriptedStorage();

function retrying(options: Omit<RetryOptions, 'clock'> = {}) {
  const clock = manualClock(start);
  return { clock, storage: withRetry(scripted.storage, { clock, random: () => 1, ...options }) };
}

describe('a transient failure', () => {
  test.each<[string, ScriptedReply]>([
    ['throttling', busy],
    ['a failing service', broken],
    ['a broken connection', 'reset'],
    ['a cut reply', { status: 200, body: '<Half', cut: true }],
  ])('by %s is retried until it is over', async (_what, failure) => {
    const { storage } = retrying();
    scripted.server.script(failure, failure, versioned);
    expect(await storage.getVersioning(bucket)).toBeUndefined();
    expect(scripted.server.requests).toHaveLength(3);
  });

  test('is given up after the attempts allowed, with the last error', async () => {
    const { storage } = retrying({ attempts: 3 });
    scripted.server.script(broken, broken, busy);
    await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(scripted.server.requests).toHaveLength(3);
  });

  test('is told before each pause', async () => {
    const told: unknown[] = [];
    const { storage } = retrying({
      onRetry: (error, attempt, delayMs) => told.push([error.code, attempt, delayMs]),
    });
    scripted.server.script(busy, broken, versioned);
    await storage.getVersioning(bucket);
    expect(told).toEqual([
      ['THROTTLED', 1, 100],
      ['SERVICE_FAILED', 2, 200],
    ]);
  });
});

test.each<[string, ScriptedReply, string]>([
  ['a permission', denied, 'ACCESS_DENIED'],
  ['a missing bucket', refusal(404, 'NoSuchBucket'), 'NO_SUCH_BUCKET'],
  ['a wrong secret', refusal(403, 'SignatureDoesNotMatch'), 'CREDENTIALS_INVALID'],
  ['a reply that makes no sense', { status: 200, body: 'hello' }, 'UNEXPECTED_REPLY'],
])('a permanent failure is not retried: %s', async (_what, reply, code) => {
  const { storage, clock } = retrying();
  scripted.server.script(reply);
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code });
  expect(scripted.server.requests).toHaveLength(1);
  expect(clock.sleeps).toEqual([]);
});

describe('pauses', () => {
  test('double up to the cap', async () => {
    const { storage, clock } = retrying({ attempts: 6, baseMs: 100, capMs: 1000 });
    scripted.server.script(busy);
    await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(clock.sleeps).toEqual([100, 200, 400, 800, 1000]);
  });

  test('are anywhere between nothing and the full backoff, and end before the deadline', async () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(unit, fc.integer({ min: 0, max: 700 }), async (random, leftMs) => {
        const deadline = new Date(new Date(start).getTime() + leftMs);
        const { storage, clock } = retrying({ random: () => random, deadline });
        scripted.server.script(busy);
        await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'THROTTLED' });
        clock.sleeps.forEach((ms, index) => {
          const jittered = Math.floor(random * Math.min(5000, 100 * 2 ** index));
          expect(ms).toBe(index < 5 ? jittered : Math.max(jittered, 100));
        });
        if (clock.sleeps.length > 0) expect(clock.now().getTime()).toBeLessThan(deadline.getTime());
        expect(scripted.server.requests).toHaveLength(clock.sleeps.length + 1);
      }),
      { numRuns: 30 },
    );
  });

  test('no retry begins once the deadline has passed, which is asked for each time', async () => {
    const begin = new Date(start).getTime();
    const deadlines = [new Date(begin + 1000), new Date(begin + 100)];
    const { storage, clock } = retrying({ deadline: () => deadlines.shift() });
    scripted.server.script(busy);
    await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(clock.sleeps).toEqual([100]);
  });
});

test('repetitions go on while time remains, and end with it', async () => {
  const deadline = new Date(Date.parse(start) + 60_000);
  const { storage, clock } = retrying({ deadline });
  scripted.server.script(busy);
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'THROTTLED' });
  expect(clock.now().getTime()).toBeGreaterThan(deadline.getTime() - 5000);
  expect(clock.now().getTime()).toBeLessThan(deadline.getTime());
});

describe('writes', () => {
  const repeatable: [string, (storage: Storage) => Promise<unknown>][] = [
    ['putRetention', (storage) => storage.putRetention(at, retention)],
    ['putObjectWorm', (storage) => storage.putObjectWorm(bucket, {})],
  ];
  const once: [string, (storage: Storage) => Promise<unknown>][] = [
    ['initiatePolicy', (storage) => policiesOf(storage, bucket).initiatePolicy(bucket, 1)],
    ['lockPolicy', (storage) => policiesOf(storage, bucket).lockPolicy(bucket, worm)],
    ['extendPolicy', (storage) => policiesOf(storage, bucket).extendPolicy(bucket, worm, 2)],
  ];

  test.each(repeatable)(
    '%s is repeated after anything transient, since twice is as good as once',
    async (_name, call) => {
      for (const failure of ['reset', broken, busy] as const) {
        scripted.server.script(failure, done);
        await call(retrying().storage);
        expect(scripted.server.requests).toHaveLength(2);
      }
    },
  );

  test.each(once)('%s is repeated when it was throttled, that is, not begun', async (_name, call) => {
    scripted.server.script(busy, done);
    await call(retrying().storage);
    expect(scripted.server.requests).toHaveLength(2);
  });

  test('abortPolicy is never repeated: it hits whatever policy the bucket has by then', async () => {
    for (const failure of ['reset', broken, busy] as const) {
      scripted.server.script(failure, done);
      await expect(policiesOf(retrying().storage, bucket).abortPolicy(bucket)).rejects.toMatchObject({
        transient: true,
      });
      expect(scripted.server.requests).toHaveLength(1);
    }
  });

  test.each(once)(
    '%s is not repeated when nobody knows whether it took effect, and fails transiently',
    async (_name, call) => {
      for (const failure of ['reset', broken, { status: 200, body: 'x', cut: true }] as const) {
        scripted.server.script(failure, done);
        await expect(call(retrying().storage)).rejects.toMatchObject({ transient: true });
        expect(scripted.server.requests).toHaveLength(1);
      }
    },
  );
});

describe('a last look', () => {
  const otherwise = new DecidedOtherwise();
  const unreadable = failure('SERVICE_FAILED', { operation: 'x', target: 'oss://b', code: 'x', status: 500 });
  /** Takes each of these steps in turn: a look that throws, or one that lets the write go on. */
  const looks = (...steps: readonly (Error | undefined)[]) => {
    const left = [...steps];
    const lastLook = () => {
      const step = left.shift();
      return step === undefined ? Promise.resolve() : Promise.reject(step);
    };
    return { left, lastLook };
  };
  const writes: [string, (storage: Storage, lastLook: LastLook) => Promise<unknown>][] = [
    ['putRetention', (storage, lastLook) => storage.putRetention(at, retention, lastLook)],
    ['putHold', (storage, lastLook) => holdsOf(storage).putHold(at, 'ON', lastLook)],
  ];

  test.each(writes)('ends %s before a repetition while nothing was begun', async (_name, call) => {
    const { lastLook } = looks(unreadable, undefined, undefined, otherwise);
    scripted.server.script(busy, busy, done);
    await expect(call(retrying().storage, lastLook)).rejects.toBe(otherwise);
    expect(scripted.server.requests).toHaveLength(2);
  });

  test.each(writes)(
    'is not asked before a repetition of %s when an attempt may have taken effect',
    async (_name, call) => {
      for (const failed of ['reset', broken] as const) {
        const { left, lastLook } = looks(undefined, undefined, otherwise);
        scripted.server.script(busy, failed, busy, done);
        expect(await call(retrying().storage, lastLook)).toMatchObject({ sent: true });
        expect(scripted.server.requests).toHaveLength(4);
        expect(left).toEqual([otherwise]);
      }
    },
  );
});

test('a list is retried page by page, so that no item comes twice', async () => {
  const page = (name: string, next: string) => ({
    status: 200,
    body: `<ListAllMyBucketsResult><IsTruncated>${next !== ''}</IsTruncated><NextMarker>${next}</NextMarker><Buckets><Bucket><Name>${name}</Name><Location>oss-cn-hangzhou</Location></Bucket></Buckets></ListAllMyBucketsResult>`,
  });
  scripted.server.script(
    busy,
    page('one', 'one'),
    'reset',
    broken,
    page('two', 'two'),
    busy,
    page('three', ''),
  );
  const names: string[] = [];
  for await (const { name } of retrying().storage.listBuckets()) names.push(name);
  expect(names).toEqual(['one', 'two', 'three']);
});
