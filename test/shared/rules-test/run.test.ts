import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideObject } from '../../../shared/objects/decide.ts';
import { second } from '../../../shared/platform/instant.ts';
import { loadCases } from '../../../shared/rules-test/load.ts';
import { failuresOf, runCases } from '../../../shared/rules-test/run.ts';
import type { Expectation } from '../../../shared/rules-test/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

const clock = manualClock(new Date('2026-11-20T10:00:00Z'));
const shipped = () => readFileSync('rules.yaml', 'utf8');

function run(rules: string, ...cases: string[]) {
  const text = [
    'version: 1',
    'now: 2026-11-20T10:00:00Z',
    'cases:',
    ...cases.map((one) => `  - ${one}`),
  ].join('\n');
  const loaded = loadCases(text, 'rules.test.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return runCases(() => validRules(rules), loaded.cases, clock);
}

const ledger = '{object: oss://fin-eu/ledger/a, tags: {class: finance}}';
const differencesOf = (given: string, expected: string, rules = shipped()) =>
  run(rules, `{name: a, given: ${given}, expect: {${expected}}}`).results[0]?.differences;

describe('a case', () => {
  test.each([
    ['another action', ledger, 'action: no-rule', ['action', 'no-rule', 'protect']],
    ['another rule', ledger, 'action: protect, rule: logs', ['rule', 'logs', 'finance']],
    [
      'another date',
      ledger,
      'action: protect, until: in 8y',
      ['until', '2034-11-20T10:00:00Z', '2033-11-20T10:00:00Z'],
    ],
    [
      'no date at all',
      '{object: oss://fin-eu/x}',
      'action: no-rule, until: in 8y',
      ['until', '2034-11-20T10:00:00Z', 'none'],
    ],
    ['other rules that match', ledger, 'action: protect, others: [logs]', ['others', 'logs', 'none']],
    ['a warning', ledger, 'action: protect, warnings: [clamped]', ['warnings', 'clamped', 'none']],
    ['an error', ledger, 'action: protect, code: OVER_CAP', ['code', 'OVER_CAP', 'none']],
    ['other days', '{bucket: backup-db, policy: none}', 'action: initiate, days: 36', ['days', '36', '35']],
    [
      'another problem',
      '{bucket: archive-1, policy: none}',
      'action: report, problem: lapsed',
      ['problem', 'lapsed', 'absent'],
    ],
  ])('that expects %s fails and says so', (_, given, expected, [field, wanted, found]) => {
    expect(differencesOf(given, expected)).toEqual([{ field, expected: wanted, found }]);
  });

  test('fails for an error that it does not expect, although the version is protected', () => {
    const given = '{object: oss://hr-records/a, tags: {retain-for: 1y, retain-until: soon}}';
    expect(differencesOf(given, 'action: protect, rule: by-tag')).toEqual([
      { field: 'code', expected: 'none', found: 'TAG_UNREADABLE' },
    ]);
    expect(differencesOf(given, 'action: protect, rule: by-tag, code: TAG_UNREADABLE')).toEqual([]);
  });

  test.each([
    ['an object', '{object: oss://backup-db/k}', 'RULES_COLLIDE'],
    ['a bucket', '{bucket: backup-db, policy: none}', 'RULES_COLLIDE'],
    ['a bucket of two bucket rules', '{bucket: archive-x, policy: none}', 'BUCKET_RULES_OVERLAP'],
  ])('finds that rules claim %s that cannot be right together', (_, given, code) => {
    const rules = `${shipped().replace('bucket: audit-*', 'bucket: backup-*')}
  - { name: too-many, match: { bucket: archive-x }, policy: { days: 400 } }`;
    expect(differencesOf(given, `action: refuse, code: ${code}`, rules)).toEqual([]);
  });

  test('does not mistake a bucket that a rule spells out for one that is missing', () => {
    const rules = shipped().replace('bucket: archive-*', 'bucket: [archive-1, archive-2]');
    expect(
      differencesOf('{bucket: archive-1, policy: none}', 'action: report, rule: archive', rules),
    ).toEqual([]);
  });
});

describe('a rule that extends what is in use', () => {
  const rules = `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: backups, match: { bucket: bk }, retain: 30d, extend: { within: 7d, by: 30d, upTo: 1y } }
buckets:
  - name: archive
    match: { bucket: archive }
    policy: { days: 35, extend: { within: 30d, by: 35d, upTo: 730d, measure: oldest-object } }
`;
  const object = 'object: oss://bk/k, modified: 25d ago, retention: { until: in 5d }';
  const locked = 'bucket: archive, policy: { state: Locked, days: 35, created: 300d ago }';

  test.each([
    [
      'a current version is extended',
      `{${object}, current: true}`,
      'action: protect, rule: backups, until: in 35d',
    ],
    ['another one is not', `{${object}, current: false}`, 'action: already-protected'],
    ['nor one as its event sees it', `{${object}}`, 'action: already-protected'],
    [
      'a bucket whose oldest object is near its end',
      `{${locked}, oldest: 10d ago}`,
      'action: extend, days: 70',
    ],
    ['a bucket whose oldest object is not', `{${locked}, oldest: 1d ago}`, 'action: leave'],
    ['an empty bucket', `{${locked}, oldest: none}`, 'action: leave'],
    [
      'a bucket that nobody looked into, by the age of its policy',
      `{${locked}}`,
      'action: extend, days: 350',
    ],
  ])('%s', (_, given, expected) => {
    expect(differencesOf(given, expected, rules)).toEqual([]);
  });
});

test('rules are covered by the cases that they decide, also by failing, and not by those where they lose', () => {
  const { uncovered, rules } = run(
    shipped(),
    `{name: a, given: ${ledger}, expect: {action: protect}}`,
    '{name: b, given: {object: oss://hr-records/a, tags: {retain-until: soon}}, expect: {action: refuse, code: TAG_UNREADABLE}}',
    '{name: c, given: {object: oss://hr-records/a, tags: {retain-for: 1y, retain-until: 2035-01-01}}, expect: {action: protect}}',
    '{name: d, given: {bucket: archive-1, policy: none}, expect: {action: report}}',
  );
  expect(rules).toBe(7);
  expect(uncovered).toEqual(['logs', 'by-tag', 'contract-end', 'backups']);
});

const instants = fc.date({ min: new Date('2020-01-01'), max: new Date('2032-01-01'), noInvalidDate: true });

test('finds just what the deployed functions would decide, for any rules and any version', () => {
  fc.assert(
    fc.property(objectRules, tagSets, instants, instants, (objects, tags, lastModified, now) => {
      const rules = rulesOf(objects);
      const version = {
        bucket: 'b',
        key: 'a/k',
        versionId: versionId('null'),
        lastModified,
        type: 'Normal',
        tags,
        retention: undefined,
      };
      const decision = decideObject(rules, version, now);
      const ruled = 'rule' in decision ? decision : undefined;
      const problems = 'problems' in decision ? decision.problems : [];
      const right: Expectation = {
        action: decision.action,
        rule: ruled?.rule ?? problems[0]?.rule,
        others: ruled?.others,
        until: ruled?.until,
        warnings: ruled?.warnings,
        codes: problems.map(({ code }) => code).sort(),
      };
      const wrong: Expectation[] = [
        { ...right, action: 'elapsed' === decision.action ? 'protect' : 'elapsed' },
        { ...right, rule: 'another' },
        { ...right, codes: [...right.codes, 'ANOTHER'] },
        { ...right, until: new Date((ruled?.until ?? now).getTime() + second) },
        { ...right, warnings: [...(ruled?.warnings ?? []), 'one more'] },
      ];
      const cases = [right, ...wrong].map((expect) => ({
        test: { kind: 'object', cloud: 'oss', name: 'any', now, version, expect } as const,
        line: 1,
        col: 1,
      }));
      const done = runCases(() => rules, cases, clock);
      expect(failuresOf(done)).toEqual(done.results.slice(1));
    }),
    { numRuns: 100 },
  );
});

test('the cases that the docs show are as the rules that ship say', () => {
  const docs = readFileSync('docs/rules-tests.md', 'utf8');
  const loaded = loadCases(/```yaml\n(.*?)```/s.exec(docs)?.[1] ?? '', 'docs.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(failuresOf(runCases(() => validRules(shipped()), loaded.cases, clock))).toEqual([]);
});
