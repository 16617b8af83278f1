import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unattended } from '../../../shared/deploy/unattended.ts';
import { decideObject } from '../../../shared/objects/decide.ts';
import { extensionOf, objectRecord } from '../../../shared/objects/record.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObjectDecision, ObservedVersion } from '../../../shared/objects/types.ts';
import { ceilToSecond, day } from '../../../shared/platform/instant.ts';
import { latestAllowed } from '../../../shared/rules/cap.ts';
import { addDuration } from '../../../shared/rules/duration.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { addToDate, periodFromDate } from '../../../shared/rules/tag-date.ts';
import { type Retention, type Tags, versionId } from '../../../shared/storage/port.ts';
import { duration } from '../../support/arbitrary-rules.ts';

// What docs/event-holds.md says.

const rulesWith = (period: string, maxRetention = '10y', more = '') =>
  rulesFrom(
    `
version: 1
limits: { maxRetention: ${maxRetention} }
objects:
  - { name: contracts, match: { bucket: data }, retain: { for: ${period}, fromTag: closed-on, whileOpen: hold } }
${more}`,
    'rules.yaml',
  );

const modified = new Date('2026-01-01T00:00:00Z');
const onDay = (days: number) => new Date(modified.getTime() + Math.round(days * day));

function version(part: Partial<ObservedVersion> = {}): ObservedVersion {
  const at = { bucket: 'data', key: 'contracts/a', versionId: versionId('v1') };
  return { ...at, lastModified: modified, type: 'Normal', tags: new Map(), retention: undefined, ...part };
}

const closedOn = (date: string): Tags => new Map([['closed-on', date]]);
const stored = (days: number): Retention => ({ mode: 'COMPLIANCE', until: onDay(days) });

/** The decision in one line, its date as days after the upload. */
function inShort(decision: ObjectDecision): string {
  const problems = 'problems' in decision ? decision.problems.map(({ code }) => code) : [];
  if (!('until' in decision)) return [decision.action, ...problems].join(', ');
  const days = (decision.until.getTime() - modified.getTime()) / day;
  const held = decision.heldOpen;
  const generation = held === undefined ? [] : [`generation ${held.generation} (${held.why})`];
  return [`${decision.action} ${days}`, ...generation, ...problems].join(', ');
}

const sixYears = rulesWith('6y');

