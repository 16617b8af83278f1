import type { Command } from 'commander';
import { shardSize } from '../../shared/fan-out/plan.ts';
import { accountOption, addressOption } from '../options/function-options.ts';
import { readCount } from '../options/read-count.ts';
import { usage } from '../options/usage.ts';
import type { ProtectOptions } from './options.ts';

export interface FanOutOptions {
  readonly fanOut?: boolean;
  readonly tasks: number;
  readonly shardSize: number;
  readonly planOnly?: boolean;
  readonly function: string;
  readonly account?: string;
  readonly fcEndpoint?: string;
}

/** Adds the options of work that is handed to functions. */
export function addFanOutOptions(command: Command): Command {
  return command
    .option('--fan-out', 'let the function protect-existing do the work, in many invocations at once')
    .option('--tasks <n>', 'with --fan-out: invocations at once, at most', readCount, 20)
    .option('--shard-size <n>', 'with --fan-out: keys or rows for each, about', readCount, shardSize)
    .option('--plan-only', 'with --fan-out: write the shards as tasks for cloudflow.yaml, and begin none')
    .option('--function <name>', 'with --fan-out: its name', 'holdfast-protect-existing')
    .addOption(accountOption('with --fan-out: account of the function'))
    .addOption(addressOption('--fc-endpoint', 'with --fan-out: '));
}

/** Refuses what only a run on this machine has. @throws USAGE */
export function checkFanOut({ maxObjects, checkpoint }: ProtectOptions): void {
  if (maxObjects !== undefined) {
    throw usage('--max-objects cannot go with --fan-out: look at --fan-out --dry-run first');
  }
  if (checkpoint !== undefined) {
    throw usage('--checkpoint cannot go with --fan-out: progress is kept in the folder of deadLetters');
  }
}

/** A task that is slower finishes no page of its shard within the time limit. */
const leastQps = 10;

/** Tells how many tasks at once, and how many requests a second each of them may send. */
export function divide(
  { tasks, qps }: Pick<FanOutOptions & ProtectOptions, 'tasks' | 'qps'>,
  shards: number,
): { readonly atOnce: number; readonly qps?: number } {
  const atOnce = Math.min(tasks, shards);
  if (qps === undefined) return { atOnce };
  const fewer = Math.max(1, Math.min(atOnce, Math.floor(qps / leastQps)));
  return { atOnce: fewer, qps: Math.max(1, Math.floor(qps / fewer)) };
}
