import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedBucket } from '../../../shared/buckets/observe.ts';
import type { Oldest } from '../../../shared/buckets/oldest.ts';
import {
  changesOf,
  makePlan,
  type PolicyPlan,
  parsePlan,
  planDifferences,
} from '../../../shared/buckets/plan.ts';
import type { BucketSurvey } from '../../../shared/buckets/run.ts';
import type { BucketDecision } from '../../../shared/buckets/types.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { hashRules } from '../../../shared/rules/hash-rules.ts';
import type { BucketRule, Rules } from '../../../shared/rules/types.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';
import { duration, pattern } from '../../support/arbitrary-rules.ts';
import { validRules } from '../../support/rules-file.ts';

const now = new Date('2026-11-21T12:00:00Z');
const createdAt = new Date('2026-11-20T13:00:00Z');
const deadline = new Date('2026-11-21T13:00:00Z');

const rule: BucketRule = {
  name: 'archive',
  match: { bucket: pattern('text', 'archive-*') },
  policy: {
    days: { atLeast: 180, atMost: 3650 },
    initiate: undefined,
    lockAfterMs: 0,
    mismatch: 'report',
    extend: undefined,
  },
};
const rules: Rules = {
  cloud: 'oss',
  limits: { maxRetention: duration('10y') },
  objects: [],
  buckets: [rule],
  defaults: [],
};

const policy: BucketPolicy = { id: wormId('W1'), state: 'InProgress', days: 365, createdAt };
const lock: BucketDecision = { action: 'lock', id: policy.id, days: 365, deadline, reason: 'old enough' };
const due: ObservedBucket = { bucket: 'archive-1', rule, policy, decision: lock };

const surveyOf = (...surveyed: ObservedBucket[]): BucketSurvey => ({ surveyed, troubles: [] });
const planOf = (
  survey: BucketSurvey,
  changed: { rules?: Rules; region?: string; at?: Date } = {},
): PolicyPlan => makePlan(survey, changed.rules ?? rules, changed.region ?? 'cn-hangzhou', changed.at ?? now);

const extend: BucketDecision = {
  action: 'extend',
  id: policy.id,
  fromDays: 365,
  days: 730,
  reason: 'ends soon',
};

const decisions: readonly BucketDecision[] = [
  lock,
  { action: 'initiate', days: 90, reason: 'no policy' },
  { action: 'renew', id: wormId('W1'), state: 'Expired', days: 90, reason: 'lapsed' },
  extend,
  { action: 'abort', id: wormId('W1'), state: 'InProgress', reason: 'too short' },
  { action: 'wait', until: deadline, deadline, reason: 'too young' },
  { action: 'watch', deadline, reason: 'the rule only watches' },
  { action: 'leave', reason: 'locked' },
  { action: 'report', problem: 'mismatch', reason: 'too short', deadline },
  { action: 'report', problem: 'absent', reason: 'no policy' },
];

const surveys: fc.Arbitrary<BucketSurvey> = fc
  .array(
    fc.record(
      {
        decision: fc.constantFrom(...decisions),
        policy: fc.constantFrom(policy, undefined),
        oldest: fc.constantFrom<Oldest>(
          { kind: 'version', lastModified: createdAt },
          { kind: 'none' },
          { kind: 'unknown', why: 'it is long' },
        ),
      },
      { requiredKeys: ['decision', 'policy'] },
    ),
  )
  .map((parts) => surveyOf(...parts.map((part, index) => ({ bucket: `archive-${index}`, rule, ...part }))));

