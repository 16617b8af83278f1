import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { explainObject } from '../../cli/explain/object.ts';
import type { ObservedVersion } from '../../shared/objects/types.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { versionId } from '../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../support/arbitrary-rules.ts';
import { validRules } from '../support/rules-file.ts';

const document = z.object({
  rules: z.array(
    z.object({ rule: z.string(), wins: z.boolean(), until: z.string().optional(), says: z.string() }),
  ),
  decision: z.object({ action: z.string(), rule: z.string().optional(), until: z.date().optional() }),
});

const explained = (rules: Rules, part: Partial<ObservedVersion> & { lastModified: Date }, now: Date) => {
  const version: ObservedVersion = {
    bucket: 'b',
    key: 'a/b',
    versionId: versionId('V1'),
    type: 'Normal',
    tags: new Map(),
    retention: undefined,
    ...part,
  };
  return document.parse(explainObject(rules, { version, described: true, now }).json);
};

const held = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: open, match: { bucket: b }, retain: { for: 6y, fromTag: closed-on, whileOpen: hold } }
`);
const used = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: used, match: { bucket: b }, retain: 40d, extend: { within: 30d, by: 30d, upTo: 1y } }
`);
const uploaded = new Date('2026-01-02T00:00:00Z');

it.each<[string, Rules, Partial<ObservedVersion>, Date, string, string]>([
  [
    'an event hold whose final date is over the cap',
    held,
    { tags: new Map([['closed-on', '2090-01-01']]) },
    uploaded,
    '2026-04-02T00:00:00Z',
    '2026-04-02T00:00:00Z; held open, generation 0: the final date by tag closed-on is over the cap; OVER_CAP',
  ],
  [
    'a version in use whose next generation is due',
    used,
    { isLatest: true },
    new Date('2026-02-10T00:00:00Z'),
    '2026-03-13T00:00:00Z',
    '2026-03-13T00:00:00Z; extended generation 1, from 2026-02-11T00:00:00Z, as it is in use',
  ],
])('the row of the winner says the date of the decision: %s', (_, rules, part, now, until, says) => {
  const { rules: rows, decision } = explained(rules, { lastModified: uploaded, ...part }, now);
  expect(rows).toEqual([{ rule: expect.any(String), wins: true, until, says }]);
  expect(decision.until).toEqual(new Date(until));
});

it('the row of the winner says the date of the decision, whatever the rules', () => {
  const versions = fc.record({
    lastModified: instants,
    tags: tagSets,
    isLatest: fc.constantFrom(true, false, undefined),
  });
  fc.assert(
    fc.property(objectRules, versions, instants, (rules, part, now) => {
      const { rules: rows, decision } = explained(rulesOf(rules), part, now);
      const winners = rows.filter(({ wins }) => wins);
      expect(winners.map(({ rule }) => rule)).toEqual(decision.rule === undefined ? [] : [decision.rule]);
      for (const { until } of winners) expect(until && new Date(until)).toEqual(decision.until);
    }),
  );
});
