import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lanes } from '../../../shared/buckets/pipeline.ts';
import type { BucketDeps } from '../../../shared/buckets/run.ts';
import { rotate, serveBuckets } from '../../../shared/buckets/serve.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { hour, minute, second } from '../../../shared/platform/instant.ts';
import { wormId } from '../../../shared/storage/port.ts';
import { idleClock } from '../../support/idle-clock.ts';
import { type PolicyCall, policyStore } from '../../support/policy-store.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
buckets: [{ name: archive, match: { bucket: "*" }, policy: { days: 365, lock: { after: 20h } } }]
`);
const start = new Date('2026-11-21T10:00:00Z');
const forever = () => new Promise<never>(() => undefined);

/** Buckets `b0000`, `b0001` …, each with a policy that is due; the first ones are the least urgent. A call takes a second. */
function world(count: number, isSilent: (call: PolicyCall, bucket: string) => boolean = () => false) {
  const clock = idleClock(start);
  const store = policyStore();
  for (let at = 0; at < count; at += 1) {
    const name = `b${String(at).padStart(4, '0')}`;
    const createdAt = new Date(start.getTime() - 20 * hour - at * second);
    store.policies.set(name, { id: wormId(name), state: 'InProgress', days: 365, createdAt });
  }
  store.before = async (call, bucket) => {
    if (isSilent(call, bucket)) await forever();
    await clock.sleep(second);
  };
  const locked = () =>
    store.calls.flatMap((call) => (call.startsWith('lockPolicy ') ? [call.slice('lockPolicy '.length)] : []));
  const deps: BucketDeps = { storage: store.storage, rules, clock, region: 'cn-hangzhou' };
  const serve = (seconds: number) => serveBuckets(deps, new Date(clock.now().getTime() + seconds * second));
  return { deps, store, clock, locked, serve };
}

test('with time enough every bucket is served', async () => {
  const { locked, serve } = world(200);
  const run = await serve(1000);
  expect(run.troubles).toEqual([]);
  expect(run.outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(locked()).toHaveLength(200);
});

test('the most urgent policy that is known is locked first, and not after all were looked at', async () => {
  const { store, clock, serve } = world(10 * lanes);
  const known = new Map<string, number>(); // bucket and when it was looked at
  const begun: { bucket: string; waiting: string[] }[] = [];
  const { before } = store;
  store.before = async (call, bucket) => {
    if (call === 'lockPolicy') {
      const waiting = [...known].flatMap(([name, at]) => (at < clock.elapsedMs() ? [name] : []));
      begun.push({ bucket, waiting: waiting.filter((name) => !begun.some((one) => one.bucket === name)) });
    }
    await before(call, bucket);
    if (call === 'getPolicy' && !known.has(bucket)) known.set(bucket, clock.elapsedMs());
  };
  await serve(1000);
  expect(begun[0]?.waiting.length).toBeLessThanOrEqual(lanes);
  expect(begun).toHaveLength(10 * lanes);
  for (const { bucket, waiting } of begun) {
    expect(
      waiting.filter((name) => name > bucket),
      `of those that waited when ${bucket} was locked`,
    ).toEqual([]);
  }
});

test('of what waits to be locked the least time left comes first', async () => {
  const { locked, serve } = world(3 * lanes);
  await serve(1000);
  const order = locked();
  const last = order.slice(-lanes);
  expect(last).toEqual(last.toSorted().reverse());
});

test('looking goes on while changes are slow: one of the buckets may be more urgent', async () => {
  const { store, serve } = world(4 * lanes, (call) => call === 'lockPolicy');
  await serve(60);
  const looks = store.calls.filter((call) => call.startsWith('getPolicy'));
  expect(looks).toHaveLength(4 * lanes);
});

test('observing and changing take about as long as one after the other with all lanes, not longer', async () => {
  const { clock, serve } = world(20 * lanes);
  const run = await serve(10_000);
  expect(run.outcomes).toHaveLength(20 * lanes);
  // The list, and three calls a bucket: look, lock, read back; each takes a second.
  expect(clock.elapsedMs()).toBeLessThan(1.1 * (60 + 3) * second);
});

test('10,000 buckets at 20 ms a call take less than a minute', async () => {
  const { store, clock, serve } = world(10_000);
  for (const [name, policy] of store.policies) store.policies.set(name, { ...policy, state: 'Locked' });
  store.before = () => clock.sleep(20);
  await serve(300);
  expect(clock.elapsedMs()).toBeLessThan(60 * second);
});

test('when time runs out, what was found is done, and the rest is told: each bucket once', async () => {
  const { locked, serve } = world(1000);
  const run = await serve(20);
  expect(locked().length).toBeGreaterThan(20);
  const results = [...run.outcomes, ...run.troubles];
  for (const { error } of results) {
    if (error === undefined) continue;
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(TIME_RAN_OUT|OUTCOME_UNKNOWN)$/),
      transient: true,
    });
  }
  expect(new Set(results.map(({ bucket }) => bucket)).size).toBe(1000);
  expect(results).toHaveLength(1000);
});

test('runs that are too short leave out other buckets each time', async () => {
  const { clock, store, serve } = world(1000);
  for (let run = 0; run < 12; run += 1) {
    await serve(15);
    await clock.sleep(15 * minute);
  }
  expect([...store.policies.values()].filter(({ state }) => state !== 'Locked')).toEqual([]);
});

describe('a silent bucket', () => {
  const silent = 'b0029';

  test('that does not answer the look is told, and none waits for it', async () => {
    const { clock, locked, serve } = world(30, (call, bucket) => call === 'getPolicy' && bucket === silent);
    const run = await serve(60);
    expect(locked()).toHaveLength(29);
    expect(run.troubles).toMatchObject([{ bucket: silent, error: { code: 'TIME_RAN_OUT' } }]);
    expect(clock.elapsedMs()).toBe(60 * second);
  });

  test('that does not answer the lock is told as of unknown outcome, with what was decided', async () => {
    const { clock, serve } = world(30, (call, bucket) => call === 'lockPolicy' && bucket === silent);
    const run = await serve(60);
    expect(run.troubles).toEqual([]);
    const failed = run.outcomes.filter(({ error }) => error !== undefined);
    expect(failed).toMatchObject([
      {
        bucket: silent,
        decision: { action: 'lock' },
        error: {
          code: 'OUTCOME_UNKNOWN',
          transient: true,
          message: expect.stringContaining('lock on oss://b0029 was sent'),
        },
      },
    ]);
    expect(clock.elapsedMs()).toBe(60 * second);
  });

  test('that fails again and again is not written to after the end', async () => {
    const { clock, store, serve } = world(1);
    let last = 0;
    store.before = async (call) => {
      if (call === 'lockPolicy') last = clock.elapsedMs();
      await clock.sleep(second);
      if (call !== 'lockPolicy') return;
      throw failure('UNREACHABLE', {
        operation: 'lock',
        target: 'oss://b0000',
        endpoint: 'e',
        reason: 'reset',
      });
    };
    const run = await serve(5);
    expect(run.outcomes).toMatchObject([{ error: { transient: true } }]);
    await clock.sleep(minute);
    expect(last).toBeLessThanOrEqual(5 * second);
  });

  test('does not answer the list of buckets: the run ends with a coded error', async () => {
    const { clock, serve } = world(3, (call) => call === 'listBuckets');
    await expect(serve(60)).rejects.toMatchObject({
      ...{ code: 'STEP_UNFINISHED', transient: true },
      message: expect.stringContaining('the list of buckets'),
    });
    expect(clock.elapsedMs()).toBe(60 * second);
  });
});

test('what comes after the end changes nothing that was told', async () => {
  const { clock, serve } = world(5);
  const run = await serve(2.5);
  const told = JSON.stringify(run);
  await clock.sleep(minute);
  expect(JSON.stringify(run)).toBe(told);
});

test('two runs at once lock each policy and report no failure', async () => {
  const { store, serve } = world(300);
  const runs = await Promise.all([serve(1000), serve(1000)]);
  for (const { outcomes, troubles } of runs) {
    expect(troubles).toEqual([]);
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
  }
  expect([...store.policies.values()].every(({ state }) => state === 'Locked')).toBe(true);
});

test.each([
  [0, 0],
  [1, 618],
  [2, 236],
  [3, 854],
  [4, 472],
  [29_000_000, 670],
])(
  'in minute %i the buckets begin at %i of 1000: far from the places of the minutes before',
  (minutes, place) => {
    const items = Array.from({ length: 1000 }, (_, index) => index);
    expect(rotate(items, new Date(minutes * minute))[0]).toBe(place);
    expect(rotate(items, new Date((minutes + 1) * minute - 1))[0]).toBe(place);
  },
);

test('rotation keeps every bucket and their cycle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 50 }), fc.nat(1e6), (items, minutes) => {
      const turned = rotate(items, new Date(minutes * minute));
      expect(turned).toHaveLength(items.length);
      expect([...turned, ...turned].join().includes(items.join())).toBe(true);
    }),
  );
});
