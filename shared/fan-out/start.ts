import pLimit from 'p-limit';
import type { FunctionInvoker } from '../function-compute/port.ts';
import type { FanOutPlan } from './plan.ts';
import { type ShardTask, taskId } from './task.ts';

/** Calls of Function Compute that are under way at once. */
const concurrency = 8;

/** Returns the tasks of a plan, all at their beginning. */
export function tasksOf(
  { run, shards, hash }: FanOutPlan,
  share: Pick<ShardTask, 'qps' | 'concurrency' | 'attempt'>,
): ShardTask[] {
  return shards.map((_, number) => ({
    task: 'protect-shard',
    version: 2,
    folder: run.folder,
    plan: hash,
    number,
    leg: 0,
    ...share,
  }));
}

/** Hands tasks to a function; one that was handed over before is not begun again. @throws as the invoker */
export async function startTasks(
  invoker: Pick<FunctionInvoker, 'start'>,
  name: string,
  tasks: readonly ShardTask[],
): Promise<number> {
  const limit = pLimit(concurrency);
  const outcomes = await Promise.all(
    tasks.map((task) => limit(() => invoker.start(name, JSON.stringify(task), taskId(task)))),
  );
  return outcomes.filter((outcome) => outcome === 'accepted').length;
}
