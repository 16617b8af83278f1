import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DispositionFacts, judgeDisposition } from '../../../shared/disposition/judge.ts';
import { decideObject } from '../../../shared/objects/decide.ts';
import type { ObjectDecision, ObservedVersion } from '../../../shared/objects/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';

const now = new Date('2026-11-29T00:00:00Z');
const past = new Date('2026-11-28T23:59:59Z');
const ahead = new Date('2026-11-29T00:00:01Z');
const ruled = { rule: 'fin', others: [], until: past, warnings: [], problems: [] };
const elapsed: ObjectDecision = { action: 'elapsed', ...ruled };
const facts: DispositionFacts = {
  decision: elapsed,
  retention: undefined,
  legalHold: false,
  matters: [],
  now,
};
const problem = { code: 'TAG_UNREADABLE', rule: 'x', tag: 't', value: 'soon', expected: 'a date' } as const;

describe('a version whose rule has elapsed', () => {
  it('may go, and it is said why', () => {
    const retention = { mode: 'COMPLIANCE', until: now } as const;
    expect(judgeDisposition({ ...facts, retention })).toEqual({
      ...{ disposable: true, rule: 'fin', until: past, retainedUntil: now },
      why: 'rule fin kept it until 2026-11-28T23:59:59Z; its retention ended 2026-11-29T00:00:00Z; no open matter has it',
    });
    expect(judgeDisposition(facts)).toMatchObject({
      disposable: true,
      why: expect.stringContaining('no retention is stored'),
    });
  });

  it.each<[string, Partial<DispositionFacts>, string]>([
    ['under retention', { retention: { mode: 'COMPLIANCE', until: ahead } }, 'retained'],
    ['under GOVERNANCE', { retention: { mode: 'GOVERNANCE', until: ahead } }, 'retained'],
    ['of an open matter', { matters: ['case-1'] }, 'matter'],
    ['under a legal hold', { legalHold: true }, 'legal-hold'],
    ['beside a rule that failed', { decision: { ...elapsed, problems: [problem] } }, 'rule-failed'],
    ['no rule is for', { decision: { action: 'no-rule' } }, 'no-rule'],
    ['a symlink', { decision: { action: 'skipped', why: 'symlink' } }, 'not-data'],
    ['a rule refuses', { decision: { action: 'refuse', problems: [problem] } }, 'rule-failed'],
    [
      'a rule wants kept',
      { decision: { action: 'protect', previousUntil: undefined, ...ruled, until: ahead } },
      'rule-holds',
    ],
    ['near its end in use', { decision: { action: 'at-cap', previousUntil: past, ...ruled } }, 'rule-holds'],
    [
      'held open',
      {
        decision: {
          ...{ action: 'protect', previousUntil: undefined, ...ruled },
          heldOpen: { tag: 't', generation: 0, why: 'no-tag' },
        },
      },
      'held-open',
    ],
  ])('%s stays', (_, part, because) => {
    expect(judgeDisposition({ ...facts, ...part })).toEqual({ disposable: false, because });
  });
});

it('lets no version go that a rule, retention, a hold or a matter keeps, whatever the rules are', () => {
  const cases = fc.record({
    rules: objectRules,
    tags: tagSets,
    lastModified: instants,
    at: instants,
    stored: fc.option(instants, { nil: undefined }),
    legalHold: fc.boolean(),
    matters: fc.constantFrom([], ['case-1']),
  });
  fc.assert(
    fc.property(cases, ({ rules, tags, lastModified, at, stored, legalHold, matters }) => {
      const retention = stored && { mode: 'COMPLIANCE' as const, until: stored };
      const version: ObservedVersion = {
        ...{ bucket: 'b', key: 'a/x', versionId: versionId('v1'), type: 'Normal', isLatest: true },
        ...{ lastModified, tags, retention },
      };
      const decision = decideObject(rulesOf(rules), version, at);
      const verdict = judgeDisposition({ decision, retention, legalHold, matters, now: at });
      if (!verdict.disposable) return;
      expect(decision.action).toBe('elapsed');
      expect(verdict.until <= at).toBe(true);
      expect(stored === undefined || stored <= at).toBe(true);
      expect([legalHold, matters]).toEqual([false, []]);
    }),
    { numRuns: 1000 },
  );
});
