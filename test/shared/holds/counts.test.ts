import { expect, it } from 'vitest';
import { addHoldLines, noHoldCounts } from '../../../shared/holds/counts.ts';
import type { HoldLine } from '../../../shared/holds/deps.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { minutes } from '../../support/matters.ts';

const line = (part: Partial<HoldLine>): HoldLine => ({
  ...{
    bucket: 'b',
    key: 'a',
    versionId: versionId('v'),
    action: 'hold',
    matters: ['case'],
    result: 'retained',
  },
  ...part,
});
const until = (at: number) => line({ retainUntil: minutes(at) });

it('the first and the last end are of the retention that keeps versions in place of a hold', () => {
  const add = (counts: typeof noHoldCounts, ...lines: HoldLine[]) =>
    addHoldLines(counts, lines, 1, minutes(0));
  const none = { firstRetainedUntil: undefined, lastRetainedUntil: undefined };
  const others: Partial<HoldLine>[] = [{}, { action: 'lift', retainUntil: minutes(1) }];
  for (const part of [...others, { result: 'held', retainUntil: minutes(1) } as const])
    expect(add(noHoldCounts, line(part))).toMatchObject(none);
  const some = add(noHoldCounts, until(5), line({}), until(3), until(7), until(4));
  expect(some).toMatchObject({ firstRetainedUntil: minutes(3), lastRetainedUntil: minutes(7) });
  expect(add(some, until(5))).toMatchObject({
    firstRetainedUntil: minutes(3),
    lastRetainedUntil: minutes(7),
  });
  expect(add(some, until(9), until(2))).toMatchObject({
    ...{ firstRetainedUntil: minutes(2), lastRetainedUntil: minutes(9) },
  });
});

it.each(['retained', 'off-written'] as const)(
  'a released version that is %s can be deleted at its end',
  (result) => {
    const lifted = line({ action: 'lift', result, retainUntil: minutes(1) });
    expect(addHoldLines(noHoldCounts, [lifted], 1, minutes(0))).toMatchObject({ nextDeletable: minutes(1) });
  },
);
