import { expect, test } from 'vitest';
import { findWarnings } from '../../../../shared/rules/warnings/index.ts';
import { validRules } from '../../../support/rules-file.ts';

const codes = (rule: string, kind = 'objects') =>
  findWarnings(
    validRules(
      `version: 1\nlimits: { maxRetention: 10y }\naudit: oss://evidence/audit/\n${kind}:\n  - ${rule}\n`,
    ),
    new Date('2026-11-28T12:00:00Z'),
  ).map(({ code }) => code);

test.each([
  '{ name: a, match: { bucket: others }, retain: 7y }',
  '{ name: a, match: { bucket: evidence, key: other/** }, retain: 7y }',
  '{ name: a, match: { bucket: evidence, key: "audit/*" }, retain: 7y }',
  '{ name: a, match: { bucket: evidence, tags: { class: x } }, retain: 7y }',
  '{ name: a, match: { bucket: evidence }, retain: { forTag: t, atMost: 7y } }',
])('no rule retains the evidence: %s', (rule) => {
  expect(codes(rule)).toContain('unretained-evidence');
});

test.each([
  '{ name: a, match: { bucket: evidence }, retain: 7y }',
  '{ name: a, match: { bucket: "evid*", key: "audit/**/*.jsonl" }, retain: 7y }',
  '{ name: a, match: { bucket: evidence }, retain: { forTag: t, atMost: 7y, otherwise: 7y } }',
])('a rule retains the evidence: %s', (rule) => {
  expect(codes(rule)).not.toContain('unretained-evidence');
});

test('a bucket rule retains it too', () => {
  const rule = '{ name: a, match: { bucket: evidence }, policy: { days: 3650 } }';
  expect(codes(rule, 'buckets')).not.toContain('unretained-evidence');
});
