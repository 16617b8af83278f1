import pLimit from 'p-limit';

/** How much is worked on at once, and until when. */
export interface Effort {
  readonly concurrency: number;
  /** When it is aborted, nothing new is begun. */
  readonly signal: AbortSignal;
}

/** Works on all items with bounded concurrency; after an error or an abort waits for what is under way, then throws. */
export async function each<In, Out>(
  { concurrency, signal }: Effort,
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const limit = pLimit(concurrency);
  let stopped = false;
  const tries = items.map((item) =>
    limit(async () => {
      signal.throwIfAborted();
      if (stopped) throw new Error('another one failed first');
      try {
        return await work(item);
      } catch (error) {
        stopped = true;
        throw error;
      }
    }),
  );
  const settled = await Promise.allSettled(tries);
  const results = settled.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
  if (results.length === items.length) return results;
  return await Promise.all(tries);
}
