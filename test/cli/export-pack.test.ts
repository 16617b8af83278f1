import { appendFileSync, existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ExportPack, openPack } from '../../cli/export/pack.ts';
import { folderWith } from '../support/cli.ts';

const evidence = 'evidence/2026/11/20/10-one.jsonl';
const { signal } = new AbortController();

/** Makes a pack that was stopped behind a mark, with two files. */
async function stoppedPack() {
  const folder = folderWith({ 'INCOMPLETE.txt': '' });
  const pack = await openPack(folder, { remembers: false, from: undefined, signal });
  await pack.file(evidence, 'a decision');
  await pack.file('rules/today.yaml', 'rules');
  const from = await pack.mark();
  await pack.file('evidence/2026/11/20/10-two.jsonl', 'behind the mark');
  await pack.close();
  return {
    folder,
    evidence: join(folder, evidence),
    goOn: async (): Promise<ExportPack> => await openPack(folder, { remembers: false, from, signal }),
  };
}

const descriptors = '/proc/self/fd';

/** Returns the files of a folder that this process has open, where the system tells. */
const openIn = (folder: string): string[] =>
  existsSync(descriptors)
    ? readdirSync(descriptors)
        .map((each) => join(descriptors, each))
        // The one that the list itself was read by is closed by now.
        .flatMap((each) => (existsSync(each) ? [readlinkSync(each)] : []))
        .filter((file) => file.startsWith(folder))
    : [];

it.each([
  ['grew', 'it has not what it had', (file: string) => appendFileSync(file, '!')],
  ['was written again', 'it has not what it had', (file: string) => writeFileSync(file, 'a DECISION')],
  ['is missing', 'it is missing', (file: string) => rmSync(file)],
])(
  'a file of a pack that %s since it was stopped is named, and nothing is gone on with',
  async (_, why, change) => {
    const stopped = await stoppedPack();
    change(stopped.evidence);
    await expect(stopped.goOn()).rejects.toMatchObject({
      code: 'CHECKPOINT_UNUSABLE',
      message: expect.stringContaining(`${evidence}: ${why}`),
      remedy: expect.stringContaining('--restart'),
    });
    expect(openIn(stopped.folder)).toEqual([]);
  },
);

it('a pack that nobody has changed is gone on with', async () => {
  const stopped = await stoppedPack();
  const pack = await stopped.goOn();
  expect(pack.files).toBe(2);
  await pack.file('evidence/2026/11/20/10-two.jsonl', 'written again');
  await pack.close();
});
