import fc from 'fast-check';
import { expect, test } from 'vitest';
import { letterAt, markAt, parseLetterKey, parseMarkKey } from '../../../shared/dead-letters/keys.ts';
import { idOf, place } from '../../support/dead-letters.ts';

const instants = fc.date({
  min: new Date(0),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const ids = fc.string().map((text) => idOf(text));

test('the key of a letter says its id and time, and sorts by time', () => {
  fc.assert(
    fc.property(ids, ids, instants, instants, (id, other, one, two) => {
      const { bucket, key } = letterAt(place, id, one);
      expect(bucket).toBe(place.bucket);
      expect(parseLetterKey(place, key)).toEqual({ id, failedAt: one });
      if (one < two) expect(key < letterAt(place, other, two).key).toBe(true);
    }),
  );
});

test('the key of a mark says the letter, the time and the outcome', () => {
  fc.assert(
    fc.property(ids, instants, fc.constantFrom('replayed', 'failed'), (id, at, outcome) => {
      expect(parseMarkKey(place, markAt(place, id, outcome, at).key)).toEqual({ id, at, outcome });
    }),
  );
});

test('they look as documented', () => {
  const at = new Date('2026-11-21T10:00:00.123Z');
  expect(letterAt(place, '0123456789abcdef', at)).toEqual({
    bucket: 'kept',
    key: 'failed/letters/2026/11/21/20261121T100000.123Z-0123456789abcdef.json',
  });
  expect(markAt(place, '0123456789abcdef', 'replayed', at).key).toBe(
    'failed/marks/0123456789abcdef/20261121T100000.123Z-replayed.json',
  );
});

const letterKey = 'failed/letters/2026/11/21/20261121T100000.123Z-0123456789abcdef.json';
const markKey = 'failed/marks/0123456789abcdef/20261121T100000.123Z-replayed.json';

test.each([
  '',
  'failed/letters/readme.txt',
  'failed/letters/2026/11/21/x-0123456789abcdef.json',
  `${letterKey}.old`,
  `${markKey}.old`,
  letterKey.replace('/21/', '/22/'),
  letterKey.replace('failed/', 'other/'),
  letterKey.replace('T10', 'T25'),
  letterKey.replace('abcdef', 'abcdefg'),
  letterKey.replace('20261121T', '2026-11-21T'),
  markKey.replace('replayed', 'undone'),
  markKey.replace('failed/marks', 'failed/letters'),
  markKey.replace('T10', 'T25'),
  markKey.replace('0123456789abcdef', '0123'),
])('something else in the folder is no letter and no mark: %s', (key) => {
  expect(parseLetterKey(place, key)).toBeUndefined();
  expect(parseMarkKey(place, key)).toBeUndefined();
});

test('the two keys that these differ from are read', () => {
  expect(parseLetterKey(place, letterKey)).toMatchObject({ id: '0123456789abcdef' });
  expect(parseMarkKey(place, markKey)).toMatchObject({ outcome: 'replayed' });
});
