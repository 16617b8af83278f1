import type { Listing, Page } from './port.ts';

/**
 * Makes a list from the call that fetches its first page.
 * @param first may be called any number of times: every iteration begins anew
 */
export function listing<Item>(first: () => Promise<Page<Item>>): Listing<Item> {
  return {
    first,
    async *[Symbol.asyncIterator]() {
      for (let fetch: typeof first | undefined = first; fetch !== undefined; ) {
        const page: Page<Item> = await fetch();
        yield* page.items;
        fetch = page.next;
      }
    },
  };
}

/** Makes a list that puts `around` around the fetching of every page. */
export function aroundPages<Item>(
  list: Listing<Item>,
  around: (fetch: () => Promise<Page<Item>>) => Promise<Page<Item>>,
): Listing<Item> {
  const wrap = (fetch: () => Promise<Page<Item>>) => async (): Promise<Page<Item>> => {
    const page = await around(fetch);
    return { ...page, next: page.next && wrap(page.next) };
  };
  return listing(wrap(list.first));
}
