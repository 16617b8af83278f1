import { describe, expect, it } from 'vitest';
import { isOpen, listLetters, markLetter, openLetter } from '../../../shared/dead-letters/box.ts';
import { letterAt, markAt } from '../../../shared/dead-letters/keys.ts';
import { letterOf, letterText, maxLetterBytes } from '../../../shared/dead-letters/letter.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import {
  etag,
  type ListedVersion,
  type StorageReads,
  type StorageWrites,
  versionId,
} from '../../../shared/storage/port.ts';
import { idOf, place } from '../../support/dead-letters.ts';

const id = idOf('one');
const at = (year: number) => new Date(Date.UTC(year, 10, 21, 10));
let versions = 0;

function version(key: string, content: string, isLatest = true): ListedVersion {
  versions += 1;
  const own = { bucket: place.bucket, key, versionId: versionId(`v${versions}`), isLatest };
  return {
    ...own,
    kind: 'version',
    lastModified: at(2026),
    etag: etag(content.repeat(32)),
    size: 9,
    type: 'Normal',
  };
}

const letter = (year: number, content: string, isLatest = true) =>
  version(letterAt(place, id, at(year)).key, content, isLatest);
const mark = (name: string, outcome: 'replayed' | 'failed' | 'repeat') =>
  version(markAt(place, name, outcome, at(2027)).key, 'F');

async function listed(...entries: readonly ListedVersion[]) {
  const listVersions = (_bucket: string, prefix: string) =>
    listing(() =>
      Promise.resolve({ items: entries.filter(({ key }) => key.startsWith(prefix)), next: undefined }),
    );
  const found = await listLetters({ listVersions }, place);
  return found.map((entry) => {
    const state = isOpen(entry) ? 'open' : 'closed';
    return `${entry.name} ${entry.failedAt.getUTCFullYear()} ${state}${entry.isDeleted ? ' deleted' : ''}`;
  });
}

const nameOf = (content: string) => `${id}.${content.toLowerCase().repeat(32)}`;

describe('letters of one id', () => {
  it('is one, by its id, and its marks close it', async () => {
    expect(await listed(letter(2026, 'A'))).toEqual([`${id} 2026 open`]);
    expect(await listed(letter(2026, 'A'), mark(id, 'failed'))).toEqual([`${id} 2026 open`]);
    expect(await listed(letter(2026, 'A'), mark(id, 'failed'), mark(id, 'replayed'))).toEqual([
      `${id} 2026 closed`,
    ]);
    expect(await listed(letter(2026, 'A'), mark(id, 'repeat'))).toEqual([`${id} 2026 closed`]);
  });

  it('the same content twice, at two keys or written over, is one', async () => {
    expect(await listed(letter(2025, 'A'), letter(2026, 'A'))).toEqual([`${id} 2025 open`]);
    expect(await listed(letter(2026, 'A'), letter(2026, 'A', false))).toEqual([`${id} 2026 open`]);
  });

  it.each([
    ['earlier', 2020],
    ['later', 2030],
  ])('another content at an %s key is listed beside it', async (_when, year) => {
    const found = await listed(letter(2026, 'A'), letter(year, 'B'));
    expect(found.sort()).toEqual([`${nameOf('A')} 2026 open`, `${nameOf('B')} ${year} open`]);
  });

  it('another content that was written over it is listed beside it', async () => {
    expect(await listed(letter(2026, 'B'), letter(2026, 'A', false))).toEqual([
      `${nameOf('A')} 2026 open`,
      `${nameOf('B')} 2026 open`,
    ]);
  });

  it('a mark that has the id alone closes none of several; one with the full name closes its own', async () => {
    const both = [letter(2026, 'A'), letter(2020, 'B')];
    expect((await listed(...both, mark(id, 'replayed'))).every((line) => line.endsWith('open'))).toBe(true);
    expect(await listed(...both, mark(nameOf('A'), 'replayed'))).toEqual([
      `${nameOf('B')} 2020 open`,
      `${nameOf('A')} 2026 closed`,
    ]);
    expect(await listed(letter(2026, 'A'), mark(nameOf('A'), 'replayed')), 'the other one is gone').toEqual([
      `${id} 2026 closed`,
    ]);
  });

  const marker = (key: string): ListedVersion => ({
    ...{ bucket: place.bucket, key, versionId: versionId('m'), kind: 'delete-marker', isLatest: true },
    lastModified: at(2027),
  });
  const key = letterAt(place, id, at(2026)).key;

  it.each([
    ['before', [marker(key), letter(2026, 'A', false)]],
    ['after', [letter(2026, 'A', false), marker(key)]],
  ])('a delete marker hides no letter, listed %s it', async (_order, entries) => {
    expect(await listed(...entries)).toEqual([`${id} 2026 open deleted`]);
    expect(await listed(...entries, mark(id, 'replayed'))).toEqual([`${id} 2026 closed deleted`]);
  });

  it('a mark under a delete marker closes nothing', async () => {
    const own = markAt(place, id, 'replayed', at(2027)).key;
    expect(await listed(letter(2026, 'A'), marker(own), version(own, 'F', false))).toEqual([
      `${id} 2026 open`,
    ]);
  });
});

