import type { FailedTask, FunctionInvoker } from '../function-compute/port.ts';
import type { Clock } from '../platform/clock.ts';
import { HoldfastError } from '../platform/errors.ts';
import { second } from '../platform/instant.ts';
import type { StorageReads } from '../storage/port.ts';
import type { FanOutPlan } from './plan.ts';
import { listResults, readResult, type ShardResult } from './result.ts';
import { startTasks } from './start.ts';
import { type ShardTask, taskId, taskPrefix } from './task.ts';

export interface Coordination {
  readonly storage: Pick<StorageReads, 'cloud' | 'listVersions' | 'readText'>;
  readonly invoker: Pick<FunctionInvoker, 'start' | 'failedTasks'>;
  readonly clock: Clock;
  /** It names the function that does the work. */
  readonly functionName: string;
  readonly plan: FanOutPlan;
  /** They are the tasks of the plan, in its order. */
  readonly tasks: readonly ShardTask[];
  /** Tasks under way at once, at most. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  onProgress(state: State): void;
}

/** This is where a run stands: the results by the number of their shard, and what failed. */
export interface State {
  readonly results: ReadonlyMap<number, ShardResult>;
  readonly failed: readonly FailedShard[];
}

/** A shard whose task failed to the end, and why. */
export interface FailedShard {
  readonly number: number;
  readonly status: string;
  readonly reason: string;
}

/** Between two looks, in milliseconds: often while something happens, rarely while nothing does. */
const firstPauseMs = second / 4;
const longestPauseMs = 5 * second;

/** So many looks in a row may fail transiently. */
const mostFailures = 10;

/**
 * Hands the shards of a run to a function, a few at a time, until each is done or has failed to the end. All that it
 * needs to know is in the results and the tasks themselves: killed and started again, it begins nothing twice.
 * @throws what listing and invoking throw, and the signal's reason
 */
export async function coordinate(options: Coordination): Promise<State> {
  const { clock, tasks, signal } = options;
  const results = new Map<number, ShardResult>();
  const started = new Set<ShardTask>();
  let pauseMs = firstPauseMs;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const before = results.size;
    try {
      const failed = await step(options, results, started);
      failures = 0;
      options.onProgress({ results, failed });
      if (results.size + failed.length === tasks.length) return { results, failed };
    } catch (error) {
      failures += 1;
      if (!(error instanceof HoldfastError) || !error.transient || failures > mostFailures) throw error;
    }
    pauseMs = results.size > before ? firstPauseMs : Math.min(2 * pauseMs, longestPauseMs);
    await clock.sleep(pauseMs);
  }
}

/** Takes in what has ended, and begins what has a place then. @returns what failed */
async function step(
  { storage, invoker, functionName, plan, tasks, atOnce }: Coordination,
  results: Map<number, ShardResult>,
  started: Set<ShardTask>,
): Promise<FailedShard[]> {
  const [first] = tasks;
  if (first === undefined) return [];
  // Tasks before results: a shard that has a result is done, whatever its task says.
  const ended = await invoker.failedTasks(functionName, taskPrefix(first, first.attempt));
  const failures = new Map(ended.map((task) => [shardId(task), task]));
  for (const number of await listResults(storage, plan.run.folder)) {
    const range = plan.shards[number];
    if (range === undefined || results.has(number)) continue;
    const result = await readResult(storage, { plan, number, range });
    if (result !== undefined) results.set(number, result);
  }
  const rest = tasks.filter(({ number }) => !results.has(number));
  const failed = rest.flatMap((task): FailedShard[] => {
    const failure = failures.get(taskId(task));
    return failure === undefined ? [] : [{ ...failure, number: task.number }];
  });
  // Those that were begun first are the first that wait, so what an earlier process began is counted.
  const waiting = rest.filter((task) => !failures.has(taskId(task)));
  const next = waiting.slice(0, atOnce).filter((task) => !started.has(task));
  await startTasks(invoker, functionName, next);
  for (const task of next) started.add(task);
  return failed;
}

/** The id of a shard's first task: a later leg has its number behind it. */
const shardId = ({ taskId: id }: FailedTask): string => id.split('-').slice(0, 4).join('-');
