import { createHash } from 'node:crypto';
import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { quantity } from '../platform/quantity.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';
import type { StorageReads, StorageWrites } from '../storage/port.ts';
import { fanOutFolders, planAt } from './places.ts';
import { parseRunObject, readTextIfThere } from './run-objects.ts';
import { type FanOutRun, nameOfShard, runOf, type ShardRange, type ShardTask, shardRange } from './task.ts';

/** A run and its shards. It is kept before the first one is begun and never changes. */
const planFile = z.strictObject({
  version: z.literal(2),
  run: runOf,
  shards: z.array(shardRange).nonempty(),
});
type PlanFile = z.infer<typeof planFile>;

export interface FanOutPlan extends Pick<PlanFile, 'run' | 'shards'> {
  /** SHA-256 of the plan as it is kept: tasks and results name it, so that they belong to this plan and no other. */
  readonly hash: string;
}

/** One shard of a plan. */
export interface Share {
  readonly plan: FanOutPlan;
  readonly number: number;
  readonly range: ShardRange;
}

/** Keys or rows in a shard, about. */
export const shardSize = 10_000;

/**
 * A run has no more shards: one page of a list shows the results of all. Where there would be more, each is larger.
 */
export const mostShards = 1000;

/** Lets neighbours grow together until there are no more shards than there may be. */
export function atMost<Range>(
  ranges: readonly Range[],
  most: number,
  join: (first: Range, second: Range) => Range,
): Range[] {
  let joined = [...ranges];
  while (joined.length > most) {
    joined = joined.flatMap((range, index) => {
      if (index % 2 === 1) return [];
      const next = joined[index + 1];
      return [next === undefined ? range : join(range, next)];
    });
  }
  return joined;
}

/** @throws what reading throws, CHECKPOINT_UNUSABLE */
export async function loadPlan(
  storage: Pick<StorageReads, 'cloud' | 'readText'>,
  folder: ObjectPrefix,
): Promise<FanOutPlan | undefined> {
  const at = planAt(folder);
  const text = await readTextIfThere(storage, at);
  if (text === undefined) return undefined;
  const { run, shards } = parseRunObject(storage, text, at, (json) => planFile.parse(json));
  return { run, shards, hash: hashText(text) };
}

/** @throws what writing throws */
export async function keepPlan(
  storage: Pick<StorageWrites, 'writeText'>,
  run: FanOutRun,
  ranges: readonly ShardRange[],
): Promise<FanOutPlan> {
  const shards = asShards(ranges);
  const text = `${JSON.stringify({ version: 2, run, shards } satisfies PlanFile)}\n`;
  await storage.writeText(planAt(run.folder), text);
  return { run, shards, hash: hashText(text) };
}

/**
 * Returns the shard that a task names. Nothing of the task itself decides what is done: it must name a plan below
 * the rules' own folder, by its hash, and one of its shards.
 * @throws TASK_REFUSED, CHECKPOINT_UNUSABLE, and what reading throws
 */
export async function shareOf(
  storage: Pick<StorageReads, 'cloud' | 'readText'>,
  { deadLetters }: Pick<Rules, 'deadLetters'>,
  task: ShardTask,
): Promise<Share> {
  const { folder, number } = task;
  const refuse = (reason: string) =>
    failure('TASK_REFUSED', { what: nameOfShard(storage.cloud, task), reason });
  const root = deadLetters && fanOutFolders(deadLetters);
  if (root === undefined || folder.bucket !== root.bucket || !folder.prefix.startsWith(root.prefix)) {
    throw refuse('its folder is not below the folder of deadLetters in the rules');
  }
  const plan = await loadPlan(storage, folder);
  if (plan === undefined) throw refuse('there is no plan');
  if (plan.hash !== task.plan) throw refuse('the plan there is another one');
  if (plan.run.folder.bucket !== folder.bucket || plan.run.folder.prefix !== folder.prefix) {
    throw refuse('the plan there is of another folder');
  }
  const range = plan.shards[number];
  if (range === undefined) throw refuse(`the plan has ${quantity(plan.shards.length, 'shard')}`);
  return { plan, number, range };
}

/** @throws RangeError for an empty list, which no planner makes */
function asShards(ranges: readonly ShardRange[]): FanOutPlan['shards'] {
  const [first, ...rest] = ranges;
  if (first === undefined) throw new RangeError('a plan has at least one shard');
  return [first, ...rest];
}

const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
