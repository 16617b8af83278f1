import { describe, expect, it } from 'vitest';
import { isOpen, listLetters } from '../../../shared/dead-letters/box.ts';
import { letterAt, markAt } from '../../../shared/dead-letters/keys.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';
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
