import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideObject } from '../../../shared/objects/decide.ts';
import type { ObjectDecision, ObservedVersion } from '../../../shared/objects/types.ts';
import { skippedReasons } from '../../../shared/objects/unretainable.ts';
import { addDuration } from '../../../shared/rules/duration.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { type RetentionMode, type Tags, versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';

const tags = (entries: Record<string, string>): Tags => new Map(Object.entries(entries));
const modified = new Date('2026-11-21T10:00:00Z');
const now = new Date('2026-11-21T10:00:05Z');

function version(part: Partial<ObservedVersion> = {}): ObservedVersion {
  return {
    bucket: 'fin-eu',
    key: 'ledger/a.parquet',
    versionId: versionId('v1'),
    lastModified: modified,
    type: 'Normal',
    tags: new Map(),
    retention: undefined,
    ...part,
  };
}

const rules = rulesFrom(
  `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: finance, match: { bucket: fin-*, key: ledger/**, tags: { class: finance } }, retain: 7y }
  - { name: base, match: { bucket: fin-* }, retain: 30d }
  - name: by-tag
    match: { bucket: "*-records", tags: { retain-for: "*" } }
    retain: { forTag: retain-for, atLeast: 30d, atMost: 10y, otherwise: 1y }
  - name: until-tag
    match: { bucket: "*-records", tags: { retain-until: "*" } }
    retain: { untilTag: retain-until, atMost: 10y }
  - name: contract-end
    match: { bucket: contracts, tags: { closed-on: "*" } }
    retain: { for: 6y, fromTag: closed-on, atMost: 10y }
  - { name: bounded-from, match: { bucket: bounded }, retain: { for: 6mo, fromTag: closed-on, atMost: 6mo } }
  - { name: raised-from, match: { bucket: raised }, retain: { for: 365d, fromTag: closed-on, atLeast: 365d } }
  - { name: capped-from, match: { bucket: to-the-cap }, retain: { for: 10y, fromTag: closed-on } }
  - { name: uncapped, match: { bucket: open }, retain: { untilTag: until } }
`,
  'rules.yaml',
);

/** A decision in one line, as the tables below expect it. */
function inShort(decision: ObjectDecision): string {
  if (decision.action === 'no-rule') return 'no-rule';
  if (decision.action === 'skipped') return `skipped: ${skippedReasons[decision.why]}`;
  const problems = decision.problems.map((problem) => `${problem.code} in ${problem.rule}`);
  if (decision.action === 'refuse') return `refuse: ${problems.join(', ')}`;
  const until = decision.until.toISOString().replace('.000Z', 'Z');
  return [`${decision.action} until ${until} by ${decision.rule}`, ...problems].join(', ');
}

