import { expect, it } from 'vitest';
import {
  type MattersReading,
  type MattersSeen,
  seeMatters,
  whyPassedOver,
} from '../../../shared/matters/gaps.ts';
import type { OpenScope } from '../../../shared/matters/matching.ts';
import { failure } from '../../../shared/platform/errors.ts';

const matter = (id: string): OpenScope => ({
  id,
  scope: {
    places: { globs: [], included: [], excluded: [] },
    tags: new Map(),
    from: undefined,
    until: undefined,
  },
});
const [a, b] = [matter('a'), matter('b')];
const first = failure('MATTER_MALFORMED', { target: 'first', reason: 'y' });
const second = failure('MATTER_MALFORMED', { target: 'second', reason: 'y' });

const knows = (...open: OpenScope[]): MattersReading => ({ open, unknown: [] });
const lacks = (unknown: typeof first, ...open: OpenScope[]): MattersReading => ({ open, unknown: [unknown] });

it.each<[what: string, readings: readonly MattersReading[], why: readonly unknown[]]>([
  ['all is known', [knows(), knows()], []],
  ['a matter is opened and taken up', [knows(a), knows(a, b)], []],
  ['a gap ends with what was known before', [knows(a), lacks(first, a), knows(a)], []],
  ['a gap of two reads ends so', [knows(a), lacks(first, a), lacks(second, a), knows(a)], []],
  ['a matter is released in a gap', [knows(a, b), lacks(first, a, b), knows(a)], []],
  ['a gap ends with one matter more', [knows(a), lacks(first, a), knows(a, b)], [first]],
  ['a gap ends with another matter', [knows(a), lacks(first, a), knows(b)], [first]],
  ['what a gap has passed over stays so', [knows(), lacks(first), knows(b), knows(b)], [first]],
  [
    'only one of two gaps has passed over something',
    [knows(), lacks(first), knows(), lacks(second), knows(b)],
    [second],
  ],
  [
    'both have, for the same reason',
    [knows(), lacks(first), knows(a), lacks(first, a), knows(a, b)],
    [first],
  ],
  ['it ends within a gap', [knows(a), lacks(first, a)], [first]],
  ['it ends within a later gap', [knows(), lacks(first), knows(b), lacks(second, b)], [first, second]],
  ['nothing was ever known', [lacks(first), lacks(second)], [second]],
  ['the first read fails, and there is a matter', [lacks(first), knows(a)], [first]],
  ['the first read fails, and there is none', [lacks(first), knows()], []],
  ['a record becomes readable', [lacks(first, a), lacks(first, a), knows(a, b)], [first]],
  ['one of two becomes readable, the other is released', [lacks(first), lacks(second, a), knows(a)], [first]],
  ['an unreadable matter is released', [lacks(first, a), knows(a)], []],
  ['a matter is opened beside an unreadable one', [knows(a), lacks(first, a, b), knows(a, b)], []],
])('%s', (_what, readings, why) => {
  const seen = readings.reduce<MattersSeen | undefined>(seeMatters, undefined);
  expect(seen && whyPassedOver(seen)).toEqual(why);
});
