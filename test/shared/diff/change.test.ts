import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersion } from '../../../shared/diff/change.ts';
import { diffCounter } from '../../../shared/diff/totals.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import type { Rules } from '../../../shared/rules/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';

const now = new Date('2026-11-20T10:00:00Z');
const lastModified = new Date('2026-01-01T00:00:00Z');

const rules = (...periods: readonly string[]): Rules =>
  rulesFrom(
    `version: 1\nlimits: { maxRetention: 10y }\nobjects:\n${periods
      .map((retain, index) => `  - { name: r${index}, match: { bucket: b }, retain: ${retain} }\n`)
      .join('')}`,
    'rules.yaml',
  );
const nothing: Rules = { ...rules('1y'), objects: [] };

const version = (until?: string, mode: 'COMPLIANCE' | 'GOVERNANCE' = 'COMPLIANCE'): ObservedVersion => ({
  bucket: 'b',
  key: 'k',
  versionId: versionId('v'),
  lastModified,
  type: 'Normal',
  tags: new Map(),
  retention: until === undefined ? undefined : { mode, until: new Date(until) },
});

describe('what other rules mean for one version', () => {
  it.each<
    [
      what: string,
      before: Rules,
      after: Rules,
      stored: string | undefined,
      kind: string | undefined,
      until?: string,
    ]
  >([
    ['no rule, then one', nothing, rules('1y'), undefined, 'newly-retained', '2027-01-01'],
    ['a longer period', rules('1y'), rules('7y'), undefined, 'retained-longer', '2033-01-01'],
    [
      'a longer period over what is stored',
      rules('1y'),
      rules('7y'),
      '2027-01-01T00:00:00Z',
      'retained-longer',
      '2033-01-01',
    ],
    [
      'stored by hand, as long as the longer period',
      rules('1y'),
      rules('7y'),
      '2033-01-01T00:00:00Z',
      undefined,
    ],
    ['no rule any more, nothing stored', rules('1y'), nothing, undefined, 'no-longer-retained'],
    [
      'no rule any more, and stored',
      rules('1y'),
      nothing,
      '2027-01-01T00:00:00Z',
      'stays-retained',
      '2027-01-01',
    ],
    [
      'a shorter period, nothing stored',
      rules('7y'),
      rules('1y'),
      undefined,
      'retained-shorter',
      '2027-01-01',
    ],
    [
      'a shorter period, and stored',
      rules('7y'),
      rules('1y'),
      '2033-01-01T00:00:00Z',
      'stays-retained',
      '2033-01-01',
    ],
    [
      'a shorter period, of which a part is stored',
      rules('7y'),
      rules('1y'),
      '2030-01-01T00:00:00Z',
      'retained-shorter',
      '2030-01-01',
    ],
    ['a date that is past both times', rules('1d'), rules('2d'), undefined, undefined],
    ['the same rules in another order', rules('1y', '2y'), rules('2y', '1y'), undefined, undefined],
  ])('%s', (_what, before, after, stored, kind, until) => {
    const { change } = compareVersion({ before, after }, version(stored), now);
    expect(change?.kind).toBe(kind);
    if (until !== undefined) expect(change?.heldAfter).toEqual(new Date(until));
  });

  it('GOVERNANCE holds nothing, and a rule that cannot be followed is said', () => {
    const { change } = compareVersion(
      { before: nothing, after: rules('1y') },
      version('2030-01-01T00:00:00Z', 'GOVERNANCE'),
      now,
    );
    expect(change).toMatchObject({
      kind: 'fails',
      rule: 'r0',
      reason: expect.stringContaining('GOVERNANCE'),
    });
  });
});

it('figures equal those of two separate decisions, for any rules and versions', () => {
  const versions = fc.array(
    fc.record({
      lastModified: instants,
      tags: tagSets,
      stored: fc.option(instants, { nil: undefined }),
      size: fc.nat(1000),
      latest: fc.boolean(),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(objectRules, objectRules, versions, (one, other, given) => {
      const pair = { before: rulesOf(one), after: rulesOf(other, '12y') };
      const counter = diffCounter(now);
      const held = { before: 0, after: 0 };
      let [gained, lost] = [0, 0];
      for (const { lastModified: at, tags, stored, size, latest } of given) {
        const seen: ObservedVersion = {
          ...version(stored?.toISOString()),
          lastModified: at,
          tags,
          isLatest: latest,
        };
        const ends = [pair.before, pair.after].map((rules) => {
          const { decision } = judge(rules, seen, now);
          const asked = 'until' in decision ? decision.until : now;
          return Math.max(now.getTime(), asked.getTime(), stored?.getTime() ?? 0);
        });
        const [first = 0, second = 0] = ends;
        held.before += size * first;
        held.after += size * second;
        const failsAnew =
          judge(pair.after, seen, now).errors.length > 0 && judge(pair.before, seen, now).errors.length === 0;
        if (!failsAnew && second > first) gained += 1;
        if (!failsAnew && second < first) lost += 1;
        counter.add({ bucket: 'b', key: 'k', size }, compareVersion(pair, seen, now));
      }
      const { rows, before, after, versions: counted } = counter.totals();
      const of = (...kinds: string[]) =>
        rows.filter(({ kind }) => kinds.includes(kind)).reduce((sum, row) => sum + row.versions, 0);
      expect(counted).toBe(given.length);
      expect(of('newly-retained', 'retained-longer')).toBe(gained);
      expect(of('no-longer-retained', 'retained-shorter')).toBe(lost);
      for (const side of [before, after]) {
        expect(Object.values(side.actions).reduce((sum, each) => sum + each, 0)).toBe(given.length);
      }
    }),
  );
});

it('the same rules make no difference, and what they gain one way they lose the other way', () => {
  fc.assert(
    fc.property(objectRules, objectRules, instants, tagSets, (one, other, at, tags) => {
      const seen = { ...version(), lastModified: at, tags };
      const pair = { before: rulesOf(one), after: rulesOf(other) };
      expect(compareVersion({ before: pair.before, after: pair.before }, seen, now).change).toBeUndefined();
      const there = compareVersion(pair, seen, now).change;
      const back = compareVersion({ before: pair.after, after: pair.before }, seen, now).change;
      if (there?.kind === 'newly-retained') expect(['no-longer-retained', 'fails']).toContain(back?.kind);
      if (there?.kind === 'retained-longer') expect(['retained-shorter', 'fails']).toContain(back?.kind);
    }),
  );
});
