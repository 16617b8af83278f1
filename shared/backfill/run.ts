import type { RulesNow } from '../matters/rules-of-run.ts';
import { startStopwatch } from '../platform/clock.ts';
import type { Rules } from '../rules/types.ts';
import { withCircuit } from '../storage/circuit.ts';
import { readOnly } from '../storage/dry-run.ts';
import { type CarryOutOptions, carryOutShards, finishShard } from './carry-out.ts';
import { atStart, type Checkpoint, type Progress } from './checkpoint.ts';
import { backToKnown, knownUntilOf, markKnown, markUnknown } from './known-until.ts';
import { limitOfRun, refuseBeyond } from './limit.ts';
import type { OpenShard } from './open-shard.ts';
import { openReport, type ReportFiles, type ReportSize, type ReportWriter } from './report.ts';
import { applyShard, lookAgain, observeShard, type ShardDeps } from './shard.ts';
import { pendingOf } from './under-way.ts';

/** This is what every pass over a source needs. */
export interface PassOptions extends CarryOutOptions {
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
  /** The pass was begun while not all open matters were known. They are now, so it begins with the first version again. */
  onAnew?(): void;
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
    limit: limitOfRun(options.maxObjects, options.target),
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
  const { checkpoint } = options;
  const rules = await startRules(options.deps);
  const deps = { ...options.deps, rules: rules.begun, rulesNow: rules.now };
  const kept = await goneOnWith(options, rules);
  if (kept?.shard !== undefined || kept?.position !== undefined) deps.approach?.resume();
  let progress = kept ?? atStart(options.run, deps.clock.now());
  const report = await options.openReport(progress.report);
  try {
    await options.onBegin?.(progress, deps);
    const meter = startMeter(options, progress);
    const mark = startMark(kept, rules, () => deps.clock.now());
    const keep = async (next: Progress) => {
      progress = mark({ ...next, ...meter() });
      await checkpoint.save(progress);
    };

    await keep(progress);
    if (progress.shard !== undefined) {
      const shard = await lookAgain(deps, progress.shard);
      const entries = await applyShard(deps, shard);
      await keep(await finishShard(options, report, progress, shard, entries));
    }
    await carryOutShards({ ...options, deps }, report, { reached: () => progress, keep });
    return progress;
  } finally {
    await report.close();
  }
}

/** The rules of a pass, as they change with the matters that are open. */
interface ChangingRules {
  /** Those with which the process began. */
  readonly begun: Rules;
  readonly now: () => Promise<RulesNow>;
  /** Tells whether open matters may have more of what the process has passed. */
  readonly arePartial: () => boolean;
}

async function startRules({ rules, rulesNow }: ShardDeps): Promise<ChangingRules> {
  let arePartial = false;
  const now = async () => {
    const current = (await rulesNow?.()) ?? { rules, isPartial: false };
    arePartial = current.isPartial;
    return current;
  };
  const { rules: begun } = await now();
  return { begun, now, arePartial: () => arePartial };
}

/** Loads the progress that is gone on with: once all open matters are known, only what was made while they were. */
async function goneOnWith(
  { deps, checkpoint, run, onResume, onAnew }: PassOptions,
  { arePartial }: ChangingRules,
): Promise<Progress | undefined> {
  const found = await checkpoint.load(run);
  const isLeft = found?.mattersUnknown === true && !arePartial();
  const kept = isLeft ? backToKnown(found) : found;
  if (isLeft && kept === undefined) {
    onAnew?.();
    return atStart(run, deps.clock.now(), found.changedBefore + found.tally.changed);
  }
  if (kept !== undefined) onResume(kept);
  return kept;
}

/** Makes the function that marks progress for as long as open matters may have more of what it has passed. */
function startMark(kept: Progress | undefined, { arePartial }: ChangingRules, now: () => Date) {
  let knownUntil = knownUntilOf(kept, now());
  return (progress: Progress): Progress => {
    if (kept?.mattersUnknown || arePartial()) return markUnknown(progress, knownUntil);
    knownUntil = knownUntilOf(markKnown(progress), now());
    return markKnown(progress);
  };
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
  const { source } = options;
  const limit = limitOfRun(options.maxObjects, options.target);
  if (limit === undefined) return;
  const deps: ShardDeps = { ...options.deps, storage: readOnly(options.deps.storage, () => undefined) };
  let { changed, versions } = progress.tally;
  const add = (shard: OpenShard) => {
    changed += pendingOf(shard);
    versions += shard.items.length;
    refuseBeyond(limit, changed);
    options.onCounting(versions);
  };
  if (progress.shard !== undefined) add(progress.shard);
  for await (const shard of source.shards(progress.shard?.end ?? progress.position)) {
    deps.signal.throwIfAborted();
    add(await observeShard(deps, shard));
  }
}
