import { expect, it } from 'vitest';
import { exportStateFormat, noVersions } from '../../../shared/export/state.ts';
import { bucketsSince, keepTargets, targetsKept } from '../../../shared/export/targets.ts';
import type { PostureTarget } from '../../../shared/report/targets.ts';
import { wormId } from '../../../shared/storage/port.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
buckets:
  - { name: others, match: { bucket: others-* }, policy: { days: 30, lock: { after: 20h } } }
  - { name: archive, match: { bucket: archive-* }, policy: { days: 365, lock: { after: 20h } } }
`);
const createdAt = new Date('2026-11-20T10:00:00Z');

it('the buckets that an export was begun with come back from its checkpoint as they were', () => {
  const rule = rules.buckets.find(({ name }) => name === 'archive');
  if (rule === undefined) throw new Error('no rule');
  const decision = { action: 'report', problem: 'absent', reason: 'none' } as const;
  const policy = { id: wormId('worm-1'), state: 'Locked', days: 365, createdAt };
  const targets: PostureTarget[] = [
    { bucket: 'fin-1', prefix: '', policy: undefined },
    { bucket: 'archive-1', prefix: '', policy: { bucket: 'archive-1', rule, decision, policy } },
    { bucket: 'archive-2', prefix: '', policy: { bucket: 'archive-2', rule, decision, policy: undefined } },
  ];
  const kept = exportStateFormat.parse(
    JSON.parse(
      JSON.stringify({
        ...{ version: 2, run: {}, at: createdAt, callers: [], troubles: [], versions: noVersions },
        targets: keepTargets('oss', targets),
        pack: { files: 0, sums: { bytes: 0, sha256: '' }, tables: {} },
      }),
    ),
  );
  expect(targetsKept(rules, kept.targets, 'checkpoint.json')).toEqual([
    { url: 'oss://fin-1/', bucket: 'fin-1', prefix: '', policy: undefined },
    {
      ...{ url: 'oss://archive-1/', bucket: 'archive-1', prefix: '' },
      policy: { rule, policy: { state: 'Locked', days: 365, createdAt } },
    },
    { url: 'oss://archive-2/', bucket: 'archive-2', prefix: '', policy: { rule, policy: undefined } },
  ]);
  expect(() => targetsKept({ buckets: [] }, kept.targets, 'checkpoint.json')).toThrow(
    'there is no rule archive',
  );
});

it('says which buckets are new, gone, or cannot be looked at any more', () => {
  const at = (...buckets: string[]) => buckets.map((bucket) => ({ bucket, prefix: '' }));
  const trouble = (bucket: string) => ({ bucket, code: 'ACCESS_DENIED', message: 'refused' });
  const begun = { targets: at('stays', 'goes', 'closes'), troubles: [trouble('closed'), trouble('opens')] };
  const now = { targets: at('stays', 'comes', 'opens'), troubles: [trouble('closed'), trouble('closes')] };
  expect(bucketsSince(begun, now).map(({ bucket, change }) => [bucket, change])).toEqual([
    ['comes', 'new'],
    ['goes', 'gone'],
    ['closes', 'unreadable'],
  ]);
  expect(bucketsSince(begun, now).at(-1)?.reason).toBe('ACCESS_DENIED: refused');
  expect(bucketsSince(begun, begun)).toEqual([]);
});
