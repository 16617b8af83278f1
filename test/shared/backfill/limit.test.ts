import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileCheckpoint } from '../../../shared/backfill/checkpoint.ts';
import { protectExisting, type RunOptions } from '../../../shared/backfill/run.ts';
import { listingSource } from '../../../shared/backfill/source.ts';
import { folderWith } from '../../support/cli.ts';
import { inventoryRules, inventoryWorld } from '../../support/inventory-world.ts';

async function limitWorld(objects: number) {
  const world = await inventoryWorld();
  for (let number = 0; number < objects; number += 1) await world.upload(`plain/${number}`);
  const folder = folderWith({});
  const options = (changes: Partial<RunOptions>): RunOptions => ({
    deps: {
      storage: world.storage,
      rules: inventoryRules,
      clock: world.clock,
      concurrency: 4,
      signal: new AbortController().signal,
    },
    source: listingSource(world.storage, 'records', ''),
    target: 'oss://records',
    checkpoint: fileCheckpoint(join(folder, 'checkpoint.json')),
    report: { lines: join(folder, 'report.jsonl'), table: join(folder, 'report.csv') },
    run: {},
    maxObjects: undefined,
    requests: () => 0,
    onCounting: () => undefined,
    onResume: () => undefined,
    onProgress: () => undefined,
    ...changes,
  });
  const writes = () =>
    world.cloud.oss.requests.list().filter(({ operation }) => operation === 'PutObjectRetention').length;
  return { ...world, options, writes };
}

it('what arrives between counting and writing is not written when it would be one too many', async () => {
  const { options, writes, upload } = await limitWorld(3);
  let arrived = false;
  const storage = options({}).deps.storage;
  const run = protectExisting(
    options({
      maxObjects: 3,
      source: {
        async *shards(from) {
          // The second pass is the one that writes.
          if (arrived) await upload('plain/late');
          arrived = true;
          yield* listingSource(storage, 'records', '').shards(from);
        },
      },
    }),
  );
  await expect(run).rejects.toMatchObject({ code: 'TOO_MANY_OBJECTS' });
  expect(writes()).toBe(0);
});

it('a run that goes on counts what it has written before', async () => {
  const { options, writes } = await limitWorld(5);
  const list = listingSource(options({}).deps.storage, 'records', '');
  /** Two versions at a time, and a stop after so many times. */
  const inTwos = (stopAfter: number) => ({
    async *shards(from?: string) {
      for await (const { versions } of list.shards()) {
        for (let at = Number(from ?? 0), shards = 0; at < versions.length; at += 2, shards += 1) {
          if (shards === stopAfter) throw new Error('stopped');
          yield { versions: versions.slice(at, at + 2), end: String(at + 2), done: undefined };
        }
      }
    },
  });
  await expect(protectExisting(options({ source: inTwos(1) }))).rejects.toThrow('stopped');
  expect(writes()).toBe(2);
  await expect(protectExisting(options({ source: inTwos(9), maxObjects: 4 }))).rejects.toMatchObject({
    code: 'TOO_MANY_OBJECTS',
  });
  expect(writes()).toBe(2);
  await protectExisting(options({ source: inTwos(9), maxObjects: 5 }));
  expect(writes()).toBe(5);
});
