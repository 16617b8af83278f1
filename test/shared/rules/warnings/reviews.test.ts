import { expect, it } from 'vitest';
import { lastDay, reviews } from '../../../../shared/rules/warnings/reviews.ts';
import { validRules } from '../../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: none, match: { bucket: a }, retain: 1y }
  - { name: ledgers, owner: finance, review: 2027-06-30, match: { bucket: a }, retain: 1y }
buckets:
  - { name: archive, review: 2027-06-29, match: { bucket: b }, policy: { days: 30 } }
defaults:
  - { name: base, review: 2027-07-01, match: { bucket: c }, retain: 30d }
`);
const ledgers = {
  code: 'review-past',
  path: ['objects', 1, 'review'],
  message:
    'rule ledgers was to be reviewed by 2027-06-30: find out with finance whether it still holds, and set a new date',
};
const archive = {
  code: 'review-past',
  path: ['buckets', 0, 'review'],
  message:
    'rule archive was to be reviewed by 2027-06-29: find out whether it still holds, and set a new date',
};
const base = {
  code: 'review-past',
  path: ['defaults', 0, 'review'],
  message: 'rule base was to be reviewed by 2027-07-01: find out whether it still holds, and set a new date',
};

it.each([
  ['2027-06-29T23:59:59Z', []],
  ['2027-06-30T00:00:00Z', [archive]],
  ['2027-06-30T23:59:59Z', [archive]],
  ['2027-07-01T00:00:00Z', [ledgers, archive]],
  ['2028-01-01T00:00:00Z', [ledgers, archive, base]],
])('at %s the rules whose day of review is over are named', (now, expected) => {
  expect(reviews(rules, new Date(now))).toMatchObject(expected);
  expect(reviews(rules, new Date(now))).toHaveLength(expected.length);
});

it('a review ends with its day', () => {
  expect(lastDay(new Date('2027-07-01T00:00:00Z'))).toBe('2027-06-30');
  expect(lastDay(new Date('2027-07-01T00:00:01Z'))).toBe('2027-07-01');
});
