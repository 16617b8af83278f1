import * as z from 'zod';
import type { Entry } from './entry.ts';

const counts = z.record(z.string(), z.int().nonnegative());

/** What has been done so far, in numbers. */
export const tally = z.object({
  versions: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  /** Versions that the source named and that were deleted for good since. */
  gone: z.int().nonnegative().default(0),
  /** Versions by what became of them. */
  actions: counts,
  /** The same by rule; what no rule covers is not in it. */
  rules: z.record(z.string(), counts),
});
export type Tally = z.infer<typeof tally>;

export const emptyTally: Tally = { versions: 0, changed: 0, failed: 0, gone: 0, actions: {}, rules: {} };

export function addEntries(before: Tally, entries: readonly Entry[]): Tally {
  const after = structuredClone(before);
  for (const { action, rule } of entries) {
    after.versions += 1;
    if (action === 'protected' || action === 'would-protect') after.changed += 1;
    if (action === 'failed') after.failed += 1;
    if (action === 'gone') after.gone += 1;
    count(after.actions, action);
    if (rule === undefined) continue;
    after.rules[rule] ??= {};
    count(after.rules[rule], action);
  }
  return after;
}

/** What two parts of a run have come to together. */
export function joinTallies(one: Tally, other: Tally): Tally {
  const joined = structuredClone(one);
  joined.versions += other.versions;
  joined.changed += other.changed;
  joined.failed += other.failed;
  joined.gone += other.gone;
  for (const [action, times] of Object.entries(other.actions)) count(joined.actions, action, times);
  for (const [rule, actions] of Object.entries(other.rules)) {
    joined.rules[rule] ??= {};
    for (const [action, times] of Object.entries(actions)) count(joined.rules[rule], action, times);
  }
  return joined;
}

function count(counts: Record<string, number>, name: string, times = 1): void {
  counts[name] = (counts[name] ?? 0) + times;
}
