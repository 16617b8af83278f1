import { failure } from '../platform/errors.ts';

/** This is how many versions of a target a run may change. */
export interface RunLimit {
  readonly versions: number;
  readonly target: string;
}

/** Returns the limit that `--max-objects` sets; undefined without it. */
export const limitOfRun = (maxObjects: number | undefined, target: string): RunLimit | undefined =>
  maxObjects === undefined ? undefined : { versions: maxObjects, target };

/** Refuses more changes than a run may make. @throws TOO_MANY_OBJECTS */
export function refuseBeyond(limit: RunLimit | undefined, changes: number): void {
  if (limit === undefined || changes <= limit.versions) return;
  throw failure('TOO_MANY_OBJECTS', { limit: limit.versions, target: limit.target });
}
