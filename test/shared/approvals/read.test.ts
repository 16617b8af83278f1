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
import { day, hour } from '../../../shared/platform/instant.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';
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
    const { approval, keep, read, faults } = await approvalWorld();
    expect((await read()).approvals).toEqual([]);
    const kept = await keep({ until: new Date(approval.until.getTime() + 999) });
    expect(kept.errors).toEqual([]);
    const { approvals, unreadable } = await read();
    expect(unreadable).toEqual([]);
    const { by, ...rest } = approval;
    const file = kept.key.slice(folder.prefix.length);
    expect(approvals).toMatchObject([{ ...rest, caller: by.caller, at: expect.any(Date), file }]);
    expect(await faults()).toEqual([]);
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

  it('count again when they are put back over a delete marker', async () => {
    const { approval, keep, cloud, reasons } = await approvalWorld();
    const { key } = await keep();
    const client = plainClient(cloud.url, 'evidence');
    await client.delete(key);
    await client.put(key, Buffer.from(approvalText(approval)));
    expect(await reasons()).toEqual(['ann']);
  });

  it('are read beside an object of another name, and each version is asked for once', async () => {
    const { approval, write, storage, cloud } = await approvalWorld();
    const stray = `${folder.prefix}approvals/readme.txt`;
    await plainClient(cloud.url, 'evidence').put(stray, Buffer.from('x'));
    const broken = `${folder.prefix}${await write('{}')}`;
    const whole = `${folder.prefix}${await write(approvalText(approval))}`;
    const asked: string[] = [];
    const noting = {
      ...storage,
      readText(...args: Parameters<typeof storage.readText>) {
        asked.push(args[0].key);
        return storage.readText(...args);
      },
    };
    const clock = { now: () => cloud.time.now() };
    const found = await readApprovals({ storage: noting, folder, errors: { failure, hasCode } }, clock);
    expect([found.approvals.length, found.unreadable.length]).toEqual([1, 1]);
    expect(asked.toSorted()).toEqual([broken, whole].toSorted());
  });

  it('are told of for 30 days after their end, to the millisecond', async () => {
    const { approval, keep, storage } = await approvalWorld();
    await keep();
    const countAt = async (ms: number) => {
      const clock = { now: () => new Date(approval.until.getTime() + ms) };
      return (await readApprovals({ storage, folder, errors: { failure, hasCode } }, clock)).approvals.length;
    };
    expect([await countAt(30 * day), await countAt(30 * day + 1)]).toEqual([1, 0]);
  });

  it('may last for 90 days, and for an hour more, by which two clocks may differ', async () => {
    const { approval } = await approvalWorld();
    const at = new Date('2026-11-01T00:00:00Z');
    const items = [0, 1000].map((ms): ListedVersion => {
      const until = new Date(at.getTime() + 90 * day + hour + ms);
      const text = approvalText({ ...approval, until });
      const sha256 = createHash('sha256').update(text).digest('hex');
      return {
        ...{
          bucket: folder.bucket,
          key: `${folder.prefix}${formatApprovalName({ caller: 'ann', until, sha256 })}`,
        },
        ...{ versionId: versionId(text), isLatest: true, kind: 'version', lastModified: at },
        ...{ etag: etag('AA'), size: text.length, type: 'Normal' },
      };
    });
    const storage = {
      cloud: 'oss' as const,
      listVersions: () => listing(() => Promise.resolve({ items, next: undefined })),
      readText: ({ versionId: text = '' }) => Promise.resolve({ text, etag: etag('AA') }),
    };
    const found = await readApprovals({ storage, folder, errors: { failure, hasCode } }, { now: () => at });
    expect(found.approvals).toHaveLength(1);
    expect(found.unreadable.map(({ message }) => message)).toEqual([
      expect.stringContaining('would last for more than 90 days'),
    ]);
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
