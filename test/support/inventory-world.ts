import { onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { inventorySource } from '../../shared/backfill/inventory/source.ts';
import { observeKnown } from '../../shared/backfill/observe.ts';
import type { KnownVersion } from '../../shared/backfill/source.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { type InventoryFiles, writeInventory } from './inventory.ts';
import { storageOf } from './storage-of.ts';

export const inventoryRules = rulesFrom(
  `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://kept/failed/
objects:
  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: 1y }
  - { name: plus, match: { bucket: records, key: "plus+/**" }, retain: 2y }
  - { name: tagged, match: { bucket: records, key: "tagged/**", tags: { class: finance } }, retain: 7y }
`,
  'rules.yaml',
);

/** The instant of {@link inventoryWorld}, which its inventories were taken at if nothing else is said. */
export const inventoryTime = new Date('2026-11-20T10:00:00Z');

/** An embedded cloud with a bucket `records` that takes retention, and inventories of it in `lists`, all in one process. */
export async function inventoryWorld() {
  const cloud = await startCloud({ clock: inventoryTime });
  onTestFinished(() => cloud.close());
  const client = await createRetentionBucket(cloud.url, 'records');
  const lists = plainClient(cloud.url, 'lists');
  const kept = plainClient(cloud.url, 'kept');
  for (const bucket of [lists, kept]) await bucket.putBucket(bucket === lists ? 'lists' : 'kept');
  const storage = storageOf(cloud);
  const clock = { now: () => inventoryTime, sleep: () => Promise.resolve() };
  let inventories = 0;
  return {
    cloud,
    client,
    lists,
    kept,
    storage,
    clock,
    /** @returns the version's id */
    async upload(key: string, tags: Readonly<Record<string, string>> = {}): Promise<string> {
      const tagging = new URLSearchParams(tags).toString();
      const { res } = await client.put(key, Buffer.from('x'), {
        headers: tagging === '' ? {} : { 'x-oss-tagging': tagging },
      });
      return String(res.headers['x-oss-version-id']);
    },
    /** @returns the manifest's URL */
    async inventory(
      files: readonly (string | Buffer)[],
      options: Omit<InventoryFiles, 'folder' | 'files' | 'bucket'> = {},
    ): Promise<string> {
      inventories += 1;
      const folder = `inventory/records/${inventories}`;
      return `oss://lists/${await writeInventory(lists, { ...options, folder, files, bucket: 'records' })}`;
    },
    /** The versions that an inventory names. */
    async versions(url: string): Promise<KnownVersion[]> {
      const options = { url, bucket: 'records', prefix: '', keysEncoded: true, clock };
      const found: KnownVersion[] = [];
      for await (const shard of (await inventorySource(storage, options)).shards())
        found.push(...shard.versions);
      return found;
    },
    observe: (known: KnownVersion, rules: Rules = inventoryRules) =>
      observeKnown({ storage, clock, rules }, known),
  };
}
