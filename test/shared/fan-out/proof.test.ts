import { describe, expect, it } from 'vitest';
import { retainedUntil } from '../../../local/plain-client.ts';
import { inventorySource, openInventory } from '../../../shared/backfill/inventory/source.ts';
import { createDeadline } from '../../../shared/fan-out/deadline.ts';
import { keepPlan } from '../../../shared/fan-out/plan.ts';
import { beginSurvey, planInventory, surveyInventory } from '../../../shared/fan-out/plan-inventory.ts';
import { type Served, type Service, serveRepair, serveShard } from '../../../shared/fan-out/serve.ts';
import { tasksOf } from '../../../shared/fan-out/start.ts';
import type { FanOutRun, InventoryRange, ShardTask } from '../../../shared/fan-out/task.ts';
import { failure, type HoldfastError } from '../../../shared/platform/errors.ts';
import { inventoryRules, inventoryWorld } from '../../support/inventory-world.ts';

const row = (key: string, id: string) =>
  `records,"${key}","${id}","true","false","2026-11-20T09-00-00Z",""\n`;
const seconds = (instant: string) => String(Date.parse(instant) / 1000);

async function repairWorld() {
  const world = await inventoryWorld();
  const { storage, kept } = world;
  let now = '2026-11-20T10:00:00Z';
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  const deadline = createDeadline(clock, new Date('2030-01-01'));
  let knows = (): HoldfastError[] => [];
  const service: Service = {
    deadline,
    dryRun: false,
    self: undefined,
    share: { concurrency: 4 },
    workFor: () => ({
      storage,
      kept: storage,
      rules: inventoryRules,
      openMatters: () => Promise.resolve({ open: [], unknown: knows() }),
      clock,
      concurrency: 4,
      signal: deadline.signal,
      requests: () => 0,
      onLines: () => undefined,
    }),
  };
  const keysIn = async (folder: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of storage.listVersions('kept', folder)) keys.push(key);
    return keys;
  };
  return {
    ...world,
    service,
    keysIn,
    at(instant: string) {
      now = instant;
    },
    /** Says why matters are not known, each time that they are read. */
    unknown(why: typeof knows) {
      knows = why;
    },
    repair: (manifest: string): Promise<Served[]> =>
      serveRepair(service, { task: 'repair', version: 1, manifest, leg: 0 }),
    async record(): Promise<Record<string, unknown> | undefined> {
      if ((await keysIn('failed/repairs/')).length === 0) return undefined;
      const { content } = await kept.get('failed/repairs/records.json');
      return JSON.parse(String(content));
    },
    /** Keeps a plan as a run over all of `records`. */
    plan: (folder = 'failed/fan-out/records-1/1/') => {
      const run: FanOutRun = {
        bucket: 'records',
        prefix: '',
        source: 'listing',
        keysEncoded: true,
        dryRun: false,
        repair: true,
        folder: { bucket: 'kept', prefix: folder },
      };
      return keepPlan(storage, run, [{ kind: 'listing' }]);
    },
  };
}

