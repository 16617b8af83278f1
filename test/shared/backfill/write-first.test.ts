import { describe, expect, it } from 'vitest';
import { retainedUntil } from '../../../local/plain-client.ts';
import { writeFirst } from '../../../shared/backfill/approach.ts';
import { atStart, type Progress } from '../../../shared/backfill/checkpoint.ts';
import type { ReportLine } from '../../../shared/backfill/entry.ts';
import { protectSource } from '../../../shared/backfill/run.ts';
import { lookAgain } from '../../../shared/backfill/shard.ts';
import { type KnownVersion, listingSource } from '../../../shared/backfill/source.ts';
import { decideUnseen } from '../../../shared/backfill/unseen.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { type Storage, versionId } from '../../../shared/storage/port.ts';
import { inventoryRules, inventoryTime, inventoryWorld } from '../../support/inventory-world.ts';
import { reportInto } from '../../support/report-in-memory.ts';

const later = new Date('2027-11-20T10:00:00Z');

async function bulkWorld(objects: number, least = 1) {
  const world = await inventoryWorld();
  const ids: string[] = [];
  const key = (number: number) => `plain/${String(number).padStart(4, '0')}`;
  for (let number = 0; number < objects; number += 1) ids.push(await world.upload(key(number)));
  world.cloud.oss.requests.clear();
  return {
    ...world,
    ids,
    key,
    at: (number: number) => ({ bucket: 'records', key: key(number), versionId: versionId(`${ids[number]}`) }),
    async run(dress: (storage: Storage) => Storage = (each) => each) {
      const lines: ReportLine[] = [];
      const storage = dress(world.storage);
      const { tally } = await protectSource({
        deps: {
          storage,
          rules: inventoryRules,
          clock: world.clock,
          concurrency: 8,
          signal: new AbortController().signal,
          approach: writeFirst(least),
        },
        source: listingSource(storage, 'records', ''),
        checkpoint: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
        run: {},
        openReport: reportInto(lines),
        requests: () => 0,
        onResume: () => undefined,
        onProgress: () => undefined,
      });
      const counts: Record<string, number> = {};
      for (const { operation } of world.cloud.oss.requests.list())
        counts[operation] = (counts[operation] ?? 0) + 1;
      world.cloud.oss.requests.clear();
      return { tally, lines, counts };
    },
  };
}

describe('a run that writes first', () => {
  it('looks at ten, writes the others at once, reads back ten and one in two hundred; a second run writes nothing', async () => {
    const { run, cloud, client, ids, key } = await bulkWorld(230, 100);
    const { tally, lines, counts } = await run();
    expect(counts).toEqual({ ListObjectVersions: 1, HeadObject: 10 + 11, PutObjectRetention: 230 });
    expect(tally).toMatchObject({ versions: 230, changed: 230, failed: 0, unseen: 220, readBack: 11 });
    expect(lines.filter(({ looked }) => looked === false)).toHaveLength(220);
    for (const number of [0, 9, 10, 229]) {
      expect(await retainedUntil(client, key(number), `${ids[number]}`)).toBeDefined();
    }
    cloud.oss.requests.clear();
    const again = await run();
    expect(again.counts).toEqual({ ListObjectVersions: 1, HeadObject: 230 });
    expect(again.tally).toMatchObject({ changed: 0, unseen: 0, actions: { 'already-protected': 230 } });
  });

  it('looks at all of a few, where there is little to win', async () => {
    const { run } = await bulkWorld(12, 100);
    const { tally, counts } = await run();
    expect(counts).toEqual({ ListObjectVersions: 1, HeadObject: 12, PutObjectRetention: 12 });
    expect(tally).toMatchObject({ changed: 12, unseen: 0 });
  });

  it('never shortens, and says what stood there', async () => {
    const { run, storage, client, at, ids, key } = await bulkWorld(30);
    const long = new Date('2030-01-01T00:00:00Z');
    await storage.putRetention(at(20), { mode: 'COMPLIANCE', until: long });
    const { tally, lines } = await run();
    expect(tally).toMatchObject({
      changed: 29,
      failed: 0,
      actions: { protected: 29, 'already-protected': 1 },
    });
    expect(lines.map((line) => line.key)).not.toContain(key(20));
    expect(await retainedUntil(client, key(20), `${ids[20]}`)).toEqual(long);
  });

  it('says of each refusal what is there: GOVERNANCE, no permission, or that it is gone', async () => {
    const { run, at, client } = await bulkWorld(30);
    const refuse: Record<string, 'governance' | 'denied'> = {
      [at(20).key]: 'governance',
      [at(21).key]: 'denied',
    };
    const dress = (under: Storage): Storage => ({
      ...under,
      async headObject(asked) {
        const head = await under.headObject(asked);
        const governed = refuse[asked.key] === 'governance' && typeof head === 'object';
        return governed ? { ...head, retention: { mode: 'GOVERNANCE' as const, until: later } } : head;
      },
      async putRetention(asked, retention) {
        if (refuse[asked.key] !== undefined) {
          const target = `oss://${asked.bucket}/${asked.key}`;
          throw failure('ACCESS_DENIED', {
            operation: 'PutObjectRetention',
            target,
            action: 'oss:PutObjectRetention',
          });
        }
        if (asked.key === at(22).key) await client.delete(asked.key, { versionId: asked.versionId } as never);
        return await under.putRetention(asked, retention);
      },
    });
    const { lines, tally } = await run(dress);
    const bad = lines.filter(({ result }) => result !== 'protected');
    expect(bad).toMatchObject([
      { result: 'failed', key: at(20).key, code: 'GOVERNANCE_MODE' },
      { result: 'failed', key: at(21).key, code: 'ACCESS_DENIED' },
      { result: 'gone', key: at(22).key },
    ]);
    expect(tally).toMatchObject({ changed: 27, failed: 2, gone: 1 });
  });

  it('fails what it reads back and does not find', async () => {
    const { run, at } = await bulkWorld(12);
    const dress = (under: Storage): Storage => ({
      ...under,
      putRetention: (asked, retention) =>
        asked.key === at(11).key
          ? Promise.resolve({ sent: true, requestId: 'R' })
          : under.putRetention(asked, retention),
    });
    const { lines } = await run(dress);
    expect(lines.filter(({ result }) => result === 'failed')).toMatchObject([
      { key: at(11).key, code: 'NOT_VERIFIED' },
    ]);
  });

  it('that was stopped tells what it wrote itself from what stood there before', async () => {
    const { storage, clock, at } = await bulkWorld(3);
    await storage.putRetention(at(0), { mode: 'COMPLIANCE', until: later });
    await storage.putRetention(at(1), { mode: 'COMPLIANCE', until: new Date('2031-01-01T00:00:00Z') });
    const items = [0, 1, 2].map((number) => ({
      pending: {
        ...at(number),
        lastModified: inventoryTime,
        type: 'Normal',
        tags: new Map(),
        retention: undefined,
      },
      unseen: 'list' as const,
    }));
    const deps = {
      storage,
      rules: inventoryRules,
      clock,
      concurrency: 2,
      signal: new AbortController().signal,
    };
    const shard = { end: 'x', rows: 0, decidedAt: clock.now(), items };
    expect((await lookAgain(deps, shard)).items).toMatchObject([
      { action: 'protected', unseen: true, line: { looked: false } },
      { action: 'already-protected' },
      { pending: { key: at(2).key }, unseen: 'list' },
    ]);
  });
});

