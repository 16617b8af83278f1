import { join } from 'node:path';
import { expect, it } from 'vitest';
import { boundedStorage, rulesFor } from '../../cli/protect/bound.ts';
import { atStart, fileCheckpoint } from '../../shared/backfill/checkpoint.ts';
import { second } from '../../shared/platform/instant.ts';
import { type ObjectStore, versionId } from '../../shared/storage/port.ts';
import { approvalRules } from '../support/approval-world.ts';
import { folderWith } from '../support/cli.ts';
import { validRules } from '../support/rules-file.ts';

const rules = validRules(approvalRules); // up to two versions need no approval
const now = new Date('2026-11-29T10:00:00Z');
const run = { target: 'oss://fin-1' };

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

it.each([
  { when: 'is begun', before: undefined, changed: 0, left: 2 },
  { when: 'has written one since it began anew', before: 0, changed: 1, left: 1 },
  { when: 'has written one before and one since', before: 1, changed: 1, left: 0 },
])('a run that $when writes $left of three', async ({ before, changed, left }) => {
  const checkpoint = fileCheckpoint(join(folderWith({}), 'x.checkpoint.json'));
  const begun = atStart(run, now, before);
  if (before !== undefined)
    await checkpoint.save({ ...begun, position: 'p', tally: { ...begun.tally, changed } });
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
    { approved: undefined, checkpoint, run },
  );
  const until = new Date('2027-11-29T10:00:00Z');
  for (const key of ['a', 'b', 'c']) {
    const at = { bucket: 'fin-1', key, versionId: versionId('V') };
    await bounded.putRetention(at, { mode: 'COMPLIANCE', until }).catch(() => undefined);
  }
  expect(sent).toHaveLength(left);
});
