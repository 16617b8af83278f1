import { seededRandom } from '../fc/random.ts';

/** Everything that is left to chance, from one seed. */
export interface Draw {
  /** True at this rate, 0 to 1. */
  chance(rate: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** @throws RangeError when there is nothing to choose from */
  pick<Item>(items: readonly Item[]): Item;
}

export function createDraw(seed: number): Draw {
  const random = seededRandom(seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    chance: (rate) => random() < rate,
    between,
    pick(items) {
      const [item] = items.slice(between(0, items.length - 1));
      if (item === undefined) throw new RangeError('there is nothing to choose from');
      return item;
    },
  };
}
