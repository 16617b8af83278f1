import { describe, expect, it, test } from 'vitest';
import { atStart, type Progress } from '../../../shared/backfill/checkpoint.ts';
import {
  backToKnown,
  isUnknownSince,
  knownUntilOf,
  markKnown,
  markUnknown,
} from '../../../shared/backfill/known-until.ts';

const startedAt = new Date('2026-11-20T10:00:00Z');
const later = new Date('2026-11-20T11:00:00Z');
const begun = atStart({ target: 'oss://records' }, startedAt, 4);

/** Progress after so many versions, all of them changed, each with a row and a line of the report. */
const progressOf = (versions: number): Progress => ({
  ...begun,
  position: `p${versions}`,
  rows: versions,
  tally: { ...begun.tally, versions, changed: versions },
  report: { lines: versions, table: versions },
  requests: versions * 10,
});
const pointAfter = (versions: number, at = later): NonNullable<Progress['knownUntil']> => {
  const { rows, tally, report } = progressOf(versions);
  return { at, position: `p${versions}`, rows, tally, report };
};

describe('how far a run has come with all matters known', () => {
  test.each<[what: string, progress: Progress | undefined, expected: Progress['knownUntil']]>([
    ['not at all where none was begun', undefined, undefined],
    ['not at all before its first shard', begun, undefined],
    ['as far as it has come', progressOf(3), pointAfter(3)],
    ['no further than before they were unknown', markUnknown(progressOf(7), pointAfter(3)), pointAfter(3)],
    ['not at all where they never were known', markUnknown(progressOf(7), undefined), undefined],
  ])('is %s', (_what, progress, expected) => {
    expect(knownUntilOf(progress, later)).toEqual(expected);
  });

  it('is told to the next run by a mark, which is taken off again once they are known', () => {
    const marked = markUnknown(progressOf(7), pointAfter(3));
    expect(marked).toEqual({ ...progressOf(7), mattersUnknown: true, knownUntil: pointAfter(3) });
    expect(markUnknown(marked, undefined)).toStrictEqual({ ...progressOf(7), mattersUnknown: true });
    expect(markKnown(marked)).toStrictEqual(progressOf(7));
  });
});

describe('a run that goes back to where all matters were known', () => {
  it('has done what it had by then, and remembers what it has changed since', () => {
    const shard = { end: 'p9', rows: 2, decidedAt: later, items: [] };
    const left = { ...markUnknown(progressOf(7), pointAfter(3)), shard };
    expect(backToKnown(left)).toStrictEqual({ ...progressOf(3), requests: 70, changedBefore: 4 + 7 - 3 });
  });

  it('begins anew where they were known at no time', () => {
    expect(backToKnown(markUnknown(progressOf(7), undefined))).toBeUndefined();
  });
});

describe('matters that were not known', () => {
  const [before, same, behind] = [-1, 0, 1].map((ms) => new Date(later.getTime() + ms));
  const { startedAt: _at, ...undated } = progressOf(7);

  test.each<[what: string, progress: Progress, instant: Date | undefined, expected: boolean]>([
    ['since the instant', markUnknown(progressOf(7), pointAfter(3)), same, true],
    ['since before it', markUnknown(progressOf(7), pointAfter(3)), behind, true],
    ['since a moment after it', markUnknown(progressOf(7), pointAfter(3)), before, false],
    ['since the beginning of the run', markUnknown(progressOf(7), undefined), startedAt, true],
    ['since a beginning that is later', markUnknown(progressOf(7), undefined), new Date(0), false],
    ['since a beginning that was not kept', markUnknown(undated, undefined), new Date(0), true],
    ['not at all', progressOf(7), behind, false],
    ['at no instant that is asked for', markUnknown(undated, undefined), undefined, false],
  ])('%s', (_what, progress, instant, expected) => {
    expect(isUnknownSince(progress, instant)).toBe(expected);
  });
});