describe('the record of a repair', () => {
  it('says how old its source is, and does not move when the same manifest comes again', async () => {
    const world = await repairWorld();
    const id = await world.upload('plain/a');
    const url = await world.inventory([row('plain%2Fa', id)], {
      manifest: { creationTimestamp: seconds('2026-11-20T08:00:00Z') },
    });
    await world.repair(url);
    const first = await world.record();
    expect(first).toMatchObject({
      sourceAt: '2026-11-20T08:00:00Z',
      completedAt: '2026-11-20T10:00:00Z',
      versions: 1,
      changed: 1,
      failed: 0,
      gone: 0,
    });
    world.at('2026-12-24T10:00:00Z');
    await world.repair(url);
    expect(await world.record()).toEqual(first);
  });

  it('is not kept, and the repair fails, where matters became unknown in the middle of it', async () => {
    const world = await repairWorld();
    const id = await world.upload('plain/a');
    const url = await world.inventory([row('plain%2Fa', id)], {
      manifest: { creationTimestamp: seconds('2026-11-20T08:00:00Z') },
    });
    const unknown = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });
    let read = 0;
    world.unknown(() => {
      read += 1;
      return read > 2 ? [unknown] : [];
    });
    await expect(world.repair(url)).rejects.toBe(unknown);
    expect(await world.record()).toBeUndefined();
    world.unknown(() => []);
    await world.repair(url);
    expect(await world.record()).toMatchObject({ versions: 1 });
  });

  it('does not go back for an older inventory that comes later', async () => {
    const world = await repairWorld();
    const id = await world.upload('plain/a');
    const taken = (instant: string) =>
      world.inventory([row('plain%2Fa', id)], { manifest: { creationTimestamp: seconds(instant) } });
    await world.repair(await taken('2026-11-20T08:00:00Z'));
    const first = await world.record();
    world.at('2026-11-21T10:00:00Z');
    await world.repair(await taken('2026-11-19T08:00:00Z'));
    expect(await world.record()).toEqual(first);
    await world.repair(await taken('2026-11-21T08:00:00Z'));
    expect(await world.record()).toMatchObject({ sourceAt: '2026-11-21T08:00:00Z' });
  });

  it.each<[what: string, schema: string, line: string, manifest: Record<string, unknown>, reason: string]>([
    ['names current versions only', 'Bucket, Key', 'records,plain%2Fa\n', {}, 'no column VersionId'],
    [
      'does not say when it was taken',
      'Bucket, Key, VersionId',
      'records,plain%2Fa,ID\n',
      { creationTimestamp: undefined },
      'its age is not known',
    ],
    [
      'was taken in the future',
      'Bucket, Key, VersionId',
      'records,plain%2Fa,ID\n',
      { creationTimestamp: seconds('2027-11-20T10:00:00Z') },
      'is yet to come',
    ],
  ])(
    'is not made by an inventory that %s; its versions are protected',
    async (_what, schema, line, manifest, reason) => {
      const world = await repairWorld();
      const id = await world.upload('plain/a');
      const url = await world.inventory([line.replace('ID', id)], { schema, manifest });
      expect(await world.repair(url)).toEqual([
        expect.objectContaining({
          action: 'shard-done',
          changed: 1,
          unrecorded: expect.stringContaining(reason),
        }),
      ]);
      expect(await world.record()).toBeUndefined();
      expect(await retainedUntil(world.client, 'plain/a', id)).toBeDefined();
    },
  );

  it('is not made by an empty inventory of a bucket that is not empty', async () => {
    const world = await repairWorld();
    await world.upload('plain/a');
    const manifest = { creationTimestamp: seconds('2026-11-20T10:10:00Z') };
    for (const files of [[], ['']]) {
      await expect(world.repair(await world.inventory(files, { manifest }))).rejects.toMatchObject({
        code: 'INVENTORY_INVALID',
        message: expect.stringContaining('it names no version'),
      });
    }
    expect(await world.record()).toBeUndefined();
  });

  it('is made by an empty inventory of an empty bucket', async () => {
    const world = await repairWorld();
    await world.repair(await world.inventory([]));
    expect(await world.record()).toMatchObject({ versions: 0 });
  });
});

describe('an incremental inventory', () => {
  const schema = 'Bucket, Key, VersionId, IsDeleteMarker, SequenceNumber, RecordType, LastModifiedDate';
  const manifest = { creationTimestamp: undefined, startTimestamp: '1795168200', endTimestamp: '1795168800' };

  it('has what it creates protected, and records nothing', async () => {
    const world = await repairWorld();
    const ids = [await world.upload('plain/a'), await world.upload('plain/b')];
    const line = (key: string, id: string, type: string, marker: string) =>
      `records,${key},${id},${marker},1,${type},2026-11-20T09-00-00Z\n`;
    const url = await world.inventory(
      [
        line('plain%2Fa', `${ids[0]}`, 'CREATE', 'false') +
          line('plain%2Fb', `${ids[1]}`, 'DELETE', 'false') +
          line('plain%2Fc', 'M', 'DELETE', 'true') +
          line('plain%2Fd', 'M', 'CREATE', 'true'),
      ],
      { schema, manifest },
    );
    expect(await world.repair(url)).toMatchObject([
      {
        action: 'shard-done',
        versions: 2,
        changed: 1,
        failed: 0,
        unrecorded: expect.stringContaining('incremental'),
      },
    ]);
    expect(await retainedUntil(world.client, 'plain/a', `${ids[0]}`)).toBeDefined();
    expect(await retainedUntil(world.client, 'plain/b', `${ids[1]}`)).toBeUndefined();
    expect(await world.record()).toBeUndefined();
  });

  it.each([
    ['without version ids', 'Bucket, Key, RecordType', 'no column VersionId'],
    ['without record types', 'Bucket, Key, VersionId', 'no column RecordType'],
  ])('%s is set aside, and nothing is kept of it', async (_what, columns, reason) => {
    const world = await repairWorld();
    const url = await world.inventory(['x\n'], { schema: columns, manifest });
    expect(await world.repair(url)).toEqual([
      { action: 'set-aside', bucket: 'records', reason: expect.stringContaining(reason) },
    ]);
    expect(await world.keysIn('failed/')).toEqual([]);
  });
});

