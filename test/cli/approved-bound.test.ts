import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mostListed } from '../../cli/protect/approved-list.ts';
import { type boundedStorage, rulesFor } from '../../cli/protect/bound.ts';
import { atStart, type Checkpoint, fileCheckpoint } from '../../shared/backfill/checkpoint.ts';
import { second } from '../../shared/platform/instant.ts';
import { boundedRules, listWith, subjectOf, writtenWithin } from '../support/bounded-run.ts';
import { folderWith } from '../support/cli.ts';

const now = new Date('2026-11-29T10:00:00Z');
const run = { target: 'oss://fin-1' };
type Approved = NonNullable<Parameters<typeof boundedStorage>[2]['approved']>;

it('an approved run goes by the matters that were open in the second of its plan, another one by all', async () => {
  const asked: (Date | undefined)[] = [];
  const changing = {
    now(openedBefore?: Date) {
      asked.push(openedBefore);
      return Promise.resolve({ rules: boundedRules, isPartial: false });
    },
    unknown: () => [],
  };
  await rulesFor(changing, undefined)();
  await rulesFor(changing, now)();
  expect(asked).toEqual([undefined, new Date(now.getTime() + second)]);
});

const newCheckpoint = () => fileCheckpoint(join(folderWith({}), 'x.checkpoint.json'));
const threeWithin = (checkpoint: Checkpoint, approved: Approved | undefined) =>
  writtenWithin({ approved, checkpoint, run }, ['a', 'b', 'c'], now);

it.each([
  { when: 'is begun', before: undefined, changed: 0, left: 2 },
  { when: 'has written one since it began anew', before: 0, changed: 1, left: 1 },
  { when: 'has written one before and one since', before: 1, changed: 1, left: 0 },
])('a run that $when writes $left of three', async ({ before, changed, left }) => {
  const checkpoint = newCheckpoint();
  const begun = atStart(run, now, before);
  if (before !== undefined)
    await checkpoint.save({ ...begun, position: 'p', tally: { ...begun.tally, changed } });
  expect(await threeWithin(checkpoint, undefined)).toHaveLength(left);
});

/** An approval of so many versions, of which a list has some. */
function approvalOf(versions: number, ...keys: string[]): Approved {
  const list = listWith(...keys);
  return { subject: subjectOf(list, versions), list };
}

it('an approved run writes as many as were approved, though the rules allow fewer without it', async () => {
  expect(await threeWithin(newCheckpoint(), approvalOf(3, 'a', 'b', 'c'))).toEqual(['a', 'b', 'c']);
  expect(await threeWithin(newCheckpoint(), approvalOf(3, 'b'))).toEqual(['b']);
});

it('a run that goes on is bounded by the list that was kept for its approval, and does not go on without it', async () => {
  const checkpoint = newCheckpoint();
  await threeWithin(checkpoint, approvalOf(3, 'b'));
  expect(await threeWithin(checkpoint, { ...approvalOf(3, 'b'), list: undefined })).toEqual(['b']);
  const other = threeWithin(checkpoint, { ...approvalOf(3, 'a', 'c'), list: undefined });
  await expect(other).rejects.toMatchObject({
    code: 'CHECKPOINT_UNUSABLE',
    message: expect.stringContaining(
      'x.checkpoint.json cannot be used: the list of the approved versions is not beside it',
    ),
  });
});

it('a run of more versions than are remembered is bounded by their number when it goes on', async () => {
  const approved = approvalOf(mostListed + 1);
  expect(await threeWithin(newCheckpoint(), { ...approved, list: undefined })).toEqual(['a', 'b', 'c']);
  const remembered = threeWithin(newCheckpoint(), { ...approvalOf(mostListed), list: undefined });
  await expect(remembered).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
});
