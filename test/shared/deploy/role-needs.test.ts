import { describe, expect, it } from 'vitest';
import { needsOf, type Role, type RuledBucket, serviceNeeds } from '../../../shared/deploy/role-needs.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../../../shared/rules/match.ts';
import { validRules } from '../../support/rules-file.ts';

/** What a role needs under these rules, for these buckets, as `action resource`. */
function needs(role: Role, text: string, ...names: string[]): string[] {
  const rules = validRules(`version: 1\nlimits: { maxRetention: 10y }\n${text}`);
  const buckets = names.map(
    (name): RuledBucket => ({
      name,
      objectRules: objectRulesOfBucket(rules, name),
      bucketRules: bucketRules(rules, name),
      defaultRules: defaultsOfBucket(rules, name),
    }),
  );
  const needed = needsOf(role, rules, buckets, {
    functionName: 'holdfast-x',
    rulesAt: undefined,
    inventories: [],
  });
  return needed.map(({ action, resource }) => `${action} ${resource}`);
}

const policy = (part: string) =>
  `buckets: [{ name: a, match: { bucket: a-* }, policy: { days: 365, ${part} } }]`;

describe('what Function Compute does by the role of a function', () => {
  const log = { project: 'holdfast-1234567890123456', logstore: 'functions' };
  const all = (destination?: string) =>
    serviceNeeds({ destination, log }).map(({ action, resource }) => `${action} ${resource}`);

  it('is writing the log, and handing failed events on, with a qualifier and without', () => {
    const logging = 'log:PostLogStoreLogs project/holdfast-1234567890123456/logstore/functions';
    expect(all()).toEqual([logging]);
    expect(all('letters')).toEqual([
      'fc:InvokeFunction functions/letters',
      'fc:InvokeFunction functions/letters/*',
      logging,
    ]);
  });
});

describe('what the rules need of the roles', () => {
  it('is reading and retaining under the beginning of the keys, and no tags where no rule reads them', () => {
    const rules = 'objects: [{ name: o, match: { bucket: fin-*, key: "ledger/2*/**" }, retain: 1y }]';
    expect(needs('object-created', rules, 'fin-1', 'other')).toEqual([
      'oss:GetObject fin-1/ledger/2*',
      'oss:GetObjectVersion fin-1/ledger/2*',
      'oss:GetObjectRetention fin-1/ledger/2*',
      'oss:PutObjectRetention fin-1/ledger/2*',
      'oss:ListObjectVersions fin-1',
    ]);
  });

  it('is reading tags where a rule does', () => {
    const rules = 'objects: [{ name: o, match: { bucket: fin-1, tags: { a: b } }, retain: 1y }]';
    expect(needs('protect-existing', rules, 'fin-1')).toContain('oss:GetObjectVersionTagging fin-1/*');
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
    expect(needs('policy-timer', rules)).toContain('oss:PutObject audit/decisions/*');
  });

  it('is every glob of a rule, not its first alone', () => {
    const rules =
      'objects: [{ name: o, match: { bucket: fin-1, key: ["a/**", "b/**", "!c/**"] }, retain: 1y }]';
    expect(
      needs('object-created', rules, 'fin-1').filter((each) => each.includes('PutObjectRetention')),
    ).toEqual(['oss:PutObjectRetention fin-1/a/*', 'oss:PutObjectRetention fin-1/b/*']);
  });

  it('is retaining evidence that an object rule keeps, and listing it for the timer', () => {
    const rules = `audit: oss://audit/decisions/
objects: [{ name: o, match: { bucket: audit }, retain: 1y }]`;
    expect(needs('object-created', rules)).toContain('oss:PutObjectRetention audit/decisions/*');
    expect(needs('policy-timer', rules)).toContain('oss:ListObjectVersions audit');
  });

  it('is reading and putting the default retention of the buckets of such rules, for the timer alone', () => {
    const rules = 'defaults: [{ name: d, match: { bucket: fin-1 }, retain: 30d }]';
    expect(
      needs('policy-timer', rules, 'fin-1', 'fin-2').filter((each) => each.includes('ObjectWorm')),
    ).toEqual(['oss:GetBucketObjectWormConfiguration fin-1', 'oss:PutBucketObjectWormConfiguration fin-1']);
    expect(needs('object-created', rules, 'fin-1')).toEqual([]);
  });

  it('is reading matters and holding uploads where matters can be kept', () => {
    const rules = `audit: oss://audit/decisions/
objects: [{ name: o, match: { bucket: fin-1, key: "a/**" }, retain: 1y }]`;
    expect(needs('object-created', rules, 'fin-1')).toEqual(
      expect.arrayContaining([
        'oss:ListObjectVersions audit',
        'oss:GetObjectVersion audit/decisions/matters/*',
        'oss:PutObjectLegalHold fin-1/*',
      ]),
    );
    expect(needs('object-created', rules.replace(/^audit.*$/m, ''), 'fin-1').join()).not.toContain('Hold');
  });

  it('is reading matters, and retaining any version of a bucket that takes no hold, for the repairs', () => {
    const rules = `audit: oss://audit/decisions/
objects: [{ name: o, match: { bucket: fin-1, key: "a/**" }, retain: 1y }]`;
    const all = needs('protect-existing', rules, 'fin-1', 'other');
    expect(all).toEqual(
      expect.arrayContaining([
        'oss:ListObjectVersions audit',
        'oss:GetObjectVersion audit/decisions/matters/*',
        'oss:PutObjectRetention fin-1/*',
        'oss:GetObjectVersionTagging fin-1/*',
      ]),
    );
    expect(all.join()).not.toMatch(/LegalHold| other/);
    const without = needs('protect-existing', rules.replace(/^audit.*$/m, ''), 'fin-1').join();
    expect(without).not.toMatch(/Hold|Tagging|fin-1\/\*/);
  });

  it('is what runs and repairs keep, and the function itself', () => {
    const rules = `deadLetters: oss://letters/dead/
objects: [{ name: o, match: { bucket: fin-1 }, retain: 1y }]`;
    expect(needs('protect-existing', rules, 'fin-1')).toEqual(
      expect.arrayContaining([
        'oss:GetObject letters/dead/fan-out/*',
        'oss:PutObject letters/dead/fan-out/*',
        'oss:PutObject letters/dead/repairs/*',
        'oss:ListObjectVersions letters',
        'fc:InvokeFunction functions/holdfast-x',
      ]),
    );
    expect(needs('policy-timer', rules)).toEqual(
      expect.arrayContaining(['oss:ListObjectVersions letters', 'oss:GetObject letters/dead/repairs/*']),
    );
  });

  it('is reading the rules object and the inventories', () => {
    const rules = validRules(
      'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: o, match: { bucket: a-1 }, retain: 1y }]',
    );
    const rulesAt = { bucket: 'settings', key: 'rules.yaml' };
    const needed = needsOf('protect-existing', rules, [], {
      functionName: 'f',
      rulesAt,
      inventories: ['lists'],
    });
    expect(needed).toEqual(
      expect.arrayContaining([
        { action: 'oss:GetObject', resource: 'settings/rules.yaml' },
        { action: 'oss:GetObject', resource: 'lists/*' },
      ]),
    );
  });

  it('is writing letters where the rules keep them', () => {
    const rules = policy('lock: false');
    expect(needs('dead-letter', `deadLetters: oss://letters/dead/\n${rules}`)).toEqual([
      'oss:PutObject letters/dead/letters/*',
    ]);
    expect(needs('dead-letter', rules)).toEqual([]);
  });
});