describe('what is decided about a version', () => {
  const table: [string, Partial<ObservedVersion>, string][] = [
    [
      'the latest date of all matching rules wins',
      { tags: tags({ class: 'finance' }) },
      'protect until 2033-11-21T10:00:00Z by finance',
    ],
    [
      'a rule whose tags do not match does not count',
      { tags: tags({ class: 'hr' }) },
      'protect until 2026-12-21T10:00:00Z by base',
    ],
    ['a bucket without rules', { bucket: 'other' }, 'no-rule'],
    ['tags missing altogether', { bucket: 'x-records' }, 'no-rule'],
    [
      'a period from a tag',
      { bucket: 'x-records', tags: tags({ 'retain-for': '2y' }) },
      'protect until 2028-11-21T10:00:00Z by by-tag',
    ],
    [
      'a period below atLeast is raised',
      { bucket: 'x-records', tags: tags({ 'retain-for': '1d' }) },
      'protect until 2026-12-21T10:00:00Z by by-tag',
    ],
    [
      'a period above atMost is clamped',
      { bucket: 'x-records', tags: tags({ 'retain-for': '50y' }) },
      'protect until 2036-11-21T10:00:00Z by by-tag',
    ],
    [
      'an absurd period is clamped too',
      { bucket: 'x-records', tags: tags({ 'retain-for': '999y' }) },
      'protect until 2036-11-21T10:00:00Z by by-tag',
    ],
    [
      'an unreadable period falls to otherwise',
      { bucket: 'x-records', tags: tags({ 'retain-for': 'long' }) },
      'protect until 2027-11-21T10:00:00Z by by-tag',
    ],
    [
      'a bare date keeps all of its day',
      { bucket: 'x-records', tags: tags({ 'retain-until': '2033-01-01' }) },
      'protect until 2033-01-02T00:00:00Z by until-tag',
    ],
    [
      'a date beyond atMost is clamped',
      { bucket: 'x-records', tags: tags({ 'retain-until': '2099-01-01' }) },
      'protect until 2036-11-21T10:00:00Z by until-tag',
    ],
    [
      'an unreadable date without otherwise',
      { bucket: 'x-records', tags: tags({ 'retain-until': '01/02/2033' }) },
      'refuse: TAG_UNREADABLE in until-tag',
    ],
    [
      'an unreadable tag does not take away what another rule gives',
      { bucket: 'x-records', tags: tags({ 'retain-until': 'soon', 'retain-for': '2y' }) },
      'protect until 2028-11-21T10:00:00Z by by-tag, TAG_UNREADABLE in until-tag',
    ],
    [
      'a period that starts at a date in a tag',
      { bucket: 'contracts', tags: tags({ 'closed-on': '2025-06-30' }) },
      'protect until 2031-07-01T00:00:00Z by contract-end',
    ],
    [
      'the calendar comes before the end of the day',
      { bucket: 'contracts', tags: tags({ 'closed-on': '2024-02-28' }) },
      'protect until 2030-03-01T00:00:00Z by contract-end',
    ],
    [
      'a bound from a bare date, in the same order',
      { bucket: 'bounded', tags: tags({ 'closed-on': '2026-08-31' }) },
      'protect until 2027-03-01T00:00:00Z by bounded-from',
    ],
    [
      'atLeast from a bare date, in the same order',
      { bucket: 'raised', tags: tags({ 'closed-on': '2027-02-27' }) },
      'protect until 2028-02-28T00:00:00Z by raised-from',
    ],
    [
      'a period of the length of the cap, from a date of today',
      { bucket: 'to-the-cap', tags: tags({ 'closed-on': '2026-11-21' }) },
      'protect until 2036-11-22T00:00:00Z by capped-from',
    ],
    [
      'a date ahead does not raise the cap',
      { bucket: 'to-the-cap', tags: tags({ 'closed-on': '2026-11-22' }) },
      'refuse: OVER_CAP in capped-from',
    ],
    [
      'a period that is already over',
      { bucket: 'contracts', tags: tags({ 'closed-on': '2019-06-30' }) },
      'elapsed until 2025-07-01T00:00:00Z by contract-end',
    ],
    [
      'a start so late that the end passes the cap',
      { bucket: 'contracts', tags: tags({ 'closed-on': '2031-01-01' }) },
      'refuse: OVER_CAP in contract-end',
    ],
    [
      'a date beyond limits.maxRetention without atMost',
      { bucket: 'open', tags: tags({ until: '2040-01-01' }) },
      'refuse: OVER_CAP in uncapped',
    ],
    ['an appendable object', { type: 'Appendable' }, 'skipped: an appendable object cannot carry retention'],
    ['a symlink', { type: 'Symlink' }, 'skipped: a symlink cannot carry retention'],
    [
      'a delete marker',
      { type: 'delete-marker' },
      'skipped: a delete marker carries no data and no retention',
    ],
    ['an appendable object that no rule covers', { bucket: 'other', type: 'Appendable' }, 'no-rule'],
    ['a multipart object', { type: 'Multipart' }, 'protect until 2026-12-21T10:00:00Z by base'],
    [
      'milliseconds are rounded up',
      { lastModified: new Date('2026-11-21T10:00:00.001Z') },
      'protect until 2026-12-21T10:00:01Z by base',
    ],
  ];
  it.each(table)('%s', (_name, part, expected) => {
    expect(inShort(decideObject(rules, version(part), now))).toBe(expected);
  });

  const wanted = new Date('2026-12-21T10:00:00Z');
  const stored: [string, RetentionMode, number, string][] = [
    ['an earlier stored date is extended', 'COMPLIANCE', -1000, 'protect until 2026-12-21T10:00:00Z by base'],
    [
      'an equal stored date is enough',
      'COMPLIANCE',
      0,
      'already-protected until 2026-12-21T10:00:00Z by base',
    ],
    [
      'a later stored date is enough',
      'COMPLIANCE',
      1000,
      'already-protected until 2026-12-21T10:00:00Z by base',
    ],
    ['GOVERNANCE is not what the rules ask for', 'GOVERNANCE', 1000, 'refuse: GOVERNANCE_MODE in base'],
  ];
  it.each(stored)('%s', (_name, mode, ms, expected) => {
    const retention = { mode, until: new Date(wanted.getTime() + ms) };
    expect(inShort(decideObject(rules, version({ retention }), now))).toBe(expected);
  });

  it('tells how a tag was clamped, and which other rules matched', () => {
    const clamped = decideObject(
      rules,
      version({ bucket: 'x-records', tags: tags({ 'retain-for': '50y' }) }),
      now,
    );
    expect(clamped).toMatchObject({ warnings: [expect.stringContaining('clamped to atMost 10y')] });
    const both = decideObject(rules, version({ tags: tags({ class: 'finance' }) }), now);
    expect(both).toMatchObject({ rule: 'finance', others: ['base'] });
  });
});

