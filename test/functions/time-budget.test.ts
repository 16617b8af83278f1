import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initializerLimit, timeBudget } from '../../functions/time-budget.ts';

const start = new Date('2026-11-20T10:00:00Z');
const secondsOf = (limit: number) => {
  const { brief, end, workEnds } = timeBudget(start, limit * 1000);
  return [brief, end, workEnds(false), workEnds(true)].map((at) => (at.getTime() - start.getTime()) / 1000);
};

test.each([
  // limit, look at the rules, end, end of work, end of work with evidence; all in seconds
  [60, 2, 58, 58, 55],
  [20, 2, 18, 18, 15],
  [15, 2, 13, 13, 10],
  [10, 2, 8, 8, 6],
  [5, 2, 4, 4, 3],
  [1, 0.8, 0.8, 0.8, 0.6],
])('of a limit of %d seconds', (limit, ...times) => {
  expect(secondsOf(limit)).toEqual(times);
});

test('work always has time, and ends before the evidence is due, which is before the limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400 }), (limit) => {
      const [brief = 0, end = 0, work = 0, workWithEvidence = 0] = secondsOf(limit);
      expect(brief).toBeGreaterThan(0);
      expect(brief).toBeLessThanOrEqual(end);
      expect(workWithEvidence).toBeGreaterThanOrEqual(limit / 2);
      expect(workWithEvidence).toBeLessThan(work);
      expect(work).toBe(end);
      expect(end).toBeLessThan(limit);
    }),
  );
});

test('an initializer has 20 seconds, or the time of an invocation where that is less', () => {
  expect([60_000, 20_000, 5000].map(initializerLimit)).toEqual([20_000, 20_000, 5000]);
});
