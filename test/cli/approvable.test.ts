import { describe, expect, it } from 'vitest';
import { actsToApprove, changedSincePlanned, readApprovable } from '../../cli/approve/approvable.ts';
import { actOfRelease, findReleased, findToRelease } from '../../cli/hold/to-release.ts';
import type { ApprovingWorld } from '../../cli/world/approvals.ts';
import { plainClient } from '../../local/plain-client.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { makePlan, type PolicyPlan } from '../../shared/buckets/plan.ts';
import { readMattersIn } from '../../shared/matters/read-loaded.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import { approvalRules } from '../support/approval-world.ts';
import { type HoldTestWorld, holdRules, holdTestWorld } from '../support/hold-world.ts';
import { validRules } from '../support/rules-file.ts';

const rules = validRules(holdRules);
const hash = `sha256:${'0'.repeat(64)}`;
const now = new Date('2026-11-29T10:00:00Z');

const lock = { act: 'lock', bucket: 'archive-1', wormId: 'W', days: 365 } as const;
const extend = { ...lock, act: 'extend', days: 400 } as const;
const retain = {
  act: 'retain',
  ...{ bucket: 'fin-1', key: 'a', versionId: 'V', until: '2031-11-29T10:00:01Z' },
} as const;
const protect = {
  act: 'protect',
  ...{ target: 'oss://fin-1', rules: hashRules(rules), before: '2026-11-20T10:00:00Z' },
  ...{ versions: 3, latest: '2027-11-29T10:00:00Z', list: hash },
} as const;
const release = { act: 'release', matter: 'case-1', records: hash } as const;

const emptyPlan: PolicyPlan = makePlan({ surveyed: [], troubles: [] }, rules, 'cn-hangzhou', now);

