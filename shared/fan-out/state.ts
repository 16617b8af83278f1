import * as z from 'zod';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectStore } from '../storage/port.ts';
import { runFolder, stateAt } from './places.ts';
import { readRunObject } from './run-objects.ts';

const count = z.int().nonnegative();

/** Which run of its kind is the current one. It is kept beside its folder, so any machine can go on with the run. */
const fanOutState = z.strictObject({
  version: z.literal(1),
  /** Runs of this kind are numbered from 1. */
  generation: count,
  /** This is how often the shards that failed were begun anew. */
  attempt: count,
  /** Tells whether its result was reported and nothing is left to be done. */
  ended: z.boolean(),
});
export type FanOutState = z.infer<typeof fanOutState>;

/**
 * Returns the run to go on with, or a new one.
 * @param kind the folder of its kind
 * @throws CHECKPOINT_UNUSABLE, and what reading and writing throw
 */
export async function openRun(
  storage: ObjectStore,
  kind: ObjectPrefix,
  anew: boolean,
): Promise<{ readonly state: FanOutState; readonly folder: ObjectPrefix; readonly resumed: boolean }> {
  const last = await readRunObject(storage, stateAt(kind), (json) => fanOutState.parse(json));
  const resumed = last !== undefined && !last.ended && !anew;
  const state: FanOutState = resumed
    ? last
    : { version: 1, generation: (last?.generation ?? 0) + 1, attempt: 0, ended: false };
  if (!resumed) await keepState(storage, kind, state);
  return { state, folder: runFolder(kind, state.generation), resumed };
}

export const keepState = (storage: Pick<ObjectStore, 'writeText'>, kind: ObjectPrefix, state: FanOutState) =>
  storage.writeText(stateAt(kind), `${JSON.stringify(state)}\n`);
