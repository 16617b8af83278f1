import { expect, onTestFinished, test, vi } from 'vitest';
import { expectedAfter } from '../../local/chaos/expected.ts';
import { type ApprovedAct, wasApproved } from '../../local/chaos/ledger.ts';
import { chaosStore } from '../../local/chaos/store.ts';
import { createWatch } from '../../local/chaos/watch.ts';
import { underWatch } from '../../local/chaos/watchdog.ts';
import { weaknessOf } from '../../local/chaos/weather.ts';
import { startCloud } from '../../local/cloud.ts';
import { createPool } from '../../local/fc/pool.ts';

test('work that waits for an instance ends with the cloud', async () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const pool = createPool(1, () => ({ alive: true, shift: () => undefined, kill: async () => end() }));
  const busy = pool.use(() => ended);
  const waiting = [pool.use(async () => 1), pool.use(async () => 2)];
  await pool.close();
  await busy;
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('a run in which nothing happens any more ends, and says what it waits for', async () => {
  const cloud = await startCloud();
  onTestFinished(() => cloud.close());
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const watch = createWatch();
  watch.enter('the calm');
  const never = underWatch(
    new Promise<never>(() => undefined),
    cloud,
    chaosStore(cloud, { cloud: 'oss' }),
    watch,
    60_000,
  );
  const refused = expect(never).rejects.toThrow(
    /^nothing has happened for 60 s in the calm.*\nrunning: no invocation$/,
  );
  vi.advanceTimersByTime(30_000);
  watch.requests.functions += 1;
  vi.advanceTimersByTime(65_000);
  await refused;
});

test.each([
  [0.2, 1000, 205, true],
  [0.2, 1000, 100, false],
  [0.2, 100_000, 18_000, false],
  [0, 1000, 3, true],
])(
  'a storm of %d with %i calls, %i of which failed, is as it was asked: %s',
  (asked, calls, broken, isRight) => {
    expect(weaknessOf({ calls, broken }, { faults: asked, silent: 0 })).toHaveLength(isRight ? 0 : 1);
  },
);

test('a case has its first generation while it is open, and its period after the day on which it was closed', () => {
  const modified = new Date('2028-03-01T10:00:00Z');
  const after = (...history: Record<string, string>[]) =>
    expectedAfter({ bucket: 'cases', key: 'a/1', history }, modified, modified);
  const generation = new Date('2028-05-30T10:00:00Z');
  const renewed = new Date('2028-08-28T10:00:00Z');
  expect(after({})).toMatchObject({ until: generation, earlier: [renewed], problem: false });
  expect(after({}, { 'closed-on': '2028-02-29' })).toMatchObject({ until: new Date('2028-09-17T00:00:00Z') });
  expect(after({}, { 'closed-on': '2027-09-01' })).toMatchObject({
    until: new Date('2028-03-20T00:00:00Z'),
    earlier: [generation, renewed],
  });
});

const lock = { act: 'lock', bucket: 'archive-a0', wormId: 'A1', days: 365 };
const given = { key: 'audit/approvals/approver/x.json', by: 'approver', from: 1000, until: 10 * 60_000 };

test.each([
  ['somebody else, in force', { by: 'operator', times: [60_000] }, true],
  ['somebody else, for the timer', { by: '', times: [60_000] }, true],
  ['oneself', { by: 'approver', times: [60_000] }, false],
  ['somebody else, later', { by: 'operator', times: [999] }, false],
  ['somebody else, and it had ended', { by: 'operator', times: [16 * 60_000] }, false],
  ['nobody, since no call was seen', { by: 'operator', times: [] }, false],
])('an act was approved by %s: %o, %s', (_, { by, times }, isApproved) => {
  const happening = { what: 'a lock', by, times, covers: (act: ApprovedAct) => act['wormId'] === 'A1' };
  expect(wasApproved([{ ...given, acts: [lock] }], happening)).toBe(isApproved);
  expect(wasApproved([{ ...given, acts: [{ ...lock, wormId: 'A2' }] }], happening)).toBe(false);
});

test('a tag that was changed may leave the later date of the tag before, and never an earlier one', () => {
  const modified = new Date('2028-03-01T00:00:00Z');
  const after = (...history: Record<string, string>[]) =>
    expectedAfter({ bucket: 'app-records', key: 'mail/a', history }, modified, modified);
  const [years, days] = [{ 'retain-for': '5y' }, { 'retain-for': '90d' }];
  const [fiveYears, ninetyDays] = [new Date('2033-03-01T00:00:00Z'), new Date('2028-05-30T00:00:00Z')];
  expect(after(years, days)).toMatchObject({ until: ninetyDays, earlier: [fiveYears] });
  expect(after(days, years)).toMatchObject({ until: fiveYears, earlier: [] });
  expect(after(days, {})).toMatchObject({ until: undefined, earlier: [ninetyDays] });
});
