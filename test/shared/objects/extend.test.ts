import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideObject } from '../../../shared/objects/decide.ts';
import { extendDate } from '../../../shared/objects/extend.ts';
import { objectRecord } from '../../../shared/objects/record.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObjectDecision, ObservedVersion } from '../../../shared/objects/types.ts';
import { ceilToSecond, day } from '../../../shared/platform/instant.ts';
import { addDuration } from '../../../shared/rules/duration.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import type { ObjectExtend } from '../../../shared/rules/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import {
  duration,
  extensions,
  instants,
  objectRules,
  rulesOf,
  tagSets,
} from '../../support/arbitrary-rules.ts';

// What docs/extension.md says.

const rules = rulesFrom(
  `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: rolling, match: { bucket: data }, retain: 40d, extend: { within: 30d, by: 10d, upTo: 65d } }
  - { name: plain, match: { bucket: [both] }, retain: 50d }
  - { name: both, match: { bucket: [both] }, retain: 40d, extend: { within: 39d, by: 10d, upTo: 49d } }
  - { name: tagged, match: { bucket: tagged }, retain: { untilTag: until }, extend: { within: 30d, by: 10d, upTo: 9y } }
`,
  'rules.yaml',
);

const modified = new Date('2026-01-01T00:00:00Z');
const onDay = (days: number) => new Date(modified.getTime() + Math.round(days * day));
const key = 'ledger/a';

function version(part: Partial<ObservedVersion> = {}): ObservedVersion {
  return {
    bucket: 'data',
    key,
    versionId: versionId('v1'),
    lastModified: modified,
    type: 'Normal',
    tags: new Map(),
    retention: undefined,
    isLatest: true,
    ...part,
  };
}

const stored = (days: number) => ({ mode: 'COMPLIANCE' as const, until: onDay(days) });

/** The share of the largest lead that a key has: by the first 32 bits of a hash, as docs/extension.md says. */
function share(bucket: string, name: string): number {
  const hash = createHash('sha256').update(`${bucket}/${name}`).digest('hex');
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32;
}

/** The date as days after the upload. */
function inShort(decision: ObjectDecision): string {
  if (!('until' in decision)) return decision.action;
  const days = (decision.until.getTime() - modified.getTime()) / day;
  const generation = decision.extended === undefined ? '' : `, generation ${decision.extended.generation}`;
  return `${decision.action} ${days}${generation}`;
}

describe('a version in use, retained for 40 days, extended by 10 within 30, up to 65', () => {
  const lead = Math.floor(share('data', key) * 5 * day) / day;

  it.each<[string, number, Partial<ObservedVersion>, string]>([
    ['when it is new it gets the date of the rule', 0, {}, 'protect 40'],
    [
      'the millisecond before its first extension',
      10 - lead - 1 / day,
      { retention: stored(40) },
      'already-protected 40',
    ],
    ['at its first extension', 10 - lead, { retention: stored(40) }, 'protect 50, generation 1'],
    ['after its first extension', 10 - lead, { retention: stored(50) }, 'already-protected 50, generation 1'],
    ['at its second extension', 20 - lead, { retention: stored(50) }, 'protect 60, generation 2'],
    [
      'when a run was missed it gets the generation that is due',
      29 - lead,
      { retention: stored(40) },
      'protect 60, generation 2',
    ],
    ['the last generation is cut to upTo', 30 - lead, { retention: stored(60) }, 'protect 65, generation 3'],
    [
      'at upTo and not near its end',
      35 - lead - 1 / day,
      { retention: stored(65) },
      'already-protected 65, generation 3',
    ],
    ['at upTo and near its end', 35 - lead, { retention: stored(65) }, 'at-cap 65, generation 3'],
    [
      'at upTo and near its end, kept longer by somebody else',
      35 - lead,
      { retention: stored(66) },
      'already-protected 65, generation 3',
    ],
    ['at upTo, a day before its end', 64, { retention: stored(65) }, 'at-cap 65, generation 3'],
    ['when upTo is past', 65, { retention: stored(65) }, 'elapsed 65, generation 3'],
    ['when its protection has ended meanwhile it gets it back', 45, {}, 'protect 65, generation 3'],
    ['longer retained than asked', 10, { retention: stored(80) }, 'already-protected 50, generation 1'],
    ['under GOVERNANCE', 20, { retention: { mode: 'GOVERNANCE', until: onDay(40) } }, 'refuse'],
    ['a version behind a newer one', 20, { isLatest: false, retention: stored(40) }, 'already-protected 40'],
    ['a version behind a newer one, past its date', 45, { isLatest: false }, 'elapsed 40'],
    ['a version of which nobody knows whether it is in use', 20, { isLatest: undefined }, 'protect 40'],
    ['a delete marker', 20, { type: 'delete-marker' }, 'skipped'],
  ])('%s', (_, days, part, expected) => {
    expect(inShort(decideObject(rules, version(part), onDay(days)))).toBe(expected);
  });
});

