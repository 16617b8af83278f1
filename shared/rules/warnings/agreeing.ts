import type { Names } from './names.ts';

/**
 * Finds the texts of which one begins with the other, without comparing each pair: names with beginnings that differ
 * cannot be the same.
 */
export class Agreeing<Item> {
  readonly #sorted: readonly (readonly [text: string, item: Item])[];
  readonly #byText = new Map<string, Item[]>();
  readonly #lengths: readonly number[];

  constructor(items: readonly Item[], textOf: (item: Item) => string) {
    const texts = items.map((item) => [textOf(item), item] as const);
    this.#sorted = texts.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    for (const [text, item] of texts) {
      const known = this.#byText.get(text);
      if (known === undefined) this.#byText.set(text, [item]);
      else known.push(item);
    }
    this.#lengths = [...new Set(texts.map(([text]) => text.length))];
  }

  /** The items whose text begins with this one, and those whose text this one begins with. */
  with(text: string): Item[] {
    const found: Item[] = [];
    for (const length of this.#lengths) {
      if (length < text.length) found.push(...(this.#byText.get(text.slice(0, length)) ?? []));
    }
    for (let at = this.#firstFrom(text); at < this.#sorted.length; at += 1) {
      const [other, item] = this.#sorted[at] ?? [''];
      if (item === undefined || !other.startsWith(text)) break;
      found.push(item);
    }
    return found;
  }

  /** Tells where the texts begin that are not before this one. */
  #firstFrom(text: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.[0] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Returns the text from its end, so that endings can be looked up as beginnings. */
export const reversed = (text: string): string => text.split('').reverse().join('');

/**
 * Finds, for an item, the items that may match the same as it, by how their names begin or end. An item has one or more kinds
 * of names, and all of them must agree.
 */
export function mayShare<Item>(
  items: readonly Item[],
  kinds: readonly ((item: Item) => Names)[],
): (item: Item) => Item[] {
  const lookups = kinds.flatMap((namesOf) => {
    const byBeginning = new Agreeing(items, (item) => namesOf(item).prefix);
    const byEnd = new Agreeing(items, (item) => reversed(namesOf(item).suffix));
    return [
      (item: Item) => byBeginning.with(namesOf(item).prefix),
      (item: Item) => byEnd.with(reversed(namesOf(item).suffix)),
    ];
  });
  return (item) => {
    let fewest: Item[] | undefined;
    for (const lookup of lookups) {
      const found = lookup(item);
      if (fewest === undefined || found.length < fewest.length) fewest = found;
      if (fewest.length <= 1) break; // the item itself
    }
    return fewest ?? [];
  };
}
