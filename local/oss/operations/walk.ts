import { compareKeys } from '../store/key-index.ts';
import type { Store } from '../store/store.ts';

/** The last code point: no key that begins with a prefix sorts behind prefix + this. */
const LAST = '\u{10FFFF}';

export type Entry =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'prefix'; readonly prefix: string };

export interface WalkOptions {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** This is where to begin; keys and common prefixes up to it are left out. */
  readonly after: string;
  /** Tells whether `after` itself is listed. */
  readonly inclusive?: boolean;
  /** Keys that do not count, since nothing of them would be listed. */
  has(key: string): boolean;
}

/**
 * Returns the keys of a listing in order, those with the delimiter behind the prefix rolled up into common prefixes.
 * A common prefix is stepped over in one stride, however many keys it has.
 */
export function* walk(store: Store, bucket: string, options: WalkOptions): Generator<Entry> {
  const { prefix, delimiter, after } = options;
  const startsAtPrefix = compareKeys(after, prefix) < 0;
  let from = startsAtPrefix ? prefix : after;
  let inclusive = startsAtPrefix || options.inclusive === true;
  for (;;) {
    const key = store.nextKey(bucket, from, inclusive);
    if (key === undefined || !key.startsWith(prefix)) return;
    from = key;
    inclusive = false;
    if (!options.has(key)) continue;
    const group = commonPrefix(key, prefix, delimiter);
    if (group === undefined) {
      yield { kind: 'key', key };
      continue;
    }
    if (compareKeys(group, after) > 0) yield { kind: 'prefix', prefix: group };
    from = group + LAST;
  }
}

/** Tells what a key is rolled up to: all up to the delimiter behind the prefix; undefined when there is none. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Takes one page, and tells whether there is more. */
export function takePage<T>(
  items: Iterable<T>,
  size: number,
): { readonly page: T[]; readonly isTruncated: boolean } {
  const page: T[] = [];
  for (const item of items) {
    if (page.length === size) return { page, isTruncated: true };
    page.push(item);
  }
  return { page, isTruncated: false };
}
