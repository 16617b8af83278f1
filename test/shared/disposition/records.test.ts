import { expect, it } from 'vitest';
import { type AuditRecord, toFile } from '../../../shared/audit/file.ts';
import { formatName } from '../../../shared/audit/name.ts';
import { mattersOpenOrFail } from '../../../shared/disposition/open-matters.ts';
import { countingApproval, findDispositionRecords } from '../../../shared/disposition/records.ts';
import { mattersOf } from '../../../shared/matters/state.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';
import { opened } from '../../support/matters.ts';

const madeAt = new Date('2028-03-01T10:00:00Z');
const writtenAt = new Date('2028-03-01T11:00:00Z');
const now = new Date('2028-03-01T12:00:00Z');
const end = new Date('2028-03-08T00:00:00Z');
const planned = { action: 'disposition-planned', plan: 'P', caller: 'ann' };
const approved = {
  ...{ action: 'disposition-approved', plan: 'P', caller: 'ben', reason: 'seen' },
  ...{ until: end.toISOString(), script: 'S' },
};

/** Returns what evidence of one file with these records says of the plan P. */
function find(records: readonly AuditRecord[]) {
  const draft = { writer: 'holdfast-disposition-0123456789abcdef', sequence: 1, previous: undefined };
  const file = toFile({ ...draft, writtenAt, by: 'holdfast disposition', requestId: undefined, records });
  const listed: ListedVersion = {
    ...{
      bucket: 'evidence',
      key: `audit/${formatName(file.name)}`,
      versionId: versionId('v'),
      isLatest: true,
    },
    ...{ kind: 'version', lastModified: writtenAt, etag: etag('AA'), size: 1, type: 'Normal' },
  };
  const storage = {
    listVersions: (_bucket: string, prefix: string) =>
      listing(() =>
        Promise.resolve({ items: listed.key.startsWith(prefix) ? [listed] : [], next: undefined }),
      ),
    readText: () => Promise.resolve({ text: file.text, etag: etag('AA') }),
  };
  const place = { bucket: 'evidence', prefix: 'audit/' };
  return findDispositionRecords(storage, place, { hash: 'P', madeAt }, now);
}

it('the evidence says who made a plan and who approved it, and until when', async () => {
  expect(await find([planned, approved])).toEqual({
    planned: [{ caller: 'ann', at: writtenAt }],
    approved: [{ caller: 'ben', at: writtenAt, until: end, reason: 'seen', script: 'S' }],
  });
});

it.each<[what: string, record: AuditRecord]>([
  ['is of another plan', { ...approved, plan: 'Q' }],
  ['is by nobody', { ...approved, caller: undefined }],
  ['was made by nobody', { ...planned, caller: 7 }],
  ['has no end', { ...approved, until: undefined }],
  ['has an end that is no date', { ...approved, until: 'for ever' }],
  ['has an end that is no text', { ...approved, until: end.getTime() }],
  ['is of no script', { ...approved, script: undefined }],
  ['is no step of these', { ...approved, action: 'disposed' }],
])('a record that %s counts for nothing', async (_what, record) => {
  expect(await find([record])).toEqual({ planned: [], approved: [] });
});

it('an approval without a reason has an empty one', async () => {
  const { approved: found } = await find([{ ...approved, reason: undefined }]);
  expect(found).toMatchObject([{ caller: 'ben', reason: '' }]);
});

it('the approval counts that lasts longest, of those who did not make the plan', async () => {
  const later = { ...approved, until: '2028-03-09T00:00:00Z' };
  const records = await find([planned, approved, { ...later, caller: 'cyd' }, { ...later, caller: 'ann' }]);
  expect(countingApproval(records)).toMatchObject({ caller: 'cyd' });
  expect(countingApproval(await find([planned, { ...approved, caller: 'ann' }]))).toBeUndefined();
});

it('matters are taken as those that are open only when each record that may hold was read', () => {
  const error = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });
  const unread = (kind: 'opened' | 'held') => ({ name: { id: 'b', kind, sha256: 'x' }, error });
  const known = mattersOf([opened('a', 1, { match: ['oss://hr'] }), unread('held')]);
  expect(mattersOpenOrFail(known)).toBe(known);
  expect(() => mattersOpenOrFail(mattersOf([unread('held'), unread('opened')]))).toThrow(error);
});