describe('the list', () => {
  const names = async (...entries: readonly ListedVersion[]) => {
    const listVersions = (_bucket: string, prefix: string) =>
      listing(() =>
        Promise.resolve({ items: entries.filter(({ key }) => key.startsWith(prefix)), next: undefined }),
      );
    return await listLetters({ listVersions }, place);
  };

  it('is in order of time, whatever the order of the service', async () => {
    const others = [2027, 2025, 2026].map((year) =>
      version(letterAt(place, idOf(String(year)), at(year)).key, 'A'),
    );
    const found = await names(...others);
    expect(found.map(({ failedAt }) => failedAt.getUTCFullYear())).toEqual([2025, 2026, 2027]);
    const claims = await names(letter(2026, 'B'), letter(2026, 'A', false));
    expect(claims.map(({ name }) => name)).toEqual([nameOf('A'), nameOf('B')]);
  });

  it('has the marks of each letter, oldest first, and the version of one that was written over', async () => {
    const marks = [2030, 2028, 2029].map((year) => version(markAt(place, id, 'failed', at(year)).key, 'F'));
    const [found] = await names(letter(2026, 'A'), ...marks);
    expect(found?.marks.map(({ markedAt }) => markedAt.getUTCFullYear())).toEqual([2028, 2029, 2030]);
    expect(found?.marks[0]).toMatchObject({ bucket: place.bucket, key: marks[1]?.key, outcome: 'failed' });
    expect(found?.versionId).toBeUndefined();
    const old = letter(2026, 'A', false);
    expect(await names(old)).toMatchObject([{ versionId: old.versionId, size: 9, bucket: place.bucket }]);
  });

  it('leaves out what is no letter and no mark', async () => {
    const folder = `${place.prefix}letters/`;
    expect(await names(version(`${folder}readme.txt`, 'A'), version(`${place.prefix}marks/x`, 'A'))).toEqual(
      [],
    );
  });
});

describe('a letter that is opened', () => {
  const failed = {
    function: 'holdfast-object-created',
    requestId: 'one',
    failedAt: at(2026),
    attempts: 2,
    condition: 'PermanentFailure',
    payload: '{}',
    error: { code: 'TAG_UNREADABLE', message: 'm', remedy: 'r' },
  };
  const own = letterOf(failed);
  const where = { ...letterAt(place, own.id, own.failedAt), id: own.id, size: 9, versionId: versionId('v') };
  const open = (text: string | undefined, part: Partial<typeof where> = {}) => {
    const asked: unknown[] = [];
    const storage: Pick<StorageReads, 'cloud' | 'readText'> = {
      cloud: 'oss',
      readText(at) {
        asked.push(at);
        return Promise.resolve(text === undefined ? 'unchanged' : { text, etag: etag('A') });
      },
    };
    const letter = openLetter(storage as StorageReads, { ...where, ...part }); // only this call is made
    return { letter, asked };
  };

  it('is what was kept, of the version that was listed', async () => {
    const { letter: opened, asked } = open(letterText(own));
    expect(await opened).toEqual(own);
    expect(asked).toEqual([{ bucket: where.bucket, key: where.key, versionId: where.versionId }]);
    expect(await open(letterText(own), { size: maxLetterBytes }).letter).toEqual(own);
  });

  it.each<[string, string | undefined, Partial<typeof where>, string]>([
    [
      'is too large',
      letterText(own),
      { size: 8 * 1024 * 1024 + 1 },
      '8388609 bytes, and a letter has 8388608',
    ],
    ['has no text', undefined, {}, 'it has no text'],
    ['is another one', letterText(own), { id: idOf('other') }, `it is the letter ${own.id}`],
    ['is no JSON', '{', {}, 'it is not JSON'],
    ['has another form', letterText(own).replace('"attempts": 2', '"attempts": "2"'), {}, 'attempts: '],
    ['has a longer id', letterText(own).replace(own.id, `${own.id}0`), {}, 'id: '],
    ['has an id with more before', letterText(own).replace(own.id, `x${own.id}`), {}, 'id: '],
    ['is of another version', letterText(own).replace('"version": 1', '"version": 2'), {}, 'version: '],
  ])('that %s is broken, and the error says so', async (_what, text, part, says) => {
    await expect(open(text, part).letter).rejects.toMatchObject({
      code: 'DEAD_LETTER_BROKEN',
      message: expect.stringContaining(says),
    });
    const { message } = (await open(text, part).letter.catch((error: unknown) => error)) as Error;
    expect(message).toContain(`oss://${where.bucket}/${where.key}`);
  });

  it('that is no text is broken', async () => {
    const cause = failure('TEXT_ENCODING', { source: 'oss://records/a', reason: 'byte 1 is none' });
    const storage = { cloud: 'oss' as const, readText: () => Promise.reject(cause) };
    const opened = openLetter(storage as unknown as StorageReads, where); // only this call is made
    await expect(opened).rejects.toMatchObject({ code: 'DEAD_LETTER_BROKEN', cause });
  });

  it('is marked beside it, with what came of the replay', async () => {
    const written: [string, string][] = [];
    const storage: Pick<StorageWrites, 'writeText'> = {
      writeText({ bucket, key }, text) {
        written.push([`${bucket}/${key}`, text]);
        return Promise.resolve({ sent: true, requestId: 'R' });
      },
    };
    const entry = { id: own.id, name: `${own.id}.ab` };
    const writes = storage as StorageWrites; // only this call is made
    const made = await markLetter(writes, place, entry, 'failed', { code: 'X' }, at(2027));
    expect(made).toEqual({
      ...markAt(place, entry.name, 'failed', at(2027)),
      outcome: 'failed',
      markedAt: at(2027),
    });
    expect(written.map(([key]) => key)).toEqual([`${made.bucket}/${made.key}`]);
    expect(JSON.parse(written[0]?.[1] ?? '')).toEqual({
      ...{ version: 1, id: own.id, outcome: 'failed', at: '2027-11-21T10:00:00Z', detail: { code: 'X' } },
    });
  });
});
