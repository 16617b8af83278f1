import type { ObservedShard } from './ahead.ts';
import type { VersionEntry } from './entry.ts';
import type { OpenShard } from './open-shard.ts';

/**
 * So many shards at most are carried out at once. While the last requests of one end, and while its report and the checkpoint
 * are written, the other one sends; a third would have nothing to add, and takes memory.
 */
const most = 2;

interface Begun extends ObservedShard {
  readonly entries: Promise<VersionEntry[]>;
}

/** The shards that are being carried out, in the order of the source. They are finished in that order, too. */
export interface UnderWay {
  isEmpty(): boolean;
  isFull(): boolean;
  /** Versions of them that were to be written when they were begun. */
  pending(): number;
  /** Makes one shard of all, and of a further one, as the checkpoint keeps them; undefined where nothing is to be written. */
  joinedWith(further?: OpenShard): OpenShard | undefined;
  begin(shard: ObservedShard): void;
  /** Waits until the first of them is carried out, and takes it off. @throws what carrying it out has thrown */
  first(): Promise<ObservedShard & { readonly entries: readonly VersionEntry[] }>;
  /** Waits until nothing is under way any more, and leaves what it has come to for the next run to find out. */
  abandon(): Promise<void>;
}

/**
 * @param carryOut writes what is to be written of a shard
 * @param onFailure is called when one fails, so that the others end early
 */
export function shardsUnderWay(
  carryOut: (shard: OpenShard) => Promise<VersionEntry[]>,
  onFailure: (error: unknown) => void,
): UnderWay {
  const begun: Begun[] = [];
  const shards = (): OpenShard[] => begun.map(({ observed }) => observed);
  return {
    isEmpty: () => begun.length === 0,
    isFull: () => begun.length >= most,
    pending: () => shards().reduce((sum, shard) => sum + pendingOf(shard), 0),
    joinedWith(further) {
      const all = further === undefined ? shards() : [...shards(), further];
      const last = all.findLastIndex((shard) => pendingOf(shard) > 0);
      return join(all.slice(0, last + 1));
    },
    begin({ observed, done }) {
      const entries = carryOut(observed);
      entries.catch(onFailure);
      begun.push({ observed, done, entries });
    },
    async first() {
      const [one] = begun;
      if (one === undefined) throw new Error('no shard is under way');
      const entries = await one.entries;
      begun.shift();
      return { ...one, entries };
    },
    async abandon() {
      await Promise.allSettled(begun.splice(0).map(({ entries }) => entries));
    },
  };
}

/** Counts the versions of a shard that are to be written. */
export const pendingOf = (shard: OpenShard): number => shard.items.filter((item) => 'pending' in item).length;

/** Makes one shard of several; undefined of none. What is decided again after a stop is decided as at the last of them. */
function join(shards: readonly OpenShard[]): OpenShard | undefined {
  const last = shards.at(-1);
  if (last === undefined) return undefined;
  return {
    end: last.end,
    rows: shards.reduce((sum, { rows }) => sum + rows, 0),
    decidedAt: last.decidedAt,
    items: shards.flatMap(({ items }) => items),
    parts: shards,
  };
}
