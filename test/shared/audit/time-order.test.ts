import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRecordOfChange, matchesFilter } from '../../../shared/audit/filter.ts';
import type { FoundRecord } from '../../../shared/audit/search.ts';
import { inTimeOrder } from '../../../shared/audit/time-order.ts';

const start = Date.UTC(2026, 10, 20);
const hour = 3_600_000;

const found = (hourNumber: number, ageMs: number): FoundRecord => {
  const writtenAt = new Date(start + hourNumber * hour + hour / 2);
  const time = new Date(writtenAt.getTime() - ageMs).toISOString();
  return { record: { time }, by: 'x', requestId: undefined, writtenAt, file: 'f' };
};

async function* each<Item>(items: readonly Item[]): AsyncIterable<Item> {
  for (const item of items) yield await Promise.resolve(item);
}

const timesOf = async (records: readonly FoundRecord[]): Promise<unknown[]> => {
  const times: unknown[] = [];
  for await (const { record } of inTimeOrder(each(records))) times.push(record['time']);
  return times;
};

test('records of any files come in the order of their times, and all of them come', async () => {
  const record = fc.tuple(fc.nat(200), fc.nat(24 * hour)).map(([at, age]) => found(at, age));
  await fc.assert(
    fc.asyncProperty(fc.array(record), async (records) => {
      const byHour = records.toSorted((one, other) => one.writtenAt.getTime() - other.writtenAt.getTime());
      const times = await timesOf(byHour);
      expect(times).toEqual(records.map((one) => one.record['time']).sort());
    }),
  );
});

test('a record without a time stands where its file was written', async () => {
  const strange = { ...found(3, 0), record: { time: 'soon' } };
  expect(await timesOf([found(1, 0), strange, found(4, 0)])).toEqual([
    found(1, 0).record['time'],
    'soon',
    found(4, 0).record['time'],
  ]);
});

test.each([
  [{ action: 'protect' }, true],
  [{ action: 'protected' }, true],
  [{ action: 'lock' }, true],
  [{ action: 'renew' }, true],
  [{ action: 'wait' }, false],
  [{ action: 'already-protected' }, false],
  [{ action: 'lock', code: 'TIME_RAN_OUT' }, false],
  [{ action: 'protect', dryRun: true }, false],
  [{ action: 'constructor' }, false],
])('%o is a change: %s', (record, change) => {
  expect(isRecordOfChange(record)).toBe(change);
  expect(matchesFilter(record, { changesOnly: true })).toBe(change);
});

test('protect finds the word of bulk runs too, and no action finds another', () => {
  expect(matchesFilter({ action: 'protected' }, { actions: ['protect'] })).toBe(true);
  expect(matchesFilter({ action: 'protect' }, { actions: ['protected'] })).toBe(false);
  expect(matchesFilter({ action: 'lock' }, { actions: ['extend', 'lock'] })).toBe(true);
  expect(matchesFilter({ action: 'wait' }, { actions: ['lock'] })).toBe(false);
});
