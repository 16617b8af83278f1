/** So many versions at a time take less than a millisecond. */
const inOnePiece = 100;

/**
 * Does some work with each of a shard's items that waits for nothing. It pauses every hundred items, so that replies are taken and
 * requests sent meanwhile: without a pause all places for requests stay empty for as long as the whole shard takes.
 */
export async function forEachInPieces<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => void,
): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % inOnePiece === 0) await new Promise((resolve) => setImmediate(resolve));
    work(item, index);
  }
}
