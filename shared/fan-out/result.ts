import pLimit from 'p-limit';
import * as z from 'zod';
import { type ReportLine, reportLine } from '../backfill/entry.ts';
import type { ReportWriter } from '../backfill/report.ts';
import { tally } from '../backfill/tally.ts';
import { hasCode } from '../platform/errors.ts';
import { jsonIn } from '../platform/read-json.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads, StorageWrites } from '../storage/port.ts';
import { linesAt, resultAt, resultsOf, shardOfResult } from './places.ts';
import type { FanOutPlan, Share } from './plan.ts';
import { parseRunObject, readRunText, readTextIfThere } from './run-objects.ts';
import { hashRange, type ShardRange } from './task.ts';

const count = z.int().nonnegative();

/** This is what a shard has come to. */
const shardResult = z.object({
  version: z.literal(2),
  /** The hash of the plan that it belongs to. */
  plan: z.string(),
  /** The hash of the shard's range. */
  shard: z.string(),
  /** Rows of the inventory that were read; 0 of a listing. */
  rows: count,
  finishedAt: z.iso.datetime().transform((text) => new Date(text)),
  tally,
  /** Parts of its report. */
  parts: count,
  requests: count,
  elapsedMs: count,
});
export type ShardResult = z.infer<typeof shardResult>;

type Reads = Pick<StorageReads, 'cloud' | 'readText'>;
type Writes = Pick<StorageWrites, 'writeText'>;

/**
 * Returns the result of a shard; undefined when there is none. A result counts only if it names this plan and this
 * range, and if as many rows were read as the plan has. Anything else that lies there is no result, and is
 * overwritten by the next one.
 * @throws what reading throws
 */
export async function readResult(
  storage: Reads,
  { plan, number, range }: Share,
): Promise<ShardResult | undefined> {
  const text = await readTextIfThere(storage, resultAt(plan.run.folder, number)).catch((error: unknown) => {
    if (hasCode(error, 'CHECKPOINT_UNUSABLE')) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const result = shardResult.safeParse(jsonIn(text)).data;
  const belongs =
    result?.plan === plan.hash && result.shard === hashRange(range) && result.rows === plannedRows(range);
  return belongs ? result : undefined;
}

/** Rows of the inventory that a shard is to read; 0 of a listing. */
export const plannedRows = (range: ShardRange): number =>
  range.kind === 'listing' ? 0 : range.pieces.reduce((sum, { rows }) => sum + rows, 0);

/** @throws what writing throws */
export async function keepResult(
  storage: Writes,
  { plan, number, range }: Share,
  result: Omit<ShardResult, 'version' | 'plan' | 'shard'>,
): Promise<ShardResult> {
  const whole: ShardResult = { version: 2, plan: plan.hash, shard: hashRange(range), ...result };
  await storage.writeText(resultAt(plan.run.folder, number), `${JSON.stringify(whole)}\n`);
  return whole;
}

/** Returns the shards that something lies there for, by one page of a list. */
export async function listResults(
  storage: Pick<StorageReads, 'listVersions'>,
  folder: ObjectPrefix,
): Promise<ReadonlySet<number>> {
  const { bucket, prefix } = resultsOf(folder);
  const done = new Set<number>();
  for await (const { key, kind } of storage.listVersions(bucket, prefix)) {
    const shard = kind === 'version' ? shardOfResult(key) : undefined;
    if (shard !== undefined) done.add(shard);
  }
  return done;
}

/** Results read at once. */
const concurrency = 16;

/** Returns the results of all shards of a plan; undefined where there is none. @throws what reading throws */
export async function readResults(storage: Reads, plan: FanOutPlan): Promise<(ShardResult | undefined)[]> {
  const limit = pLimit(concurrency);
  return await Promise.all(
    plan.shards.map((range, number) => limit(() => readResult(storage, { plan, number, range }))),
  );
}

/**
 * Writes a shard's report as objects, one for each page that has lines. What was written after the last checkpoint is
 * overwritten by the same.
 * @param parts that are certain
 */
export function openLines(
  storage: Writes,
  folder: ObjectPrefix,
  shard: number,
  { lines: parts }: { readonly lines: number },
  onLines: (lines: readonly ReportLine[]) => void,
): ReportWriter {
  let written = parts;
  return {
    async append(lines) {
      if (lines.length > 0) {
        const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
        await storage.writeText(linesAt(folder, shard, written + 1), text);
        written += 1;
        onLines(lines);
      }
      return { lines: written, table: 0 };
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Returns a shard's report, part by part. @throws CHECKPOINT_UNUSABLE for a part or a line that is damaged, and what
 * reading throws
 */
export async function* readLines(
  storage: Reads,
  folder: ObjectPrefix,
  shard: number,
  parts: number,
): AsyncIterable<ReportLine[]> {
  for (let part = 1; part <= parts; part += 1) {
    const at = linesAt(folder, shard, part);
    const text = await readRunText(storage, at);
    yield text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parseRunObject(storage, line, at, (json) => reportLine.parse(json)));
  }
}
