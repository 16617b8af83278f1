import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { recordKey } from '../../../shared/matters/name.ts';
import { type MattersSource, readMatters } from '../../../shared/matters/read.ts';
import { matterRecordText, parseMatterRecord } from '../../../shared/matters/record.ts';
import type { MatterRecord } from '../../../shared/matters/types.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';
import { author, minutes, validScope } from '../../support/matters.ts';

const folder = { bucket: 'evidence', prefix: 'audit/' };

type Named = Pick<MatterRecord, 'id' | 'kind'>;

/** The key of a text as a record; the name says that it is of that kind and matter. */
const keyOf = (text: string, { id, kind }: Named): string =>
  recordKey(folder, { id, kind, sha256: createHash('sha256').update(text).digest('hex') });

/** A record under its name. */
const kept = (record: MatterRecord, name: Named = record): readonly [key: string, text: string] => {
  const text = matterRecordText(record);
  return [keyOf(text, name), text];
};

const itemOf = ([key, text]: readonly [key: string, text: string], isLatest = true): ListedVersion => ({
  ...{ bucket: folder.bucket, key, versionId: versionId(text), isLatest, kind: 'version' },
  ...{ lastModified: minutes(0), etag: etag('AA'), size: text.length, type: 'Normal' },
});

/** A folder with these records or versions, and the keys that are read. */
function world(records: readonly MatterRecord[], more: readonly ListedVersion[] = []) {
  const read: string[] = [];
  const listed: string[] = [];
  let parsers = 0;
  const items = [...records.map((record) => itemOf(kept(record))), ...more];
  const source: MattersSource = {
    folder,
    storage: {
      cloud: 'oss',
      listVersions(bucket, prefix) {
        listed.push(`${bucket} ${prefix}`);
        return listing(() => Promise.resolve({ items, next: undefined }));
      },
      readText({ key, versionId: text = '' }) {
        read.push(key);
        return Promise.resolve({ text, etag: etag('AA') });
      },
    },
    load() {
      parsers += 1;
      return Promise.resolve(parseMatterRecord);
    },
  };
  return { source, read, listed, parsers: () => parsers };
}

const pass = (kind: 'held' | 'lifted'): MatterRecord => ({
  ...{ kind, id: 'case', at: minutes(1), by: author, complete: true, counts: {} },
  follows: [`opened-${'0'.repeat(64)}.json`],
});

const opening: MatterRecord = {
  ...{ kind: 'opened', id: 'case', at: minutes(0), by: author, reason: 'a lawsuit' },
  scope: validScope({ match: ['oss://fin-*/**'] }),
};

test('whoever asks what is held reads no record of a pass, and loads no parser for one', async () => {
  const passes = world([pass('held'), pass('lifted')]);
  await readMatters({ ...passes.source, withoutPasses: true });
  expect([passes.read, passes.parsers()]).toEqual([[], 0]);

  const whole = world([opening, pass('held')]);
  const { all } = await readMatters({ ...whole.source, withoutPasses: true });
  expect(all).toMatchObject([{ id: 'case', passes: [] }]);
  expect(whole.read).toHaveLength(1);
  expect((await readMatters(whole.source)).all).toMatchObject([{ passes: [{ kind: 'held' }] }]);
});

test('a record that was read before is not read again, and one list tells what is there', async () => {
  const { source, read, listed } = world([opening, pass('held')]);
  const known = new Map();
  const first = await readMatters({ ...source, known });
  expect(await readMatters({ ...source, known })).toEqual(first);
  expect(read).toHaveLength(2);
  expect(listed).toEqual(['evidence audit/matters/', 'evidence audit/matters/']);
});

test('a record that cannot be read is named with its version each time, and may hold if it is an opening', async () => {
  const [key] = kept(opening);
  const broken = world([], [itemOf([key, 'x'])]);
  const known = new Map();
  for (const _time of [1, 2]) {
    const { all, unreadable } = await readMatters({ ...broken.source, known });
    expect(all).toEqual([]);
    expect(known.size).toBe(0);
    expect(unreadable).toMatchObject([{ mayHold: true, error: { code: 'MATTER_MALFORMED' } }]);
    expect(unreadable[0]?.error.message).toContain(
      `oss://evidence/${key}?versionId=x is no record of a matter: its name has the hash of another content`,
    );
  }
});

test.each<[Named, string]>([
  [{ id: 'other', kind: 'opened' }, 'opened of case'],
  [{ id: 'case', kind: 'released' }, 'opened of case'],
])('a record is none under the name of another: %j', async (name, says) => {
  const { all, unreadable } = await readMatters(world([], [itemOf(kept(opening, name))]).source);
  expect([all, unreadable[0]?.name]).toMatchObject([[], name]);
  expect(unreadable[0]?.error.message).toContain(`it says that it is ${says}`);
});

test('a record stays where a delete marker and another version lie over it, and what has another name is none', async () => {
  const one = kept(opening);
  const [key] = one;
  const marker = { ...itemOf(one), kind: 'delete-marker', versionId: versionId('m') } as const;
  const over = [marker, itemOf([key, 'x'], false), itemOf(one, false), itemOf([`${key}.bak`, 'y'])];
  const { all, unreadable } = await readMatters(world([], over).source);
  expect(all).toMatchObject([{ id: 'case', openings: [{ opened: { reason: 'a lawsuit' } }] }]);
  expect(unreadable).toEqual([]);
});

test('a delete marker alone is no record', async () => {
  const marker = { ...itemOf(kept(opening)), kind: 'delete-marker' } as const;
  expect(await readMatters(world([], [marker]).source)).toEqual({ all: [], unreadable: [] });
});

test('a record is none where its text is of another form, which is told', async () => {
  const text = '{}';
  const { unreadable } = await readMatters(world([], [itemOf([keyOf(text, opening), text])]).source);
  expect(unreadable[0]?.error.message).toContain('is no record of a matter: kind: ');
});

test('an object that is no text is no record, and stops nobody', async () => {
  const { source } = world([opening]);
  const readText = () => Promise.reject(failure('TEXT_ENCODING', { source: 'x', reason: 'y' }));
  const { unreadable } = await readMatters({ ...source, storage: { ...source.storage, readText } });
  expect(unreadable[0]?.error.message).toContain('is no record of a matter: it has no text');
});
