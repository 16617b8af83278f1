import { describe, expect, it } from 'vitest';
import {
  isLongRetention,
  mayNeedProtectApproval,
  policyNeedsApproval,
  protectNeedsApproval,
  releaseNeedsApproval,
} from '../../../shared/approvals/needed.ts';
import { mistakes, validRules } from '../../support/rules-file.ts';

const now = new Date('2026-11-29T10:00:00Z');
const in1y = new Date('2027-11-29T10:00:00Z');
const after1y = new Date('2027-11-29T10:00:01Z');

const file = (approvals: string, audit = 'audit: oss://evidence/decisions/') => `version: 1
limits: { maxRetention: 10y }
${audit}
${approvals}
objects:
  - { name: all, match: { bucket: b }, retain: 1y }
`;
const rulesWith = (approvals: string) => validRules(file(`approvals: { ${approvals} }`));
const none = validRules(file(''));

describe('no approval is needed', () => {
  it('where the rules ask for none', () => {
    expect(none.approvals).toBeUndefined();
    expect(policyNeedsApproval(none, { act: 'lock', days: 25_550 }, now)).toBe(false);
    expect(protectNeedsApproval(none, { changes: 1e9, latest: after1y }, now)).toBe(false);
    expect(releaseNeedsApproval(none)).toBe(false);
    expect(mayNeedProtectApproval(none)).toBe(false);
    const disposition = rulesWith('disposition: true');
    expect(disposition.approvals).toEqual({
      ...{ lock: false, extend: false, release: false },
      ...{ retainLongerThan: undefined, protectMoreThan: undefined },
    });
    expect(releaseNeedsApproval(disposition)).toBe(false);
  });
});

describe('an approval is needed', () => {
  it('for a lock or an extension, each by its own key', () => {
    const [lock, extend] = [rulesWith('lock: true'), rulesWith('extend: true')];
    expect(policyNeedsApproval(lock, { act: 'lock', days: 1 }, now)).toBe(true);
    expect(policyNeedsApproval(lock, { act: 'extend', days: 1 }, now)).toBe(false);
    expect(policyNeedsApproval(extend, { act: 'extend', days: 1 }, now)).toBe(true);
    expect(policyNeedsApproval(extend, { act: 'lock', days: 1 }, now)).toBe(false);
  });

  it('for what is kept longer from now than the rules say, by a version or by a policy', () => {
    const rules = rulesWith('retain: { longerThan: 1y }');
    expect(isLongRetention(rules, { until: in1y, now })).toBe(false);
    expect(isLongRetention(rules, { until: after1y, now })).toBe(true);
    expect(policyNeedsApproval(rules, { act: 'lock', days: 365 }, now)).toBe(false);
    expect(policyNeedsApproval(rules, { act: 'lock', days: 366 }, now)).toBe(true);
    expect(policyNeedsApproval(rules, { act: 'extend', days: 366 }, now)).toBe(true);
    expect(mayNeedProtectApproval(rules)).toBe(true);
    expect(protectNeedsApproval(rules, { changes: 1, latest: in1y }, now)).toBe(false);
    expect(protectNeedsApproval(rules, { changes: 1, latest: after1y }, now)).toBe(true);
    expect(protectNeedsApproval(rules, { changes: 0, latest: undefined }, now)).toBe(false);
  });

  it('for a run that writes more versions than the rules say', () => {
    const rules = rulesWith('protect: { moreThan: 2 }');
    expect(mayNeedProtectApproval(rules)).toBe(true);
    expect(protectNeedsApproval(rules, { changes: 2, latest: after1y }, now)).toBe(false);
    expect(protectNeedsApproval(rules, { changes: 3, latest: in1y }, now)).toBe(true);
    expect(rulesWith('protect: { moreThan: 0 }').approvals?.protectMoreThan).toBe(0);
  });

  it('for releasing a matter', () => {
    expect(releaseNeedsApproval(rulesWith('release: true'))).toBe(true);
  });
});

describe('the rules file', () => {
  it.each([
    ['approvals: {}', '4:12 it names no act: write such as { lock: true }, or leave it out'],
    [
      'approvals: { lock: false }',
      '4:20 expected true; leave the key out where no approval is asked for, found false',
    ],
    ['approvals: { protect: { moreThan: -1 } }', '4:35 expected a whole number such as 1000, found -1'],
    ['approvals: { retain: 10y }', '4:22 expected a map such as { longerThan: 10y }, found "10y"'],
  ])('refuses %s', (approvals, line) => {
    expect(mistakes(file(approvals))).toEqual([`rules.yaml:${line}`]);
  });

  it('refuses approvals without a folder to keep them in', () => {
    expect(mistakes(file('approvals: { lock: true }', ''))).toEqual([
      'rules.yaml:4:12 approvals are kept in the folder of audit: add audit: oss://bucket/prefix/',
    ]);
  });
});
