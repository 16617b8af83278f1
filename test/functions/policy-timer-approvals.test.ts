import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { keepApproval } from '../../shared/audit/approval-record.ts';
import { type FoundRecord, searchAudit } from '../../shared/audit/search.ts';
import { day, hour, minute } from '../../shared/platform/instant.ts';
import { wormId } from '../../shared/storage/port.ts';
import { holdfastCloud, logOf, policyTimer } from '../support/holdfast-cloud.ts';
import { validRules } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';

const rulesText = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
approvals: { lock: true, extend: true }
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 1y }
buckets:
  - name: archive
    match: { bucket: "archive-*" }
    policy:
      days: { atLeast: 8, atMost: 3650 }
      lock: { after: 1h }
      extend: { within: 180h, by: 90d, upTo: 3650d }
`;
const place = { bucket: 'evidence', prefix: 'decisions/' };

async function timerWorld() {
  const cloud = await holdfastCloud(rulesText);
  await createRetentionBucket(cloud.url, 'evidence');
  const client = plainClient(cloud.url, 'archive-a');
  await client.putBucket('archive-a');
  await client.initiateBucketWorm('archive-a', '8');
  const storage = storageOf(cloud);
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const policy = async () => {
    const found = await storage.policies?.getPolicy('archive-a');
    if (found === undefined) throw new Error('there is no policy');
    return found;
  };
  return {
    ...{ cloud, storage, policy },
    approve: async (
      given: Partial<Extract<ApprovalSubject, { act: 'lock' | 'extend' }>> = {},
      lastsMs = day,
    ) => {
      const { id, days } = await policy();
      const subjects = [{ act: 'lock' as const, bucket: 'archive-a', wormId: id, days, ...given }];
      const until = new Date(clock.now().getTime() + lastsMs);
      const by = { caller: 'ann', callerFrom: 'a test' };
      return keepApproval(
        { storage, rules: validRules(rulesText), clock },
        { by, until, plan: hashSubjects(subjects), subjects },
      );
    },
    evidence: async () => {
      const found: FoundRecord[] = [];
      for await (const each of searchAudit(storage, place, { bucket: 'archive-a' }, undefined, clock.now()))
        found.push(each);
      return found.map(({ record }) => record);
    },
  };
}

const runs = (cloud: Cloud) => cloud.fc.invocations(policyTimer);
const lastRun = (cloud: Cloud) => {
  const run = runs(cloud).at(-1);
  if (run === undefined) throw new Error('the timer has not run');
  return run;
};
const about = (cloud: Cloud) => logOf(lastRun(cloud)).find(({ bucket }) => bucket === 'archive-a');

describe('the timer, where the rules ask for approvals', () => {
  it('locks nothing that nobody has approved, says so, and wakes somebody when it is about to lapse', async () => {
    const { cloud, policy, approve, evidence } = await timerWorld();
    await cloud.advance(hour + 30 * minute);
    expect(await policy()).toMatchObject({ state: 'InProgress' });
    expect(about(cloud)).toMatchObject({
      ...{ level: 'warn', action: 'lock', code: 'APPROVAL_MISSING', why: 'absent', state: 'InProgress' },
      remedy: expect.stringContaining('holdfast plan --out plan.json'),
      reason: expect.stringContaining('lock of archive-a'),
    });
    const waiting = runs(cloud).length;
    expect(runs(cloud).filter(({ error }) => error !== undefined)).toEqual([]);
    expect(logOf(lastRun(cloud)).at(-1)).toMatchObject({ action: 'run', failed: 0, unapproved: 1 });
    expect(await evidence()).toContainEqual(
      expect.objectContaining({ action: 'lock', code: 'APPROVAL_MISSING', why: 'absent' }),
    );
    const before = (await evidence()).length;

    await cloud.advance(11 * hour);
    expect(await evidence()).toHaveLength(before); // it is not written again and again
    expect(runs(cloud).length).toBeGreaterThan(waiting);
    expect(about(cloud)).toMatchObject({ level: 'error', why: 'absent' });
    expect(lastRun(cloud).error).toMatchObject({
      errorType: 'RUN_FAILED',
      errorMessage: expect.stringContaining('archive-a: APPROVAL_MISSING'),
    });

    await approve({ days: 9 });
    await cloud.advance(15 * minute);
    expect(about(cloud)).toMatchObject({ code: 'APPROVAL_OTHER', why: 'other' });
    await approve({}, minute);
    await cloud.advance(15 * minute);
    expect(about(cloud)).toMatchObject({ code: 'APPROVAL_EXPIRED', why: 'expired' });
    await approve();
    await cloud.advance(15 * minute);
    expect(await policy()).toMatchObject({ state: 'Locked', days: 8 });
    expect(about(cloud)).toMatchObject({
      action: 'lock',
      approvedBy: 'ann',
      approval: expect.stringMatching(/^approvals\/ann\//),
    });
    expect(await evidence()).toContainEqual(expect.objectContaining({ action: 'lock', approvedBy: 'ann' }));
    expect(lastRun(cloud).error).toBeUndefined();
  });

  it('extends nothing either, which becomes urgent a week before the first objects could be deleted', async () => {
    const { cloud, policy, approve } = await timerWorld();
    await approve();
    await cloud.advance(2 * hour);
    expect(await policy()).toMatchObject({ state: 'Locked' });
    await cloud.advance(11 * hour);
    expect(about(cloud)).toMatchObject({ level: 'warn', action: 'extend', why: 'absent', newDays: 98 });
    await cloud.advance(12 * hour);
    expect(about(cloud)).toMatchObject({ level: 'error', action: 'extend', why: 'absent' });
    await approve({ act: 'extend', wormId: wormId((await policy()).id), days: 98 });
    await cloud.advance(15 * minute);
    expect(await policy()).toMatchObject({ state: 'Locked', days: 98 });
  });

  it('locks nothing while the approvals cannot be read', async () => {
    const { cloud, policy, approve } = await timerWorld();
    await approve();
    const effect = { status: 403, code: 'AccessDenied' };
    cloud.oss.faults.add({ operation: 'GetObject', bucket: 'evidence', effect });
    await cloud.advance(2 * hour);
    expect(about(cloud)).toMatchObject({ level: 'error', action: 'lock', code: 'ACCESS_DENIED' });
    expect(await policy()).toMatchObject({ state: 'InProgress' });
    cloud.oss.faults.clear();
    await cloud.advance(15 * minute);
    expect(await policy()).toMatchObject({ state: 'Locked' });
  });
});
