import { expect, it } from 'vitest';
import { type AuditRecord, toFile } from '../../../shared/audit/file.ts';
import { formatName } from '../../../shared/audit/name.ts';
import { versionKey, writesSince } from '../../../shared/disposition/certify.ts';
import { createVersionSet } from '../../../shared/disposition/version-set.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, type Page, versionId } from '../../../shared/storage/port.ts';

const since = new Date('2028-03-01T10:00:00Z');
const now = new Date('2028-03-01T12:00:00Z');
const place = { bucket: 'evidence', prefix: 'audit/' };
const version = { bucket: 'hr', key: 'a', versionId: 'v1' };
const other = { ...version, versionId: 'v2' };

/** A file of evidence that was written some minutes after the plan. */
const fileAt = (minutes: number, ...records: readonly AuditRecord[]) => {
  const writtenAt = new Date(since.getTime() + minutes * 60_000);
  const draft = { writer: 'holdfast-hold-0123456789abcdef', sequence: 1, previous: undefined, writtenAt };
  return toFile({ ...draft, by: 'holdfast hold', requestId: undefined, records });
};

/** Finds the writes in these files, each on a page of its own; the list fails where one is an error. */
function find(files: readonly (ReturnType<typeof fileAt> | Error)[], planned = [version]) {
  const texts = new Map<string, string>();
  const pages = files.map((file): ListedVersion | Error => {
    if (file instanceof Error) return file;
    const key = `${place.prefix}${formatName(file.name)}`;
    texts.set(key, file.text);
    return {
      ...{ bucket: place.bucket, key, versionId: versionId('v'), isLatest: true, kind: 'version' },
      ...{ lastModified: file.writtenAt, etag: etag('AA'), size: file.text.length, type: 'Normal' },
    };
  });
  const pageOf = (items: typeof pages, prefix: string): Promise<Page<ListedVersion>> => {
    const [first, ...rest] = items;
    if (first instanceof Error) return Promise.reject(first);
    const next = rest.length === 0 ? undefined : () => pageOf(rest, prefix);
    return Promise.resolve({ items: first?.key.startsWith(prefix) ? [first] : [], next });
  };
  const names = createVersionSet();
  for (const each of planned) names.add(versionKey(each));
  const storage = {
    listVersions: (_bucket: string, prefix: string) => listing(() => pageOf(pages, prefix)),
    readText: ({ key }: { readonly key: string }) =>
      Promise.resolve({ text: texts.get(key) ?? '', etag: etag('AA') }),
  };
  return writesSince(storage, place, { since, planned: names }, now);
}

const hold = 'a legal hold';

it.each<[string, AuditRecord, string | undefined]>([
  ['retention by the function', { action: 'protect' }, 'retention'],
  ['retention by a run', { action: 'protected' }, 'retention'],
  ['retention in a dry run', { action: 'protect', dryRun: true }, undefined],
  ['retention that was refused', { action: 'protect', code: 'ACCESS_DENIED' }, undefined],
  ['a decision that writes nothing', { action: 'already-protected' }, undefined],
  ['a hold that was put on', { action: 'hold', result: 'held' }, hold],
  ['a hold that was on already', { action: 'hold', result: 'kept' }, hold],
  ['a hold that was not put on', { action: 'hold', result: 'gone' }, undefined],
  ['a hold that failed', { action: 'hold', result: 'held', code: 'ACCESS_DENIED' }, undefined],
  ['the end of a hold', { action: 'lift', result: 'held' }, undefined],
  ['a hold at the upload', { action: 'already-protected', legalHold: 'put-on' }, hold],
  [
    'a hold that was on before the upload was handled',
    { action: 'already-protected', legalHold: 'already-on' },
    undefined,
  ],
])('a write since the plan: %s', async (_what, record, written) => {
  const found = await find([fileAt(1, { ...version, ...record })]);
  expect([...found]).toEqual(written === undefined ? [] : [[versionKey(version), written]]);
});

it.each<[string, AuditRecord]>([
  ['another version', other],
  ['no bucket', { key: 'a', versionId: 'v1' }],
  ['no key', { bucket: 'hr', versionId: 'v1' }],
  ['no version', { bucket: 'hr', key: 'a' }],
])('a write to %s is none of the plan', async (_what, at) => {
  expect([...(await find([fileAt(1, { action: 'protect', ...at })]))]).toEqual([]);
});

it('counts what was written from the moment of the plan on, and not before', async () => {
  const files = [fileAt(-1, { action: 'protect', ...version }), fileAt(0, { action: 'protect', ...other })];
  expect([...(await find(files, [version, other])).keys()]).toEqual([versionKey(other)]);
});

it('names the last of several writes to a version', async () => {
  const files = [
    fileAt(1, { action: 'protect', ...version }),
    fileAt(61, { action: 'hold', result: 'held', ...version }),
  ];
  expect((await find(files)).get(versionKey(version))).toBe(hold);
});

it('tells no part of the writes when the list of the evidence fails in the middle', async () => {
  const broken = failure('UNREACHABLE', {
    operation: 'x',
    endpoint: 'oss',
    target: 'oss://evidence',
    reason: 'reset',
  });
  await expect(find([fileAt(1, { action: 'protect', ...version }), broken])).rejects.toBe(broken);
});
