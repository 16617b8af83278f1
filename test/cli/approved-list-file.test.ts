import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ApprovedList } from '../../cli/protect/approved-list.ts';
import { checkpointWithList, keepList, keptList } from '../../cli/protect/approved-list-file.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import {
  approvedUntil,
  approvedVersion,
  listWith,
  subjectOf,
  writtenWithin,
} from '../support/bounded-run.ts';
import { folderWith } from '../support/cli.ts';

it('the list of a run is kept for what was approved until its checkpoint is removed', async () => {
  const folder = folderWith({});
  const file = join(folder, 'made', 'x.checkpoint.json');
  const list = listWith('z');
  const subject = subjectOf(list);
  expect(await keptList(file, subject)).toBeUndefined();
  await keepList(file, subject, list);
  const kept = await keptList(file, subject);
  expect([
    kept?.covers(approvedVersion('z'), approvedUntil),
    kept?.covers(approvedVersion('a'), approvedUntil),
  ]).toEqual([true, false]);
  expect(
    await keptList(file, subjectOf(list, 1, '2026-11-28T09:00:00Z')),
    'of another approval',
  ).toBeUndefined();
  await checkpointWithList(file).remove();
  expect(readdirSync(join(folder, 'made'))).toEqual([]);
});

it('a long list is read back as it was, and written over by a shorter one', async () => {
  const file = join(folderWith({}), 'x.checkpoint.json');
  const long = listWith(...Array.from({ length: 50_000 }, (_, number) => `key-${number}`));
  for (const list of [long, listWith('z')]) {
    await keepList(file, subjectOf(list), list);
    const kept = await keptList(file, subjectOf(list));
    expect(kept?.table).toEqual(list.table);
  }
});

it.each(['', 'half', 'x'.repeat(17)])('a list that is damaged is refused', async (rest) => {
  const file = join(folderWith({}), 'x.checkpoint.json');
  const subject = subjectOf(listWith('z'));
  writeFileSync(`${file}.approved`, `${hashSubjects([subject])}\n${rest}`);
  await expect(keptList(file, subject)).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
});

it('a list that somebody has put in the place of the approved one is refused', async () => {
  const file = join(folderWith({}), 'x.checkpoint.json');
  const subject = subjectOf(listWith('z'));
  await keepList(file, subject, listWith('a'));
  await expect(keptList(file, subject)).rejects.toMatchObject({
    code: 'CHECKPOINT_UNUSABLE',
    message: expect.stringContaining('it is not the list that was approved'),
  });
});

it('a run that is gone on with writes what was approved alone', async () => {
  const subject = subjectOf(listWith('z'));
  const checkpoint = checkpointWithList(join(folderWith({}), 'x.checkpoint.json'));
  const run = { approval: hashSubjects([subject]) };
  const write = (list: ApprovedList | undefined, keys: readonly string[]) =>
    writtenWithin({ approved: { subject, list }, checkpoint, run }, keys, approvedUntil);
  await write(listWith('z'), []); // counted, and stopped before its first write
  expect(await write(undefined, ['a', 'b', 'z'])).toEqual(['z']);
});
