import { describe, expect, it } from 'vitest';
import { progressAt } from '../../../shared/fan-out/places.ts';
import type { Share } from '../../../shared/fan-out/plan.ts';
import { readResult } from '../../../shared/fan-out/result.ts';
import { readRunText } from '../../../shared/fan-out/run-objects.ts';
import { readProgress } from '../../../shared/fan-out/work.ts';
import { hashRules } from '../../../shared/rules/hash-rules.ts';
import type { Storage } from '../../../shared/storage/port.ts';
import { requestMs, shardOf } from '../../support/inventory-shard.ts';
import { validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';

const limit = 'version: 1\nlimits: { maxRetention: 10y }\n';
const rules = validRules(`${limit}objects: [{ name: all, match: { bucket: records }, retain: 1y }]\n`);
const elsewhere = validRules(`${limit}objects: [{ name: other, match: { bucket: other }, retain: 1y }]\n`);
const hour = 3_600_000;

describe('a shard is worked on for its run alone', () => {
  it('with the rules that the run was begun with', async () => {
    const { work } = await shardOf(1, 10, { rules, asked: hashRules(rules) });
    expect(await work(hour)).toMatchObject({ done: { tally: { changed: 10 } } });
    const other = await shardOf(1, 10, { rules: elsewhere, asked: hashRules(rules) });
    await expect(other.work(hour)).rejects.toMatchObject({
      code: 'RULES_DIFFER',
      message: expect.stringContaining(
        `other rules (${hashRules(elsewhere)}) than the run was begun with (${hashRules(rules)})`,
      ),
    });
    expect(other.cloud.oss.requests.list().filter(({ operation }) => operation === 'HeadObject')).toEqual([]);
  });

  it('unless rules of buckets claim its bucket too', async () => {
    const policy = 'policy: { days: { atLeast: 1, atMost: 9 }, lock: { after: 1h } }';
    const colliding = validRules(
      `${limit}objects: [{ name: all, match: { bucket: "rec*" }, retain: 1y }]
buckets: [{ name: both, match: { bucket: "*ords" }, ${policy} }]\n`,
    );
    const { work, writes } = await shardOf(1, 10, { rules: colliding });
    await expect(work(hour)).rejects.toMatchObject({ code: 'RULES_COLLIDE' });
    expect(writes()).toEqual([]);
  });

  it('and goes on with its own progress, not with that of another plan or shard', async () => {
    const { work, storage, share } = await shardOf(5, 10);
    const readBy = (other: Share) => readProgress(storage, other);
    expect(await readBy(share)).toBeUndefined();
    expect(await work(40 * requestMs)).toMatchObject({ unfinished: {} });
    expect(await readBy(share)).toMatchObject({ rows: expect.any(Number), position: expect.any(String) });
    expect(await readBy({ ...share, plan: { ...share.plan, hash: '0'.repeat(64) } })).toBeUndefined();
    expect(await readBy({ ...share, range: { kind: 'inventory', pieces: [] } })).toBeUndefined();
  });

  it('and has no result where its progress counts other rows than the plan has', async () => {
    const { work, storage, share } = await shardOf(2, 10);
    expect(await work(40 * requestMs)).toMatchObject({ unfinished: {} });
    const at = progressAt(share.plan.run.folder, share.number);
    const progress = await readRunText(storage, at);
    expect(progress).toContain('"rows":1000');
    await storage.writeText(at, progress.replace('"rows":1000', '"rows":999'));
    await expect(work(hour)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNUSABLE',
      message: expect.stringMatching(/fan-out\/.*it has 1999 rows of a shard of 2000/),
    });
    expect(await readResult(storage, share)).toBeUndefined();
  });
});

it.each([
  { holds: 'has legal holds, unless they are under one', dress: (each: Storage) => each, changed: 9 },
  { holds: 'has none', dress: (each: Storage): Storage => ({ ...each, holds: undefined }), changed: 10 },
])('an open matter keeps the versions of a shard by retention where the service $holds', async (given) => {
  const { work, storage } = await shardOf(1, 10, { rules: elsewhere });
  for await (const version of storage.listVersions('records', 'k3'))
    if (version.kind === 'version') await storage.holds?.putHold(version, 'ON');
  const open = [{ id: 'case', scope: validScope({ match: ['oss://records/**'] }) }];
  const worked = await work(hour, given.dress, () => Promise.resolve({ open, unknown: [] }));
  expect(worked).toMatchObject({ done: { tally: { changed: given.changed } } });
});
