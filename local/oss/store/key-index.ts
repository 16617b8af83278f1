/**
 * The keys of a bucket in the order OSS lists them: by their UTF-8 bytes. New keys are merged in when
 * somebody next asks for the order, so that uploads stay cheap and a listing costs one merge at most. A few among many are put into
 * their places instead: merging a million keys takes half a second.
 */
export interface KeyIndex {
  add(key: string): void;
  /** Call it after the key is gone from the map that `has` looks at. */
  remove(): void;
  /** The first key after `from`, or at it when `inclusive`. */
  next(from: string, inclusive: boolean): string | undefined;
}

export function keyIndex(has: (key: string) => boolean): KeyIndex {
  let sorted: string[] = [];
  let added: string[] = [];
  let removed = 0;

  const clean = (keys: string[]) => {
    sorted = keys.filter(has);
    removed = 0;
  };
  const settle = () => {
    if (added.length > Math.min(mostInserted, sorted.length / 10)) clean(merge(sorted, sortKeys(added)));
    else for (const key of added) insert(sorted, key);
    if (added.length > 0) added = [];
    if (removed > sorted.length / 2) clean(sorted);
  };

  return {
    add: (key) => added.push(key),
    remove() {
      removed += 1;
    },
    next(from, inclusive) {
      settle();
      for (let i = position(sorted, from, inclusive); i < sorted.length; i++) {
        const key = sorted[i];
        if (key !== undefined && has(key)) return key;
      }
      return undefined;
    },
  };
}

/** Putting one key into its place among a million takes half a millisecond at most. */
const mostInserted = 100;

/** Puts a key into its place; one that was removed and came back has it still. */
function insert(sorted: string[], key: string): void {
  const at = position(sorted, key, true);
  if (sorted[at] !== key) sorted.splice(at, 0, key);
}

function sortKeys(keys: string[]): string[] {
  return keys.some(hasHighUnits) ? keys.sort(compareKeys) : keys.sort();
}

/** Orders by UTF-8 bytes, which is the order of code points; UTF-16 differs where surrogates are involved. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  if (!hasHighUnits(a) && !hasHighUnits(b)) return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Without surrogates, and what sorts behind them, both orders are the same and the engine's own is much faster. */
function hasHighUnits(text: string): boolean {
  return /[\ud800-\uffff]/.test(text);
}

/** Puts surrogates behind the rest of the plane. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function position(sorted: readonly string[], from: string, inclusive: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareKeys(sorted[middle] ?? '', from);
    if (order < 0 || (order === 0 && !inclusive)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merges two sorted lists and drops what occurs twice (a key that was removed and came back). */
function merge(a: readonly string[], b: readonly string[]): string[] {
  const merged: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    const takeFirst = y === undefined || (x !== undefined && compareKeys(x, y) <= 0);
    const key = takeFirst ? x : y;
    if (takeFirst) i += 1;
    else j += 1;
    if (key !== undefined && key !== merged[merged.length - 1]) merged.push(key);
  }
  return merged;
}
