import { describe, expect, it } from 'vitest';
import type { Concerned } from '../../../shared/doctor/concerned.ts';
import { needsOf, type Role } from '../../../shared/doctor/needs.ts';
import { bucketRules, objectRulesOfBucket } from '../../../shared/rules/match.ts';
import { validRules } from '../../support/rules-file.ts';

/** What a role needs under these rules, for these buckets, as `action resource`. */
function needs(role: Role, text: string, ...names: string[]): string[] {
  const rules = validRules(`version: 1\nlimits: { maxRetention: 10y }\n${text}`);
  const buckets = names.map(
    (name): Concerned => ({
      name,
      region: 'cn-hangzhou',
      objectRules: objectRulesOfBucket(rules, name),
      bucketRules: bucketRules(rules, name),
    }),
  );
  return needsOf(role, rules, buckets).map(({ action, resource }) => `${action} ${resource}`);
}

const policy = (part: string) =>
  `buckets: [{ name: a, match: { bucket: a-* }, policy: { days: 365, ${part} } }]`;

describe('what the rules need of the roles', () => {
  it('is reading and retaining under the beginning of the keys, and no tags where no rule reads them', () => {
    const rules = 'objects: [{ name: o, match: { bucket: fin-*, key: "ledger/2*/**" }, retain: 1y }]';
    expect(needs('object-created', rules, 'fin-1', 'other')).toEqual([
      'oss:GetObject fin-1/ledger/2x',
      'oss:GetObjectVersion fin-1/ledger/2x',
      'oss:GetObjectRetention fin-1/ledger/2x',
      'oss:PutObjectRetention fin-1/ledger/2x',
      'oss:ListObjectVersions fin-1',
    ]);
  });

  it('is reading tags where a rule does', () => {
    const rules = 'objects: [{ name: o, match: { bucket: fin-1, tags: { a: b } }, retain: 1y }]';
    expect(needs('protect-existing', rules, 'fin-1')).toContain('oss:GetObjectVersionTagging fin-1/x');
  });

  it.each([
    ['lock: false', ['GetBucketWorm']],
    ['lock: { after: 20h }', ['GetBucketWorm', 'CompleteBucketWorm']],
    ['lock: false, initiate: true', ['GetBucketWorm', 'InitiateBucketWorm', 'AbortBucketWorm']],
    ['lock: false, mismatch: abort', ['GetBucketWorm', 'AbortBucketWorm']],
    ['lock: false, extend: { within: 30d, by: 30d, upTo: 400d }', ['GetBucketWorm', 'ExtendBucketWorm']],
    [
      'lock: false, extend: { within: 30d, by: 30d, upTo: 400d, measure: oldest-object }',
      ['GetBucketWorm', 'ExtendBucketWorm', 'ListObjectVersions'],
    ],
  ])('is what a bucket rule with %s can do', (part, actions) => {
    expect(needs('policy-timer', policy(part), 'a-1')).toEqual([
      'oss:ListBuckets *',
      ...actions.map((action) => `oss:${action} a-1`),
    ]);
  });

  it('is writing evidence where the rules keep it', () => {
    const rules = `audit: oss://audit/decisions/\n${policy('lock: false')}`;
    expect(needs('policy-timer', rules)).toContain('oss:PutObject audit/decisions/x');
  });

  it('is writing letters where the rules keep them', () => {
    const rules = policy('lock: false');
    expect(needs('dead-letter', `deadLetters: oss://letters/dead/\n${rules}`)).toEqual([
      'oss:PutObject letters/dead/letters/x',
    ]);
    expect(needs('dead-letter', rules)).toEqual([]);
  });
});
