import { type ObservedShard, observedAhead } from './ahead.ts';
import type { Progress } from './checkpoint.ts';
import type { ReportLine, VersionEntry } from './entry.ts';
import { type RunLimit, refuseBeyond } from './limit.ts';
import type { OpenShard } from './open-shard.ts';
import { placesFor } from './places.ts';
import type { ReportWriter } from './report.ts';
import { applyShard, observeShard, type ShardDeps } from './shard.ts';
import type { Source } from './source.ts';
import { addEntries } from './tally.ts';
import { pendingOf, shardsUnderWay } from './under-way.ts';

export interface CarryOutOptions {
  readonly deps: ShardDeps;
  readonly source: Source;
  /** Versions that may change, at most; none beyond it is written, whatever has arrived meanwhile. */
  readonly limit?: RunLimit | undefined;
  /** Tells what a shard's work adds to the report; the shard is not done before this has taken it. */
  onLines?(lines: readonly ReportLine[]): Promise<void>;
  onProgress(progress: Progress, done: number | undefined): void;
  /**
   * Set to false where the run may end before the next shard is done: then no request is spent on one while all versions of the one
   * before are looked at and written.
   */
  readonly lookAhead?: boolean;
}

/** Tells how far a run has come, and keeps that it has come further. */
export interface Course {
  reached(): Progress;
  keep(next: Progress): Promise<void>;
}

/**
 * Carries out all shards that are left. The checkpoint knows each before its first write, and none as done before all in front
 * of it are.
 */
export async function carryOutShards(
  options: CarryOutOptions,
  report: ReportWriter,
  course: Course,
): Promise<void> {
  const { limit, onProgress } = options;
  const { reached, keep } = course;
  const ahead = options.lookAhead !== false;
  const failed = new AbortController();
  const deps = { ...options.deps, signal: AbortSignal.any([options.deps.signal, failed.signal]) };
  const places = placesFor(deps.concurrency);
  const underWay = shardsUnderWay(
    (shard) => applyShard({ ...deps, places }, shard),
    (error) => failed.abort(error),
  );
  const finishFirst = async () => {
    try {
      const { observed, done, entries } = await underWay.first();
      const next = await finishShard(options, report, reached(), observed, entries);
      await keep({ ...next, shard: underWay.joinedWith() });
      onProgress(reached(), done);
    } catch (error) {
      failed.abort(error);
      await underWay.abandon();
      throw error;
    }
  };
  // What is under way may fail, and changes nothing then: only what is done counts for certain.
  const mayBeBeyond = (pending: number) =>
    limit !== undefined && reached().tally.changed + underWay.pending() + pending > limit.versions;
  try {
    for await (const shard of observedShards({ ...options, deps }, reached().position, ahead)) {
      const pending = pendingOf(shard.observed);
      while (underWay.isFull() || (!underWay.isEmpty() && mayBeBeyond(pending))) await finishFirst();
      refuseBeyond(limit, reached().tally.changed + underWay.pending() + pending);
      if (pending > 0) await keep({ ...reached(), shard: underWay.joinedWith(shard.observed) });
      underWay.begin(shard);
      if (!ahead) await finishFirst();
    }
  } finally {
    while (!underWay.isEmpty()) await finishFirst();
  }
}

/** Returns the shards of a source; each is observed while those before it are being carried out. */
async function* observedShards(
  { deps, source }: CarryOutOptions,
  position: string | undefined,
  ahead: boolean,
): AsyncIterable<ObservedShard> {
  const shards = source.shards(position)[Symbol.asyncIterator]();
  const enough = new AbortController();
  const looking = { ...deps, signal: AbortSignal.any([deps.signal, enough.signal]) };
  const next = async (): Promise<ObservedShard | undefined> => {
    const { value, done } = await shards.next();
    if (done === true) return undefined;
    looking.signal.throwIfAborted();
    const { rules } = (await deps.rulesNow?.()) ?? deps;
    return { observed: await observeShard({ ...looking, rules }, value), done: value.done };
  };
  try {
    if (ahead) yield* observedAhead(next, () => enough.abort());
    else for (let shard = await next(); shard !== undefined; shard = await next()) yield shard;
  } finally {
    await shards.return?.();
  }
}

/** Takes what a shard has come to into report and progress. @throws REPORT_UNWRITABLE, and what those throw who take its lines */
export async function finishShard(
  { onLines }: CarryOutOptions,
  report: ReportWriter,
  { shard: _done, ...before }: Progress,
  shard: OpenShard,
  entries: readonly VersionEntry[],
): Promise<Progress> {
  const lines = entries.flatMap(({ line }) => (line === undefined ? [] : [line]));
  await onLines?.(lines);
  const size = await report.append(lines);
  const rows = before.rows + shard.rows;
  return { ...before, rows, position: shard.end, tally: addEntries(before.tally, entries), report: size };
}
