import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextRun, parseSchedule, timerGapMs } from '../../shared/deploy/schedule.ts';
import { day, hour, minute, second } from '../../shared/platform/instant.ts';

test.each([
  ['0 */15 * * * *', 15 * minute],
  ['@every 15m', 15 * minute],
  ['@every 1h30m', 90 * minute],
  ['* * * * * *', second],
  ['*/40 * * * * *', 40 * second],
  ['0 7,20 * * * *', 47 * minute],
  ['0 0 4 * * *', day],
  ['0 0 8-10 * * *', 22 * hour],
  ['0 0 */6 * * MON', 6 * day + 6 * hour],
  ['0 0 0 ? * MON', 7 * day],
  ['30 0 1 1 * *', 31 * day],
  ['0 0 0 29 2 *', 4 * 365 * day + day],
  ['CRON_TZ=Asia/Shanghai 0 0 4 * * *', day],
])('%s fires at least every %i ms', (expression, gap) => {
  expect(timerGapMs(expression)).toBe(gap);
});

test('in a zone that changes its clock the gap counts double, since a run may be skipped', () => {
  expect(timerGapMs('CRON_TZ=Europe/Berlin 0 0 4 * * *')).toBe(2 * day);
});

test.each([
  ['*/15 * * * *', '5 fields, not 6'],
  ['0 0 25 * * *', 'hour'],
  ['0 0 0 31 2 *', 'never fires'],
  ['0 0 0 L * *', '"L" in "0 0 0 L * *" is not a cron field'],
  ['0 0 0 * * MON#2', 'is not a cron field'],
  ['CRON_TZ=Nowhere/Land 0 0 0 * * *', '"Nowhere/Land"'],
  ['@every 15', 'is not a period'],
  ['@every 0s', 'is not a period'],
  ['@daily', '1 field,'],
  ['', '1 field,'],
])('%j is refused', (expression, message) => {
  expect(() => parseSchedule(expression)).toThrow(message);
});

test('the zone decides when a timer fires', () => {
  const after = new Date('2026-11-20T10:00:00Z');
  expect(nextRun(parseSchedule('CRON_TZ=Asia/Shanghai 0 0 4 * * *'), after)).toEqual(
    new Date('2026-11-20T20:00:00Z'),
  );
  expect(nextRun(parseSchedule('0 0 4 * * *'), after)).toEqual(new Date('2026-11-21T04:00:00Z'));
});

test('no time between two runs is longer than the gap', () => {
  const list = (most: number) => fc.uniqueArray(fc.nat(most), { minLength: 1, maxLength: 3 });
  const property = fc.property(list(59), list(23), fc.nat({ max: 365 }), (minutes, hours, startDay) => {
    const expression = `0 ${minutes.join(',')} ${hours.join(',')} * * *`;
    const schedule = parseSchedule(expression);
    const gap = timerGapMs(expression);
    let last = nextRun(schedule, new Date(Date.UTC(2027, 0, 1) + startDay * day));
    const gaps: number[] = [];
    for (let run = 0; run < minutes.length * hours.length && last; run += 1) {
      const next = nextRun(schedule, last);
      gaps.push((next?.getTime() ?? 0) - last.getTime());
      last = next;
    }
    expect(Math.max(...gaps)).toBe(gap);
  });
  fc.assert(property, { numRuns: 50 });
});
