import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { type CliResult, cloudEnvironment, folderWith, runCli, startCli } from './cli.ts';
import { inlineInstances } from './inline-instances.ts';
import { inventoryRow, writeInventory } from './inventory.ts';
import { rulesFiles } from './rules-file.ts';

export const protectExisting = 'holdfast-protect-existing';

/** An embedded cloud with the built functions, where uploads go unnoticed: what is there waits to be protected. */
export interface FanOutWorld {
  readonly cloud: Cloud;
  /** Of the bucket `records`, which takes retention. */
  readonly client: Awaited<ReturnType<typeof createRetentionBucket>>;
  readonly folder: string;
  /** Uploads so many objects. @returns the rows of an inventory of them */
  fill(count: number, from?: number): Promise<string[]>;
  /** Writes an inventory of `records`, which fires the function. @returns the manifest's URL */
  inventory(name: string, files: readonly string[]): Promise<string>;
  run(...args: string[]): Promise<CliResult>;
  start(...args: string[]): ReturnType<typeof startCli>;
  /** The lines of a report. */
  report(file: string): Record<string, unknown>[];
  /** How often each version was put under retention. */
  writes(): Map<string, number>;
}

export const fanOutRules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://kept/failed/
objects:
  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: 1y }
  - { name: until, match: { bucket: records, key: "until/**", tags: { until: "*" } }, retain: { untilTag: until } }
`;

const twentyMinutes = 20 * 60_000;

/**
 * The repetitions of what failed come as soon as it has.
 * @param options `repairs`: whether inventories fire the function; they only lie there otherwise
 */
export async function fanOutWorld({
  repairs = false,
  ...options
}: CloudOptions & { readonly repairs?: boolean } = {}): Promise<FanOutWorld> {
  const folder = folderWith(rulesFiles(fanOutRules));
  const cloud: Cloud = await startCloud({
    instances: inlineInstances,
    template: 's.yaml',
    everyBucket: true,
    rules: join(folder, 'rules.yaml'),
    clock: new Date('2026-11-20T10:00:00Z'),
    deliver: ({ trigger }) =>
      trigger.startsWith('uploads') || (trigger.startsWith('inventories') && !repairs) ? [] : [0],
    onInvocation: ({ status }) => void (status === 'retrying' && cloud.advance(twentyMinutes)),
    ...options,
  });
  onTestFinished(() => cloud.close());
  const client = await createRetentionBucket(cloud.url, 'records');
  for (const bucket of ['lists', 'kept']) await plainClient(cloud.url, bucket).putBucket(bucket);
  const cli = {
    cwd: folder,
    env: { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url },
  };
  const upload = async (key: string, tags = '') => {
    const headers: Record<string, string> = tags === '' ? {} : { 'x-oss-tagging': tags };
    const { res } = await client.put(key, Buffer.from('x'), { headers });
    return inventoryRow('records', key, String(res.headers['x-oss-version-id']), {
      tags: tags === '' ? '0' : '1',
    });
  };
  return {
    cloud,
    client,
    folder,
    async fill(count, from = 0) {
      const rows: string[] = [];
      for (let next = from; next < from + count; next += 50) {
        const numbers = Array.from({ length: Math.min(50, from + count - next) }, (_, index) => next + index);
        rows.push(...(await Promise.all(numbers.map((number) => upload(keyOf(number))))));
      }
      rows.push(await upload('until/bad', 'until=soon'));
      cloud.oss.requests.clear();
      return rows;
    },
    async inventory(name, files) {
      const at = { folder: `inventory/records/${name}`, files, bucket: 'records' };
      return `oss://lists/${await writeInventory(plainClient(cloud.url, 'lists'), at)}`;
    },
    run: (...args) => runCli(['protect', '--yes', ...args], cli),
    start: (...args) => startCli(['protect', '--yes', ...args], cli),
    report: (file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line): Record<string, unknown> => JSON.parse(line)),
    writes() {
      const counts = new Map<string, number>();
      for (const { operation, status, key, versionId } of cloud.oss.requests.list()) {
        const name = `${key} ${versionId}`;
        if (operation === 'PutObjectRetention' && status === 200)
          counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },
  };
}

const keyOf = (number: number) => `plain/${String(number).padStart(6, '0')}`;
