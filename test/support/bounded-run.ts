import { type ApprovedList, hashList, listMaker } from '../../cli/protect/approved-list.ts';
import { boundedStorage } from '../../cli/protect/bound.ts';
import { type ObjectStore, versionId } from '../../shared/storage/port.ts';
import { approvalRules } from './approval-world.ts';
import { validRules } from './rules-file.ts';

type Run = Parameters<typeof boundedStorage>[2];

/** The rules of these runs: up to two versions need no approval. */
export const boundedRules = validRules(approvalRules);

export const approvedUntil = new Date('2027-11-29T10:00:00Z');
export const approvedVersion = (key: string) => ({ bucket: 'fin-1', key, versionId: versionId('V') });

/** Returns the list of some versions, each with the same date. */
export function listWith(...keys: readonly string[]): ApprovedList {
  const maker = listMaker();
  for (const key of keys) maker.add(approvedVersion(key), approvedUntil);
  const list = maker.made();
  if (list === undefined) throw new Error('it is short enough');
  return list;
}

/** Returns the act of writing so many versions, which has that list. */
export const subjectOf = (list: ApprovedList, versions = 1, before = '2026-11-29T09:00:00Z') => ({
  ...{ act: 'protect' as const, target: 'oss://fin-1', rules: `sha256:${'0'.repeat(64)}`, before },
  ...{ versions, latest: '2027-11-29T10:00:00Z', list: hashList(list) },
});

/** Writes versions within the bound of a run, and returns the keys of those that were sent. */
export async function writtenWithin(run: Run, keys: readonly string[], now: Date): Promise<string[]> {
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
    boundedRules,
    run,
  );
  for (const key of keys) {
    const retention = { mode: 'COMPLIANCE', until: approvedUntil } as const;
    await bounded.putRetention(approvedVersion(key), retention).catch(() => undefined);
  }
  return sent;
}
