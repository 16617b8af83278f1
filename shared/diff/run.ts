import { type Effort, forEachAtOnce } from '../backfill/each.ts';
import type { KnownVersion, Shard } from '../backfill/source.ts';
import type { Clock } from '../platform/clock.ts';
import type { Rules } from '../rules/types.ts';
import type { ObjectStore, Retention } from '../storage/port.ts';
import { compareVersion, type RulesPair } from './change.ts';
import { type Looked, lookAtVersion, takeAsListed } from './observe.ts';
import { type DiffCounter, type DiffTotals, diffCounter } from './totals.ts';
import { unionOf } from './union.ts';

/** A version of a report, with the retention that was read then. */
export interface ReportedVersion extends KnownVersion {
  readonly stored?: Retention | undefined;
}

export interface DiffRun {
  readonly pair: RulesPair;
  /** Is asked about single versions; undefined: only what the shards tell counts. */
  readonly storage: ObjectStore | undefined;
  readonly clock: Clock;
  readonly effort: Effort;
  /** Parts of the versions, each of about a thousand; one is held at a time. */
  readonly shards: AsyncIterable<Pick<Shard, 'done'> & { readonly versions: readonly ReportedVersion[] }>;
  /** @param done 0 to 1; undefined when nobody knows */
  onProgress(versions: number, done: number | undefined): void;
}

/** This is what a change of rules means. */
export interface RulesDiff extends DiffTotals {
  /** The instant that it is about. */
  readonly at: Date;
}

/**
 * Compares two sets of rules over versions, in one pass; memory does not grow with their number.
 * @throws what the source throws, what every version would meet, and the signal's reason
 */
export async function diffRules(run: DiffRun): Promise<RulesDiff> {
  const { pair, storage, clock, effort } = run;
  let begun: { readonly at: Date; readonly rules: Rules; readonly counter: DiffCounter } | undefined;
  let seen = 0;
  for await (const { versions, done } of run.shards) {
    effort.signal.throwIfAborted();
    // The clock follows the service only from its first reply on; then the instant stays.
    begun ??= begin(pair, clock.now());
    const { at, rules, counter } = begun;
    const deps = storage && { storage, rules, clock: { ...clock, now: () => at } };
    const looked = await forEachAtOnce(effort, versions, (known): Promise<Looked> | Looked =>
      deps === undefined ? takeAsListed(rules, known, at, known.stored) : lookAtVersion(deps, known),
    );
    for (const [index, known] of versions.entries()) {
      const found = looked[index];
      if (found !== undefined) count(counter, pair, known, found, at);
    }
    seen += versions.length;
    run.onProgress(seen, done);
  }
  const { at, counter } = begun ?? begin(pair, clock.now());
  return { at, ...counter.totals() };
}

const begin = (pair: RulesPair, at: Date) => ({ at, rules: unionOf(pair, at), counter: diffCounter(at) });

function count(counter: DiffCounter, pair: RulesPair, known: KnownVersion, looked: Looked, now: Date): void {
  if ('version' in looked) counter.add(known, compareVersion(pair, looked.version, now));
  else if ('gone' in looked) counter.addGone();
  else if ('failed' in looked) counter.addUnclear(known, 'fails', looked.failed.message);
  else counter.addUnclear(known, 'unknown', looked.unknown);
}
