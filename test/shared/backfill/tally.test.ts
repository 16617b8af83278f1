import { expect, test } from 'vitest';
import type { VersionEntry } from '../../../shared/backfill/entry.ts';
import { addEntries, emptyTally, joinTallies, tally } from '../../../shared/backfill/tally.ts';

/** Names of rules that every plain object of JavaScript has a property for. */
const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'finance'];

const entry = (rule: string | undefined, action: VersionEntry['action']): VersionEntry => ({
  action,
  rule,
});

test.each(names)('a rule named %s is counted like any other', (rule) => {
  const before = Object.keys(Object.prototype);
  const once = addEntries(emptyTally, [
    entry(rule, 'protected'),
    entry(rule, 'failed'),
    entry(undefined, 'no-rule'),
  ]);
  expect(once.rules).toEqual({ [rule]: { protected: 1, failed: 1 } });
  const kept = tally.parse(JSON.parse(JSON.stringify(once)));
  const twice = joinTallies(kept, addEntries(once, [entry(rule, 'protected')]));
  expect(twice).toEqual({
    versions: 7,
    changed: 3,
    failed: 2,
    gone: 0,
    unseen: 0,
    readBack: 0,
    actions: { protected: 3, failed: 2, 'no-rule': 2 },
    rules: { [rule]: { protected: 3, failed: 2 } },
  });
  expect(Object.keys(Object.prototype)).toEqual(before);
  expect(Object.getOwnPropertyNames(Object)).not.toContain('protected');
});
