import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../shared/deploy/deliveries.ts';
import { deploymentWarnings } from '../../../shared/deploy/warnings.ts';
import { evidenceShare } from '../../../shared/rules/evidence-bucket.ts';
import { keys } from '../../../shared/rules/warnings/language.ts';
import { validRules } from '../../support/rules-file.ts';

const rulesWith = (match: string) =>
  validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
deadLetters: oss://letters/dead/
objects:
  - { name: logs, match: { bucket: logs }, retain: 1y }
  - { name: evidence, match: ${match}, retain: 10y }
`);

const delivered: Delivery[] = [
  {
    trigger: 'uploads',
    path: ['resources'],
    bucket: 'logs',
    events: ['oss:ObjectCreated:*'],
    keys: keys(undefined),
    filter: undefined,
  },
];
const missing = (match: string) =>
  deploymentWarnings(rulesWith(match), [], delivered, {})
    .filter(({ code }) => code === 'no-trigger')
    .map(({ message }) => message);

describe('a rule for the evidence, whose writer retains every file itself', () => {
  it.each([
    '{ bucket: evidence, key: audit/** }',
    '{ bucket: evidence, key: [audit/2026/**, audit/2027/**] }',
  ])('asks for no trigger: %s', (match) => {
    expect(missing(match)).toEqual([]);
  });

  it.each([
    '{ bucket: evidence }',
    '{ bucket: evidence, key: "**" }',
    '{ bucket: evidence, key: [audit/**, x/**] }',
  ])('asks to be limited to the evidence where it is for more: %s', (match) => {
    expect(missing(match)).toEqual([expect.stringContaining('limit the rule to key "audit/**"')]);
  });

  it('asks for a trigger for the other buckets that it names', () => {
    const match = '{ bucket: [evidence, other], key: audit/** }';
    expect(missing(match)).toEqual([expect.stringContaining('no trigger in s.yaml fires for bucket other')]);
  });

  it('knows evidence by bucket and folder', () => {
    const rules = rulesWith('{ bucket: evidence, key: audit/** }');
    const share = (bucket: string) => rules.objects.map((rule) => evidenceShare(rules, bucket, rule));
    expect(share('evidence')).toEqual(['some', 'all']);
    expect(share('logs')).toEqual(['none', 'none']);
  });
});