describe('a version under an event hold, for 6 years from the date in its tag', () => {
  it.each<[string, number, Partial<ObservedVersion>, string]>([
    ['a new one gets the first generation', 0, {}, 'protect 90, generation 0 (no-tag)'],
    ['early in a generation', 1, { retention: stored(90) }, 'already-protected 90, generation 0 (no-tag)'],
    ['when half is left', 46, { retention: stored(90) }, 'protect 180, generation 1 (no-tag)'],
    [
      'after runs were missed, it gets the generation that is due',
      360,
      {},
      'protect 450, generation 4 (no-tag)',
    ],
    [
      'a version behind a newer one is held too',
      46,
      { isLatest: false },
      'protect 180, generation 1 (no-tag)',
    ],
    ['closed on the day of the upload', 1, { tags: closedOn('2026-01-01') }, 'protect 2192'],
    [
      'closed and protected until its final date',
      500,
      { tags: closedOn('2026-01-01'), retention: stored(2192) },
      'already-protected 2192',
    ],
    [
      'closed long before it was uploaded, with a generation stored',
      1,
      { tags: closedOn('2015-01-01'), retention: stored(90) },
      'elapsed -1825',
    ],
    [
      'a tag that is no date is a failure, and the version is held',
      0,
      { tags: closedOn('soon') },
      'protect 90, generation 0 (unreadable), TAG_UNREADABLE',
    ],
    [
      'a tag without a value is a failure, and the version is held',
      0,
      { tags: closedOn('') },
      'protect 90, generation 0 (unreadable), TAG_UNREADABLE',
    ],
    [
      'a date so far ahead that its end is over the cap is a failure, and the version is held',
      0,
      { tags: closedOn('2031-01-01') },
      'protect 90, generation 0 (over-cap), OVER_CAP',
    ],
    ['a delete marker', 0, { type: 'delete-marker' }, 'skipped'],
    ['under GOVERNANCE', 0, { retention: { ...stored(900), mode: 'GOVERNANCE' } }, 'refuse, GOVERNANCE_MODE'],
  ])('%s', (_, days, part, expected) => {
    expect(inShort(decideObject(sixYears, version(part), onDay(days)))).toBe(expected);
  });

  it('says why it is held, and which generation it is', () => {
    const outcome = judge(sixYears, version(), onDay(360));
    expect(objectRecord(outcome)['reason']).toContain('held open, generation 4: tag closed-on is not there');
  });

  it.each([
    ['soon', 'tag closed-on has no date that can be read'],
    ['2031-01-01', 'the final date by tag closed-on is over the cap'],
  ])('says why there is no final date by %s', (date, words) => {
    const decision = decideObject(sixYears, version({ tags: closedOn(date) }), onDay(0));
    expect('rule' in decision && extensionOf(decision)).toEqual([`held open, generation 0: ${words}`]);
  });

  it('says when it is held longer than the cap after its upload', () => {
    const [young, old] = [3000, 3650].map((days) => decideObject(sixYears, version(), onDay(days)));
    expect(young).toMatchObject({ action: 'protect', warnings: [] });
    expect(old).toMatchObject({
      action: 'protect',
      warnings: ['held longer than limits.maxRetention (10y) after Last-Modified, until it is closed'],
    });
  });

  it('is not said to be held longer than the cap when it is held for just that long', () => {
    const capped = rulesWith('180d', '180d');
    expect(decideObject(capped, version(), onDay(46))).toMatchObject({ until: onDay(180), warnings: [] });
  });

  it.each<[string, number, Date | undefined]>([
    ['the first generation stands on nothing', 0, undefined],
    ['the second stands on the first', 46, onDay(90)],
    ['the fifth stands on the fourth', 360, onDay(360)],
  ])('says which end must be stored already before the next is written: %s', (_, days, firm) => {
    const decision = decideObject(sixYears, version(), onDay(days));
    expect('firm' in decision ? decision.firm : undefined).toEqual(firm);
  });

  it.each<[string, string, Tags]>([
    ['whose rule has no event hold', '{ for: 6y, fromTag: closed-on }', new Map()],
    ['whose date was to be in a tag of its own', '{ untilTag: closed-on, atMost: 10y }', closedOn('soon')],
  ])('is no version %s: without the date it fails, and nothing is written', (_, retain, tags) => {
    const rules = rulesFrom(
      `{ version: 1, limits: { maxRetention: 10y }, objects: [{ name: x, match: { bucket: data }, retain: ${retain} }] }`,
      'rules.yaml',
    );
    expect(inShort(decideObject(rules, version({ tags }), onDay(0)))).toBe('refuse, TAG_UNREADABLE');
  });

  it.each<[string, string, number]>([
    ['final date ahead', '2025-12-31', 1],
    ['final date past', '2015-01-01', 1],
  ])('says when what is stored is later than the final date: %s', (_, date, days) => {
    const short = rulesWith('30d');
    const decision = decideObject(
      short,
      version({ tags: closedOn(date), retention: stored(60) }),
      onDay(days),
    );
    expect(decision).toMatchObject({
      warnings: [
        `kept until 2026-03-02T00:00:00Z, which is later than the final date: what is stored is never shortened`,
      ],
    });
  });

  it('says nothing of what is stored once that is past too', () => {
    const late = decideObject(
      rulesWith('30d'),
      version({ tags: closedOn('2026-01-01'), retention: stored(60) }),
      onDay(60),
    );
    expect(late).toMatchObject({ action: 'elapsed', warnings: [] });
  });

  it('lets another rule win that keeps the version longer', () => {
    const more = '  - { name: base, match: { bucket: data }, retain: 1y }';
    const decision = decideObject(rulesWith('6y', '10y', more), version(), onDay(0));
    expect(decision).toMatchObject({ rule: 'base', others: ['contracts'], problems: [] });
    expect(decision).not.toHaveProperty('heldOpen');
  });
});

const periods = fc.constantFrom('4d', '5d', '30d', '6mo', '179d', '1y', '6y', '10y');