describe('for all rules and versions', () => {
  const case_ = fc.record({
    rules: objectRules,
    tags: tagSets,
    lastModified: instants,
    now: instants,
    key: fc.constantFrom('a/x', 'x'),
    stored: fc.option(instants, { nil: undefined }),
    isLatest: fc.constantFrom(true, false, undefined),
  });
  interface Case {
    tags: Tags;
    lastModified: Date;
    key: string;
    stored: Date | undefined;
    isLatest: boolean | undefined;
  }
  const observed = (c: Case) =>
    version({
      isLatest: c.isLatest,
      bucket: 'b',
      key: c.key,
      tags: c.tags,
      lastModified: c.lastModified,
      retention: c.stored && { mode: 'COMPLIANCE', until: c.stored },
    });

  it('never decides to write beyond the cap, into the past, or shorter than stored', () => {
    fc.assert(
      fc.property(case_, (c) => {
        const all = rulesOf(c.rules);
        const decision = decideObject(all, observed(c), c.now);
        if (decision.action !== 'protect') return;
        const ends = [c.now, c.lastModified].map((start) => addDuration(start, all.limits.maxRetention));
        // A period from a bare date in a tag keeps the whole of its last day.
        const latest = Math.max(...ends.map((end) => end.getTime())) + 24 * 3_600_000;
        expect(decision.until.getTime()).toBeLessThanOrEqual(latest);
        expect(decision.until > c.now).toBe(true);
        expect(c.stored === undefined || decision.until > c.stored).toBe(true);
        expect(decision.until.getTime() % 1000).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('never finds a period over a cap of the same length, whenever the version is handled', () => {
    const later = fc.integer({ min: 0, max: 3 * 365 * 24 * 3600 }).map((seconds) => seconds * 1000);
    const lengths = fc.constantFrom('1mo', '18mo', '1y', '7y', '10y', '2192d');
    const leapDays = fc
      .integer({ min: -2 * 86_400, max: 2 * 86_400 })
      .map((seconds) => new Date(Date.UTC(2028, 1, 29) + seconds * 1000));
    const seconds = instants.map((instant) => new Date(Math.floor(instant.getTime() / 1000) * 1000));
    fc.assert(
      fc.property(lengths, fc.oneof(leapDays, seconds), later, (length, lastModified, ms) => {
        const text = `version: 1
limits: { maxRetention: ${length} }
objects: [{ name: a, match: { bucket: b }, retain: ${length} }]`;
        const at = new Date(lastModified.getTime() + ms);
        const decision = decideObject(
          rulesFrom(text, 'rules.yaml'),
          version({ bucket: 'b', lastModified }),
          at,
        );
        expect(['protect', 'elapsed']).toContain(decision.action);
      }),
      { numRuns: 300 },
    );
  });

  it('decides the same whatever the order of the rules', () => {
    const permuted = case_.chain((c) =>
      fc.record({
        c: fc.constant(c),
        order: fc.shuffledSubarray(c.rules, { minLength: c.rules.length, maxLength: c.rules.length }),
      }),
    );
    fc.assert(
      fc.property(permuted, ({ c, order }) => {
        expect(decideObject(rulesOf(order), observed(c), c.now)).toEqual(
          decideObject(rulesOf(c.rules), observed(c), c.now),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same date at every repetition: the moment of handling does not count, but for event holds', () => {
    fc.assert(
      fc.property(case_, instants, (c, later) => {
        const unlimited = rulesOf(c.rules, '100y');
        const dates = [c.now, later].map((at) => {
          const decision = decideObject(unlimited, observed({ ...c, isLatest: undefined }), at);
          const isFinal = 'until' in decision && decision.heldOpen === undefined;
          return isFinal && decision.problems.length === 0 ? decision.until.getTime() : undefined;
        });
        const [first, second] = dates;
        expect(first === undefined || second === undefined || first === second).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('ends: writing what was decided leaves nothing to write', () => {
    fc.assert(
      fc.property(case_, (c) => {
        const all = rulesOf(c.rules);
        const decision = decideObject(all, observed(c), c.now);
        if (decision.action !== 'protect') return;
        const again = decideObject(all, observed({ ...c, stored: decision.until }), c.now);
        expect(['already-protected', 'at-cap']).toContain(again.action);
      }),
      { numRuns: 1000 },
    );
  });
});
