import { placesFor, type SharedPlaces } from './places.ts';

/** This is how much is worked on at once, and until when. */
export interface Effort {
  readonly concurrency: number;
  /** Nothing new is begun once it is aborted. */
  readonly signal: AbortSignal;
  /** The places that several pieces of work share; without it each has as many as the concurrency says. */
  readonly places?: SharedPlaces | undefined;
}

/**
 * Works on all items with bounded concurrency; after an error or an abort waits for what is under way, then throws. A few
 * workers take the items one after the other, so that an item costs no promise of its own but that of its work.
 * @param work what needs no waiting may be returned as it is
 */
export async function forEachAtOnce<In, Out>(
  { concurrency, signal, places = placesFor(concurrency) }: Effort,
  items: readonly In[],
  work: (item: In, index: number) => Promise<Out> | Out,
): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  let failed: { readonly error: unknown } | undefined;
  const hasMore = () => next < items.length && failed === undefined;
  const worker = async () => {
    while (hasMore()) {
      const index = next;
      next += 1;
      try {
        signal.throwIfAborted();
        const item = items[index];
        if (item === undefined) continue;
        const result = work(item, index);
        results[index] = result instanceof Promise ? await result : result;
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await places.workWith({ hasMore, worker });
  if (failed !== undefined) throw failed.error;
  return results;
}