describe('a result, a task or a file that others made', () => {
  it('counts for nothing: the shard is worked on, and its own result takes the place', async () => {
    const world = await repairWorld();
    const id = await world.upload('plain/a');
    const plan = await world.plan();
    const forged = {
      version: 2,
      plan: '0'.repeat(64),
      shard: '0'.repeat(16),
      rows: 0,
      finishedAt: '2026-11-20T10:00:00Z',
      tally: { versions: 1, changed: 1, failed: 0, gone: 0, actions: {}, rules: {} },
      parts: 0,
      requests: 0,
      elapsedMs: 0,
    };
    for (const text of [JSON.stringify(forged), '{"version":1}', '{', 'NaN']) {
      await world.kept.put('failed/fan-out/records-1/1/results/00000.json', Buffer.from(text));
      const [task = expect.fail()] = tasksOf(plan, { concurrency: 4, attempt: 0 });
      expect(await serveShard(world.service, task)).toMatchObject({ action: 'repair-done' });
      expect(await retainedUntil(world.client, 'plain/a', id)).toBeDefined();
    }
  });

  it.each<[what: string, change: Partial<ShardTask>, reason: string]>([
    ['another plan', { plan: 'f'.repeat(64) }, 'another one'],
    ['a shard that the plan has not', { number: 7 }, 'has 1 shard'],
    [
      'a folder elsewhere',
      { folder: { bucket: 'lists', prefix: 'failed/fan-out/records-1/1/' } },
      'not below',
    ],
    ['a folder beside it', { folder: { bucket: 'kept', prefix: 'other/' } }, 'not below'],
    [
      'a folder without a plan',
      { folder: { bucket: 'kept', prefix: 'failed/fan-out/x/1/' } },
      'there is no plan',
    ],
  ])('a task with %s is refused before anything is written', async (_what, change, reason) => {
    const world = await repairWorld();
    const id = await world.upload('plain/a');
    const [task = expect.fail()] = tasksOf(await world.plan(), { concurrency: 4, attempt: 0 });
    const before = await world.keysIn('failed/');
    await expect(serveShard(world.service, { ...task, ...change })).rejects.toMatchObject({
      code: 'TASK_REFUSED',
      message: expect.stringContaining(reason),
    });
    expect(await world.keysIn('failed/')).toEqual(before);
    expect(await retainedUntil(world.client, 'plain/a', id)).toBeUndefined();
  });

  it('a plan that was copied to another folder is refused', async () => {
    const world = await repairWorld();
    const plan = await world.plan();
    const { content } = await world.kept.get('failed/fan-out/records-1/1/plan.json');
    await world.kept.put('failed/fan-out/copy/1/plan.json', Buffer.from(String(content)));
    const [task = expect.fail()] = tasksOf(plan, { concurrency: 4, attempt: 0 });
    const copied = { ...task, folder: { bucket: 'kept', prefix: 'failed/fan-out/copy/1/' } };
    await expect(serveShard(world.service, copied)).rejects.toMatchObject({ code: 'TASK_REFUSED' });
  });

  it.each(['null', '{', '{"version":1,"run":{},"tally":NaN}', '[]'])(
    'progress that reads %s is a coded error',
    async (text) => {
      const world = await repairWorld();
      const [task = expect.fail()] = tasksOf(await world.plan(), { concurrency: 4, attempt: 0 });
      await world.kept.put('failed/fan-out/records-1/1/progress/00000.json', Buffer.from(text));
      await expect(serveShard(world.service, task)).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
    },
  );

  it('rows that are others than were planned are refused, as many and as long as they may be', async () => {
    const world = await inventoryWorld();
    const [one, two] = [row('plain%2Fa', 'V1'), row('plain%2Fb', 'V2')];
    const survey = async (url: string) => {
      const { at, manifest } = await openInventory(world.storage, url);
      let found = beginSurvey(10);
      for await (const next of surveyInventory(world.storage, at.bucket, manifest, found)) found = next;
      return { hash: manifest.hash, ranges: planInventory(found) };
    };
    const read = async (url: string, hash: string, [range]: readonly InventoryRange[]) => {
      const planned = { hash, pieces: range?.pieces ?? [] };
      const options = { url, bucket: 'records', prefix: '', keysEncoded: true, planned };
      const keys: string[] = [];
      for await (const { versions } of (await inventorySource(world.storage, options)).shards()) {
        keys.push(...versions.map(({ key }) => key));
      }
      return keys;
    };
    const url = await world.inventory([one + two]);
    const planned = await survey(url);
    const other = await world.inventory([two + one]);
    const { hash } = await survey(other);
    expect(await read(url, planned.hash, planned.ranges)).toEqual(['plain/a', 'plain/b']);
    const refusal = (reason: string) => ({
      code: 'INVENTORY_INVALID',
      message: expect.stringContaining(reason),
    });
    await expect(read(other, hash, planned.ranges)).rejects.toMatchObject(refusal('is not what it was'));
    await expect(read(other, planned.hash, planned.ranges)).rejects.toMatchObject(refusal('another one'));
  });
});
