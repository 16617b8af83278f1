import { failure } from '../platform/errors.ts';
import { readOnly } from '../storage/dry-run.ts';
import { atStart, type Checkpoint, type Progress } from './checkpoint.ts';
import { openReport, type ReportFiles, type ReportWriter } from './report.ts';
import { applyShard, type OpenShard, observeShard, type ShardDeps } from './shard.ts';
import type { Source } from './source.ts';
import { addEntries } from './tally.ts';

export interface RunOptions {
  readonly deps: ShardDeps;
  readonly source: Source;
  /** As people name it. */
  readonly target: string;
  readonly checkpoint: Checkpoint;
  readonly report: ReportFiles;
  /** What the run is begun with; a checkpoint of anything else is refused. */
  readonly run: Progress['run'];
  readonly maxObjects: number | undefined;
  /** Requests sent since the process began. */
  requests(): number;
  onResume(progress: Progress): void;
  onProgress(progress: Progress, done: number | undefined): void;
  /** While versions are counted for `maxObjects`. */
  onCounting(versions: number): void;
}

/**
 * Protects all versions of a source: shard by shard, each with a checkpoint, so that it may be killed at any moment and
 * go on where it was. The checkpoint stays; whoever has dealt with the result removes it.
 * @throws TOO_MANY_OBJECTS before anything is written, CHECKPOINT_…, REPORT_UNWRITABLE, what the source throws, what
 * would hit every version, and the signal's reason
 */
export async function protectExisting(options: RunOptions): Promise<Progress> {
  const { checkpoint, source, deps, onProgress } = options;
  const kept = await checkpoint.load(options.run);
  if (kept !== undefined) options.onResume(kept);
  let progress = kept ?? atStart(options.run);
  const report = await openReport(options.report, progress.report);
  try {
    await holdBack(options, progress);
    const meter = startMeter(options, progress);
    const keep = async (next: Progress) => {
      progress = { ...next, ...meter() };
      await checkpoint.save(progress);
    };
    const finish = async (shard: OpenShard) => keep(await finishShard(deps, report, progress, shard));

    await keep(progress);
    if (progress.shard !== undefined) await finish(progress.shard);
    for await (const shard of source.shards(progress.position)) {
      deps.signal.throwIfAborted();
      const observed = await observeShard(deps, shard);
      if (observed.items.some((item) => 'pending' in item)) await keep({ ...progress, shard: observed });
      await finish(observed);
      onProgress(progress, shard.done);
    }
    return progress;
  } finally {
    await report.close();
  }
}

async function finishShard(
  deps: ShardDeps,
  report: ReportWriter,
  { shard: _done, ...before }: Progress,
  shard: OpenShard,
): Promise<Progress> {
  const entries = await applyShard(deps, shard);
  const lines = entries.flatMap(({ line }) => (line === undefined ? [] : [line]));
  const size = await report.append(lines);
  return { ...before, position: shard.end, tally: addEntries(before.tally, entries), report: size };
}

/** Requests and time of this process and of those before it. */
function startMeter({ deps, requests }: RunOptions, before: Progress) {
  const start = deps.clock.now().getTime();
  return () => ({
    requests: before.requests + requests(),
    elapsedMs: before.elapsedMs + Math.max(0, deps.clock.now().getTime() - start),
  });
}

/**
 * Counts what would change before anything does, by a pass that lets no write through.
 * @throws TOO_MANY_OBJECTS as soon as there is one too many
 */
async function holdBack(options: RunOptions, progress: Progress): Promise<void> {
  const { maxObjects, source, target } = options;
  if (maxObjects === undefined) return;
  const deps: ShardDeps = { ...options.deps, storage: readOnly(options.deps.storage, () => undefined) };
  const pendingOf = (shard: OpenShard) => shard.items.filter((item) => 'pending' in item).length;
  let { changed, versions } = progress.tally;
  const add = (shard: OpenShard) => {
    changed += pendingOf(shard);
    versions += shard.items.length;
    if (changed > maxObjects) throw failure('TOO_MANY_OBJECTS', { limit: maxObjects, target });
    options.onCounting(versions);
  };
  if (progress.shard !== undefined) add(progress.shard);
  for await (const shard of source.shards(progress.shard?.end ?? progress.position)) {
    deps.signal.throwIfAborted();
    add(await observeShard(deps, shard));
  }
}
