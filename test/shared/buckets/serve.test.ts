import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BucketDeps } from '../../../shared/buckets/run.ts';
import { rotate, serveBuckets } from '../../../shared/buckets/serve.ts';
import { hour, minute } from '../../../shared/platform/instant.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { type BucketPolicy, type Storage, wormId } from '../../../shared/storage/port.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
buckets: [{ name: archive, match: { bucket: "*" }, policy: { days: 365, lock: { after: 20h } } }]
`);
const start = new Date('2026-11-21T10:00:00Z');

/** The run asks for nothing else; the rest would fail. */
const storageOf = (part: Partial<Storage>): Storage => part as Storage; // only these calls are made

/** Buckets `b000`, `b001` …, each with a policy that is due; the first ones are the least urgent. A call takes a second. */
function world(count: number, hanging?: string) {
  let time = start.getTime();
  const names = Array.from({ length: count }, (_, at) => `b${String(at).padStart(3, '0')}`);
  const policies = new Map<string, BucketPolicy>(
    names.map((name, at) => {
      const createdAt = new Date(start.getTime() - 20 * hour - at * 1000);
      return [name, { id: wormId(name), state: 'InProgress', days: 365, createdAt }];
    }),
  );
  const locked: string[] = [];
  const storage: Pick<Storage, 'listBuckets' | 'getPolicy' | 'lockPolicy'> = {
    listBuckets: () =>
      listing(() =>
        Promise.resolve({
          items: names.map((name) => ({ name, region: 'cn-hangzhou' })),
          next: undefined,
        }),
      ),
    getPolicy(bucket) {
      time += 1000;
      return bucket === hanging ? new Promise(() => undefined) : Promise.resolve(policies.get(bucket));
    },
    lockPolicy(bucket) {
      time += 1000;
      const policy = policies.get(bucket);
      if (policy) policies.set(bucket, { ...policy, state: 'Locked' });
      locked.push(bucket);
      return Promise.resolve({ sent: true, requestId: undefined });
    },
  };
  const sleep = async (ms: number) => {
    const end = time + ms;
    await new Promise(setImmediate); // all that can go on has come to its end by then
    time = Math.max(time, end);
  };
  const clock = { now: () => new Date(time), sleep };
  const deps: BucketDeps = { storage: storageOf(storage), rules, clock, region: 'cn-hangzhou' };
  return { deps, locked, policies };
}

const until = (seconds: number) => new Date(start.getTime() + seconds * 1000);

test('with time enough every bucket is served, the least time left first', async () => {
  const { deps, locked } = world(40);
  const run = await serveBuckets(deps, until(1000));
  expect(run.troubles).toEqual([]);
  expect(locked).toEqual([...locked].sort().reverse());
  expect(locked).toHaveLength(40);
});

test('when time runs out, what was found is done, and the rest is told: each bucket once', async () => {
  const { deps, locked } = world(100);
  const run = await serveBuckets(deps, until(120));
  expect(locked.length).toBeGreaterThan(20);
  const late = [...run.outcomes, ...run.troubles].filter(({ error }) => error !== undefined);
  expect(late.length).toBeGreaterThan(0);
  for (const { error } of late) expect(error).toMatchObject({ code: 'TIME_RAN_OUT', transient: true });
  const told = [...run.outcomes, ...run.troubles].map(({ bucket }) => bucket);
  expect(new Set(told).size).toBe(100);
  expect(told).toHaveLength(100);
});

test('runs that are too short leave out other buckets each time', async () => {
  const { deps, policies } = world(100);
  for (let run = 0; run < 12; run += 1) {
    await serveBuckets(deps, new Date(deps.clock.now().getTime() + 80_000));
  }
  expect([...policies.values()].filter(({ state }) => state !== 'Locked')).toEqual([]);
});

test('a bucket that never answers is told, and none waits for it longer than half of the time', async () => {
  const { deps, locked } = world(30, 'b029');
  const run = await serveBuckets(deps, until(1000));
  expect(locked).toHaveLength(29);
  expect(run.troubles).toMatchObject([{ bucket: 'b029', error: { code: 'TIME_RAN_OUT' } }]);
});

test('two runs at once lock each policy and report no failure', async () => {
  const { deps, policies } = world(30);
  const runs = await Promise.all([serveBuckets(deps, until(1000)), serveBuckets(deps, until(1000))]);
  for (const { outcomes, troubles } of runs) {
    expect(troubles).toEqual([]);
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
  }
  expect([...policies.values()].every(({ state }) => state === 'Locked')).toBe(true);
});

test('rotation keeps every bucket and their cycle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 50 }), fc.nat(1e6), (items, minutes) => {
      const turned = rotate(items, new Date(minutes * minute));
      expect(turned).toHaveLength(items.length);
      expect([...turned, ...turned].join().includes(items.join())).toBe(true);
    }),
  );
});