describe('several rules', () => {
  const both = (days: number, until: number) =>
    inShort(decideObject(rules, version({ bucket: 'both', retention: stored(until) }), onDay(days)));

  it('the latest date wins, extended or not', () => {
    const decision = decideObject(rules, version({ bucket: 'both' }), onDay(8));
    expect(decision).toMatchObject({ action: 'protect', until: onDay(50), rule: 'plain', others: ['both'] });
  });

  it('one that is at its cap is told although another rule gives the later date', () => {
    expect(both(5, 50)).toBe('already-protected 50');
    expect(both(11, 50)).toBe('at-cap 50');
  });
});

describe('a date that a tag gives', () => {
  const until = { tags: new Map([['until', '2026-02-10T00:00:00Z']]), bucket: 'tagged' };
  it('is extended like any other', () => {
    expect(inShort(decideObject(rules, version(until), onDay(1)))).toBe('protect 40');
    expect(inShort(decideObject(rules, version(until), onDay(25)))).toMatch(
      /^protect [67]0, generation [23]$/,
    );
  });
});

it('the record says which generation it is, and what it was extended from', () => {
  const record = (days: number, until: number) =>
    objectRecord(judge(rules, version({ retention: stored(until) }), onDay(days)))['reason'];
  expect(record(12, 40)).toBe(
    'the rule with the latest date wins; extended generation 1, from 2026-02-10T00:00:00Z, as it is in use',
  );
  expect(record(34, 50)).toBe(
    'the rule with the latest date wins; extended generation 3, from 2026-02-10T00:00:00Z, as it is in use; cut to upTo 65d',
  );
  expect(record(40, 65)).toBe(
    'near its end and still in use, and neither upTo nor limits.maxRetention allows a later date; ' +
      'extended generation 3, from 2026-02-10T00:00:00Z, as it is in use; cut to upTo 65d',
  );
});

it('limits.maxRetention leaves out the generations beyond it, and none is cut', () => {
  const rule: ObjectExtend = { withinMs: 30 * day, byMs: 10 * day, upTo: duration('9y') };
  const at = { bucket: 'data', key, lastModified: modified };
  const capped = (cap: number) => extendDate(rule, at, { base: onDay(40), cap: onDay(cap), now: onDay(25) });
  const { until } = capped(900);
  expect(until.getTime()).toBeGreaterThanOrEqual(onDay(60).getTime());
  expect(capped(59)).toMatchObject({
    until: onDay(50),
    generation: 1,
    cut: false,
    outOfReach: expect.any(Date),
  });
  expect(capped(60)).toMatchObject({ until: onDay(60), generation: 2, cut: false });
  expect(capped(40)).toMatchObject({ until: onDay(40), generation: 0 });
});

