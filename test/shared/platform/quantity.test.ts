import { expect, it } from 'vitest';
import { quantity } from '../../../shared/platform/quantity.ts';

it.each([
  [0, '0 days'],
  [1, '1 day'],
  [2, '2 days'],
  [25_550, '25550 days'],
])('%d is written as %s', (value, text) => {
  expect(quantity(value, 'day')).toBe(text);
});

it('takes a plural of its own', () => {
  expect([quantity(1, 'policy', 'policies'), quantity(3, 'policy', 'policies')]).toEqual([
    '1 policy',
    '3 policies',
  ]);
});
