import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileCheckpoint } from '../../../shared/backfill/checkpoint.ts';
import { inventorySource } from '../../../shared/backfill/inventory/source.ts';
import { protectExisting } from '../../../shared/backfill/run.ts';
import { listingSource, type Source } from '../../../shared/backfill/source.ts';
import { diffRules, type ReportedVersion } from '../../../shared/diff/run.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import type { Rules } from '../../../shared/rules/types.ts';
import { readOnly } from '../../../shared/storage/dry-run.ts';
import { folderWith } from '../../support/cli.ts';
import { inventoryRow } from '../../support/inventory.ts';
import { inventoryTime, inventoryWorld } from '../../support/inventory-world.ts';

const rules = (objects: string): Rules =>
  rulesFrom(`version: 1\nlimits: { maxRetention: 10y }\nobjects:\n${objects}`, 'rules.yaml');

const before = rules(`
  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: 1y }
  - { name: tagged, match: { bucket: records, key: "tagged/**", tags: { class: finance } }, retain: 7y }
  - { name: brief, match: { bucket: records, key: "brief/**" }, retain: 40d, extend: { within: 30d, by: 365d, upTo: 5y } }
`);
const after = rules(`
  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: 3y }
  - { name: tagged, match: { bucket: records, key: "{tagged,dated}/**", tags: { until: "*" } }, retain: { untilTag: until } }
`);

async function world() {
  const made = await inventoryWorld();
  const ids = new Map<string, string>();
  const put = async (key: string, tags = {}) => ids.set(key, await made.upload(key, tags));
  for (const key of ['plain/1', 'plain/2', 'brief/1', 'other/1']) await put(key);
  await put('tagged/1', { class: 'finance' });
  await put('tagged/2', { class: 'finance', until: '2030-01-01' });
  await put('dated/1', { until: 'never' });
  await put('dated/2', { until: '2028-01-01' });
  const url = await made.inventory([[...ids].map(([key, id]) => inventoryRow('records', key, id)).join('')]);
  const { storage, clock } = made;
  const sources: Record<string, () => Promise<Source>> = {
    listing: async () => listingSource(storage, 'records', ''),
    inventory: () =>
      inventorySource(storage, { url, bucket: 'records', prefix: '', keysEncoded: true, clock }),
  };
  return { ...made, sources };
}

const effort = { concurrency: 8, signal: new AbortController().signal };

it.each(['listing', 'inventory'])('by %s its figures equal two runs of protect --dry-run', async (name) => {
  const { storage, clock, sources } = await world();
  const source = async () => (await sources[name]?.()) ?? expect.fail();
  const dryRun = async (each: Rules) => {
    const folder = folderWith({});
    const { tally } = await protectExisting({
      deps: { storage: readOnly(storage, () => undefined), rules: each, clock, ...effort },
      source: await source(),
      target: 'oss://records',
      checkpoint: fileCheckpoint(join(folder, 'checkpoint.json')),
      report: { lines: join(folder, 'report.jsonl'), table: join(folder, 'report.csv') },
      run: {},
      maxObjects: undefined,
      requests: () => 0,
      onCounting: () => undefined,
      onResume: () => undefined,
      onProgress: () => undefined,
    });
    return { versions: tally.versions, actions: tally.actions, rules: tally.rules };
  };
  const compare = async () =>
    diffRules({
      pair: { before, after },
      storage,
      clock,
      effort,
      shards: (await source()).shards(),
      onProgress: () => undefined,
    });
  const expectEqual = async () => {
    const found = await compare();
    const { versions } = found;
    expect([
      { versions, ...found.before },
      { versions, ...found.after },
    ]).toEqual([await dryRun(before), await dryRun(after)]);
    return found;
  };

  const first = await expectEqual();
  expect(first.rows.map(({ kind, rule, versions, bytes }) => [kind, rule, versions, bytes])).toEqual(
    [
      ['newly-retained', 'tagged', 1],
      ['retained-longer', 'plain', 2],
      ['no-longer-retained', 'brief', 1],
      ['no-longer-retained', 'tagged', 1],
      ['retained-shorter', 'tagged', 1],
      ['fails', 'tagged', 1],
    ].map((row) => [...row, name === 'listing' ? row[2] : 0]),
  );
  // What is stored by the rules before stays, whatever the rules after say.
  await storage.putRetention(
    { ...(await versionOf(await source(), 'tagged/1')) },
    { mode: 'COMPLIANCE', until: new Date('2033-11-20T10:00:00Z') },
  );
  const second = await expectEqual();
  expect(second.rows).toContainEqual(
    expect.objectContaining({ kind: 'stays-retained', rule: 'tagged', versions: 1 }),
  );
});

async function versionOf(source: Source, key: string) {
  for await (const { versions } of source.shards()) {
    const found = versions.find((each) => each.key === key);
    if (found?.versionId !== undefined) return { bucket: 'records', key, versionId: found.versionId };
  }
  return expect.fail(`no version of ${key}`);
}

it('goes through 20,000 versions once, and keeps none of them', async () => {
  let held = 0;
  const version = (number: number): ReportedVersion => ({
    bucket: `b${number % 3}`,
    key: number % 2 === 0 ? `plain/${number}` : `tagged/${number}`,
    size: 10,
    lastModified: inventoryTime,
  });
  async function* shards() {
    for (let shard = 0; shard < 20; shard += 1) {
      held += await Promise.resolve(1);
      yield {
        versions: Array.from({ length: 1000 }, (_, index) => version(shard * 1000 + index)),
        done: shard / 20,
      };
      held -= 1;
    }
  }
  const every = (retain: string) =>
    rules(`  - { name: all, match: { bucket: "b?" , key: "plain/**" }, retain: ${retain} }\n`);
  const { rows, versions } = await diffRules({
    pair: { before: every('1y'), after: every('2y') },
    storage: undefined,
    clock: { now: () => inventoryTime, sleep: () => Promise.resolve() },
    effort,
    shards: shards(),
    onProgress: () => expect(held).toBe(1),
  });
  expect(versions).toBe(20_000);
  expect(rows.map(({ bucket, rule, mostDays }) => [bucket, rule, mostDays])).toEqual(
    ['b0', 'b1', 'b2'].map((bucket) => [bucket, 'all', 366]),
  );
  expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100_000);
  expect(rows.every(({ examples }) => examples.length <= 3)).toBe(true);
});
