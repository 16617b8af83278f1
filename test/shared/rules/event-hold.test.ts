import { expect, it } from 'vitest';
import { parseDuration } from '../../../shared/rules/duration.ts';
import { eventHoldOf } from '../../../shared/rules/event-hold.ts';

const day = 24 * 3_600_000;

it.each([
  ['4d', 2],
  ['5d', 2],
  ['6d', 3],
  ['20d', 10],
  ['1mo', 14], // 28 days at least
  ['179d', 89],
  ['180d', 90],
  ['181d', 90],
  ['6y', 90],
])('a period of %s has generations of %i days, renewed when half of one is left', (text, days) => {
  const period = parseDuration(text);
  if ('problem' in period) throw new Error(period.problem);
  expect(eventHoldOf(period)).toEqual({ byMs: days * day, withinMs: (days * day) / 2 });
});
