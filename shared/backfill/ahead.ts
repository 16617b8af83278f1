import type { OpenShard } from './open-shard.ts';

/** A shard that is to be carried out, and how much of the source is read with it. */
export interface ObservedShard {
  readonly observed: OpenShard;
  readonly done: number | undefined;
}

/**
 * Observes the next shard while one is being carried out; one and no more, since each takes memory.
 * @param next observes the next shard of the source; undefined at its end. What it throws is thrown here, after the shards before
 * @param giveUp is called when no shard is taken any more, so that an observation that is under way ends early
 */
export async function* observedAhead(
  next: () => Promise<ObservedShard | undefined>,
  giveUp: () => void,
): AsyncIterable<ObservedShard> {
  const observe = () => {
    const observing = next();
    observing.catch(() => undefined); // it is thrown when its turn comes
    return observing;
  };
  let ahead = observe();
  try {
    for (let shard = await ahead; shard !== undefined; shard = await ahead) {
      ahead = observe();
      yield shard;
    }
  } finally {
    giveUp();
    await ahead.catch(() => undefined);
  }
}
