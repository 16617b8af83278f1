import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideBucket } from '../../../shared/buckets/decide.ts';
import { outlook } from '../../../shared/buckets/outlook.ts';
import { day, hour } from '../../../shared/platform/instant.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';
import { duration } from '../../support/arbitrary-rules.ts';
import { validRules } from '../../support/rules-file.ts';

const policies = [
  '{ days: { atLeast: 30 } }',
  '{ days: 35, initiate: true, lock: { after: 2h } }',
  '{ days: 35, lock: false, mismatch: abort }',
  '{ days: { atLeast: 30 }, extend: { within: 10d, by: 35d, upTo: 400d } }',
  '{ days: { atLeast: 30 }, extend: { keepUntil: 2027-12-31, upTo: 3000d } }',
].map((policy) => {
  const [rule] = validRules(
    `{version: 1, limits: {maxRetention: 10y}, buckets: [{name: r, match: {bucket: b}, policy: ${policy}}]}`,
  ).buckets;
  if (rule === undefined) throw new Error('there is no rule');
  return rule;
});

const created = new Date('2026-11-20T10:00:00Z');
const policy: fc.Arbitrary<BucketPolicy | undefined> = fc.option(
  fc.record({
    id: fc.constant(wormId('w')),
    state: fc.constantFrom('InProgress', 'Locked', 'Expired', 'Odd'),
    days: fc.constantFrom(3, 35, 100, 390, 400, 3000),
    createdAt: fc.constant(created),
  }),
  { nil: undefined },
);
const later = fc.oneof(fc.integer({ min: 0, max: 30 * hour }), fc.integer({ min: 0, max: 500 * day }));

test('what is foretold is decided at that instant and not before', () => {
  const foretold = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...policies), policy, later, (rule, seen, ms) => {
      const limit = duration('10y');
      const now = new Date(created.getTime() + ms);
      const decide = (at: Date) => decideBucket(rule, seen, limit, at);
      const next = outlook({ rule, policy: seen, decision: decide(now) }, limit, now);
      if (next.at === undefined) {
        expect(next.irreversible).toBe(false);
        return;
      }
      expect(next.at.getTime()).toBeGreaterThanOrEqual(now.getTime());
      expect(decide(next.at).action).toBe(next.action);
      if (next.at > now) expect(decide(new Date(next.at.getTime() - 1)).action).not.toBe(next.action);
      expect(next.says.endsWith('(irreversible)')).toBe(next.irreversible);
      foretold.add(`${next.action} ${next.at > now ? 'later' : 'now'}`);
    }),
    { numRuns: 2000 },
  );
  expect([...foretold].sort()).toEqual([
    'abort now',
    'extend later',
    'extend now',
    'initiate now',
    'lock later',
    'lock now',
    'renew now',
  ]);
});

test('where nothing is foretold for good, nothing is decided in a thousand days', () => {
  const limit = duration('10y');
  const locked = { id: wormId('w'), state: 'Locked', days: 3000, createdAt: created };
  for (const rule of policies) {
    const next = outlook(
      { rule, policy: locked, decision: decideBucket(rule, locked, limit, created) },
      limit,
      created,
    );
    expect(next.action).toBeUndefined();
    for (let days = 0; days < 1000; days += 1) {
      const action = decideBucket(rule, locked, limit, new Date(created.getTime() + days * day)).action;
      expect(['leave', 'report']).toContain(action);
    }
  }
});
