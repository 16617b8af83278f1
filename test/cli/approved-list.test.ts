import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listMaker, listOf } from '../../cli/protect/approved-list.ts';
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
