import { inventorySource } from '../backfill/inventory/source.ts';
import { listingSource, type Shard, type Source } from '../backfill/source.ts';
import type { Clock } from '../platform/clock.ts';
import type { ObjectStore } from '../storage/port.ts';
import { compareKeys, lastKey } from './key-order.ts';
import type { Share } from './plan.ts';
import type { ListingRange } from './task.ts';

/** Returns the versions of one shard. @throws as the source of the whole run */
export async function sourceOf(
  storage: ObjectStore,
  { plan: { run }, range }: Pick<Share, 'range'> & { readonly plan: Pick<Share['plan'], 'run'> },
  clock: Pick<Clock, 'now'>,
): Promise<Source> {
  const { bucket, prefix, source: url, keysEncoded, manifest: hash } = run;
  if (range.kind === 'listing') return within(listingSource(storage, bucket, prefix), range);
  const planned = { hash, pieces: range.pieces };
  return await inventorySource(storage, { url, bucket, prefix, keysEncoded, clock, planned });
}

/** Tells what a list shows of a range of keys, from the place where it is entered. */
function within(list: Source, { cursor, after, through }: ListingRange): Source {
  return {
    async *shards(from = cursor): AsyncIterable<Shard> {
      for await (const { versions, end, done } of list.shards(from)) {
        const inside = versions.filter(
          ({ key }) =>
            (after === undefined || compareKeys(key, after) > 0) &&
            (through === undefined || compareKeys(key, through) <= 0),
        );
        yield { versions: inside, end, done };
        const last = lastKey(versions);
        if (through !== undefined && last !== undefined && compareKeys(last, through) > 0) return;
      }
    },
  };
}
