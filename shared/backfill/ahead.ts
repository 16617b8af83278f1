import type { Clock } from '../platform/clock.ts';
import type { OpenShard } from './shard.ts';

/** A shard that is to be carried out, and how much of the source is read with it. */
export interface ObservedShard {
  readonly observed: OpenShard;
  readonly done: number | undefined;
}

/** So many shards at most are carried out as one. */
const mostJoined = 4;

/** Shards are carried out as one while each takes less, in milliseconds, so that progress is kept every few seconds all the same. */
const quickMs = 1000;

/**
 * Observes the next shard while one is being carried out, and several where one takes less than a second: then they are given
 * as one. Between two shards no request is under way, since report and checkpoint have to be certain. Where nothing has to be
 * written, there is nothing to win, and one ahead takes less memory.
 * @param next observes the next shard of the source; undefined at its end. What it throws is thrown here, after the shards before
 */
export async function* observedAhead(
  next: () => Promise<ObservedShard | undefined>,
  clock: Clock,
): AsyncIterable<ObservedShard> {
  const ready: ObservedShard[] = [];
  let room = 1;
  let end: { readonly failed?: { readonly error: unknown } } | undefined;
  let observing: Promise<void> | undefined;
  const observe = (): void => {
    if (observing !== undefined || end !== undefined || ready.length >= room) return;
    observing = next()
      .then(
        (shard) => {
          if (shard === undefined) end = {};
          else ready.push(shard);
        },
        (error: unknown) => {
          end = { failed: { error } };
        },
      )
      .then(() => {
        observing = undefined;
        observe();
      });
  };
  try {
    for (;;) {
      observe();
      while (ready.length === 0 && observing !== undefined) await observing;
      const taken = ready.splice(0, room);
      const joined = join(taken);
      if (joined === undefined) break;
      observe();
      const begin = clock.now().getTime();
      yield joined;
      const tookMs = (clock.now().getTime() - begin) / taken.length;
      const writes = joined.observed.items.some((item) => 'pending' in item);
      room = writes && tookMs < quickMs ? mostJoined : 1;
    }
    if (end?.failed !== undefined) throw end.failed.error;
  } finally {
    end = {};
  }
}

/** Makes one shard of several; undefined of none. What is decided again after a stop is decided as at the last of them. */
function join(shards: readonly ObservedShard[]): ObservedShard | undefined {
  const last = shards.at(-1);
  if (last === undefined || shards.length === 1) return last;
  const all = shards.map(({ observed }) => observed);
  return {
    observed: {
      ...last.observed,
      rows: all.reduce((sum, { rows }) => sum + rows, 0),
      items: all.flatMap(({ items }) => items),
      judged: all.flatMap(({ items, judged }) => items.map((_, index) => judged?.[index])),
    },
    done: last.done,
  };
}