describe('a kept plan', () => {
  it('reads back as it was made, whatever it says', () => {
    fc.assert(
      fc.property(surveys, (survey) => {
        const plan = planOf(survey);
        expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan);
      }),
    );
  });

  it('is the same for the same rules, state and instant', () => {
    fc.assert(
      fc.property(surveys, (survey) => {
        expect(planOf(survey)).toEqual(planOf(survey));
      }),
    );
  });

  it('is refused when any part of it was edited', () => {
    const text = JSON.stringify(planOf(surveyOf(due)));
    for (const [from, to] of [
      ['"days":365', '"days":366'],
      ['"W1"', '"W2"'],
      ['archive-1', 'archive-2'],
      ['"lock"', '"abort"'],
      ['cn-hangzhou', 'cn-beijing'],
      ['12:00:00Z', '12:00:01Z'],
    ] as const) {
      expect(text).toContain(from);
      expect(() => parsePlan(text.replace(from, to), 'plan.json')).toThrow(/its hash does not fit/);
    }
  });

  it.each([
    { what: 'no JSON', text: '{', reason: 'it is not JSON' },
    { what: 'another version', text: '{"version":2}', reason: 'version' },
    { what: 'an unknown key', text: JSON.stringify({ ...planOf(surveyOf(due)), extra: 1 }), reason: 'extra' },
    { what: 'nothing', text: '', reason: 'it is not JSON' },
  ])('is refused when it is $what', ({ text, reason }) => {
    expect(() => parsePlan(text, 'plan.json')).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID', message: expect.stringContaining(reason) }),
    );
  });

  it('counts exactly the decisions that change something', () => {
    const all = planOf(
      surveyOf(...decisions.map((decision, index) => ({ ...due, bucket: `b${index}`, decision }))),
    );
    expect(changesOf(all).map(({ decision }) => decision.action)).toEqual([
      'lock',
      'initiate',
      'renew',
      'extend',
      'abort',
    ]);
  });
});

describe('what has changed since a plan was made', () => {
  it('is nothing when only time has passed, and other words are used', () => {
    const later: ObservedBucket = { ...due, decision: { ...lock, reason: 'other words' } };
    expect(planDifferences(planOf(surveyOf(due)), planOf(surveyOf(later), { at: deadline }))).toEqual([]);
  });

  it.each<{ what: string; current: PolicyPlan; says: string[] }>([
    {
      what: 'another policy',
      current: planOf(surveyOf({ ...due, policy: { ...policy, id: wormId('W2') } })),
      says: ['bucket archive-1: the policy was W1 and is W2'],
    },
    {
      what: 'another state',
      current: planOf(surveyOf({ ...due, policy: { ...policy, state: 'Locked' } })),
      says: ['bucket archive-1: its state was InProgress and is Locked'],
    },
    {
      what: 'other days',
      current: planOf(
        surveyOf({ ...due, policy: { ...policy, days: 400 }, decision: { ...lock, days: 400 } }),
      ),
      says: [
        'bucket archive-1: its days was 365 and is 400',
        'bucket archive-1: what to do was lock (365 days) and is lock (400 days)',
      ],
    },
    {
      what: 'another creation date',
      current: planOf(surveyOf({ ...due, policy: { ...policy, createdAt: now } })),
      says: ['bucket archive-1: its creation date was 2026-11-20T13:00:00Z and is 2026-11-21T12:00:00Z'],
    },
    {
      what: 'no policy',
      current: planOf(surveyOf({ ...due, policy: undefined })),
      says: [
        'bucket archive-1: the policy was W1 and is none',
        'bucket archive-1: its state was InProgress and is none',
        'bucket archive-1: its days was 365 and is none',
        'bucket archive-1: its creation date was 2026-11-20T13:00:00Z and is none',
      ],
    },
    {
      what: 'another decision',
      current: planOf(surveyOf({ ...due, decision: { action: 'leave', reason: 'locked' } })),
      says: ['bucket archive-1: what to do was lock (365 days) and is leave'],
    },
    {
      what: 'another rule',
      current: planOf(surveyOf({ ...due, rule: { ...rule, name: 'other' } })),
      says: ['bucket archive-1: the rule was archive and is other'],
    },
    {
      what: 'another region',
      current: planOf(surveyOf(due), { region: 'cn-beijing' }),
      says: ['the region was cn-hangzhou and is cn-beijing'],
    },
    {
      what: 'other rules',
      current: planOf(surveyOf(due), { rules: { ...rules, limits: { maxRetention: duration('9y') } } }),
      says: ['the rules are others'],
    },
    {
      what: 'a bucket that is gone',
      current: planOf(surveyOf()),
      says: ['bucket archive-1: no rule matches it, or it is gone'],
    },
    {
      what: 'a bucket that cannot be looked at',
      current: planOf({
        surveyed: [],
        troubles: [
          {
            bucket: 'archive-1',
            rule: 'archive',
            error: failure('NO_SUCH_BUCKET', { operation: 'GetBucketWorm', address: 'oss://archive-1' }),
          },
        ],
      }),
      says: ['bucket archive-1: NO_SUCH_BUCKET: GetBucketWorm: bucket oss://archive-1 does not exist'],
    },
  ])('names $what', ({ current, says }) => {
    expect(planDifferences(planOf(surveyOf(due)), current)).toEqual(says);
  });

  it('names another oldest object, where the decision depends on it', () => {
    const by = (oldest: Oldest): PolicyPlan => planOf(surveyOf({ ...due, decision: extend, oldest }));
    const first = by({ kind: 'version', lastModified: createdAt });
    expect(first.steps[0]?.observed?.oldest).toBe('2026-11-20T13:00:00Z');
    expect(planDifferences(first, by({ kind: 'version', lastModified: createdAt }))).toEqual([]);
    expect(planDifferences(first, by({ kind: 'version', lastModified: now }))).toEqual([
      'bucket archive-1: its oldest object was 2026-11-20T13:00:00Z and is 2026-11-21T12:00:00Z',
    ]);
    expect(planDifferences(first, by({ kind: 'unknown', why: 'it is long' }))).toEqual([
      'bucket archive-1: its oldest object was 2026-11-20T13:00:00Z and is unknown',
    ]);
  });

  it('does not matter to a plan that changes nothing', () => {
    const idle: ObservedBucket = { ...due, decision: { action: 'leave', reason: 'locked' } };
    expect(planDifferences(planOf(surveyOf(idle)), planOf(surveyOf(), { region: 'cn-beijing' }))).toEqual([]);
  });

  it('does not matter when it is about buckets that the plan leaves alone', () => {
    const other: ObservedBucket = {
      ...due,
      bucket: 'archive-2',
      decision: { action: 'leave', reason: 'locked' },
    };
    expect(planDifferences(planOf(surveyOf(due, other)), planOf(surveyOf(due)))).toEqual([]);
  });
});

