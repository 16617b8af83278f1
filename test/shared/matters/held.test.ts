import { expect, it } from 'vitest';
import { openScopes } from '../../../shared/matters/matching.ts';
import {
  type FoundMatterRecord,
  findMatter,
  isWhollyHeld,
  lastHeld,
  mattersOf,
} from '../../../shared/matters/state.ts';
import type { MatterPass } from '../../../shared/matters/types.ts';
import { author, foundRecord, minutes, opened, released } from '../../support/matters.ts';

const first = opened('a', 1, { match: ['oss://b/**'] });
const second = opened('a', 2, { match: ['oss://c/**'] });
const pass = (at: number, follows: readonly string[], part: Partial<MatterPass> = {}) =>
  foundRecord({
    ...{ kind: 'held', id: 'a', at: minutes(at), by: author, complete: true, counts: {} },
    ...{ follows, ...part },
  });
const ofFirst = pass(3, [first.file]);
const ofSecond = pass(4, [second.file]);

it.each<[what: string, records: readonly FoundMatterRecord[], last: number | undefined, isWhole: boolean]>([
  ['no pass has ended', [first], undefined, false],
  ['one that left nothing to do', [first, ofFirst], 3, true],
  ['one that left something to do', [first, pass(3, [first.file], { complete: false })], 3, false],
  ['one of another opening alone', [first, second, ofFirst], 3, false],
  ['one of each opening', [first, second, ofFirst, ofSecond], 4, true],
  ['a later one that left something to do', [first, ofFirst, pass(5, [], { complete: false })], 5, false],
  [
    'one of the opening that is not released',
    [first, second, released('a', 5, [second.file]), ofFirst],
    3,
    true,
  ],
  ['one that took holds off alone', [first, pass(3, [first.file], { kind: 'lifted' })], undefined, false],
])('a matter is wholly held by its passes that put holds on: %s', (_what, records, last, isWhole) => {
  const matter = findMatter(mattersOf(records), 'a');
  if (matter === undefined) throw new Error('there is no matter');
  expect([lastHeld(matter)?.at, isWhollyHeld(matter)]).toEqual([last && minutes(last), isWhole]);
});

it('a run that was planned at an instant goes by what was opened before it alone', () => {
  const matters = mattersOf([first, second, opened('b', 3, { match: ['oss://d/**'] })]);
  const placesAt = (at?: number) =>
    openScopes(matters, at === undefined ? undefined : minutes(at)).flatMap(
      ({ scope }) => scope.places.globs,
    );
  expect([placesAt(1), placesAt(2), placesAt(3)]).toEqual([[], ['oss://b/**'], ['oss://b/**', 'oss://c/**']]);
  expect(placesAt()).toEqual(['oss://b/**', 'oss://c/**', 'oss://d/**']);
});
