import { describe, expect, it } from 'vitest';
import {
  type SincePlan,
  scopesOpenSince,
  touchedSince,
  touchedWords,
  versionKey,
} from '../../../shared/disposition/certify.ts';
import type { DisposableVersion } from '../../../shared/disposition/plan.ts';
import { countingApproval } from '../../../shared/disposition/records.ts';
import { mattersOf } from '../../../shared/matters/state.ts';
import { minutes, opened, released, validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';

const now = new Date('2028-01-19T00:00:00Z');
const version: DisposableVersion = {
  ...{ bucket: 'fin-1', key: 'a', versionId: 'v1', size: 1, rule: 'fin', why: 'its time is over' },
  ...{ lastModified: new Date('2026-11-20T10:00:00Z'), until: new Date('2027-11-20T10:00:00Z') },
  tags: { client: 'acme' },
};
const rulesWith = (retain: string) =>
  validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: fin, match: { bucket: fin-1 }, retain: ${retain} }
`);
const twoRules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: plain, match: { bucket: fin-1 }, retain: 1y }
  - { name: fin, match: { bucket: fin-1 }, retain: { forTag: period } }
`);
const scope = (match: string, tags?: Record<string, string>) => ({
  id: 'case-1',
  scope: validScope({ match: [match], ...(tags && { tags }) }),
});
const since: SincePlan = { rules: rulesWith('1y'), scopes: [], writes: new Map(), now };
const { tags: _, ...untagged } = version;

describe('what has touched a version since it was planned', () => {
  it.each<[string, Partial<SincePlan>, DisposableVersion, string[]]>([
    ['nothing', {}, version, []],
    [
      'a rule that keeps it for longer',
      { rules: rulesWith('2y') },
      version,
      ['the date of a rule is ahead (rule fin)'],
    ],
    [
      'a rule that cannot be followed',
      { rules: rulesWith('{ forTag: period }') },
      version,
      ['a rule that matches cannot be followed'],
    ],
    [
      'a rule that reads tags that nobody knows',
      { rules: rulesWith('{ forTag: period }') },
      untagged,
      ['a rule may keep it: its tags are not in the plan'],
    ],
    [
      'a rule by a tag that the plan has',
      { rules: rulesWith('{ forTag: period }') },
      { ...version, tags: { period: '9y' } },
      ['the date of a rule is ahead (rule fin)'],
    ],
    [
      'a rule that reads tags beside one that does not',
      { rules: twoRules },
      untagged,
      ['a rule may keep it: its tags are not in the plan'],
    ],
    ['a matter by its place', { scopes: [scope('oss://fin-*')] }, untagged, ['matter case-1 has it']],
    [
      'a matter by its tags',
      { scopes: [scope('oss://fin-1', { client: 'ac*' })] },
      version,
      ['matter case-1 has it'],
    ],
    ['a matter of other tags', { scopes: [scope('oss://fin-1', { client: 'other' })] }, version, []],
    ['a matter of another place', { scopes: [scope('oss://hr')] }, version, []],
    [
      'a matter by tags that nobody knows',
      { scopes: [scope('oss://fin-1', { client: 'acme' })] },
      untagged,
      ['matter case-1 may have it: its tags are not in the plan'],
    ],
    [
      'a matter with two scopes, named once',
      { scopes: [scope('oss://fin-1'), scope('oss://*')] },
      version,
      ['matter case-1 has it'],
    ],
    [
      'a write in the evidence',
      { writes: new Map([[versionKey(version), 'retention']]) },
      version,
      ['the evidence has a write since: retention'],
    ],
    [
      'a write to another version',
      { writes: new Map([[versionKey({ ...version, versionId: 'v2' }), 'retention']]) },
      version,
      [],
    ],
  ])('%s', (_what, part, planned, expected) => {
    expect(touchedWords(touchedSince({ ...since, ...part }, planned))).toEqual(expected);
  });
});

it('counts matters that were open at some time since, also those that were released after it', () => {
  const first = opened('early', 1, { match: ['oss://fin-1'] });
  const second = opened('late', 2, { match: ['oss://fin-1'] });
  const third = opened('open', 3, { match: ['oss://fin-1'] });
  const ended = [released('early', 5, [first.file]), released('late', 10, [second.file])];
  const matters = mattersOf([first, second, third, ...ended]);
  expect(scopesOpenSince(matters, minutes(10)).map(({ id }) => id)).toEqual(['late', 'open']);
  expect(scopesOpenSince(matters, minutes(11)).map(({ id }) => id)).toEqual(['open']);
});

describe('the approval that counts', () => {
  const at = new Date('2028-01-20T00:00:00Z');
  const approval = (caller: string, until: string) => ({
    caller,
    at,
    until: new Date(until),
    reason: '',
    script: '',
  });
  const planned = [
    { caller: 'one', at: now },
    { caller: 'two', at: now },
  ];

  it.each([
    ['none', [], undefined],
    ["only planners' own", [approval('one', '2030-01-01'), approval('two', '2030-01-01')], undefined],
    ['one of somebody else', [approval('one', '2030-01-01'), approval('three', '2028-02-01')], 'three'],
    [
      'the one that lasts longest',
      [approval('three', '2028-02-01'), approval('four', '2028-03-01'), approval('five', '2028-01-30')],
      'four',
    ],
  ])('%s', (_what, approved, caller) => {
    expect(countingApproval({ planned, approved })?.caller).toBe(caller);
  });
});
