import { startStopwatch } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import { withCircuit } from '../storage/circuit.ts';
import { readOnly } from '../storage/dry-run.ts';
import { type ObservedShard, observedAhead } from './ahead.ts';
import { atStart, type Checkpoint, type Progress } from './checkpoint.ts';
import type { ReportLine } from './entry.ts';
import { openReport, type ReportFiles, type ReportSize, type ReportWriter } from './report.ts';
import { applyShard, lookAgain, type OpenShard, observeShard, type ShardDeps } from './shard.ts';
import type { Source } from './source.ts';
import { addEntries } from './tally.ts';

/** This is what every pass over a source needs. */
export interface PassOptions {
  readonly deps: ShardDeps;
  readonly source: Source;
  readonly checkpoint: Pick<Checkpoint, 'load' | 'save'>;
  /** This is what the run is begun with; a checkpoint of anything else is refused. */
  readonly run: Progress['run'];
  /** Opens the report where it is certain. */
  openReport(size: ReportSize): Promise<ReportWriter>;
  /** Requests sent since the process began. */
  requests(): number;
  /** Before the first write of this process, with what the pass works with. */
  onBegin?(progress: Progress, deps: ShardDeps): Promise<void>;
  onResume(progress: Progress): void;
  onProgress(progress: Progress, done: number | undefined): void;
  /** Versions that may change, at most; none beyond it is written, whatever has arrived meanwhile. */
  readonly limit?: { readonly versions: number; readonly target: string } | undefined;
  /** Tells what a shard's work adds to the report; the shard is not done before this has taken it. */
  onLines?(lines: readonly ReportLine[]): Promise<void>;
}

export interface RunOptions extends Omit<PassOptions, 'openReport' | 'onBegin' | 'limit'> {
  /** It is the target as people name it. */
  readonly target: string;
  readonly report: ReportFiles;
  readonly maxObjects: number | undefined;
  /** While versions are counted for `maxObjects`. */
  onCounting(versions: number): void;
}

/**
 * Protects all versions of a source, with a report in files.
 * @throws TOO_MANY_OBJECTS before the first version that would be one too many is written, REPORT_UNWRITABLE, and as {@link protectSource}
 */
export const protectExisting = (options: RunOptions): Promise<Progress> =>
  protectSource({
    ...options,
    limit:
      options.maxObjects === undefined ? undefined : { versions: options.maxObjects, target: options.target },
    openReport: (size) => openReport(options.report, size),
    onBegin: (progress, deps) => holdBack({ ...options, deps }, progress),
  });

/**
 * Protects all versions of a source: shard by shard, each with a checkpoint, so that it may be killed at any moment and
 * go on where it was. The checkpoint stays; whoever has dealt with the result removes it.
 * @throws CHECKPOINT_…, what the source throws, what would hit every version, OUTAGE, TOO_MANY_OBJECTS, and the signal's reason
 */
export async function protectSource(given: PassOptions): Promise<Progress> {
  const options = { ...given, deps: { ...given.deps, storage: withCircuit(given.deps.storage) } };
  const { checkpoint, source, deps, onProgress } = options;
  const kept = await checkpoint.load(options.run);
  if (kept !== undefined) options.onResume(kept);
  if (kept?.shard !== undefined || kept?.position !== undefined) deps.approach?.resume();
  let progress = kept ?? atStart(options.run, deps.clock.now());
  const report = await options.openReport(progress.report);
  try {
    await options.onBegin?.(progress, deps);
    const meter = startMeter(options, progress);
    const keep = async (next: Progress) => {
      progress = { ...next, ...meter() };
      await checkpoint.save(progress);
    };
    const finish = async (shard: OpenShard) => keep(await finishShard(options, report, progress, shard));

    await keep(progress);
    if (progress.shard !== undefined) await finish(await lookAgain(deps, progress.shard));
    for await (const { observed, done } of observedShards(deps, source, progress.position)) {
      refuseBeyond(options.limit, progress.tally.changed + pendingOf(observed));
      if (pendingOf(observed) > 0) await keep({ ...progress, shard: observed });
      await finish(observed);
      onProgress(progress, done);
    }
    return progress;
  } finally {
    await report.close();
  }
}

/**
 * The shards of a source, observed. A run that writes first observes further shards while one is being written: that takes
 * few requests, and none waits for the end of the shard before.
 */
async function* observedShards(
  deps: ShardDeps,
  source: Source,
  position: string | undefined,
): AsyncIterable<ObservedShard> {
  const shards = source.shards(position)[Symbol.asyncIterator]();
  const next = async (): Promise<ObservedShard | undefined> => {
    const { value, done } = await shards.next();
    if (done === true) return undefined;
    deps.signal.throwIfAborted();
    return { observed: await observeShard(deps, value), done: value.done };
  };
  try {
    if (deps.approach !== undefined) yield* observedAhead(next, deps.clock);
    else for (let shard = await next(); shard !== undefined; shard = await next()) yield shard;
  } finally {
    await shards.return?.();
  }
}

async function finishShard(
  { deps, onLines }: PassOptions,
  report: ReportWriter,
  { shard: _done, ...before }: Progress,
  shard: OpenShard,
): Promise<Progress> {
  const entries = await applyShard(deps, shard);
  const lines = entries.flatMap(({ line }) => (line === undefined ? [] : [line]));
  await onLines?.(lines);
  const size = await report.append(lines);
  const rows = before.rows + shard.rows;
  return { ...before, rows, position: shard.end, tally: addEntries(before.tally, entries), report: size };
}

/** Requests and time of this process and of those before it. */
function startMeter({ requests }: PassOptions, before: Progress) {
  const elapsedMs = startStopwatch();
  return () => ({
    requests: before.requests + requests(),
    elapsedMs: before.elapsedMs + elapsedMs(),
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
  let { changed, versions } = progress.tally;
  const add = (shard: OpenShard) => {
    changed += pendingOf(shard);
    versions += shard.items.length;
    refuseBeyond({ versions: maxObjects, target }, changed);
    options.onCounting(versions);
  };
  if (progress.shard !== undefined) add(progress.shard);
  for await (const shard of source.shards(progress.shard?.end ?? progress.position)) {
    deps.signal.throwIfAborted();
    add(await observeShard(deps, shard));
  }
}

const pendingOf = (shard: OpenShard): number => shard.items.filter((item) => 'pending' in item).length;

/** @throws TOO_MANY_OBJECTS */
function refuseBeyond(limit: PassOptions['limit'], changes: number): void {
  if (limit === undefined || changes <= limit.versions) return;
  throw failure('TOO_MANY_OBJECTS', { limit: limit.versions, target: limit.target });
}
