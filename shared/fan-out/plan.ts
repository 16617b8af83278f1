import * as z from 'zod';
import type { ObjectPrefix } from '../rules/types.ts';
import type { Receipt, StorageReads, StorageWrites } from '../storage/port.ts';
import { readKept } from './kept.ts';
import { planAt } from './places.ts';
import { type Run, runOf, type ShardRange, shardRange } from './task.ts';

/** A run and its shards. It is kept before the first one is begun and never changes. */
const plan = z.strictObject({
  version: z.literal(1),
  run: runOf,
  shards: z.array(shardRange).nonempty(),
});
export type Plan = z.infer<typeof plan>;

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
export const loadPlan = (
  storage: Pick<StorageReads, 'readText'>,
  folder: ObjectPrefix,
): Promise<Plan | undefined> => readKept(storage, planAt(folder), (json) => plan.parse(json));

/** @throws what writing throws */
export const keepPlan = (
  storage: Pick<StorageWrites, 'writeText'>,
  run: Run,
  shards: Plan['shards'],
): Promise<Receipt> =>
  storage.writeText(planAt(run.folder), `${JSON.stringify({ version: 1, run, shards } satisfies Plan)}\n`);

/** @throws RangeError for an empty list, which no planner makes */
export function asShards(ranges: readonly ShardRange[]): Plan['shards'] {
  const [first, ...rest] = ranges;
  if (first === undefined) throw new RangeError('a plan has at least one shard');
  return [first, ...rest];
}
