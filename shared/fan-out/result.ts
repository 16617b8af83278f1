import pLimit from 'p-limit';
import * as z from 'zod';
import { type ReportLine, reportLine } from '../existing/entry.ts';
import type { ReportWriter } from '../existing/report.ts';
import { tally } from '../existing/tally.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads, StorageWrites } from '../storage/port.ts';
import { readKept } from './kept.ts';
import { linesAt, resultAt, resultsOf, shardOfResult } from './places.ts';

const count = z.int().nonnegative();

/** What a shard has come to. */
const shardResult = z.object({
  version: z.literal(1),
  tally,
  /** Parts of its report. */
  parts: count,
  requests: count,
  elapsedMs: count,
});
export type ShardResult = z.infer<typeof shardResult>;

type Reads = Pick<StorageReads, 'readText'>;
type Writes = Pick<StorageWrites, 'writeText'>;

export const readResult = (
  storage: Reads,
  folder: ObjectPrefix,
  shard: number,
): Promise<ShardResult | undefined> =>
  readKept(storage, resultAt(folder, shard), (json) => shardResult.parse(json));

export const keepResult = (storage: Writes, folder: ObjectPrefix, shard: number, result: ShardResult) =>
  storage.writeText(resultAt(folder, shard), `${JSON.stringify(result)}\n`);

/** The shards that are done, by one page of a list. */
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

/** The results of the first so many shards; undefined where there is none. */
export async function readResults(
  storage: Reads,
  folder: ObjectPrefix,
  shards: number,
): Promise<(ShardResult | undefined)[]> {
  const limit = pLimit(concurrency);
  return await Promise.all(
    Array.from({ length: shards }, (_, shard) => limit(() => readResult(storage, folder, shard))),
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

/** A shard's report, part by part. */
export async function* readLines(
  storage: Reads,
  folder: ObjectPrefix,
  shard: number,
  parts: number,
): AsyncIterable<ReportLine[]> {
  for (let part = 1; part <= parts; part += 1) {
    const found = await storage.readText(linesAt(folder, shard, part));
    const text = found === 'unchanged' ? '' : found.text;
    yield text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => reportLine.parse(JSON.parse(line)));
  }
}
