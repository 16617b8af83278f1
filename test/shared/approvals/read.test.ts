import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../../local/plain-client.ts';
import { formatApprovalName, parseApprovalName } from '../../../shared/approvals/name.ts';
import { readApprovals } from '../../../shared/approvals/read.ts';
import { approvalText, type WrittenApproval } from '../../../shared/approvals/record.ts';
import { hashSubjects } from '../../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../../shared/approvals/types.ts';
import { keepApproval } from '../../../shared/audit/approval-record.ts';
import type { AuditFinding } from '../../../shared/audit/findings.ts';
import { verifyAudit } from '../../../shared/audit/verify.ts';
import { failure, hasCode } from '../../../shared/platform/errors.ts';
import { day } from '../../../shared/platform/instant.ts';
import { holdRules, holdTestWorld } from '../../support/hold-world.ts';
import { validRules } from '../../support/rules-file.ts';

const subjects: readonly ApprovalSubject[] = [{ act: 'lock', bucket: 'b', wormId: 'W1', days: 365 }];
const folder = { bucket: 'evidence', prefix: 'decisions/' };
const rules = validRules(holdRules);

async function approvalWorld() {
  const { cloud, storage } = await holdTestWorld([]);
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  const until = new Date('2026-11-27T10:00:00Z');
  const by = { caller: 'ann', callerFrom: 'a test' };
  const approval: WrittenApproval = { by, until, plan: hashSubjects(subjects), subjects, note: 'looked at' };
  return {
    ...{ cloud, storage, approval },
    keep: (given: Partial<WrittenApproval> = {}) =>
      keepApproval({ storage, rules, clock }, { ...approval, ...given }),
    read: () => readApprovals({ storage, folder, errors: { failure, hasCode } }, clock),
    faults: async () => {
      const found: string[] = [];
      const onFinding = ({ fault }: AuditFinding) => found.push(fault);
      await verifyAudit({ storage, place: folder, now: clock.now(), rules, onFinding });
      return found.toSorted();
    },
    /** Writes any text under the name of an approval. */
    write: async (text: string, name: { caller?: string; until?: Date } = {}) => {
      const sha256 = createHash('sha256').update(text).digest('hex');
      const key = formatApprovalName({ caller: 'ann', until, sha256, ...name });
      await storage.writeText({ bucket: folder.bucket, key: `${folder.prefix}${key}` }, text);
      return key;
    },
    reasons: async () => {
      const { approvals, unreadable } = await readApprovals(
        { storage, folder, errors: { failure, hasCode } },
        clock,
      );
      return [
        ...approvals.map(({ caller }) => caller),
        ...unreadable.map(({ code, message }) => `${code} ${message}`),
      ];
    },
  };
}

describe('approvals in the folder of the evidence', () => {
  it('are judged by the time that the service tells in its list, not by that of the machine before', async () => {
    const { storage, keep, cloud } = await approvalWorld();
    await keep();
    let isTold = false;
    const telling = {
      ...storage,
      listVersions(...args: Parameters<typeof storage.listVersions>) {
        const listing = storage.listVersions(...args);
        return {
          first: listing.first,
          [Symbol.asyncIterator]() {
            isTold = true;
            return listing[Symbol.asyncIterator]();
          },
        };
      },
    };
    const clock = { now: () => (isTold ? cloud.time.now() : new Date('2031-01-01T00:00:00Z')) };
    const found = await readApprovals({ storage: telling, folder, errors: { failure, hasCode } }, clock);
    expect(found.approvals).toHaveLength(1);
  });

  it('are read as they were written, with the time of the service', async () => {
    const { approval, keep, read, faults, cloud } = await approvalWorld();
    expect((await read()).approvals).toEqual([]);
    const kept = await keep({ until: new Date(approval.until.getTime() + 999) });
    expect(kept.errors).toEqual([]);
    const { approvals, unreadable } = await read();
    expect(unreadable).toEqual([]);
    const { by, ...rest } = approval;
    const file = kept.key.slice(folder.prefix.length);
    expect(approvals).toMatchObject([{ ...rest, caller: by.caller, at: expect.any(Date), file }]);
    expect(await faults()).toEqual([]);
    await cloud.advance(37 * day - 2000); // 30 days after its end it can still be said that it has ended
    expect((await read()).approvals).toHaveLength(1);
    await cloud.advance(2000);
    expect((await read()).approvals).toEqual([]);
  });

  it('count not when somebody has written them for somebody else, changed them, or made them last', async () => {
    const { approval, write, reasons } = await approvalWorld();
    const text = approvalText(approval);
    await write(text, { caller: 'bob' });
    await write(text, { until: new Date(approval.until.getTime() + day) });
    await write(text.replace('365', '366'));
    await write('{}');
    await write('no JSON');
    const long = { ...approval, until: new Date(approval.until.getTime() + 90 * day) };
    await write(approvalText(long), { until: long.until });
    const told = await reasons();
    expect(told).toHaveLength(6);
    for (const reason of [
      'it lies in the folder of bob, and says that it is of ann',
      'its name says that it ends at 2026-11-28T10:00:00Z, and it ends at 2026-11-27T10:00:00Z',
      'plan: it is not the hash of the acts',
      'it is not JSON',
      'would last for more than 90 days',
    ]) {
      expect(told).toContainEqual(expect.stringContaining(reason));
    }
    for (const each of told)
      expect(each).toMatch(/^APPROVAL_MALFORMED oss:\/\/evidence\/decisions\/approvals\//);
  });

  it('are read beside an object that is no text, which is named', async () => {
    const { keep, cloud, reasons } = await approvalWorld();
    const { key } = await keep();
    const beside = key.replace(/[0-9a-f]{64}/, '0'.repeat(64));
    await plainClient(cloud.url, 'evidence').put(beside, Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect(await reasons()).toEqual([
      'ann',
      expect.stringMatching(/^APPROVAL_MALFORMED oss:.*it has no text/),
    ]);
  });

  it('are not hidden by a version that lies over them, and are taken back by a delete marker', async () => {
    const { keep, faults, cloud, reasons } = await approvalWorld();
    const { key } = await keep();
    const client = plainClient(cloud.url, 'evidence');
    await client.put(key, Buffer.from('something else'));
    expect(await reasons()).toEqual(['ann']);
    await client.delete(key);
    expect(await reasons()).toEqual([]);
    expect(await faults()).toEqual(['changed', 'hidden']);
  });

  it('are written only where they can be read again', async () => {
    const { keep, reasons } = await approvalWorld();
    const refused = (given: Partial<WrittenApproval>) =>
      expect(keep(given)).rejects.toMatchObject({ code: 'APPROVAL_MALFORMED' });
    await refused({ by: { caller: 'a/b', callerFrom: 'a test' } });
    await refused({ plan: hashSubjects([]) });
    await refused({ note: ' ' });
    expect(await reasons()).toEqual([]);
  });
});

it.each([
  'approvals/ann/20261206T100000Z-0.json',
  `approvals/ann/20260231T100000Z-${'0'.repeat(64)}.json`,
  `approvals/.ann/20261206T100000Z-${'0'.repeat(64)}.json`,
  `approvals/20261206T100000Z-${'0'.repeat(64)}.json`,
])('%s is the name of no approval', (name) => {
  expect(parseApprovalName(name)).toBeUndefined();
});
