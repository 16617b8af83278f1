import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ApprovedList, hashList, listMaker } from '../../cli/protect/approved-list.ts';
import { checkpointWithList, keepList, keptList } from '../../cli/protect/approved-list-file.ts';
import { boundedStorage } from '../../cli/protect/bound.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { type ObjectStore, versionId } from '../../shared/storage/port.ts';
import { approvalRules } from '../support/approval-world.ts';
import { folderWith } from '../support/cli.ts';

const until = new Date('2027-11-29T10:00:00Z');
const at = (key: string) => ({ bucket: 'fin-1', key, versionId: versionId('V') });
function listWith(...keys: readonly string[]): ApprovedList {
  const maker = listMaker();
  for (const key of keys) maker.add(at(key), until);
  const list = maker.made();
  if (list === undefined) throw new Error('it is short enough');
  return list;
}

/** The approval of the versions of a list. */
const subjectOf = (list: ApprovedList, before = '2026-11-29T09:00:00Z') => ({
  ...{ act: 'protect' as const, target: 'oss://fin-1', rules: `sha256:${'0'.repeat(64)}`, before },
  ...{ versions: 1, latest: '2027-11-29T10:00:00Z', list: hashList(list) },
});

it('the list of a run is kept for what was approved until its checkpoint is removed', async () => {
  const folder = folderWith({});
  const file = join(folder, 'made', 'x.checkpoint.json');
  const list = listWith('z');
  const subject = subjectOf(list);
  expect(await keptList(file, subject)).toBeUndefined();
  await keepList(file, subject, list);
  const kept = await keptList(file, subject);
  expect([kept?.covers(at('z'), until), kept?.covers(at('a'), until)]).toEqual([true, false]);
  expect(
    await keptList(file, subjectOf(list, '2026-11-28T09:00:00Z')),
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
  const sent: string[] = [];
  const storage: Pick<ObjectStore, 'cloud' | 'putRetention'> = {
    cloud: 'oss',
    putRetention({ key }) {
      sent.push(key);
      return Promise.resolve({ sent: true, requestId: undefined });
    },
  };
  const checkpoint = checkpointWithList(join(folderWith({}), 'x.checkpoint.json'));
  const run = { approval: hashSubjects([subject]) };
  const write = async (list: ApprovedList | undefined, keys: readonly string[]) => {
    const clock = { now: () => until, sleep: () => Promise.resolve() };
    const bounded = await boundedStorage(
      { storage: storage as ObjectStore, clock }, // only this call is made
      rulesFrom(approvalRules, 'rules.yaml'),
      { approved: { subject, list }, checkpoint, run },
    );
    for (const key of keys)
      await bounded.putRetention(at(key), { mode: 'COMPLIANCE', until }).catch(() => undefined);
  };
  await write(listWith('z'), []); // counted, and stopped before its first write
  await write(undefined, ['a', 'b', 'z']);
  expect(sent).toEqual(['z']);
});
