import { onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { openInventory } from '../../shared/backfill/inventory/source.ts';
import { createDeadline } from '../../shared/fan-out/deadline.ts';
import { keepPlan, type Share } from '../../shared/fan-out/plan.ts';
import { beginSurvey, planInventory, surveyInventory } from '../../shared/fan-out/plan-inventory.ts';
import { readLines } from '../../shared/fan-out/result.ts';
import type { FanOutRun, InventoryRange } from '../../shared/fan-out/task.ts';
import { type WorkDeps, type Worked, workShard } from '../../shared/fan-out/work.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { aroundStore } from '../../shared/storage/decorate.ts';
import type { Storage } from '../../shared/storage/port.ts';
import { inventoryRow, writeInventory } from './inventory.ts';
import { storageOf } from './storage-of.ts';

const rules = rulesFrom(
  'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: all, match: { bucket: records }, retain: 1y }]',
  'rules.yaml',
);
const perPage = 1000;
/** The time that a request takes. */
export const requestMs = 100;

const empty: InventoryRange = { kind: 'inventory', pieces: [] };

interface ShardOptions {
  readonly rules?: Rules;
  /** The hash of the rules that the run was begun with. */
  readonly asked?: string;
  readonly lookFirst?: boolean;
}

/** A shard of a few pages, each with a few objects among many delete markers, and time that requests alone take. */
export async function shardOf(
  pages: number,
  objectsInPage: number,
  { rules: given = rules, asked, ...approach }: ShardOptions = {},
) {
  const cloud = await startCloud({ clock: new Date('2026-11-20T10:00:00Z') });
  const client = await createRetentionBucket(cloud.url, 'records');
  for (const bucket of ['lists', 'kept']) await plainClient(cloud.url, bucket).putBucket(bucket);
  const storage = storageOf(cloud);
  onTestFinished(() => cloud.close());
  const marker = inventoryRow('records', 'gone', 'v', { marker: true });
  const rows: string[] = [];
  for (let number = 0; number < pages * objectsInPage; number += 1) {
    const { res } = await client.put(`k${number}`, Buffer.from('x'));
    rows.push(inventoryRow('records', `k${number}`, String(res.headers['x-oss-version-id'])));
    rows.push(...Array<string>(perPage / objectsInPage - 1).fill(marker));
  }
  const key = await writeInventory(plainClient(cloud.url, 'lists'), {
    folder: 'daily',
    files: [rows.join('')],
    bucket: 'records',
  });
  cloud.oss.requests.clear();
  const source = `oss://lists/${key}`;
  const { at, manifest } = await openInventory(storage, source);
  let survey = beginSurvey(rows.length);
  for await (const next of surveyInventory(storage, at.bucket, manifest, survey)) survey = next;
  const run: FanOutRun = {
    bucket: 'records',
    prefix: '',
    source,
    manifest: manifest.hash,
    keysEncoded: true,
    dryRun: false,
    repair: false,
    ...approach,
    rules: asked,
    folder: { bucket: 'kept', prefix: 'fan-out/records/1/' },
  };
  const [range = empty] = planInventory(survey);
  const plan = await keepPlan(storage, run, [empty, empty, empty, range]);
  const share: Share = { plan, number: 3, range };
  let nowMs = Date.parse('2026-11-20T10:00:00Z');
  const clock = { now: () => new Date(nowMs), sleep: () => Promise.resolve() };
  const tick = async <Result>(call: () => Promise<Result>) => {
    nowMs += requestMs;
    return await call();
  };
  const timed = around(storage, tick);
  return {
    cloud,
    storage,
    plan,
    share,
    /** Lets time pass between two invocations. */
    pass(ms: number) {
      nowMs += ms;
    },
    /** One invocation. @param dress changes the storage */
    work(
      limitMs: number,
      dress: (storage: Storage) => Storage = (each) => each,
      openMatters: WorkDeps['openMatters'] = () => Promise.resolve({ open: [], unknown: [] }),
    ): Promise<Worked> {
      const deadline = createDeadline(clock, new Date(nowMs + limitMs));
      const dressed = dress(timed);
      return workShard(
        {
          storage: deadline.around(dressed),
          kept: dressed,
          rules: given,
          openMatters,
          clock,
          concurrency: 4,
          signal: deadline.signal,
          requests: () => 0,
          onLines: () => undefined,
        },
        share,
      );
    },
    async keys(parts: number): Promise<string[]> {
      const found: string[] = [];
      for await (const lines of readLines(storage, run.folder, share.number, parts)) {
        found.push(...lines.map(({ result, key: object }) => `${result} ${object}`));
      }
      return found;
    },
    writes: () =>
      cloud.oss.requests
        .list()
        .filter(({ operation }) => operation === 'PutObjectRetention')
        .map(({ key: object }) => object),
  };
}

/** Puts something around each call of a storage. */
export function around(
  storage: Storage,
  call: <Result>(work: () => Promise<Result>) => Promise<Result>,
): Storage {
  return aroundStore(call, (_, work) => call(work))(storage);
}

/** The keys of so many objects. */
export const named = (count: number, prefix = '') =>
  Array.from({ length: count }, (_, number) => `${prefix}k${number}`);
