import { describe, expect, it } from 'vitest';
import { versionKey } from '../../../shared/disposition/certify.ts';
import { createVersionSet } from '../../../shared/disposition/version-set.ts';
import {
  approvalGiven,
  bucketOfRecord,
  concerns,
  isPlanStep,
  matterReleased,
  mattersNamed,
  timeOfRecord,
} from '../../../shared/export/concerns.ts';
import {
  type ExportScope,
  mayConcernBucket,
  mayConcernKey,
  mayConcernVersions,
} from '../../../shared/export/scope.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: ledgers, match: { bucket: fin-*, key: "ledger/**" }, retain: 1y }
  - { name: letters, match: { bucket: hr-1 }, retain: 30d }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 30 } }
  - { name: other-archive, match: { bucket: old-* }, policy: { days: 30 } }
`);
const from = new Date('2026-11-01T00:00:00Z');
const until = new Date('2026-12-01T00:00:00Z');
const within = new Date('2026-11-20T00:00:00Z');
const after = new Date('2027-01-01T00:00:00Z');
const scope: ExportScope = {
  ...{ rules, from, until, buckets: undefined },
  chosen: new Set(['ledgers', 'archive']),
};

describe('a record in the period', () => {
  it.each<[what: string, record: Record<string, unknown>, asked: boolean]>([
    ['of a chosen rule', { bucket: 'x', rule: 'ledgers' }, true],
    ['of another rule', { bucket: 'x', rule: 'letters' }, false],
    ['with a chosen rule among the others', { bucket: 'x', rule: 'letters', others: ['ledgers'] }, true],
    ['with others that are no list', { bucket: 'x', rule: 'letters', others: 'ledgers' }, false],
    ['about a key that a chosen rule is for', { bucket: 'fin-1', key: 'ledger/a' }, true],
    ['about another key of that bucket', { bucket: 'fin-1', key: 'notes/a' }, false],
    ['about a key under a chosen bucket rule', { bucket: 'archive-1', key: 'a' }, true],
    ['about a bucket under a chosen bucket rule', { bucket: 'archive-1' }, true],
    ['about a bucket with keys of a chosen rule', { bucket: 'fin-1' }, true],
    ['about a bucket under another bucket rule', { bucket: 'old-1' }, false],
    ['about a key under another bucket rule', { bucket: 'old-1', key: 'a' }, false],
    ['about no bucket', { rule: 'ledgers' }, false],
    ['about a bucket that is no text', { bucket: 7, rule: 'ledgers' }, false],
  ])('%s', (_what, record, asked) => {
    expect(concerns(scope, record, within, undefined)).toBe(asked);
  });

  it('counts only where its bucket was asked for', () => {
    const one = { ...scope, buckets: new Set(['fin-1']) };
    expect(concerns(one, { bucket: 'fin-1', rule: 'ledgers' }, within, undefined)).toBe(true);
    expect(concerns(one, { bucket: 'fin-2', rule: 'ledgers' }, within, undefined)).toBe(false);
  });
});

describe('the period', () => {
  const record = { bucket: 'fin-1', key: 'ledger/a', versionId: 'v1' };
  const known = createVersionSet();
  known.add(versionKey(record));

  it.each<[at: Date, isIn: boolean]>([
    [from, true],
    [new Date(from.getTime() - 1), false],
    [new Date(until.getTime() - 1), true],
    [until, false],
  ])('%s', (at, isIn) => {
    expect(concerns(scope, record, at, createVersionSet())).toBe(isIn);
  });

  it('a record before it is none of it, also of a version that is known', () => {
    expect(concerns(scope, record, new Date(from.getTime() - 1), known)).toBe(false);
  });

  it('a record after it counts for a version of the period alone', () => {
    expect(concerns(scope, record, after, known)).toBe(true);
    expect(concerns(scope, record, until, known)).toBe(true);
    expect(concerns(scope, { ...record, versionId: 'v2' }, after, known)).toBe(false);
    expect(concerns(scope, { ...record, key: 'ledger/b' }, after, known)).toBe(false);
    expect(concerns(scope, { bucket: 'fin-1', versionId: 'v1' }, after, known)).toBe(false);
    expect(concerns(scope, { bucket: 'fin-1', key: 'ledger/a' }, after, known)).toBe(false);
    expect(concerns(scope, record, after, undefined)).toBe(false);
  });

  it('without bounds has every record', () => {
    const open = { ...scope, from: undefined, until: undefined };
    expect(concerns(open, record, new Date(0), undefined)).toBe(true);
    expect(concerns(open, record, after, undefined)).toBe(true);
    expect(concerns({ ...open, from }, record, new Date(0), known)).toBe(false);
  });
});

it('a rule may concern a bucket, or a key of it', () => {
  expect(mayConcernBucket(scope, 'fin-1')).toBe(true);
  expect(mayConcernBucket(scope, 'archive-1')).toBe(true);
  expect(mayConcernBucket(scope, 'hr-1')).toBe(false);
  expect(mayConcernKey(scope, 'fin-1', 'ledger/a')).toBe(true);
  expect(mayConcernKey(scope, 'hr-1', 'ledger/a')).toBe(false);
});

it('a decision has the time of its record, or that of its file', () => {
  expect(timeOfRecord({ time: '2026-11-20T10:00:00Z' }, after)).toEqual(new Date('2026-11-20T10:00:00Z'));
  for (const time of [undefined, 'soon', 7]) expect(timeOfRecord({ time }, after)).toBe(after);
});

it.each<[string, Record<string, unknown>, string | undefined]>([
  ['that names one', { action: 'protect', bucket: 'fin-1' }, 'fin-1'],
  [
    'of an approved run, which has it in its address',
    { action: 'protect-run', target: 'oss://fin-1/a/' },
    'fin-1',
  ],
  ['of an approved run whose address is none', { action: 'protect-run', target: 'fin-1' }, undefined],
  ['of an approved run without an address', { action: 'protect-run' }, undefined],
  ['of anything else with an address', { action: 'anchor', target: 'oss://fin-1/a/' }, undefined],
])('the bucket of a record %s', (_what, record, bucket) => {
  expect(bucketOfRecord(record)).toBe(bucket);
});

it('a run of protect that was approved is of the rules that may be for its bucket', () => {
  const run = (target: string) => ({ action: 'protect-run', target });
  expect(concerns(scope, run('oss://fin-1/ledger/'), within, undefined)).toBe(true);
  expect(concerns(scope, run('oss://hr-1'), within, undefined)).toBe(false);
});

it('a release names its matter, and an approval its key', () => {
  expect(matterReleased({ action: 'released', matter: 'case-1' })).toBe('case-1');
  expect(matterReleased({ action: 'opened', matter: 'case-1' })).toBeUndefined();
  expect(matterReleased({ action: 'released', matter: 7 })).toBeUndefined();
  expect(approvalGiven({ action: 'approved', approval: 'approvals/a' })).toBe('approvals/a');
  expect(approvalGiven({ action: 'lock', approval: 'approvals/a' })).toBeUndefined();
  expect(approvalGiven({ action: 'approved', approval: 7 })).toBeUndefined();
});

it('a rule for the default retention of a bucket concerns the bucket, and no version of it', () => {
  const withDefaults = validRules(`version: 1
limits: { maxRetention: 10y }
defaults:
  - { name: base, match: { bucket: fin-* }, retain: 30d }
  - { name: others, match: { bucket: fin-* }, retain: 60d }
`);
  const ofBase = { rules: withDefaults, chosen: new Set(['base']) };
  expect(mayConcernBucket(ofBase, 'fin-1')).toBe(true);
  expect(mayConcernBucket(ofBase, 'hr-1')).toBe(false);
  expect(mayConcernBucket({ ...ofBase, chosen: new Set(['none']) }, 'fin-1')).toBe(false);
  expect(mayConcernVersions(ofBase, 'fin-1')).toBe(false);
});

it('a step of a plan names its plan', () => {
  for (const action of ['disposition-planned', 'disposition-approved', 'disposition-certified'])
    expect(isPlanStep({ action, plan: 'sha256:a' })).toBe(true);
  expect(isPlanStep({ action: 'disposition-planned' })).toBe(false);
  expect(isPlanStep({ action: 'disposed', plan: 'sha256:a' })).toBe(false);
});

it('the matters of a record', () => {
  expect(mattersNamed({ matter: 'a', matters: ['b', 7] })).toEqual(['a', 'b']);
  expect(mattersNamed({ matters: 'b' })).toEqual([]);
});
