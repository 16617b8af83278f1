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
  readonly byTag: ByTag;
}

/**
 * Rules filed by a tag whose values they spell out, and under it by key. Of a thousand rules that differ in the value of one
 * tag, an object's own value leads to its own.
 */
class ByTag {
  readonly #others: ByBeginning<Placed<ObjectRule>>;
  readonly #names = new Set<string>();
  readonly #filed: ReadonlyMap<string, ByBeginning<Placed<ObjectRule>>>;

  constructor(rules: readonly Placed<ObjectRule>[]) {
    const others: Placed<ObjectRule>[] = [];
    const filed = new Map<string, Placed<ObjectRule>[]>();
    for (const placedRule of rules) {
      const [tag, values] = spelledTag(placedRule.rule) ?? [];
      if (tag === undefined || values === undefined) others.push(placedRule);
      else {
        this.#names.add(tag);
        for (const value of values) push(filed, tagKey(tag, value), placedRule);
      }
    }
    const byKey = (found: readonly Placed<ObjectRule>[]) =>
      new ByBeginning(found, ({ rule }) => rule.match.key);
    this.#others = byKey(others);
    this.#filed = new Map([...filed].map(([tag, found]) => [tag, byKey(found)]));
  }

  /** The rules that may be for an object with this key and these tags. */
  find(key: string, tags: ReadonlyMap<string, string>): Placed<ObjectRule>[] {
    const found = this.#others.find(key);
    for (const name of this.#names) {
      const value = tags.get(name);
      if (value !== undefined) found.push(...(this.#filed.get(tagKey(name, value))?.find(key) ?? []));
    }
    return found;
  }
}

/** Two tags that came to the same key would only make one rule more be asked. */
const tagKey = (tag: string, value: string): string => `${tag}\n${value}`;

/** The first tag of a rule that has to have one of some values without any wildcard. */
function spelledTag({ match }: ObjectRule): [tag: string, values: string[]] | undefined {
  for (const [tag, { data }] of match.tags) {
    const { positive } = data;
    if (positive.length > 0 && positive.every(({ middle }) => middle === 'nothing')) {
      return [tag, [...new Set(positive.map(({ prefix }) => prefix))]];
    }
  }
  return undefined;
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
      byTag: new ByTag(objects),
    };
    // Names come from outside: the memory stays bounded.
    if (this.#buckets.size >= mostBuckets) this.#buckets.clear();
    this.#buckets.set(name, found);
    return found;
  }

  /** The object rules whose bucket and key globs match, in the order of the file. */
  candidates(bucket: string, key: string): ObjectRule[] {
    return forKey(this.bucket(bucket).byKey.find(key), key);
  }

  /** Those of the candidates that may match the tags: the tags still have to be compared. */
  candidatesWithTags(bucket: string, key: string, tags: ReadonlyMap<string, string>): ObjectRule[] {
    return forKey(this.bucket(bucket).byTag.find(key, tags), key);
  }
}

const mostBuckets = 1000;

const placed = <Rule>(rules: readonly Rule[]): Placed<Rule>[] =>
  rules.map((rule, index) => ({ index, rule }));

/** Keeps the rules whose key globs match, in the order of the file. Most often there is one or none, and nothing to sort. */
function forKey(found: readonly Placed<ObjectRule>[], key: string): ObjectRule[] {
  const matches = ({ rule }: Placed<ObjectRule>) => rule.match.key?.matches(key) ?? true;
  const [first, second] = found;
  if (first === undefined) return [];
  if (second === undefined) return matches(first) ? [first.rule] : [];
  return inOrder(found.filter(matches)).map(({ rule }) => rule);
}

/** Sorted, and each once. */
function inOrder<Rule>(found: readonly Placed<Rule>[]): Placed<Rule>[] {
  const sorted = found.toSorted((one, other) => one.index - other.index);
  return sorted.filter(({ index }, at) => sorted[at - 1]?.index !== index);
}

const indexes = new WeakMap<Rules, RulesIndex>();

/** Returns the index of a rules file; it is made once, when the rules are first used. */
export function indexOf(rules: Rules): RulesIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const made = new RulesIndex(rules);
  indexes.set(rules, made);
  return made;
}