describe('for all rules, versions and moments', () => {
  const world = fc.record({
    extend: extensions,
    lastModified: instants,
    /** From the upload to the rule's own date. */
    period: fc.integer({ min: 1, max: 4000 }).map((days) => days * day),
    age: fc.integer({ min: 0, max: 9000 * day }),
    name: fc.string({ minLength: 1 }),
  });
  type World = typeof world extends fc.Arbitrary<infer W> ? W : never;
  const far = new Date('2300-01-01T00:00:00Z');
  const baseOf = ({ lastModified, period }: World) => ceilToSecond(new Date(lastModified.getTime() + period));
  const extended = (w: World, at: number, cap = far) => {
    const { extend, lastModified, name: key } = w;
    const now = new Date(lastModified.getTime() + at);
    return extendDate(extend, { bucket: 'b', key, lastModified }, { base: baseOf(w), cap, now });
  };
  const check = (property: (w: World) => void) => fc.assert(fc.property(world, property), { numRuns: 2000 });

  it('the date is that of the rule plus whole generations, and upTo alone can cut one', () => {
    check((w) => {
      const { until, generation, cut } = extended(w, w.age);
      const base = baseOf(w).getTime();
      const end = ceilToSecond(addDuration(w.lastModified, w.extend.upTo)).getTime();
      const whole = base + generation * w.extend.byMs;
      expect(until.getTime()).toBe(cut ? end : whole);
      expect(until.getTime()).toBeGreaterThanOrEqual(base);
      expect(until.getTime()).toBeLessThanOrEqual(Math.max(base, end));
      expect(until.getTime() % 1000).toBe(0);
      expect(Number.isInteger(generation) && generation >= 0).toBe(true);
    });
  });

  it('runs within one generation agree, and a later one never has an earlier date', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 0, max: 900 * day }), (w, later) => {
        const [first, second] = [extended(w, w.age), extended(w, w.age + later)];
        expect(second.until.getTime()).toBeGreaterThanOrEqual(first.until.getTime());
        expect(second.until.getTime() === first.until.getTime()).toBe(second.generation === first.generation);
      }),
      { numRuns: 2000 },
    );
  });

  it('after a run more than `within` is left, and at most 1.5 generations beyond it, unless it says otherwise', () => {
    check((w) => {
      const { until, generation, outOfReach } = extended(w, w.age);
      const left = until.getTime() - w.lastModified.getTime() - w.age;
      if (outOfReach === undefined) expect(left).toBeGreaterThan(w.extend.withinMs);
      if (generation > 0) expect(left).toBeLessThanOrEqual(w.extend.withinMs + 1.5 * w.extend.byMs);
    });
  });

  it('out of reach means that no generation more would be allowed', () => {
    check((w) => {
      const { until, outOfReach } = extended(w, w.age);
      if (outOfReach === undefined) return;
      const end = ceilToSecond(addDuration(w.lastModified, w.extend.upTo));
      expect(until >= end).toBe(true);
    });
  });

  it('never beyond the cap, where the date of the rule is not', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 0, max: 9000 * day }), (w, more) => {
        const cap = new Date(baseOf(w).getTime() + more);
        expect(extended(w, w.age, cap).until <= cap).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('a new object is not extended at once, if its period is longer than `within`', () => {
    check((w) => {
      if (w.period > w.extend.withinMs) expect(extended(w, 0).generation).toBe(0);
    });
  });

  it('an object in use is written as often as a year has generations, however often runs come', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 12, max: 200 }), (w, hours) => {
        const year = 365 * day;
        const dates = new Set<number>();
        for (let at = w.age; at < w.age + year; at += hours * 3_600_000)
          dates.add(extended(w, at).until.getTime());
        expect(dates.size - 1).toBeLessThanOrEqual(Math.ceil(year / w.extend.byMs));
      }),
      { numRuns: 50 },
    );
  });

  it('a version that is not in use, or of which nobody knows, is decided about as if no rule had extend', () => {
    const case_ = fc.record({
      rules: objectRules,
      tags: tagSets,
      lastModified: instants,
      now: instants,
      retention: fc.option(
        instants.map((until) => ({ mode: 'COMPLIANCE' as const, until })),
        { nil: undefined },
      ),
      isLatest: fc.constantFrom(false, undefined),
    });
    fc.assert(
      fc.property(case_, ({ rules: list, now, ...part }) => {
        const plain = rulesOf(list.map((rule) => ({ ...rule, extend: undefined })));
        const seen = version({ ...part, bucket: 'b', key: 'a/x' });
        expect(decideObject(rulesOf(list), seen, now)).toEqual(decideObject(plain, seen, now));
      }),
      { numRuns: 500 },
    );
  });
});

it('objects uploaded at the same moment are extended over half a generation, about equally many a day', () => {
  const rule: ObjectExtend = { withinMs: 30 * day, byMs: 60 * day, upTo: duration('9y') };
  const perDay = Array.from({ length: 31 }, () => 0);
  const count = 2000;
  for (let index = 0; index < count; index += 1) {
    const at = { bucket: 'data', key: `part-${String(index).padStart(6, '0')}`, lastModified: modified };
    const first = perDay.findIndex(
      (_, run) =>
        extendDate(rule, at, { base: onDay(365), cap: onDay(9999), now: onDay(305 + run) }).generation > 0,
    );
    perDay[first] = (perDay[first] ?? 0) + 1;
  }
  const [atOnce = 0, ...rest] = perDay;
  expect(atOnce).toBe(0);
  for (const share of rest) expect(Math.abs(share - count / 30)).toBeLessThan(count / 50);
});
