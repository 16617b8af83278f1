import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hashList, listMaker, mostListed } from '../../cli/protect/approved-list.ts';
import { boundedStorage, rulesFor } from '../../cli/protect/bound.ts';
import { atStart, type Checkpoint, fileCheckpoint } from '../../shared/backfill/checkpoint.ts';
import { second } from '../../shared/platform/instant.ts';
import { type ObjectStore, versionId } from '../../shared/storage/port.ts';
import { approvalRules } from '../support/approval-world.ts';
import { folderWith } from '../support/cli.ts';
import { validRules } from '../support/rules-file.ts';

const rules = validRules(approvalRules); // up to two versions need no approval
const now = new Date('2026-11-29T10:00:00Z');
const run = { target: 'oss://fin-1' };
type Approved = NonNullable<Parameters<typeof boundedStorage>[2]['approved']>;

it('an approved run goes by the matters that were open in the second of its plan, another one by all', async () => {
  const asked: (Date | undefined)[] = [];
  const changing = {
    now(openedBefore?: Date) {
      asked.push(openedBefore);
      return Promise.resolve({ rules, isPartial: false });
    },
    unknown: () => [],
  };
  await rulesFor(changing, undefined)();
  await rulesFor(changing, now)();
  expect(asked).toEqual([undefined, new Date(now.getTime() + second)]);
});

const until = new Date('2027-11-29T10:00:00Z');
const version = (key: string) => ({ bucket: 'fin-1', key, versionId: versionId('V') });
const newCheckpoint = () => fileCheckpoint(join(folderWith({}), 'x.checkpoint.json'));

/** Writes three versions within the bound of a run, and returns the keys of those that were sent. */
async function writtenWithin(checkpoint: Checkpoint, approved: Approved | undefined): Promise<string[]> {
  const sent: string[] = [];
  const storage: Pick<ObjectStore, 'cloud' | 'putRetention'> = {
    cloud: 'oss',
    putRetention({ key }) {
      sent.push(key);
      return Promise.resolve({ sent: true, requestId: undefined });
    },
  };
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const bounded = await boundedStorage(
    { storage: storage as ObjectStore, clock }, // only this call is made
    rules,
    { approved, checkpoint, run },
  );
  for (const key of ['a', 'b', 'c'])
    await bounded.putRetention(version(key), { mode: 'COMPLIANCE', until }).catch(() => undefined);
  return sent;
}

it.each([
  { when: 'is begun', before: undefined, changed: 0, left: 2 },
  { when: 'has written one since it began anew', before: 0, changed: 1, left: 1 },
  { when: 'has written one before and one since', before: 1, changed: 1, left: 0 },
])('a run that $when writes $left of three', async ({ before, changed, left }) => {
  const checkpoint = newCheckpoint();
  const begun = atStart(run, now, before);
  if (before !== undefined)
    await checkpoint.save({ ...begun, position: 'p', tally: { ...begun.tally, changed } });
  expect(await writtenWithin(checkpoint, undefined)).toHaveLength(left);
});

/** An approval of so many versions, of which a list has some. */
function approvalOf(versions: number, ...keys: string[]) {
  const maker = listMaker();
  for (const key of keys) maker.add(version(key), until);
  const list = maker.made();
  if (list === undefined) throw new Error('it is short enough');
  const subject = {
    ...{ act: 'protect' as const, target: 'oss://fin-1', rules: 'R', versions, list: hashList(list) },
    ...{ latest: '2027-11-29T10:00:00Z', before: '2026-11-29T09:00:00Z' },
  };
  return { subject, list };
}

it('an approved run writes as many as were approved, though the rules allow fewer without it', async () => {
  expect(await writtenWithin(newCheckpoint(), approvalOf(3, 'a', 'b', 'c'))).toEqual(['a', 'b', 'c']);
  expect(await writtenWithin(newCheckpoint(), approvalOf(3, 'b'))).toEqual(['b']);
});

it('a run that goes on is bounded by the list that was kept for its approval, and does not go on without it', async () => {
  const checkpoint = newCheckpoint();
  await writtenWithin(checkpoint, approvalOf(3, 'b'));
  expect(await writtenWithin(checkpoint, { ...approvalOf(3, 'b'), list: undefined })).toEqual(['b']);
  const other = writtenWithin(checkpoint, { ...approvalOf(3, 'a', 'c'), list: undefined });
  await expect(other).rejects.toMatchObject({
    code: 'CHECKPOINT_UNUSABLE',
    message: expect.stringContaining(
      'x.checkpoint.json cannot be used: the list of the approved versions is not beside it',
    ),
  });
});

it('a run of more versions than are remembered is bounded by their number when it goes on', async () => {
  const approved = approvalOf(mostListed + 1);
  expect(await writtenWithin(newCheckpoint(), { ...approved, list: undefined })).toEqual(['a', 'b', 'c']);
  const remembered = writtenWithin(newCheckpoint(), { ...approvalOf(mostListed), list: undefined });
  await expect(remembered).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
});
