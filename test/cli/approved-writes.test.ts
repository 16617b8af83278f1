import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundOf, withinBound } from '../../cli/protect/approved-writes.ts';
import { failure } from '../../shared/platform/errors.ts';
import { day } from '../../shared/platform/instant.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { DecidedOtherwise } from '../../shared/storage/last-look.ts';
import { type Retention, versionId } from '../../shared/storage/port.ts';
import { approvalRules } from '../support/approval-world.ts';

const now = new Date('2026-11-29T10:00:00Z');
const rules = rulesFrom(approvalRules, 'rules.yaml');
const later = (days: number) => new Date(now.getTime() + days * day);

/** A store that takes everything, and the dates that it was sent. */
function takingStore() {
  const sent: Date[] = [];
  return {
    sent,
    storage: {
      cloud: 'oss' as const,
      putRetention(_: unknown, { until }: Retention) {
        sent.push(until);
        return Promise.resolve({ sent: true, requestId: undefined });
      },
    },
  };
}

const write = async (storage: ReturnType<typeof takingStore>['storage'], days: readonly number[]) => {
  const refused: unknown[] = [];
  const at = { bucket: 'fin-1', key: 'a', versionId: versionId('V') };
  await Promise.all(
    days.map((each) =>
      storage.putRetention(at, { mode: 'COMPLIANCE', until: later(each) }).catch((error: unknown) => {
        refused.push(error);
      }),
    ),
  );
  return refused;
};

it('a run writes no more versions and no later date than its bound, whatever comes side by side', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 30 }),
      fc.option(fc.nat({ max: 10 }), { nil: undefined }),
      fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      async (days, versions, latestDays) => {
        const { sent, storage } = takingStore();
        const latest = latestDays === undefined ? undefined : later(latestDays);
        const refused = await write(withinBound(storage, { versions, latest }), days);
        const inTime = days.filter((each) => latestDays === undefined || each <= latestDays).length;
        expect(sent).toHaveLength(Math.min(inTime, versions ?? inTime));
        expect(sent.every((until) => latest === undefined || until <= latest)).toBe(true);
        expect(refused).toHaveLength(days.length - sent.length);
      },
    ),
  );
});

it('the bound is what was approved, or what needs no approval', () => {
  const hash = `sha256:${'0'.repeat(64)}`;
  const subject = {
    act: 'protect',
    target: 'oss://fin-1',
    rules: hash,
    before: '2026-11-29T09:00:00Z',
    versions: 3,
    latest: '2027-11-29T10:00:00Z',
    list: hash,
  } as const;
  expect(boundOf(rules, subject, now)).toEqual({ versions: 3, latest: new Date('2027-11-29T10:00:00Z') });
  expect(boundOf(rules, undefined, now)).toEqual({ versions: 2, latest: new Date('2031-11-29T10:00:00Z') });
  expect(boundOf(rules, subject, now, 2)).toMatchObject({ versions: 1 }); // gone on with after it had written two
  expect(boundOf(rules, undefined, now, 2)).toMatchObject({ versions: 0 });
  const none = { approvals: undefined };
  expect(boundOf(none, undefined, now, 5)).toEqual({ versions: undefined, latest: undefined });
});

it('counts a write whose reply was lost, and none that was decided otherwise before it was sent', async () => {
  const { sent, storage } = takingStore();
  let left = 1;
  const at = { bucket: 'fin-1', key: 'a', versionId: versionId('V') };
  const ends = {
    ...storage,
    async putRetention(_: unknown, retention: Retention) {
      if (left > 0) {
        left -= 1;
        throw new DecidedOtherwise();
      }
      await storage.putRetention(_, retention);
      throw failure('UNREACHABLE', { operation: 'x', target: 'oss://fin-1', reason: 'reset', endpoint: 'e' });
    },
  };
  const bound = withinBound(ends, { versions: 1, latest: undefined });
  const put = () => bound.putRetention(at, { mode: 'COMPLIANCE', until: later(1) });
  await expect(put()).rejects.toBeInstanceOf(DecidedOtherwise);
  await expect(put()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(put()).rejects.toMatchObject({ code: 'APPROVAL_EXCEEDED' });
  expect(sent).toHaveLength(1);
});

it('says which version, and what the run may do', async () => {
  const { storage } = takingStore();
  const [error] = await write(withinBound(storage, { versions: 1, latest: later(1) }), [2]);
  expect(error).toMatchObject({
    code: 'APPROVAL_EXCEEDED',
    message:
      'oss://fin-1/a?versionId=V was not retained until 2026-12-01T10:00:00Z: this run may retain 1 version until 2026-11-30T10:00:00Z at the latest, and no more',
  });
});