/** Runs of a repair in days: each comes before half a generation is over. */
const gaps = (period: string) => {
  const half = Math.min(90, Math.floor(duration(period).ms / day / 2) || 90) / 2;
  return fc.array(fc.double({ min: 0.01, max: Math.max(0.5, half - 0.01), noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  });
};

const histories = periods.chain((period) =>
  fc.record({
    period: fc.constant(period),
    steps: gaps(period),
    closesAt: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);

/** One run over the version: what was stored when it came, and what it decided. */
interface Run {
  readonly now: Date;
  readonly isClosed: boolean;
  readonly stored: Retention | undefined;
  readonly decision: ObjectDecision;
}

/** Lives through a history: an event at the upload, then runs of the repair; the tag is there from the instant of closing. */
function live({ period, steps }: { period: string; steps: readonly number[] }, closing: Date): Run[] {
  const rules = rulesWith(period);
  let retention: Retention | undefined;
  let at = 0;
  return [0, ...steps].map((step) => {
    at += step;
    const now = onDay(at);
    const isClosed = now >= closing;
    const tags: Tags = isClosed ? closedOn(closing.toISOString().slice(0, 10)) : new Map();
    const run = {
      now,
      isClosed,
      stored: retention,
      decision: decideObject(rules, version({ tags, retention }), now),
    };
    if (run.decision.action === 'protect') retention = { mode: 'COMPLIANCE', until: run.decision.until };
    return run;
  });
}

const closingOf = ({ steps, closesAt }: { steps: readonly number[]; closesAt: number }): Date =>
  onDay(steps.reduce((sum, step) => sum + step, 0) * closesAt);

/** The day of closing, as the tag has it. */
const dayOf = (closing: Date) => ({
  at: new Date(Math.floor(closing.getTime() / day) * day),
  wholeDay: true,
});

describe('a life under an event hold', () => {
  it('is never unprotected between the upload and its final date, the run that sees the closing included', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const closing = closingOf(history);
        const final = addToDate(dayOf(closing), duration(history.period));
        const kept = live(history, closing).filter(({ isClosed, now }) => !isClosed || now < final);
        for (const { now, stored } of kept.slice(1))
          expect(stored !== undefined && stored.until > now).toBe(true);
        for (const { decision } of kept) expect(['protect', 'already-protected']).toContain(decision.action);
        // The run that sees the closing comes before the final date, so it is among them.
        expect(kept.some(({ isClosed }) => isClosed)).toBe(true);
        const last = kept.at(-1);
        const end = last?.decision.action === 'protect' ? last.decision.until : last?.stored?.until;
        expect(end).toEqual(final);
      }),
    );
  });

  it('is never written beyond the cap, nor further ahead than the period reaches from that moment', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const closing = closingOf(history);
        for (const { now, isClosed, decision } of live(history, closing)) {
          if (decision.action !== 'protect') continue;
          const start = isClosed ? periodFromDate(dayOf(closing)) : undefined;
          const cap = latestAllowed(duration('10y'), { now, lastModified: modified, start });
          expect(decision.until <= cap).toBe(true);
          if (isClosed) continue;
          expect(decision.until <= ceilToSecond(addDuration(now, duration(history.period)))).toBe(true);
        }
      }),
    );
  });

  it('ends on the final date, which is written once', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const closing = closingOf(history);
        const final = addToDate(dayOf(closing), duration(history.period));
        const closed = live(history, closing).filter(({ isClosed, now }) => isClosed && now < final);
        const dates = closed.flatMap(({ decision }) => ('until' in decision ? decision.until.getTime() : 0));
        expect(dates.every((date) => date === final.getTime())).toBe(true);
        const writes = closed.filter(({ decision }) => decision.action === 'protect');
        expect(writes.length).toBe(closed.length === 0 ? 0 : 1);
      }),
    );
  });

  it('takes one write a generation at most, so five in a year at most where the period is half a year or more', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('6mo', '1y', '6y'),
        fc.string({ minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3000 }),
        (period, key, start) => {
          const rules = rulesWith(period);
          const first = decideObject(rules, version({ key }), onDay(start - 1));
          let retention: Retention | undefined =
            'until' in first ? { mode: 'COMPLIANCE', until: first.until } : undefined;
          let writes = 0;
          for (let days = start; days < start + 366; days += 1) {
            const decision = decideObject(rules, version({ key, retention }), onDay(days));
            if (decision.action !== 'protect') continue;
            retention = { mode: 'COMPLIANCE', until: decision.until };
            writes += 1;
          }
          expect(writes).toBeGreaterThanOrEqual(4);
          expect(writes).toBeLessThanOrEqual(5);
        },
      ),
      { numRuns: 20 },
    );
  });
});

it('is renewed by nothing when no function of s.yaml does it', () => {
  expect(unattended(rulesWith('6y'), [])).toEqual([
    expect.objectContaining({ code: 'never-renewed', path: ['objects', 0, 'retain', 'whileOpen'] }),
  ]);
});
