import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf } from '../../../shared/objects/retain.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { day, formatInstant } from '../../../shared/platform/instant.ts';
import { expectKnown } from '../../../shared/report/expect.ts';
import { standingOf } from '../../../shared/report/standing.ts';
import { matchingRules, readsTags } from '../../../shared/rules/match.ts';
import type { Rules } from '../../../shared/rules/types.ts';
import { type Retention, versionId } from '../../../shared/storage/port.ts';
import { duration, instants, objectRules, pattern, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';
import { validRules } from '../../support/rules-file.ts';

const at = new Date('2026-11-20T10:00:00Z');
const year = 365 * day;

const oneYear = rulesOf([
  {
    name: 'year',
    match: { bucket: pattern('text', 'b'), key: undefined, tags: new Map() },
    retain: { kind: 'for', period: duration('1y') },
  },
]);

const observed = (changes: Partial<ObservedVersion> = {}): ObservedVersion => ({
  bucket: 'b',
  key: 'k',
  versionId: versionId('v'),
  lastModified: new Date('2026-10-20T10:00:00Z'),
  type: 'Normal',
  tags: new Map(),
  retention: undefined,
  ...changes,
});

const stored = (mode: Retention['mode'], until: string): Retention => ({ mode, until: new Date(until) });

const standing = (changes: Partial<ObservedVersion>, rules = oneYear) => {
  const version = observed(changes);
  return standingOf(judge(rules, version, at), version.retention, at);
};

describe('how a version stands', () => {
  it.each([
    ['nothing is stored', undefined, { standing: 'unprotected', code: 'NO_RETENTION' }],
    [
      'the stored date is the rule’s',
      stored('COMPLIANCE', '2027-10-20T10:00:00Z'),
      { standing: 'protected' },
    ],
    ['the stored date is later', stored('COMPLIANCE', '2029-10-20T10:00:00Z'), { standing: 'protected' }],
    [
      'the stored date is a second short',
      stored('COMPLIANCE', '2027-10-20T09:59:59Z'),
      { standing: 'too-short', code: 'RETENTION_SHORT' },
    ],
    [
      'what was stored has ended',
      stored('COMPLIANCE', '2026-11-01T00:00:00Z'),
      { standing: 'unprotected', code: 'RETENTION_ENDED' },
    ],
    [
      'GOVERNANCE is stored, which can be lifted',
      stored('GOVERNANCE', '2029-10-20T10:00:00Z'),
      { standing: 'unprotected', code: 'GOVERNANCE_MODE' },
    ],
  ] as const)('when %s', (_name, retention, expected) => {
    expect(standing({ retention })).toMatchObject({ rule: 'year', ...expected });
  });

  it.each([
    ['a delete marker carries no data', { type: 'delete-marker' }, { standing: 'delete-marker' }],
    [
      'an appendable object cannot be held',
      { type: 'Appendable' },
      { standing: 'unprotected', code: 'TYPE_UNSUPPORTED' },
    ],
    ['the rule’s date is past', { lastModified: new Date('2020-01-01T00:00:00Z') }, { standing: 'elapsed' }],
    ['no rule covers it', { bucket: 'c' }, { standing: 'uncovered' }],
  ] as const)('when %s', (_name, changes, expected) => {
    expect(standing(changes)).toMatchObject(expected);
  });

  it('is held as long as the stored date says where the rules cannot be followed', () => {
    const rules = rulesOf([
      {
        name: 'tagged',
        match: { bucket: pattern('text', 'b'), key: undefined, tags: new Map() },
        retain: {
          kind: 'until-tag',
          tag: 'until',
          atLeast: undefined,
          atMost: undefined,
          otherwise: undefined,
        },
      },
    ]);
    const unreadable = { tags: new Map([['until', 'soon']]) };
    expect(standing(unreadable, rules)).toMatchObject({ standing: 'unprotected', code: 'TAG_UNREADABLE' });
    const retention = stored('COMPLIANCE', '2030-01-01T00:00:00Z');
    expect(standing({ ...unreadable, retention }, rules)).toMatchObject({
      standing: 'too-short',
      until: retention.until,
      code: 'TAG_UNREADABLE',
    });
  });

  it('is protected while it is in use and its next generation is due, and says when there can be none', () => {
    const rules = (upTo: string) =>
      rulesOf([
        {
          name: 'used',
          match: { bucket: pattern('text', 'b'), key: undefined, tags: new Map() },
          retain: { kind: 'for', period: duration('40d') },
          extend: { withinMs: 30 * day, byMs: 30 * day, upTo: duration(upTo) },
        },
      ]);
    const used = {
      isLatest: true,
      retention: stored('COMPLIANCE', '2026-11-29T10:00:00Z'), // the rule's own date
    };
    expect(standing(used, rules('1y'))).toMatchObject({
      standing: 'protected',
      until: new Date('2026-11-29T10:00:00Z'),
      wanted: new Date('2026-12-29T10:00:00Z'),
      reason: 'in use: the next repair extends it',
    });
    expect(standing(used, rules('40d'))).toMatchObject({ standing: 'protected', code: 'AT_CAP' });
    expect(standing({ isLatest: true }, rules('1y'))).toMatchObject({ standing: 'unprotected' });
  });

  it('is protected while an event hold keeps it, and says that its date is not the end', () => {
    const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: open, match: { bucket: b }, retain: { for: 6y, fromTag: closed-on, whileOpen: hold } }
`);
    const until = (date: string) => standing({ retention: stored('COMPLIANCE', date) }, rules);
    expect(until('2027-04-18T10:00:00Z')).toMatchObject({
      standing: 'protected',
      reason: 'held open: it is renewed before that date',
    });
    expect(standing({}, rules)).toMatchObject({ standing: 'unprotected' });
  });

  describe('under an event hold', () => {
    const hour = day / 24;
    const open = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: open, match: { bucket: b }, retain: { for: 6y, fromTag: closed-on, whileOpen: hold } }
`;
    const firm = (days: number) => `${open}  - { name: firm, match: { bucket: b }, retain: ${days}d }\n`;

    it.each([
      ['the default retention of a day is all that an upload has', open, hour, day, 'too-short'],
      ['the first generation is a second short', open, hour, 90 * day - 1000, 'too-short'],
      ['the first generation is stored', open, hour, 90 * day, 'protected'],
      ['the second generation is due, and the first is stored', open, 46 * day, 90 * day, 'renewed'],
      ['the second is due, and the first is a second short', open, 46 * day, 90 * day - 1000, 'too-short'],
      ['the fifth is due, and the fourth is stored', open, 350 * day, 360 * day, 'renewed'],
      ['the fifth is due, and the fourth is a second short', open, 350 * day, 360 * day - 1000, 'too-short'],
      ['another rule asks for more than the first', firm(100), 46 * day, 90 * day, 'too-short'],
      ['another rule asks for more, and that is stored', firm(100), 46 * day, 100 * day, 'renewed'],
    ])('%s', (_, text, age, kept, expected) => {
      const lastModified = new Date(at.getTime() - age);
      const until = new Date(lastModified.getTime() + kept);
      const judged = standing({ lastModified, retention: { mode: 'COMPLIANCE', until } }, validRules(text));
      expect(judged).toMatchObject({ rule: 'open', until });
      const { standing: found, code, reason } = judged ?? {};
      expect({ found, code, reason }).toEqual(
        {
          protected: { found: 'protected', reason: 'held open: it is renewed before that date' },
          renewed: { found: 'protected', reason: 'held open: the next repair renews it' },
          'too-short': {
            found: 'too-short',
            code: 'RETENTION_SHORT',
            reason: `retention ends at ${formatInstant(until)}, before the rules' date`,
          },
        }[expected],
      );
    });
  });

  it.each([
    [44, 'too-short'],
    [45, 'protected'],
  ])('in use, with a rule beside it that asks for 45 days, and %i days stored: %s', (days, expected) => {
    const text = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: used, match: { bucket: b }, retain: 40d, extend: { within: 30d, by: 30d, upTo: 1y } }
  - { name: firm, match: { bucket: b }, retain: 45d }
`;
    const until = new Date(observed().lastModified.getTime() + days * day);
    const judged = standing({ isLatest: true, retention: { mode: 'COMPLIANCE', until } }, validRules(text));
    expect(judged).toMatchObject({ rule: 'used', standing: expected });
  });

  const retention = fc.option(
    fc.record({ mode: fc.constantFrom('COMPLIANCE' as const, 'GOVERNANCE' as const), until: instants }),
    { nil: undefined },
  );
  const isLatest = fc.constantFrom(true, false, undefined);
  const known = fc.record({ lastModified: instants, tags: tagSets, retention, isLatest });

  /** The dates that the rules give by themselves; an open event hold gives none. */
  const ownDates = (rules: Rules, version: ObservedVersion): number[] =>
    matchingRules(rules, version.bucket, version.key, version.tags).flatMap((rule) => {
      const own = dateOf(rule, version);
      return 'until' in own ? [own.until.getTime()] : [];
    });

  it('is protected only by COMPLIANCE retention that no rule asks more than', () => {
    fc.assert(
      fc.property(objectRules, known, instants, (rules, facts, now) => {
        const version = observed(facts);
        const outcome = judge(rulesOf(rules), version, now);
        const judged = standingOf(outcome, version.retention, now);
        if (judged?.standing === 'protected') {
          expect(version.retention?.mode).toBe('COMPLIANCE');
          const asked = ownDates(rulesOf(rules), version);
          // A generation more may be due; the next run writes it.
          if (outcome.decision.action !== 'protect') asked.push(judged.wanted?.getTime() ?? Number.NaN);
          expect(asked.filter((date) => !(Number(judged.until) >= date))).toEqual([]);
          expect(outcome.errors).toEqual([]);
        }
        if (judged?.standing === 'unprotected' || judged?.standing === 'too-short') {
          expect(judged.code).toBeDefined();
          expect(judged.reason).toBeDefined();
        }
        const isHeld = judged?.until !== undefined;
        if (isHeld) expect(judged?.until?.getTime()).toBeGreaterThan(now.getTime());
      }),
    );
  });

  it('by the rules alone is never said to be protected, and agrees with a reading that finds nothing stored', () => {
    fc.assert(
      fc.property(objectRules, known, instants, (rules, { lastModified, tags }, now) => {
        const all = rulesOf(rules);
        const version = { bucket: 'b', key: 'k', lastModified, versionId: versionId('v') };
        const expected = expectKnown(all, version, now);
        expect(expected?.standing).not.toBe('protected');
        if (rules.some(readsTags)) return;
        const read = standingOf(judge(all, observed({ lastModified, tags }), now), undefined, now);
        const same =
          read?.standing === 'unprotected' && read.code === 'NO_RETENTION' ? 'expected' : read?.standing;
        expect(expected).toMatchObject({ standing: same, ...(read?.wanted && { wanted: read.wanted }) });
      }),
    );
  });

  it('by the rules alone is unknown where a rule reads tags, unless there are none', () => {
    const rules = rulesOf([
      {
        name: 'finance',
        match: {
          bucket: pattern('text', 'b'),
          key: undefined,
          tags: new Map([['class', pattern('text', 'finance')]]),
        },
        retain: { kind: 'for', period: duration('1y') },
      },
    ]);
    const version = { bucket: 'b', key: 'k', lastModified: new Date(at.getTime() - year / 2) };
    expect(expectKnown(rules, version, at)).toMatchObject({ standing: 'unknown', code: 'TAGS_UNREAD' });
    expect(expectKnown(rules, { ...version, tagCount: 0 }, at)).toEqual({ standing: 'uncovered' });
    expect(expectKnown(rules, { bucket: 'b', key: 'k' }, at)).toMatchObject({
      code: 'LAST_MODIFIED_UNKNOWN',
    });
  });
});
