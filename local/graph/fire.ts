import type { FunctionRuntime } from '../fc/runtime.ts';
import type { ObsEvent } from '../obs/events.ts';
import type { GraphFunctions, ObsTrigger } from './functions.ts';

/**
 * Makes what hands events of OBS to the functions whose triggers take them.
 * @param everyBucket lets a trigger stand for every bucket that its function has no trigger for; then only the first one that
 * matches fires
 */
export function createFiring(
  runtime: FunctionRuntime,
  functions: () => GraphFunctions,
  everyBucket: boolean,
): (event: ObsEvent) => void {
  return (event) => {
    const bytes = Buffer.from(JSON.stringify(event.payload));
    for (const [functionName, all] of functions().triggers) {
      const own = all.filter(({ bucket }) => bucket === event.bucket);
      const standIns = everyBucket && own.length === 0 ? all : [];
      const fired = [...own.filter(takes(event)), ...standIns.filter(takes(event)).slice(0, 1)];
      for (const { name } of fired) runtime.hand(functionName, name, bytes);
    }
  };
}

const takes =
  ({ name, key }: ObsEvent) =>
  ({ prefix, suffix }: ObsTrigger): boolean =>
    name.startsWith('ObjectCreated:') && key.startsWith(prefix) && key.endsWith(suffix);
