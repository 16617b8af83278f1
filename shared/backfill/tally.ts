import * as z from 'zod';
import type { VersionEntry } from './entry.ts';

const counts = z.record(z.string(), z.int().nonnegative());

/** This is what has been done so far, in numbers. */
export const tally = z.object({
  versions: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  /** Versions that the source named and that were deleted for good since. */
  gone: z.int().nonnegative().default(0),
  /** It counts those that changed and were written without a look first. */
  unseen: z.int().nonnegative().default(0),
  /** It counts those of them that were read back afterwards, as proof. */
  readBack: z.int().nonnegative().default(0),
  /** Versions by what became of them. */
  actions: counts,
  /** It counts by rule; what no rule covers is not in it. */
  rules: z.record(z.string(), counts),
});
export type Tally = z.infer<typeof tally>;

export const emptyTally: Tally = {
  versions: 0,
  changed: 0,
  failed: 0,
  gone: 0,
  unseen: 0,
  readBack: 0,
  actions: {},
  rules: {},
};

export function addEntries(before: Tally, entries: readonly VersionEntry[]): Tally {
  const after = new Sum(before);
  for (const { action, rule, unseen, readBack } of entries) {
    after.versions += 1;
    if (action === 'protected' || action === 'would-protect') after.changed += 1;
    if (action === 'failed') after.failed += 1;
    if (action === 'gone') after.gone += 1;
    if (unseen) after.unseen += 1;
    if (readBack) after.readBack += 1;
    after.count(action, rule);
  }
  return after.tally();
}

/** Tells what two parts of a run have come to together. */
export function joinTallies(one: Tally, other: Tally): Tally {
  const joined = new Sum(one);
  joined.versions += other.versions;
  joined.changed += other.changed;
  joined.failed += other.failed;
  joined.gone += other.gone;
  joined.unseen += other.unseen;
  joined.readBack += other.readBack;
  joined.join(other);
  return joined.tally();
}

type Counts = Map<string, number>;

/**
 * A tally that is being counted. A rule may be called `constructor`, which every plain object has already: names are keys
 * of maps until the end.
 */
class Sum {
  versions: number;
  changed: number;
  failed: number;
  gone: number;
  unseen: number;
  readBack: number;
  readonly #actions: Counts;
  readonly #rules: Map<string, Counts>;

  constructor({ versions, changed, failed, gone, unseen, readBack, actions, rules }: Tally) {
    this.versions = versions;
    this.changed = changed;
    this.failed = failed;
    this.gone = gone;
    this.unseen = unseen;
    this.readBack = readBack;
    this.#actions = new Map(Object.entries(actions));
    this.#rules = new Map(
      Object.entries(rules).map(([rule, counted]) => [rule, new Map(Object.entries(counted))]),
    );
  }

  count(action: string, rule: string | undefined): void {
    add(this.#actions, action, 1);
    if (rule !== undefined) add(this.#ofRule(rule), action, 1);
  }

  join({ actions, rules }: Tally): void {
    for (const [action, times] of Object.entries(actions)) add(this.#actions, action, times);
    for (const [rule, counted] of Object.entries(rules)) {
      const own = this.#ofRule(rule);
      for (const [action, times] of Object.entries(counted)) add(own, action, times);
    }
  }

  tally(): Tally {
    const rules = [...this.#rules].map(([rule, counted]) => [rule, Object.fromEntries(counted)] as const);
    return {
      versions: this.versions,
      changed: this.changed,
      failed: this.failed,
      gone: this.gone,
      unseen: this.unseen,
      readBack: this.readBack,
      actions: Object.fromEntries(this.#actions),
      rules: Object.fromEntries(rules),
    };
  }

  #ofRule(rule: string): Counts {
    const counted = this.#rules.get(rule) ?? new Map<string, number>();
    this.#rules.set(rule, counted);
    return counted;
  }
}

function add(counts: Counts, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}
