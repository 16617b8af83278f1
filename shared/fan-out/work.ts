import { hashRules } from '../buckets/plan.ts';
import { type Progress, progressFormat } from '../existing/checkpoint.ts';
import type { ReportLine } from '../existing/entry.ts';
import { type PassOptions, protectSource } from '../existing/run.ts';
import type { ShardDeps } from '../existing/shard.ts';
import { failure } from '../platform/errors.ts';
import { findCollision } from '../rules/collision.ts';
import type { Rules } from '../rules/types.ts';
import { readOnly } from '../storage/dry-run.ts';
import type { Storage } from '../storage/port.ts';
import { readKept } from './kept.ts';
import { progressAt } from './places.ts';
import { keepResult, openLines, readResult, type ShardResult } from './result.ts';
import { sourceOf } from './source.ts';
import { nameOf, type ShardTask, taskId } from './task.ts';

export interface WorkDeps extends ShardDeps {
  /** Keeps progress and results. Its requests do not count, and are sent after the time is over too. */
  readonly kept: Storage;
  /** Requests sent so far. */
  requests(): number;
  /** Hears of every version that changed or failed, once its line is kept; after a kill maybe twice. */
  onLines(lines: readonly ReportLine[]): void;
}

/** What one invocation has come to: the whole shard, or a part of it, with the rest still to be done. */
export type Worked = { readonly done: ShardResult } | { readonly unfinished: Progress['tally'] };

/**
 * Protects the versions of one shard, by the same code as `holdfast protect`. Its progress is kept after every page, so
 * that whatever ends it, the next invocation goes on; a shard that is done is not begun again.
 * @throws RULES_DIFFER, RULES_COLLIDE, TOO_SLOW, what the source throws, and what would hit every version
 */
export async function workShard(deps: WorkDeps, task: ShardTask): Promise<Worked> {
  const { run, number } = task;
  const { folder } = run;
  const before = await readResult(deps.kept, folder, number);
  if (before !== undefined) return { done: before };
  if (run.rules !== undefined) checkRules(deps.rules, run.rules);
  const collision = findCollision(deps.rules, run.bucket);
  if (collision !== undefined) throw collision;
  const checkpoint = checkpointOf(deps.kept, task);
  try {
    const { tally, report, requests, elapsedMs } = await protectSource({
      deps: run.dryRun ? { ...deps, storage: readOnly(deps.storage, () => undefined) } : deps,
      source: await sourceOf(deps.storage, task),
      checkpoint,
      run: { shard: taskId({ ...task, leg: 0, attempt: 0 }) },
      openReport: (size) => Promise.resolve(openLines(deps.kept, folder, number, size, deps.onLines)),
      requests: deps.requests,
      onResume: () => undefined,
      onProgress: () => undefined,
    });
    const result: ShardResult = { version: 1, tally, parts: report.lines, requests, elapsedMs };
    await keepResult(deps.kept, folder, number, result);
    return { done: result };
  } catch (error) {
    if (!deps.signal.aborted) throw error;
    const reached = checkpoint.reached();
    if (reached === undefined) throw failure('TOO_SLOW', { what: nameOf(task) }, { cause: error });
    return { unfinished: reached.tally };
  }
}

/** @throws RULES_DIFFER */
export function checkRules(rules: Rules, asked: string): void {
  const here = hashRules(rules);
  if (asked !== here) throw failure('RULES_DIFFER', { asked, here });
}

/** How far a shard has come; undefined when it was not begun. */
export const readProgress = (
  storage: Pick<Storage, 'readText'>,
  { run, number }: Pick<ShardTask, 'run' | 'number'>,
): Promise<Progress | undefined> =>
  readKept(storage, progressAt(run.folder, number), (json) => progressFormat.parse(json));

/** Keeps progress as an object. */
function checkpointOf(storage: Storage, task: ShardTask) {
  const at = progressAt(task.run.folder, task.number);
  let first: Progress | undefined;
  let last: Progress | undefined;
  return {
    load: () => readProgress(storage, task),
    async save(progress) {
      await storage.writeText(at, JSON.stringify(progressFormat.plain(progress)));
      first ??= progress;
      last = progress;
    },
    /** What is kept now, if at least a page was finished. */
    reached: () => (first?.position === last?.position ? undefined : last),
  } satisfies PassOptions['checkpoint'] & { reached(): Progress | undefined };
}
