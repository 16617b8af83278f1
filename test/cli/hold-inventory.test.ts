import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { aboutInventory } from '../../cli/hold/inventory.ts';
import type { HoldOpenOptions } from '../../cli/hold/options.ts';
import type { HoldWorld } from '../../cli/hold/world.ts';
import { here } from '../../cli/terminal/confirm.ts';
import { interrupt } from '../../cli/terminal/interrupt.ts';
import { createRetentionBucket } from '../../local/plain-client.ts';
import { hour, second } from '../../shared/platform/instant.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { holdTestWorld } from '../support/hold-world.ts';
import { type InventoryFiles, inventoryRow, versionSchema, writeInventory } from '../support/inventory.ts';

const withType = `${versionSchema}, ObjectType`;
const typed = (row: string) => row.replace(/\n$/, ',"Normal"\n');

/** Opens matters at one instant. */
const opened = new Date('2026-11-20T10:00:30Z');
const atOnce = (inner: HoldWorld): HoldWorld => ({ ...inner, clock: { ...inner.clock, now: () => opened } });
/** A manifest that was taken so many seconds after it. */
const takenIn = (seconds: number) => ({
  manifest: { creationTimestamp: String(opened.getTime() / second + seconds) },
});

/** A world with a bucket of inventories. */
async function inventoryWorld(buckets = ['fin-1', 'fin-2']) {
  const world = await holdTestWorld(buckets);
  const lists = await createRetentionBucket(world.cloud.url, 'lists');
  let written = 0;
  return {
    ...world,
    /** Writes an inventory of fin-1. @returns the address of its manifest */
    async inventory(rows: readonly string[], given: Partial<InventoryFiles> = {}) {
      written += 1;
      const folder = `fin-1/${written}`;
      const about = { folder, files: [rows.join('')], bucket: 'fin-1', ...given };
      return `oss://lists/${await writeInventory(lists, about)}`;
    },
    /** Requests of one operation since the record was cleared, by bucket and key. */
    asked: (operation: string) =>
      world.cloud.oss.requests
        .list()
        .filter((each) => each.operation === operation)
        .map(({ bucket, key }) => `${bucket}/${key ?? ''}`),
    held: async (...versions: readonly (readonly [string, string, string])[]) =>
      await Promise.all(versions.map((version) => world.isHeld(...version))),
  };
}

