/** This is what a pool keeps. */
interface Member {
  readonly alive: boolean;
  shift(offsetMs: number): void;
  kill(): Promise<void>;
}

/** The instances of one function: warm ones are used again, each by one request at a time. */
export interface Pool<Item extends Member> {
  /** Tells whether the next piece of work would have to wait. */
  readonly full: boolean;
  /** Runs work on a free instance, a new one if none is free and there is room, else when one becomes free. Rejects once closed. */
  use<Result>(work: (item: Item) => Promise<Result>): Promise<Result>;
  shift(offsetMs: number): void;
  /** Ends each instance as soon as nothing needs it any more; resolves when all are gone. No work may be given any more. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a pool of at most `limit` instances. */
export function createPool<Item extends Member>(limit: number, start: () => Item): Pool<Item> {
  const all = new Set<Item>();
  const free: Item[] = [];
  const waiting: (() => void)[] = [];
  let closed = false;
  /** Called when the last instance has gone, once the pool is retired. */
  let whenEmpty: (() => void) | undefined;

  const take = async (): Promise<Item> => {
    for (;;) {
      if (closed) throw new Error('the runtime is closing');
      const warm = free.pop();
      if (warm?.alive) return warm;
      if (warm) all.delete(warm);
      else if (all.size < limit) {
        const item = start();
        all.add(item);
        return item;
      } else await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  const endFree = () => {
    for (const item of free.splice(0)) {
      void item.kill().then(() => {
        all.delete(item);
        if (all.size === 0) whenEmpty?.();
      });
    }
    if (all.size === 0) whenEmpty?.();
  };

  return {
    get full() {
      return free.length === 0 && all.size >= limit;
    },
    async use(work) {
      const item = await take();
      try {
        return await work(item);
      } finally {
        if (item.alive) free.push(item);
        else all.delete(item);
        const next = waiting.shift();
        next?.();
        if (whenEmpty && next === undefined) endFree();
      }
    },
    shift(offsetMs) {
      for (const item of all) item.shift(offsetMs);
    },
    retire() {
      return new Promise((resolve) => {
        whenEmpty = resolve;
        endFree();
      });
    },
    async close() {
      closed = true;
      for (const wake of waiting.splice(0)) wake(); // to be rejected
      await Promise.all([...all].map((item) => item.kill()));
    },
  };
}
