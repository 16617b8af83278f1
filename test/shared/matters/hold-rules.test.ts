import { describe, expect, it } from 'vitest';
import { decideUnseen } from '../../../shared/backfill/unseen.ts';
import {
  createRulesWithMatters,
  mattersAlone,
  withMatters,
  withoutReleased,
} from '../../../shared/matters/hold-rules.ts';
import { decideObject } from '../../../shared/objects/decide.ts';
import { heldOpenWords } from '../../../shared/objects/event-hold.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { day } from '../../../shared/platform/instant.ts';
import type { Rules } from '../../../shared/rules/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { holdRules } from '../../support/hold-world.ts';
import { minutes, validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(holdRules);
const open = (part: Partial<Parameters<typeof validScope>[0]> = {}, id = 'case-1') => ({
  id,
  scope: validScope({ match: ['oss://hr'], ...part }),
});
const uploaded = minutes(5);
const version = (part: Partial<ObservedVersion> = {}): ObservedVersion => ({
  ...{ bucket: 'hr', key: 'a', versionId: versionId('v1'), lastModified: uploaded, type: 'Normal' },
  ...{ tags: new Map(), retention: undefined },
  ...part,
});
const decided = (by: Rules, seen = version()) => decideObject(by, seen, uploaded);
const afterDays = (days: number) => new Date(uploaded.getTime() + days * day);
const untouched = { action: 'no-rule' };
const byMatter = {
  ...{ action: 'protect', rule: 'matter case-1', until: afterDays(90) },
  heldOpen: { generation: 0, why: 'matter', matter: 'case-1' },
};

describe('where no legal hold does, an open matter keeps a version by generations', () => {
  it.each<[string, Parameters<typeof open>[0], Partial<ObservedVersion>, object]>([
    ['of its place', {}, {}, byMatter],
    ['of no other place', { match: ['oss://fin'] }, {}, untouched],
    ['of no place that it leaves out', { match: ['oss://hr', '!oss://hr/a'] }, {}, untouched],
    ['of its second place', { match: ['oss://fin', 'oss://hr/a'] }, {}, byMatter],
    ['of no other time', { until: uploaded.toISOString() }, {}, untouched],
    ['of its tags', { tags: { client: 'acme' } }, { tags: new Map([['client', 'acme']]) }, byMatter],
    ['of no other tags', { tags: { client: 'acme' } }, {}, untouched],
  ])('%s', (_what, part, seen, expected) => {
    expect(decided(withMatters(rules, [open(part)], true), version(seen))).toMatchObject(expected);
  });

  it('but not one that a legal hold keeps, where the service has holds', () => {
    const held = version({ legalHold: true });
    expect(decided(withMatters(rules, [open()], true), held)).toMatchObject(untouched);
    expect(decided(withMatters(rules, [open()], false), held)).toMatchObject(byMatter);
    expect(decided(mattersAlone(rules, [open()]), held), 'whose bucket refused a hold').toMatchObject(
      byMatter,
    );
  });

  it('and has to be looked at first where the service has holds', () => {
    const unseen = (hasHolds: boolean) =>
      decideUnseen(withMatters(rules, [open()], hasHolds), { ...version(), isLatest: true }, uploaded);
    expect(unseen(true)).toBeUndefined();
    expect(unseen(false)).toMatchObject({ judged: { decision: byMatter } });
  });

  it('and the same matters make the same rules, of which an index is made once', () => {
    const withOpen = createRulesWithMatters(rules, true);
    const [one, other] = [open(), open({}, 'case-2')];
    expect(withOpen([])).toBe(rules);
    const first = withOpen([one]);
    expect(withOpen([{ ...one }])).toBe(first);
    expect(withOpen([other])).not.toBe(first);
    const both = withOpen([other, one]);
    expect(both.objects).toHaveLength(rules.objects.length + 2);
    expect(withOpen([other, open({}, 'case-3')])).not.toBe(both); // one of two is another
    expect(withOpen([])).toEqual(rules);
  });

  it.each([
    ['evidence', { audit: { bucket: 'hr', prefix: 'decisions/' } }, 'decisions/2026/a.jsonl'],
    ['a dead letter', { deadLetters: { bucket: 'hr', prefix: 'dead/' } }, 'dead/repairs/hr.json'],
  ])('but not %s, of which each run writes more', (_what, folders, key) => {
    const own = withMatters({ ...rules, ...folders }, [open()], true);
    expect(decided(own, version({ key }))).toMatchObject(untouched);
    expect(decided(own, version())).toMatchObject(byMatter);
  });

  it('and concerns no bucket that is excluded in whole', () => {
    const { objects } = mattersAlone(rules, [
      open({ match: ['oss://**', '!oss://plain', '!oss://other/**', '!oss://hr/private/**'] }),
    ]);
    const concerned = (bucket: string) => objects.some(({ match }) => match.bucket.matches(bucket));
    expect(['hr', 'plain', 'other'].map(concerned)).toEqual([true, false, false]);
  });

  it('once, when two of its places have it', () => {
    const { objects } = withMatters(rules, [open({ match: ['oss://hr', 'oss://hr/*'] })], true);
    expect(objects.filter(({ matter }) => matter?.covers(version()))).toHaveLength(1);
  });

  it('beside the rules of the file', () => {
    const seen = version({ bucket: 'fin-1' });
    const matters = [open({ match: ['oss://fin-1'] })];
    const year = { rule: 'fin', until: new Date('2027-11-20T10:05:00Z') };
    expect(decided(withMatters(rules, matters, true), seen)).toMatchObject(year);
    expect(decided(mattersAlone(rules, matters), seen)).toMatchObject(byMatter);
  });

  it('and says so, and that it is over the cap', () => {
    const decision = decideObject(withMatters(rules, [open()], true), version(), afterDays(3600));
    expect(decision).toMatchObject({
      until: afterDays(3690),
      warnings: ['held longer than limits.maxRetention (10y) after Last-Modified, while the matter is open'],
    });
    expect('heldOpen' in decision && decision.heldOpen && heldOpenWords(decision.heldOpen)).toBe(
      'held open, generation 40: matter case-1 is open',
    );
  });

  it('and without an open matter the rules are those of the file', () => {
    expect(withMatters(rules, [], true)).toBe(rules);
    expect(mattersAlone(rules, []).objects).toEqual([]);
  });
});

it('rules stay without those of the matters that were released since, and are the same where none was', () => {
  const file = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: all, match: { bucket: b }, retain: 1y }
`);
  const both = withMatters(file, [open(), open({}, 'case-2')], false);
  const left = withoutReleased(both, withMatters(file, [open()], false));
  expect(left.objects.map(({ name }) => name)).toEqual(['all', 'matter case-1']);
  expect(withoutReleased(both, both)).toBe(both);
});
