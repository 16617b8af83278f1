import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket } from '../../local/plain-client.ts';
import { type CliResult, cloudEnvironment, folderWith, runCli, startCli } from './cli.ts';
import { type InventoryFiles, writeInventory } from './inventory.ts';

type Client = Awaited<ReturnType<typeof createRetentionBucket>>;

/** An embedded cloud without functions: objects lie there unprotected until the command under test comes. */
export interface ProtectWorld {
  readonly cloud: Cloud;
  /** Of the bucket `records`, which takes retention. */
  readonly client: Client;
  readonly folder: string;
  /** @returns the version's id */
  upload(key: string, tags?: Readonly<Record<string, string>>): Promise<string>;
  /** Writes an inventory into the bucket `lists`; @returns the manifest's URL */
  inventory(files: readonly (string | Buffer)[], options?: InventoryOptions): Promise<string>;
  run(...args: string[]): Promise<CliResult>;
  start(...args: string[]): ReturnType<typeof startCli>;
  /** The lines of the report in `report.jsonl`. */
  report(): Record<string, unknown>[];
  /** How often each operation was asked for since the last call. */
  requests(): Record<string, number>;
}

export type InventoryOptions = Omit<InventoryFiles, 'folder' | 'files' | 'bucket'>;

export const rulesText = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: 1y }
  - { name: finance, match: { bucket: records, key: "tagged/**", tags: { class: finance } }, retain: 7y }
  - { name: until, match: { bucket: records, key: "until/**", tags: { until: "*" } }, retain: { untilTag: until } }
  - { name: brief, match: { bucket: records, key: "brief/**" }, retain: 1d }
`;

export async function protectWorld(rules = rulesText): Promise<ProtectWorld> {
  const cloud = await startCloud({ clock: new Date('2026-11-20T10:00:00Z') });
  onTestFinished(() => cloud.close());
  const folder = folderWith({ 'rules.yaml': rules });
  const client = await createRetentionBucket(cloud.url, 'records');
  const lists = await createRetentionBucket(cloud.url, 'lists');
  const options = { cwd: folder, env: cloudEnvironment(cloud.url) };
  let inventories = 0;
  cloud.oss.requests.clear();
  return {
    cloud,
    client,
    folder,
    async upload(key, tags = {}) {
      const tagging = new URLSearchParams(tags).toString();
      const headers: Record<string, string> = tagging === '' ? {} : { 'x-oss-tagging': tagging };
      const { res } = await client.put(key, Buffer.from('x'), { headers });
      return String(res.headers['x-oss-version-id']);
    },
    async inventory(files, options = {}) {
      inventories += 1;
      const folderKey = `inventory/records/daily/${inventories}`;
      const key = await writeInventory(lists, { ...options, folder: folderKey, files, bucket: 'records' });
      cloud.oss.requests.clear();
      return `oss://lists/${key}`;
    },
    run: (...args) => runCli(['protect', '--yes', ...args], options),
    start: (...args) => startCli(['protect', '--yes', ...args], options),
    report() {
      const lines = readFileSync(join(folder, 'report.jsonl'), 'utf8').split('\n').filter(Boolean);
      return lines.map((line): Record<string, unknown> => JSON.parse(line));
    },
    requests() {
      const counts: Record<string, number> = {};
      for (const { operation } of cloud.oss.requests.list()) counts[operation] = (counts[operation] ?? 0) + 1;
      cloud.oss.requests.clear();
      return counts;
    },
  };
}
