import type { StorageReads } from '../storage/port.ts';
import { lastKey } from './key-order.ts';
import { atMost, mostShards, shardSize } from './plan.ts';
import type { ListingRange } from './task.ts';

/**
 * Cuts a bucket's list of versions into shards, by listing it once. The cuts are between keys, so that what comes or goes
 * later belongs to exactly one shard; a key with very many versions makes a large one.
 * @param size versions in a shard, about
 * @throws what listing throws
 */
export async function planListing(
  storage: Pick<StorageReads, 'listVersions'>,
  bucket: string,
  prefix: string,
  size = shardSize,
): Promise<ListingRange[]> {
  const ranges: ListingRange[] = [];
  let open: ListingRange = { kind: 'listing' };
  let counted = 0;
  let fetch = storage.listVersions(bucket, prefix).first;
  for (;;) {
    const { items, next, cursor } = await fetch();
    counted += items.length;
    const through = lastKey(items);
    if (next === undefined || cursor === undefined) break;
    if (counted >= size && through !== undefined && through !== open.after) {
      ranges.push({ ...open, through });
      open = { kind: 'listing', cursor, after: through };
      counted = 0;
    }
    fetch = next;
  }
  return atMost([...ranges, open], mostShards, joinRanges);
}

function joinRanges({ through: _inner, ...first }: ListingRange, { through }: ListingRange): ListingRange {
  return through === undefined ? first : { ...first, through };
}