describe('what may be written without a look', () => {
  const known: KnownVersion = {
    bucket: 'records',
    key: 'plain/a',
    versionId: versionId('V'),
    lastModified: inventoryTime,
    type: 'Normal',
    isLatest: true,
  };
  const extending = rulesFrom(
    'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: e, match: { bucket: records }, retain: 60d, extend: { within: 30d, by: 20d, upTo: 70d } }]',
    'rules.yaml',
  );
  const decide = (change: Partial<KnownVersion>, rules = inventoryRules) =>
    decideUnseen(rules, { ...known, ...change }, inventoryTime);

  it.each<[what: string, change: Partial<KnownVersion>]>([
    ['a simple upload', {}],
    ['a multipart upload', { type: 'Multipart' }],
    ['an old version', { isLatest: false }],
  ])('%s', (_what, change) => {
    expect(decide(change)).toMatchObject({ unseen: { key: 'plain/a' } });
  });

  it.each<[what: string, change: Partial<KnownVersion>]>([
    ['the version null, which may be another one by now', { versionId: versionId('null') }],
    ['no version id', { versionId: undefined }],
    ['no Last-Modified', { lastModified: undefined }],
    ['no type', { type: undefined }],
    ['a type that nobody knows', { type: 'Novel' }],
    ['two readings of the key', { otherKey: 'plain/a b' }],
    ['a rule that reads tags', { key: 'tagged/a' }],
  ])('not with %s', (_what, change) => {
    expect(decide(change)).toBeUndefined();
  });

  it('not where a rule extends what is in use', () => {
    expect(decide({}, extending)).toBeUndefined();
  });

  it.each<[what: string, change: Partial<KnownVersion>, action: string]>([
    ['no rule', { key: 'other' }, 'no-rule'],
    ['a delete marker', { type: 'delete-marker' }, 'skipped'],
    ['an appendable object', { type: 'Appendable' }, 'skipped'],
    ['a symlink', { type: 'Symlink' }, 'skipped'],
    ['a date that is past', { lastModified: new Date('2020-01-01') }, 'elapsed'],
  ])('and %s needs neither a look nor a write', (_what, change, action) => {
    expect(decide(change)).toMatchObject({ outcome: { decision: { action } } });
  });
});

it('progress of a version before keeps its meaning: nothing was written without a look', () => {
  const old: Progress = atStart({}, inventoryTime);
  expect(old.tally).toMatchObject({ unseen: 0, readBack: 0, gone: 0 });
});

it('a run that goes on looks first at as many versions as one that was never stopped', () => {
  const whole = writeFirst();
  const undisturbed = [1000, 1000, 1000].map((candidates) => whole.probes(candidates));
  const before = writeFirst();
  const first = before.probes(1000);
  const after = writeFirst();
  after.resume();
  expect([first, after.probes(1000), after.probes(1000)]).toEqual(undisturbed);
  whole.resume();
  expect(whole.probes(1000)).toBe(undisturbed[2]);
});