describe('holdfast hold open --inventory', () => {
  it('holds what a list would, lists only the other buckets, and is not done without what came later', async () => {
    const world = await inventoryWorld();
    const a = await world.upload('fin-1', '账 本+a');
    const old = await world.upload('fin-1', 'b');
    const b = await world.upload('fin-1', 'b');
    const other = await world.upload('fin-2', 'c');
    const url = await world.inventory([
      inventoryRow('fin-1', '账 本+a', a),
      inventoryRow('fin-1', 'b', old) + inventoryRow('fin-1', 'b', b),
      inventoryRow('fin-1', 'deleted', 'M', { marker: true }),
    ]);
    const late = await world.upload('fin-1', 'late');
    world.cloud.oss.requests.clear();

    const dry = await world.open('a', { inventory: url, dryRun: true });
    expect(dry).toMatchObject({ exitCode: 1, json: { held: 4, looked: 4, complete: false } });
    const manifest = url.slice('oss://'.length);
    expect(world.asked('GetObject').filter((each) => each === manifest)).toHaveLength(1);
    expect(await world.held(['fin-1', 'b', b], ['fin-2', 'c', other])).toEqual([false, false]);

    const { exitCode, json, text } = await world.open('a', { inventory: url });
    expect({ exitCode, json }).toMatchObject({
      exitCode: 1,
      json: { held: 4, looked: 4, complete: false, inventory: { url, bucket: 'fin-1', isEnough: false } },
    });
    expect(text).toContain(
      'oss://fin-1 by its inventory of 2026-11-20T10:00:00Z, 0 hours old: what was uploaded after it and before the matter was opened is not held',
    );
    expect(text).toMatch(
      /what to do: run `holdfast hold open a …` again without --inventory, or with .* from 2026-/,
    );
    expect(text).not.toContain('not all is done');
    const all = [
      ['fin-1', '账 本+a', a],
      ['fin-1', 'b', old],
      ['fin-1', 'b', b],
      ['fin-2', 'c', other],
    ] as const;
    expect(await world.held(...all)).toEqual([true, true, true, true]);
    expect(await world.isHeld('fin-1', 'late', late)).toBe(false);
    expect(world.asked('ListObjectVersions')).not.toContain('fin-1/');

    // The matter is not held as a whole, so the same command goes on, by a list.
    const listed = await world.open('a', {});
    expect(listed).toMatchObject({ exitCode: 0, json: { held: 5, complete: true } });
    expect(listed.json).not.toHaveProperty('inventory');
    expect(await world.isHeld('fin-1', 'late', late)).toBe(true);
    await expect(world.open('a', { inventory: url })).rejects.toMatchObject({ code: 'MATTER_EXISTS' });
  });

  it('is done by an inventory that was taken when the functions knew of the matter, and not a second before', async () => {
    const world = await inventoryWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a');
    const rows = [inventoryRow('fin-1', 'a', a)];
    const open = async (seconds: number, again = false) => {
      const inventory = await world.inventory(rows, takenIn(seconds));
      return await world.open('a', { inventory, again }, atOnce);
    };
    expect((await open(-60)).exitCode).toBe(1);
    expect((await open(2)).exitCode).toBe(1);
    const { exitCode, text, json } = await open(3);
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { held: 1, complete: true } });
    expect(text).toContain('what was uploaded since is held by the function as it comes');
    expect(await open(60, true)).toMatchObject({ exitCode: 0, json: { complete: true } });
  });

  it('is not done by an inventory that is older than the opening of a second person', () => {
    const takenAt = new Date(opened.getTime() + hour);
    const inventory = { url: 'oss://lists/m', bucket: 'fin-1', takenAt };
    const isEnough = (...times: Date[]) => aboutInventory(inventory, times, takenAt).isEnough;
    expect(isEnough(opened)).toBe(true);
    expect(isEnough(opened, takenAt)).toBe(false);
    expect(isEnough(takenAt, opened)).toBe(false);
  });

  it('takes tags and days as a list does, and asks HEAD only for what the row does not say', async () => {
    const world = await inventoryWorld(['fin-1']);
    const acme = await world.upload('fin-1', 'acme', { client: 'acme' });
    const other = await world.upload('fin-1', 'other', { client: 'other' });
    const early = { date: '2026-11-18T10:00:00Z' };
    const rows = [
      inventoryRow('fin-1', 'acme', acme),
      inventoryRow('fin-1', 'other', other, { tags: '0' }),
      inventoryRow('fin-1', 'early', 'V', early),
      inventoryRow('fin-1', 'early', '', early),
    ];
    const url = await world.inventory(rows.map(typed), { schema: withType });
    world.cloud.oss.requests.clear();
    const scope = { match: ['oss://fin-1/**'], tag: ['client=acme'], from: '2026-11-19' };
    expect((await world.open('a', { ...scope, inventory: url })).json).toMatchObject({ held: 1, looked: 4 });
    expect(world.asked('GetObjectTagging').sort()).toEqual(['fin-1/acme', 'fin-1/other']);
    // The version called null may be a later one than the row says.
    expect(world.asked('HeadObject')).toEqual(['fin-1/early']);
    expect(await world.held(['fin-1', 'acme', acme], ['fin-1', 'other', other])).toEqual([true, false]);
  });

  it('tells a version that is gone from a key that is read wrongly', async () => {
    const world = await inventoryWorld(['fin-1']);
    const blank = await world.upload('fin-1', 'a b');
    await world.upload('fin-1', 'gone');
    const never = 'CAEQNhiBgMDJgZCA0BYiIDc4MGZjZGI2OTBjOTRmNTE5NmU5NmFhZjhjYmY0';
    const rows = [
      inventoryRow('fin-1', 'gone', never),
      inventoryRow('fin-1', 'never', never),
      inventoryRow('fin-1', 'a+b', blank).replace('%2B', '+'),
    ];
    const url = await world.inventory(rows.map(typed), { schema: withType });
    const { json, text } = await world.open('a', { inventory: url });
    expect(json).toMatchObject({
      ...{ held: 1, gone: 1, failed: 1, complete: false },
      failures: [{ code: 'VERSION_NOT_FOUND', count: 1 }],
    });
    expect(text).toContain('not all is done');
    expect(await world.isHeld('fin-1', 'a b', blank)).toBe(true);
  });

  it('goes on at the row where it was stopped, by the same inventory only', async () => {
    const world = await inventoryWorld();
    const ids = await Promise.all(['a', 'b'].map((key) => world.upload('fin-1', key)));
    const other = await world.upload('fin-2', 'c');
    const [a = '', b = ''] = ids;
    // Two pages: a thousand rows each.
    const markers = inventoryRow('fin-1', 'deleted', 'M', { marker: true }).repeat(999);
    const rows = [inventoryRow('fin-1', 'a', a), markers, inventoryRow('fin-1', 'b', b)];
    const url = await world.inventory(rows);
    const again = await world.inventory(rows);
    const stopped = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        headObject: (at) => {
          interrupt();
          return inner.storage.headObject(at);
        },
      },
    });
    const first = await world.open('a', { inventory: url }, stopped);
    expect(first).toMatchObject({ exitCode: 130, json: { held: 1, interrupted: true } });
    for (const given of [{ inventory: again }, {}, { inventory: url, decodeKeys: false }])
      await expect(world.open('a', given satisfies Partial<HoldOpenOptions>)).rejects.toMatchObject({
        code: 'CHECKPOINT_MISMATCH',
      });
    world.cloud.oss.requests.clear();
    expect((await world.open('a', { inventory: url })).json).toMatchObject({ held: 3, interrupted: false });
    expect(world.asked('PutObjectLegalHold')).toEqual(['fin-1/b', 'fin-2/c']);
    expect(await world.held(['fin-1', 'a', a], ['fin-1', 'b', b], ['fin-2', 'c', other])).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('opens no matter by an inventory of another bucket, or one that does not name every version', async () => {
    const world = await inventoryWorld(['fin-1', 'hr-1']);
    const cases: readonly (readonly [Partial<InventoryFiles>, string])[] = [
      [{ bucket: 'hr-1' }, 'it is of bucket hr-1, which is not one that matter a has here'],
      [{ bucket: 'none' }, 'it is of bucket none'],
      [{ schema: 'Bucket, Key' }, 'no column VersionId'],
      [{ manifest: { creationTimestamp: undefined } }, 'its age is not known'],
      [{ manifest: { startTimestamp: '1795168800' } }, 'incremental'],
    ];
    for (const [given, reason] of cases) {
      const inventory = await world.inventory([], given);
      await expect(world.open('a', { inventory })).rejects.toMatchObject({
        ...{ code: 'INVENTORY_INVALID', message: expect.stringContaining(reason) },
      });
    }
    // Nothing was written: the name is free still.
    expect((await world.open('a', {})).json).toMatchObject({ complete: true });
  });

  it('takes no inventory without a row for a bucket that was not empty', async () => {
    const world = await inventoryWorld(['fin-1']);
    await world.upload('fin-1', 'a');
    const inventory = await world.inventory([], takenIn(60));
    const { exitCode, json } = await world.open('a', { inventory }, atOnce);
    expect({ exitCode, json }).toMatchObject({
      exitCode: 1,
      json: { held: 0, complete: false, troubles: [{ bucket: 'fin-1', code: 'INVENTORY_INVALID' }] },
    });
  });

  it('counts by it before it asks', async () => {
    const world = await inventoryWorld();
    await world.upload('fin-2', 'c');
    const early = { date: '2026-11-18T10:00:00Z' };
    const rows = [
      inventoryRow('fin-1', 'a', 'V'),
      inventoryRow('fin-1', 'a+b', 'V').replace('%2B', '+'),
      inventoryRow('fin-1', 'early', 'V', early),
      inventoryRow('fin-1', 'deleted', 'M', { marker: true }),
    ];
    const inventory = await world.inventory(rows);
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.end('no\n');
    vi.spyOn(here, 'input', 'get').mockReturnValue(stdin);
    onTestFinished(() => void vi.restoreAllMocks());
    world.cloud.oss.requests.clear();
    const opening = world.open('a', { inventory, from: '2026-11-19', yes: false });
    await expect(opening).rejects.toMatchObject({
      ...{ code: 'NOT_CONFIRMED', message: expect.stringContaining('3 versions in 2 buckets') },
    });
    expect(world.asked('ListObjectVersions')).toEqual(expect.arrayContaining(['fin-2/']));
    expect(world.asked('ListObjectVersions')).not.toContain('fin-1/');
  });

  it('is an option of the command', async () => {
    const world = await inventoryWorld(['fin-1']);
    const a = await world.upload('fin-1', '50%');
    const inventory = await world.inventory([inventoryRow('fin-1', 'x', a).replace('"x"', '"50%"')]);
    const run = (...args: string[]) =>
      runCli(
        [
          'hold',
          'open',
          'a',
          '--match',
          'oss://fin-1',
          '--reason',
          'x',
          '--yes',
          '--inventory',
          inventory,
          ...args,
        ],
        { cwd: world.folder, env: cloudEnvironment(world.cloud.url) },
      );
    const encoded = await run('--dry-run');
    expect(encoded).toMatchObject({ code: 1, stdout: expect.stringContaining('is not URL-encoded UTF-8') });
    const { code, stdout } = await run('--no-decode-keys', '--json');
    expect({ code, json: JSON.parse(stdout) }).toMatchObject({
      ...{ code: 1, json: { held: 1, complete: false, inventory: { url: inventory, ageHours: 0 } } },
    });
    expect(await world.isHeld('fin-1', '50%', a)).toBe(true);
  });
});