describe('the hash of rules', () => {
  const text = (lines: readonly string[], tags: string) =>
    `version: 1\nlimits: { maxRetention: 10y }\nobjects:\n${lines.join('\n')}\n` +
    `  - { name: tagged, match: { bucket: t, tags: ${tags} }, retain: 1y }\n`;
  const one = '  - { name: one, match: { bucket: a }, retain: 1y }';
  const two = '  - { name: two, match: { bucket: b }, retain: 2y }';
  const hash = (source: string) => hashRules(validRules(source));

  it('is the same however they are written: comments, the order of rules, the order of tags', () => {
    const first = hash(text([one, two], '{ x: "1", y: "2" }'));
    expect(hash(`# a comment\n${text([two, one], '{ y: "2", x: "1" }')}`)).toBe(first);
  });

  it('is another when a glob, a period or a tag is', () => {
    const hashes = [
      text([one], '{ x: "1" }'),
      text([one], '{ x: "2" }'),
      text([two], '{ x: "1" }'),
      text([one.replace('1y', '3y')], '{ x: "1" }'),
    ].map(hash);
    expect(new Set(hashes).size).toBe(4);
  });

  it('is another when what is asked before an act, or of new uploads, is', () => {
    const base = `${text([one], '{ x: "1" }')}audit: oss://evidence/f/\n`;
    const hashes = [
      base,
      `${base}approvals: { lock: true }\n`,
      `${base}approvals: { extend: true }\n`,
      `${base}defaults: [{ name: d, match: { bucket: c }, retain: 30d }]\n`,
      `${base}defaults: [{ name: d, match: { bucket: c }, retain: 31d }]\n`,
    ].map(hash);
    expect(new Set(hashes).size).toBe(5);
  });

  it('is what it was before there were such keys, where the rules have none', () => {
    expect(hash(text([one], '{ x: "1" }'))).toBe(
      'sha256:d337f707958e89ab29b35fe1690b93413daa299de616aa60929696486d160b0f',
    );
  });
});
