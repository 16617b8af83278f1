import type { Progress } from '../backfill/checkpoint.ts';
import type { ReportWriter } from '../backfill/report.ts';
import { emptyTally, joinTallies } from '../backfill/tally.ts';
import type { StorageReads } from '../storage/port.ts';
import type { State } from './coordinate.ts';
import type { FanOutPlan, Share } from './plan.ts';
import { readLines } from './result.ts';
import { readProgress } from './work.ts';

/** This is what a run has come to, in the words of a run on one machine. */
export type Gathered = Pick<Progress, 'tally' | 'requests'>;

/**
 * Brings the shards' reports together in the order of the plan, which is that of the versions. A shard that failed to the
 * end adds what it had certainly done.
 * @throws REPORT_UNWRITABLE, and what reading throws
 */
export async function gather(
  storage: Pick<StorageReads, 'cloud' | 'readText'>,
  plan: FanOutPlan,
  { results }: Pick<State, 'results'>,
  report: ReportWriter,
): Promise<Gathered> {
  let gathered: Gathered = { tally: emptyTally, requests: 0 };
  for (const [number, range] of plan.shards.entries()) {
    const part = results.get(number) ?? (await partOf(storage, { plan, number, range }));
    if (part === undefined) continue;
    for await (const lines of readLines(storage, plan.run.folder, number, part.parts)) {
      await report.append(lines);
    }
    gathered = {
      tally: joinTallies(gathered.tally, part.tally),
      requests: gathered.requests + part.requests,
    };
  }
  return gathered;
}

async function partOf(storage: Pick<StorageReads, 'cloud' | 'readText'>, share: Share) {
  const progress = await readProgress(storage, share);
  return progress && { ...progress, parts: progress.report.lines };
}
