import { describe, expect, test } from 'vitest';
import { decideObject } from '../../../shared/objects/decide.ts';
import type { ObjectDecision, ObservedVersion } from '../../../shared/objects/types.ts';
import { isCertainlyMeant } from '../../../shared/objects/versions-for-event.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { etag, versionId } from '../../../shared/storage/port.ts';

// Where a decision turns: exactly at a date, a bound or a cap; and the warnings that people read.

const rules = rulesFrom(
  `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: d-rule, match: { bucket: same }, retain: 30d }
  - { name: b-rule, match: { bucket: [same, also-same] }, retain: 30d }
  - { name: d2-rule, match: { bucket: also-same }, retain: 30d }
  - { name: c-rule, match: { bucket: [same, also-same] }, retain: 10d }
  - { name: y-rule, match: { bucket: broken }, retain: { untilTag: until } }
  - { name: x-rule, match: { bucket: [broken, also-broken] }, retain: { untilTag: until } }
  - { name: y2-rule, match: { bucket: also-broken }, retain: { untilTag: until } }
  - { name: until, match: { bucket: until }, retain: { untilTag: until, atLeast: 30d, atMost: 10y } }
  - { name: open, match: { bucket: open }, retain: { untilTag: until } }
  - { name: otherwise, match: { bucket: other }, retain: { forTag: keep, atLeast: 30d, otherwise: 1y } }
  - { name: strict, match: { bucket: strict-for }, retain: { forTag: keep } }
  - { name: strict-until, match: { bucket: strict-until }, retain: { untilTag: until } }
  - { name: strict-from, match: { bucket: strict-from }, retain: { for: 1y, fromTag: from } }
`,
  'rules.yaml',
);

const modified = new Date('2026-11-21T10:00:00Z');

function decide(bucket: string, tags: Record<string, string>, now = modified): ObjectDecision {
  const version: ObservedVersion = {
    bucket,
    key: 'k',
    versionId: versionId('v1'),
    lastModified: modified,
    type: 'Normal',
    tags: new Map(Object.entries(tags)),
    retention: undefined,
  };
  return decideObject(rules, version, now);
}

test.each([
  ['same', 'd-rule'],
  ['also-same', 'd2-rule'],
])(
  'of rules with the same date the first by name wins, whatever their order; the others follow by name: %s',
  (bucket, other) => {
    expect(decide(bucket, {})).toMatchObject({
      action: 'protect',
      rule: 'b-rule',
      others: ['c-rule', other],
    });
  },
);

test('problems are told by the name of their rule, whatever the order of rules', () => {
  for (const bucket of ['broken', 'also-broken']) {
    const decision = decide(bucket, {});
    const problems = decision.action === 'refuse' ? decision.problems.map(({ rule }) => rule) : [];
    expect(problems).toEqual(['x-rule', bucket === 'broken' ? 'y-rule' : 'y2-rule']);
  }
});

describe('a date', () => {
  test.each([
    ['2026-12-21T09:59:59Z', 'elapsed'],
    ['2026-12-21T10:00:00Z', 'elapsed'],
  ])('asked until %s is over at its end', (until, action) => {
    expect(decide('open', { until }, new Date('2026-12-21T10:00:00Z'))).toMatchObject({ action });
  });

  test('a second ahead is to be protected', () => {
    const decision = decide('open', { until: '2026-12-21T10:00:01Z' }, new Date('2026-12-21T10:00:00Z'));
    expect(decision).toMatchObject({ action: 'protect' });
  });

  test('exactly at limits.maxRetention is within it, a second later beyond', () => {
    expect(decide('open', { until: '2036-11-21T10:00:00Z' })).toMatchObject({ action: 'protect' });
    expect(decide('open', { until: '2036-11-21T10:00:01Z' })).toMatchObject({ action: 'refuse' });
  });
});

describe('bounds', () => {
  test.each([
    ['2026-12-21T10:00:00Z', []],
    ['2036-11-21T10:00:00Z', []],
    [
      '2026-12-21T09:59:59Z',
      ['tag until=2026-12-21T09:59:59Z asks until 2026-12-21T09:59:59Z: clamped to atLeast 30d'],
    ],
    [
      '2036-11-21T10:00:01Z',
      ['tag until=2036-11-21T10:00:01Z asks until 2036-11-21T10:00:01Z: clamped to atMost 10y'],
    ],
  ])('a tag that asks until %s', (until, warnings) => {
    expect(decide('until', { until })).toMatchObject({ action: 'protect', warnings });
  });
});

describe('tags that say nothing', () => {
  test.each([
    [{}, 'tag keep is missing: otherwise 1y'],
    [{ keep: 'long' }, 'tag keep=long is not a duration such as 7y: otherwise 1y'],
    [
      { keep: '0d' },
      'tag keep=0d is not a duration such as 7y (expected more than zero, found "0d"): otherwise 1y',
    ],
  ])('%j falls to otherwise, with a warning', (tags, warning) => {
    expect(decide('other', tags)).toMatchObject({ action: 'protect', warnings: [warning] });
  });

  test.each([
    ['strict-for', 'keep', 'a duration such as 7y'],
    ['strict-until', 'until', 'a date such as 2033-01-01'],
    ['strict-from', 'from', 'a date such as 2033-01-01'],
  ])('%s: without otherwise it is a problem that says what was expected', (bucket, tag, expected) => {
    for (const [tags, value] of [
      [{}, undefined],
      [{ [tag]: 'long' }, 'long'],
    ] as const) {
      expect(decide(bucket, tags)).toMatchObject({
        action: 'refuse',
        problems: [{ code: 'TAG_UNREADABLE', tag, value, expected }],
      });
    }
  });
});

describe("whether the current version is taken for the event's without a look at the list", () => {
  const time = new Date('2026-11-21T10:00:05.300Z');
  const at = (instant: string, tag: string) => ({ etag: etag(tag), lastModified: new Date(instant) });

  test.each([
    ['the same content, before', 'AA', at('2026-11-21T10:00:05Z', 'AA'), true],
    ['the same content, at the instant', 'AA', at('2026-11-21T10:00:05.300Z', 'AA'), true],
    ['the same content, after', 'AA', at('2026-11-21T10:00:06Z', 'AA'), false],
    ['other content', 'AA', at('2026-11-21T10:00:05Z', 'BB'), false],
    [
      'an event without ETag, before: others of the same second may be meant',
      undefined,
      at('2026-11-21T10:00:05Z', 'BB'),
      false,
    ],
    ['an event without ETag, after', undefined, at('2026-11-21T10:00:06Z', 'BB'), false],
  ] as const)('%s', (_name, tag, version, expected) => {
    const event = { time, etag: tag === undefined ? undefined : etag(tag) };
    expect(isCertainlyMeant(event, version)).toBe(expected);
  });
});
