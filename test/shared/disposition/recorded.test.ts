import { expect, it } from 'vitest';
import { type AuditRecord, toFile } from '../../../shared/audit/file.ts';
import { formatName } from '../../../shared/audit/name.ts';
import { versionKey } from '../../../shared/disposition/certify.ts';
import { alreadyRecorded, nothingRecorded } from '../../../shared/disposition/recorded.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';

const since = new Date('2028-03-01T11:00:00.700Z');
const inThatSecond = new Date('2028-03-01T11:00:00Z');
const now = new Date('2028-03-01T12:00:00Z');
const version = (key: string) => ({ bucket: 'b', key, versionId: `${key}-1` });
const certificate = { action: 'disposition-certified', plan: 'P', certificate: 'C' };
const disposed = (key: string) => ({ action: 'disposed', plan: 'P', ...version(key) });

/** Asks for the versions a and b of evidence that has one file with these records. */
async function find(records: readonly AuditRecord[], writtenAt = inThatSecond) {
  const draft = { writer: 'holdfast-disposition-0123456789abcdef', sequence: 1, previous: undefined };
  const file = toFile({ ...draft, writtenAt, by: 'holdfast disposition', requestId: undefined, records });
  const listed: ListedVersion = {
    ...{ bucket: 'evidence', key: `audit/${formatName(file.name)}`, versionId: versionId('v') },
    ...{
      kind: 'version',
      isLatest: true,
      lastModified: writtenAt,
      etag: etag('AA'),
      size: 1,
      type: 'Normal',
    },
  };
  const storage = {
    listVersions: (_bucket: string, prefix: string) =>
      listing(() =>
        Promise.resolve({ items: listed.key.startsWith(prefix) ? [listed] : [], next: undefined }),
      ),
    readText: () => Promise.resolve({ text: file.text, etag: etag('AA') }),
  };
  const recording = {
    ...{ plan: 'P', certificate: 'C', since },
    versions: ['a', 'b'].map((key) => versionKey(version(key))),
  };
  const { versions, certified } = await alreadyRecorded(
    storage,
    { bucket: 'evidence', prefix: 'audit/' },
    recording,
    now,
  );
  return { versions: [...versions], certified };
}

it('of a certificate, the evidence tells the versions that were asked for, and the certificate itself', async () => {
  const a = versionKey(version('a'));
  expect(await find([disposed('a'), disposed('c')])).toEqual({ versions: [a], certified: false });
  expect(await find([disposed('a'), certificate])).toEqual({ versions: [a], certified: true });
});

it.each<[what: string, record: AuditRecord]>([
  ['of another plan', { ...certificate, plan: 'Q' }],
  ['of another certificate', { ...certificate, certificate: 'D' }],
  ['of a version that another plan disposed of', { ...disposed('a'), plan: 'Q' }],
  ['of a version that was approved', { ...disposed('a'), action: 'disposition-approved' }],
])('a record %s counts for nothing', async (_what, record) => {
  expect(await find([record])).toEqual({ versions: [], certified: false });
});

it('evidence without a record of it says what a certificate starts from', async () => {
  expect(await find([])).toEqual({ ...nothingRecorded, versions: [...nothingRecorded.versions] });
});

it('records before the second in which it was begun are of an earlier certificate', async () => {
  const records = [disposed('a'), certificate];
  const before = new Date(inThatSecond.getTime() - 1000);
  expect(await find(records, before)).toEqual({ versions: [], certified: false });
  expect(await find(records)).toMatchObject({ certified: true });
});
