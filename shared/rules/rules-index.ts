import type { GlobData } from './glob/matcher.ts';
import type { ObjectRule, Pattern, Rules } from './types.ts';

/*
 * Finds the rules that may be for a name without asking each rule. What a rule's globs begin with is a key under which the
 * rule is filed; a name is looked up under each of its own beginnings. The rules that are found still have to match.
 */

/** Beginnings are cut to these lengths, so that few look-ups find all rules. */
const lengths = [1, 2, 4, 8, 16, 32, 64];

/** Things filed by what the names begin with that their patterns match. */
class ByBeginning<Item> {
  readonly #everywhere: Item[] = [];
  readonly #filed = new Map<string, Item[]>();
  readonly #used: number[];

  constructor(items: readonly Item[], patternOf: (item: Item) => Pattern | undefined) {
    const used = new Set<number>();
    for (const item of items) {
      const keys = new Set(beginnings(patternOf(item)));
      if (keys.has('')) this.#everywhere.push(item);
      else {
        for (const key of keys) {
          used.add(key.length);
          push(this.#filed, key, item);
        }
      }
    }
    this.#used = [...used];
  }

  /** The items that a name may be for, in no order, and each at least once. */
  find(name: string): Item[] {
    const found = [...this.#everywhere];
    for (const length of this.#used) {
      if (name.length >= length) found.push(...(this.#filed.get(name.slice(0, length)) ?? []));
    }
    return found;
  }
}

function beginnings(pattern: Pattern | undefined): string[] {
  const positive = pattern?.data.positive ?? [];
  return positive.length === 0 ? [''] : positive.map(beginning);
}

function beginning({ prefix }: GlobData): string {
  const length = lengths.findLast((known) => known <= prefix.length) ?? 0;
  return prefix.slice(0, length);
}

function push<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [item]);
  else known.push(item);
}

/** A rule and its place in the file. */
interface Placed<Rule> {
  readonly index: number;
  readonly rule: Rule;
}

/** The rules of one bucket. */
interface BucketIndex {
  readonly objects: readonly ObjectRule[];
  readonly buckets: Rules['buckets'];
  readonly byKey: ByBeginning<Placed<ObjectRule>>;
}

/** The rules of one file, prepared for look-ups; what was asked about a bucket is remembered. */
export class RulesIndex {
  readonly #objects: ByBeginning<Placed<ObjectRule>>;
  readonly #policies: ByBeginning<Placed<Rules['buckets'][number]>>;
  readonly #buckets = new Map<string, BucketIndex>();

  constructor(rules: Rules) {
    this.#objects = new ByBeginning(placed(rules.objects), ({ rule }) => rule.match.bucket);
    this.#policies = new ByBeginning(placed(rules.buckets), ({ rule }) => rule.match.bucket);
  }

  /** The rules whose bucket globs match, in the order of the file. */
  bucket(name: string): BucketIndex {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const isFor = ({ rule }: Placed<{ readonly match: { readonly bucket: Pattern } }>) =>
      rule.match.bucket.matches(name);
    const objects = inOrder(this.#objects.find(name).filter(isFor));
    const found = {
      objects: objects.map(({ rule }) => rule),
      buckets: inOrder(this.#policies.find(name).filter(isFor)).map(({ rule }) => rule),
      byKey: new ByBeginning(objects, ({ rule }) => rule.match.key),
    };
    // Names come from outside: the memory stays bounded.
    if (this.#buckets.size >= mostBuckets) this.#buckets.clear();
    this.#buckets.set(name, found);
    return found;
  }

  /** The object rules whose bucket and key globs match, in the order of the file. */
  candidates(bucket: string, key: string): ObjectRule[] {
    const found = this.bucket(bucket).byKey.find(key);
    const matching = found.filter(({ rule }) => rule.match.key?.matches(key) ?? true);
    return inOrder(matching).map(({ rule }) => rule);
  }
}

const mostBuckets = 1000;

const placed = <Rule>(rules: readonly Rule[]): Placed<Rule>[] =>
  rules.map((rule, index) => ({ index, rule }));

/** Sorted, and each once. */
function inOrder<Rule>(found: readonly Placed<Rule>[]): Placed<Rule>[] {
  const sorted = found.toSorted((one, other) => one.index - other.index);
  return sorted.filter(({ index }, at) => sorted[at - 1]?.index !== index);
}

const indexes = new WeakMap<Rules, RulesIndex>();

/** The index of a rules file; it is made once, when the rules are first used. */
export function indexOf(rules: Rules): RulesIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const made = new RulesIndex(rules);
  indexes.set(rules, made);
  return made;
}