/** Returns the error with which a text is refused. */
function refusalOf(text: string): HoldfastError {
  try {
    readApprovable(text, 'act.json');
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('what is to be approved', () => {
  it('is a plan, or an act with what its dry run has told beside it', () => {
    expect(readApprovable(JSON.stringify(emptyPlan), 'plan.json')).toEqual({ plan: emptyPlan });
    const printed = { format: 'holdfast.hold/1', approval: release, lifted: 2, reason: 'settled' };
    expect(readApprovable(JSON.stringify(printed), 'act.json')).toEqual({
      subject: release,
      told: { lifted: 2, reason: 'settled' },
    });
  });

  it.each([
    ['APPROVAL_PLAN_INVALID', 'it is not JSON', '{'],
    ['APPROVAL_PLAN_INVALID', 'the file: ', '[]'],
    ['APPROVAL_PLAN_INVALID', 'approval.wormId: ', '{"approval":{"act":"lock","bucket":"b"}}'],
    ['PLAN_INVALID', 'version: ', '{"steps":[]}'],
  ])('is refused as %s, with what is wrong: %s', (code, reason, text) => {
    const error = refusalOf(text);
    expect(error).toMatchObject({ code, cause: expect.any(Error) });
    expect(error.message).toMatch(/^act\.json /);
    expect(error.message).toContain(reason);
  });

  it('is nothing where the rules asked for no approval of the act', () => {
    const { code, message } = refusalOf('{"bucket":"b"}');
    expect(code).toBe('APPROVAL_PLAN_INVALID');
    expect(message).toContain('it has no act that the rules asked an approval for');
  });
});

describe('the acts that the rules ask an approval for', () => {
  const asking = (approvals: string) => validRules(`${holdRules}approvals: { ${approvals} }\n`);
  const acts = (approvals: string, subject: ApprovalSubject) =>
    actsToApprove(asking(approvals), { subject, told: {} }, now);

  it.each<[approvals: string, subject: ApprovalSubject]>([
    ['lock: true', lock],
    ['extend: true', extend],
    ['retain: { longerThan: 364d }', lock],
    ['retain: { longerThan: 5y }', retain],
    ['retain: { longerThan: 11mo }', protect],
    ['protect: { moreThan: 2 }', protect],
    ['release: true', release],
  ])('%s: they do of this one', (approvals, subject) => {
    expect(acts(approvals, subject)).toEqual([subject]);
  });

  it.each<[approvals: string, subject: ApprovalSubject]>([
    ['extend: true, release: true', lock],
    ['lock: true, protect: { moreThan: 0 }', extend],
    ['retain: { longerThan: 365d }', lock],
    ['retain: { longerThan: 6y }, protect: { moreThan: 0 }', retain],
    ['retain: { longerThan: 1y }, protect: { moreThan: 3 }', protect],
    ['lock: true, extend: true, protect: { moreThan: 0 }', release],
  ])('%s: they do not of this one', (approvals, subject) => {
    expect(acts(approvals, subject)).toEqual([]);
  });

  it('are those of the steps of a plan', () => {
    const observed = { id: 'W', state: 'InProgress', days: 365, createdAt: '2026-11-29T09:00:00Z' };
    const step = { bucket: 'archive-1', rule: 'r', observed };
    const plan = { ...emptyPlan, steps: [{ ...step, decision: { action: 'lock', reason: '' } as const }] };
    expect(actsToApprove(asking('lock: true'), { plan }, now)).toEqual([lock]);
  });
});

/** Tells what has changed of an act since it was planned. */
async function changedOf(
  { storage, cloud }: HoldTestWorld,
  subject: ApprovalSubject,
  now = () => cloud.time.now(),
): Promise<readonly string[]> {
  const world: ApprovingWorld = {
    ...{ storage, rules, isTemporaryCaller: false },
    clock: { now, sleep: () => Promise.resolve() },
    caller: () => ({ caller: 'approver', callerFrom: 'a test' }),
  };
  return await changedSincePlanned(world, { subject, told: {} }, [subject]);
}

describe('what has changed since the plan', () => {
  it('is a policy that cannot be locked or extended as it was planned', async () => {
    const world = await holdTestWorld([]);
    const changed = (subject: ApprovalSubject) => changedOf(world, subject);
    const client = plainClient(world.cloud.url, 'archive-1');
    await client.putBucket('archive-1');
    expect(await changed(lock)).toEqual(['bucket archive-1: its policy is none now']);

    await client.initiateBucketWorm('archive-1', '365');
    const policy = await world.storage.policies?.getPolicy('archive-1');
    if (policy === undefined) throw new Error('there is no policy');
    const wormId = policy.id;
    const open = [`bucket archive-1: its policy is ${wormId}, InProgress, 365 days now`];
    expect(await changed({ ...lock, wormId })).toEqual([]);
    expect(await changed({ ...lock, wormId, days: 364 })).toEqual(open);
    expect(await changed(lock)).toEqual(open);
    expect(await changed({ ...extend, wormId })).toEqual(open);

    await world.storage.policies?.lockPolicy('archive-1', wormId);
    const locked = [`bucket archive-1: its policy is ${wormId}, Locked, 365 days now`];
    expect(await changed({ ...lock, wormId })).toEqual(locked);
    expect(await changed({ ...extend, wormId })).toEqual([]);
    expect(await changed({ ...extend, wormId, days: 365 })).toEqual(locked);
    expect(await changed(extend)).toEqual(locked);
  });

  it('is a matter with other records than those that were to be released', async () => {
    const world = await holdTestWorld();
    const place = { bucket: 'evidence', prefix: 'decisions/' };
    const planned = async (again: boolean) => {
      const matters = await readMattersIn(place, world.storage);
      const found = again ? findReleased(matters, 'case-1') : findToRelease(matters, 'case-1');
      const subject = actOfRelease('case-1', found, again);
      if (subject === undefined) throw new Error('there is nothing to release');
      return subject;
    };
    const other = ['matter case-1 was opened, released or gone over since'];

    await world.open('case-1', {});
    const first = await planned(false);
    expect(await changedOf(world, first)).toEqual([]);
    expect(await changedOf(world, { ...first, records: hash })).toEqual(other);
    await world.release('case-1');
    expect(await changedOf(world, first), 'and all holds are off').toEqual(other);

    const again = await planned(true);
    expect(await changedOf(world, again)).toEqual([]);
    await world.cloud.advance(1000);
    await world.release('case-1', { again: true });
    expect(await changedOf(world, again)).toEqual(other);
  });

  it('is a run by other rules, or of a time that lies ahead; what the run writes it looks at itself', async () => {
    const world = await holdTestWorld([]);
    const changed = (part: Partial<typeof protect>) => changedOf(world, { ...protect, ...part });
    expect(await changed({})).toEqual([]);
    expect(await changed({ rules: hash })).toEqual(['the rules are others']);
    const before = '2026-11-20T11:00:00Z';
    expect(await changed({ before })).toEqual([`the plan is of ${before}, which lies ahead`]);
    expect(await changedOf(world, { ...protect, before }, () => new Date(before))).toEqual([]);
    expect(await changedOf(world, retain)).toEqual([]);
  });

  it('is a plan that other rules have made', async () => {
    const { storage, cloud } = await holdTestWorld([]);
    const world: ApprovingWorld = {
      ...{ storage, rules: validRules(approvalRules), isTemporaryCaller: false },
      clock: { now: () => cloud.time.now(), sleep: () => Promise.resolve() },
      caller: () => ({ caller: 'approver', callerFrom: 'a test' }),
    };
    expect(await changedSincePlanned(world, { plan: emptyPlan }, [])).toEqual(['the rules are others']);
    expect(await changedSincePlanned({ ...world, rules }, { plan: emptyPlan }, [])).toEqual([]);
  });
});
