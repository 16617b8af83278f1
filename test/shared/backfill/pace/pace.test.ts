import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace } from '../../../../shared/backfill/pace/pace.ts';
import { keptMs, take } from '../../../../shared/backfill/pace/tokens.ts';
import { failure } from '../../../../shared/platform/errors.ts';
import { withRetry } from '../../../../shared/storage/retry.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { scriptedStorage } from '../../../support/scripted-storage.ts';

describe('tokens', () => {
  it('are never more than the rate allows in any span of time', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 2000 }), (waits, perSecond) => {
        let tokens = { next: Number.NEGATIVE_INFINITY };
        let now = 0;
        const sent: number[] = [];
        for (const wait of waits) {
          now += wait;
          const taken = take(tokens, now, perSecond);
          tokens = taken.tokens;
          sent.push(now + taken.waitMs);
        }
        for (const [first, start] of sent.entries()) {
          for (const [last, end] of sent.entries()) {
            if (last < first) continue;
            expect(last - first).toBeLessThanOrEqual(((end - start + keptMs) * perSecond) / 1000 + 1e-6);
          }
        }
      }),
    );
  });
});

describe('the pace', () => {
  const scripted = scriptedStorage();
  const versioning = { status: 200, body: '<VersioningConfiguration></VersioningConfiguration>' };

  it('never has more requests under way than the window allows, and lets all through', async () => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    const pace = createPace({ clock, concurrency: 3, qps: undefined, readsFirst: false });
    let underWay = 0;
    let most = 0;
    const storage = pace.around({
      ...scripted.storage,
      async getVersioning() {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((done) => setImmediate(done));
        underWay -= 1;
        return undefined;
      },
    });
    await Promise.all(Array.from({ length: 50 }, () => storage.getVersioning('b')));
    expect(most).toBe(3);
    expect(pace.requests()).toBe(50);
  });

  it('is lowered by throttled replies of the service, and counts each repetition', async () => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    const pace = createPace({ clock, concurrency: 64, qps: undefined, readsFirst: false });
    const before = pace.limit();
    const busy = { status: 503, body: '<Error><Code>TotalQpsLimitExceeded</Code></Error>' };
    scripted.server.script(busy, busy, versioning);
    await withRetry(pace.around(scripted.storage), { clock }).getVersioning('examplebucket');
    expect(pace.requests()).toBe(3);
    expect(pace.limit()).toBe(before / 4);
  });

  it('lets a request ahead of those that wait, which wait for it then, and counts it', async () => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    const pace = createPace({ clock, concurrency: 1, qps: 1, readsFirst: false });
    const storage = pace.around({ ...scripted.storage, getVersioning: () => Promise.resolve(undefined) });
    const ahead = pace.ahead({
      ...scripted.storage,
      getVersioning: () => Promise.resolve('Enabled'),
    });
    await storage.getVersioning('b');
    const before = clock.now().getTime();
    expect(await Promise.all([ahead.getVersioning('b'), ahead.getVersioning('b')])).toHaveLength(2);
    expect(clock.now().getTime()).toBe(before);
    await storage.getVersioning('b');
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(2900);
    expect(pace.requests()).toBe(4);
    const unlimited = createPace({ clock, concurrency: 1, qps: undefined, readsFirst: false });
    await unlimited
      .ahead({ ...scripted.storage, getVersioning: () => Promise.resolve(undefined) })
      .getVersioning('b');
    expect(unlimited.requests()).toBe(1);
  });

  it.each([
    { readsFirst: false, order: ['write a', 'write b', 'read c', 'write d', 'read e'] },
    { readsFirst: true, order: ['write a', 'read c', 'read e', 'write b', 'write d'] },
  ])(
    'sends what waits in its order, or the reads of it first: $readsFirst',
    async ({ readsFirst, order }) => {
      const clock = manualClock('2026-11-22T10:00:00Z');
      const sent: string[] = [];
      const pace = createPace({ clock, concurrency: 1, qps: undefined, readsFirst });
      const storage = pace.around({
        ...scripted.storage,
        async getVersioning(bucket) {
          sent.push(`read ${bucket}`);
          await new Promise((done) => setImmediate(done));
          return undefined;
        },
        async putObjectWorm(bucket) {
          sent.push(`write ${bucket}`);
          await new Promise((done) => setImmediate(done));
          return { sent: true, requestId: 'R' };
        },
      });
      const write = (bucket: string) => storage.putObjectWorm(bucket, {});
      const read = (bucket: string) => storage.getVersioning(bucket);
      await Promise.all([write('a'), write('b'), read('c'), write('d'), read('e')]);
      expect(sent).toEqual(order);
    },
  );

  it('is not lowered by another failure', async () => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    const pace = createPace({ clock, concurrency: 64, qps: undefined, readsFirst: false });
    const before = pace.limit();
    const denied = pace.around({
      ...scripted.storage,
      getVersioning: () =>
        Promise.reject(failure('NO_SUCH_BUCKET', { operation: 'GetBucketVersioning', address: 'oss://b' })),
    });
    await expect(denied.getVersioning('b')).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' });
    expect(pace.limit()).toBe(before);
  });

  it('keeps to the requests a second that are allowed', async () => {
    const clock = manualClock('2026-11-22T10:00:00Z');
    scripted.server.script(versioning);
    const storage = createPace({ clock, concurrency: 1, qps: 10, readsFirst: false }).around(
      scripted.storage,
    );
    const start = clock.now().getTime();
    for (let each = 0; each < 21; each += 1) await storage.getVersioning('examplebucket');
    expect(clock.now().getTime() - start).toBeGreaterThanOrEqual(1900);
  });
});
