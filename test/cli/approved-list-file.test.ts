import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listMaker } from '../../cli/protect/approved-list.ts';
import { checkpointWithList, keepList, keptList } from '../../cli/protect/approved-list-file.ts';
import { boundedStorage } from '../../cli/protect/bound.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { type ObjectStore, versionId } from '../../shared/storage/port.ts';
import { approvalRules } from '../support/approval-world.ts';
import { folderWith } from '../support/cli.ts';

const until = new Date('2027-11-29T10:00:00Z');
const at = (key: string) => ({ bucket: 'fin-1', key, versionId: versionId('V') });
const listWith = (key: string) => {
  const maker = listMaker();
  maker.add(at(key), until);
  return maker.made();
};

it('the list of a run is kept for what was approved until its checkpoint is removed', async () => {
  const folder = folderWith({});
  const file = join(folder, 'made', 'x.checkpoint.json');
  const list = listWith('z');
  if (list === undefined) throw new Error('it is short');
  expect(await keptList(file, 'sha256:a')).toBeUndefined();
  await keepList(file, 'sha256:a', list);
  const kept = await keptList(file, 'sha256:a');
  expect([kept?.covers(at('z'), until), kept?.covers(at('a'), until)]).toEqual([true, false]);
  expect(await keptList(file, 'sha256:b'), 'of another approval').toBeUndefined();
  await checkpointWithList(file).remove();
  expect(readdirSync(join(folder, 'made'))).toEqual([]);
});

it('a long list is read back as it was, and written over by a shorter one', async () => {
  const file = join(folderWith({}), 'x.checkpoint.json');
  const maker = listMaker();
  for (let number = 0; number < 50_000; number += 1) maker.add(at(`key-${number}`), until);
  const long = maker.made();
  const short = listWith('z');
  if (long === undefined || short === undefined) throw new Error('they are short enough');
  for (const list of [long, short]) {
    await keepList(file, 'sha256:a', list);
    const kept = await keptList(file, 'sha256:a');
    expect(kept?.table).toEqual(list.table);
  }
});

it.each(['', 'half', 'x'.repeat(17)])('a list that is damaged is refused', async (rest) => {
  const file = join(folderWith({}), 'x.checkpoint.json');
  writeFileSync(`${file}.approved`, `sha256:a\n${rest}`);
  await expect(keptList(file, 'sha256:a')).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
});

it('a run that is gone on with writes what was approved alone', async () => {
  const hash = `sha256:${'0'.repeat(64)}`;
  const subject = {
    act: 'protect',
    ...{ target: 'oss://fin-1', rules: hash, before: '2026-11-29T09:00:00Z' },
    ...{ versions: 1, latest: '2027-11-29T10:00:00Z', list: hash },
  } as const;
  const approval = { at: until, subjects: [subject], plan: hash, note: undefined, file: 'x' };
  const signed = { caller: 'approver', until };
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
  const write = async (list: ReturnType<typeof listWith>, keys: readonly string[]) => {
    const approved = { subject, approval: { ...approval, ...signed }, list, left: undefined };
    const clock = { now: () => until, sleep: () => Promise.resolve() };
    const bounded = await boundedStorage(
      { storage: storage as ObjectStore, clock }, // only this call is made
      rulesFrom(approvalRules, 'rules.yaml'),
      { approved, checkpoint, run },
    );
    for (const key of keys)
      await bounded.putRetention(at(key), { mode: 'COMPLIANCE', until }).catch(() => undefined);
  };
  await write(listWith('z'), []); // counted, and stopped before its first write
  await write(undefined, ['a', 'b', 'z']);
  expect(sent).toEqual(['z']);
});
