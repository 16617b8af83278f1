import { describe, expect, it } from 'vitest';
import { type ObservedShard, observedAhead } from '../../../shared/backfill/ahead.ts';

const shard = (number: number): ObservedShard => ({
  observed: { end: String(number), rows: 1, decidedAt: new Date(0), items: [{ action: 'no-rule' }] },
  done: undefined,
});

/** Lets everything go on that waits for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A source of so many shards, which fails or ends after them. */
function source(count: number, error?: Error) {
  let asked = 0;
  const next = (): Promise<ObservedShard | undefined> => {
    asked += 1;
    if (asked <= count) return Promise.resolve(shard(asked));
    return error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
  };
  return { next, asked: () => asked };
}

const nothing = () => undefined;

describe('shards that are observed ahead', () => {
  it('are given in turn, and one of them is observed while one is worked on', async () => {
    const { next, asked } = source(5);
    const seen: [string, number][] = [];
    for await (const { observed } of observedAhead(next, nothing)) {
      await settled();
      seen.push([observed.end, asked()]);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((number) => [String(number), number + 1]));
  });

  it('fail in their turn, after those before', async () => {
    const error = new Error('no list');
    const ends: string[] = [];
    const take = async () => {
      for await (const { observed } of observedAhead(source(3, error).next, nothing)) {
        await settled();
        ends.push(observed.end);
      }
    };
    await expect(take()).rejects.toBe(error);
    expect(ends).toEqual(['1', '2', '3']);
  });

  it('are given up when nobody takes them, and what is under way has ended then', async () => {
    const stop = new AbortController();
    let ended = false;
    const next = async () => {
      if (stop.signal.aborted) throw new Error('asked in vain');
      await settled();
      ended = stop.signal.aborted;
      return shard(1);
    };
    for await (const _ of observedAhead(next, () => stop.abort())) break;
    expect(ended).toBe(true);
  });

  it('are none where the source has none', async () => {
    for await (const _ of observedAhead(source(0).next, nothing)) expect.unreachable();
  });
});
