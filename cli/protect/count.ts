import type { OpenShard } from '../../shared/backfill/open-shard.ts';
import { observeShard, type ShardDeps } from '../../shared/backfill/shard.ts';
import type { KnownVersion, Shard, Source } from '../../shared/backfill/source.ts';
import { judge } from '../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../shared/objects/types.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';

/** This is what a run would do, counted before it does anything. */
export interface Forecast {
  /** All versions that were looked at. */
  readonly versions: number;
  /** Those that would be written. */
  readonly changes: number;
  /** Their size in bytes, as far as the source tells it. */
  readonly bytes: number;
  /** This is how many of them have no known size. */
  readonly unsized: number;
  /** The latest date that would be written; undefined when nothing would. */
  readonly latest: Date | undefined;
  /** Versions that could not be looked at. */
  readonly failed: number;
}

const nothing: Forecast = { versions: 0, changes: 0, bytes: 0, unsized: 0, latest: undefined, failed: 0 };

/** It is told of the versions that are counted, in the order of the source. */
export interface CountedVersions {
  /** A version that would be written, and its date. */
  readonly change?: (version: ObservedVersion, until: Date) => void;
  /** A version that is there and needs no write, or could not be looked at. */
  readonly leave?: (version: KnownVersion, because: 'kept' | 'unread') => void;
}

/**
 * Counts what a run over the source would change, by a pass that lets no write through.
 * @param onCounting is told how many versions were looked at so far
 * @throws what the source throws, and the signal's reason
 */
export async function forecast(
  deps: ShardDeps,
  source: Source,
  onCounting: (versions: number) => void,
  told: CountedVersions = {},
): Promise<Forecast> {
  const looking: ShardDeps = { ...deps, storage: readOnly(deps.storage, () => undefined) };
  let sum = nothing;
  for await (const shard of source.shards()) {
    deps.signal.throwIfAborted();
    sum = add(sum, deps, shard, await observeShard(looking, shard), told);
    onCounting(sum.versions);
  }
  return sum;
}

function add(
  before: Forecast,
  { rules }: ShardDeps,
  { versions }: Shard,
  seen: OpenShard,
  { change, leave }: CountedVersions,
): Forecast {
  let { changes, bytes, unsized, latest, failed } = before;
  for (const [index, item] of seen.items.entries()) {
    const known = versions[index];
    if (!('pending' in item)) {
      if (item.action === 'failed') failed += 1;
      tellOfLeft(item.action, known, leave);
      continue;
    }
    const { decision } = judge(rules, item.pending, seen.decidedAt);
    if (decision.action !== 'protect') continue;
    changes += 1;
    change?.(item.pending, decision.until);
    const size = known?.size;
    if (size === undefined) unsized += 1;
    else bytes += size;
    if (latest === undefined || decision.until > latest) latest = decision.until;
  }
  return { versions: before.versions + seen.items.length, changes, bytes, unsized, latest, failed };
}

function tellOfLeft(action: string, known: KnownVersion | undefined, leave: CountedVersions['leave']): void {
  if (known === undefined || action === 'gone') return;
  leave?.(known, action === 'failed' ? 'unread' : 'kept');
}
