import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesOfEntry, hashList, listMaker, listOf } from '../../cli/protect/approved-list.ts';
import { versionId } from '../../shared/storage/port.ts';

const start = Date.parse('2027-11-29T10:00:00Z');
const later = (seconds: number) => new Date(start + seconds * 1000);
const at = (number: number) => ({ bucket: 'fin-1', key: `z/${number}`, versionId: versionId(`V${number}`) });

it('a list covers its versions up to their dates, and no other, however long it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 5 })), { minLength: 1500, maxLength: 3000 }),
      (given) => {
        const maker = listMaker();
        const dates = new Map<number, number>();
        for (const [number, seconds] of given) {
          maker.add(at(number), later(seconds));
          dates.set(number, Math.max(dates.get(number) ?? 0, seconds));
        }
        const list = listOf(maker.made()?.table ?? new Uint32Array());
        const others = [{ bucket: 'fin-2' }, { key: 'a' }, { versionId: versionId('W') }];
        const isRight = ([number, seconds]: [number, number]) =>
          list.covers(at(number), later(seconds)) &&
          list.covers(at(number), later(seconds - 1)) &&
          !list.covers(at(number), later(seconds + 1)) &&
          !others.some((other) => list.covers({ ...at(number), ...other }, later(0)));
        expect([...dates].filter((date) => !isRight(date))).toEqual([]);
      },
    ),
    { numRuns: 5 },
  );
});

it('remembers no list that is too long', () => {
  const maker = listMaker(2);
  for (const number of [1, 2, 2]) maker.add(at(number), later(0));
  expect(maker.made()?.covers(at(2), later(0))).toBe(true);
  maker.add(at(3), later(0));
  maker.add(at(1), later(0));
  expect(maker.made()).toBeUndefined();
});

it('takes a date beyond those that a table can have as the latest of them', () => {
  const maker = listMaker();
  maker.add(at(1), new Date('2200-01-01T00:00:00Z'));
  expect(maker.made()?.covers(at(1), new Date('2199-01-01T00:00:00Z'))).toBe(true);
});

/** A list of so many versions, all with one date. */
function listWithCount(count: number) {
  const maker = listMaker();
  for (let number = 0; number < count; number += 1) maker.add(at(number), later(0));
  return maker.made() ?? listOf(new Uint32Array());
}

it('has places for twice as many versions as it has, and more only then', () => {
  expect(bytesOfEntry).toBe(16);
  const placesFor = (count: number) => listWithCount(count).table.byteLength / bytesOfEntry;
  expect([1, 512, 513, 1024, 1025].map(placesFor)).toEqual([1024, 1024, 2048, 2048, 4096]);
});

it('has one hash on each machine, and another one with any other version or date', () => {
  // Approvals in force name it: where the form of a list changes, they count no more.
  expect(hashList(listWithCount(3))).toBe(
    'sha256:587a5fcf5b4d930da7a60c372cb807356773623cb4cbfe7e73ed836a376541a3',
  );
  const one = listMaker();
  one.add(at(0), later(0));
  const other = listMaker();
  other.add(at(0), later(1));
  const hashes = [one.made(), other.made(), listWithCount(2)].map((list) => list && hashList(list));
  expect(new Set(hashes).size).toBe(3);
});

it('tells whether it has a version, whatever its date', () => {
  const list = listWithCount(2);
  expect([0, 1, 2].map((number) => list.has(at(number)))).toEqual([true, true, false]);
});

it('takes no version for another that differs from it in one word of the hash', () => {
  const { table } = listWithCount(1);
  const place = table.findIndex((word) => word !== 0);
  for (const word of [0, 1, 2]) {
    const changed = table.slice();
    changed[place + word] = (changed[place + word] ?? 0) ^ 1;
    expect(listOf(changed).has(at(0)), `word ${word}`).toBe(false);
  }
});
