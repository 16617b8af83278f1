import type { CloudName } from '../../platform/address.ts';
import type { GlobData } from '../glob/matcher.ts';
import type { Pattern } from '../types.ts';
import {
  both,
  example,
  ifDecidable,
  isDisjoint,
  isWithin,
  type Language,
  namesOf,
  quickExample,
} from './language.ts';
import { isLegalName, type NameKind } from './legal-names.ts';

/** The legal names of one pattern, with what makes most comparisons cheap. */
export interface Names {
  /** Equal for patterns with the same globs. */
  readonly id: number;
  /** Made when it is first asked for: most comparisons need none. */
  language(): Language;
  readonly pattern: Pattern | undefined;
  /** Some of the names. None: there are no names. */
  readonly samples: readonly string[];
  readonly kind: NameKind;
  /** The sample is the only name that the globs spell out. */
  readonly single: boolean;
  /** Every name begins and ends so. */
  readonly prefix: string;
  readonly suffix: string;
}

/** `unknown` where the proof would cost more than it is worth; nothing is claimed then. */
export type Proof = boolean | 'unknown';

/**
 * Compares the names of patterns. Most questions are answered by a sample that the other pattern does not match, or by
 * what all names begin with; only the rest asks the automata, each question once, and all together look at a bounded
 * number of states. So the time for some thousands of rules stays short, and is the same on each machine in kind.
 */
export class Comparisons {
  /** This is how often the automata were asked. */
  proofs = 0;
  readonly #budget = { states: 100_000 };
  readonly #names = new Map<string, Names | undefined>();
  readonly #within = new Map<number, Proof>();
  readonly #disjoint = new Map<number, Proof>();
  readonly #examples = new Map<number, string | undefined>();
  /** The cloud whose names are compared. */
  readonly cloud: CloudName;

  constructor(cloud: CloudName = 'oss') {
    this.cloud = cloud;
  }

  bucket(pattern: Pattern): Names | undefined {
    return this.#intern(this.cloud === 'obs' ? 'obs-bucket' : 'bucket', pattern);
  }

  key(pattern: Pattern | undefined): Names | undefined {
    return this.#intern(this.cloud === 'obs' ? 'obs-key' : 'key', pattern);
  }

  tag(pattern: Pattern): Names | undefined {
    return this.#intern('tag', pattern);
  }

  /** Undefined: nobody knows whether there are any names. */
  #intern(kind: NameKind, pattern: Pattern | undefined): Names | undefined {
    const id = JSON.stringify([kind, ...(pattern?.globs ?? [])]);
    if (!this.#names.has(id)) this.#names.set(id, this.#namesOf(kind, pattern));
    return this.#names.get(id);
  }

  #namesOf(kind: NameKind, pattern: Pattern | undefined): Names | undefined {
    const language = () => namesOf(kind, pattern);
    return ifDecidable(() => {
      const found = quickExample(kind, pattern) ?? example(language());
      const positive = pattern?.data.positive ?? [];
      return {
        id: this.#names.size,
        language,
        pattern,
        kind,
        single: positive.length === 1 && positive[0]?.middle === 'nothing',
        samples: found === undefined ? [] : [found],
        prefix: shared(
          positive.map(({ prefix }) => prefix),
          beginning,
        ),
        suffix: shared(
          positive.map(({ prefix, middle, suffix }) => (middle === 'nothing' ? prefix : suffix)),
          end,
        ),
      };
    }, undefined);
  }

  /** Says whether all names of the one are names of the other. */
  within(one: Names, other: Names): Proof {
    if (one.id === other.id || other.pattern === undefined) return true;
    if (one.samples.some((sample) => !matches(other, sample))) return false;
    if (one.single || beginsWithin(one, other.pattern.data.negative, other.pattern.data.positive))
      return true;
    return this.#ask(this.#within, one, other, () =>
      isWithin(one.language(), other.language(), this.#budget),
    );
  }

  /** Says whether no name is a name of both. */
  disjoint(one: Names, other: Names): Proof {
    if (one.id === other.id) return one.samples.length === 0;
    if (!agree(one.prefix, other.prefix, beginning) || !agree(one.suffix, other.suffix, end)) return true;
    if (one.samples.length === 0 || other.samples.length === 0) return true;
    if (one.samples.some((sample) => matches(other, sample))) return false;
    if (other.samples.some((sample) => matches(one, sample))) return false;
    if (one.single || other.single) return true;
    if (witness(one, other) !== undefined) return false;
    return this.#ask(this.#disjoint, one, other, () =>
      isDisjoint(one.language(), other.language(), this.#budget),
    );
  }

  /** One of the shortest names that both have; undefined when there is none or nobody knows. */
  shared(one: Names, other: Names): string | undefined {
    const pair = pairOf(one, other);
    if (!this.#examples.has(pair)) {
      const find = () => example(both(one.language(), other.language()));
      const quick = this.#examples.size < mostExamples ? undefined : witness(one, other);
      this.#examples.set(pair, quick ?? ifDecidable(find, undefined));
    }
    return this.#examples.get(pair);
  }

  #ask(known: Map<number, Proof>, one: Names, other: Names, prove: () => boolean): Proof {
    const pair = pairOf(one, other);
    const before = known.get(pair);
    if (before !== undefined) return before;
    if (this.#budget.states <= 0) return 'unknown';
    this.proofs += 1;
    const answer = ifDecidable<Proof>(prove, 'unknown');
    known.set(pair, answer);
    return answer;
  }
}

/** The shortest names are sought for so many pairs; after them any name will do. */
const mostExamples = 300;

/** A name that both have, where one is found by putting together what the globs spell out. */
function witness(one: Names, other: Names): string | undefined {
  const beginning = one.prefix.length > other.prefix.length ? one.prefix : other.prefix;
  const ending = one.suffix.length > other.suffix.length ? one.suffix : other.suffix;
  const [sample = '', otherSample = ''] = [one.samples[0], other.samples[0]];
  const tries = [`${beginning}a${ending}`, sample + otherSample, otherSample + sample];
  return tries.find((name) => matches(one, name) && matches(other, name) && isLegalName(one.kind, name));
}

/** More patterns than a rules file can have. */
const mostNames = 2 ** 24;
const pairOf = (one: Names, other: Names): number => one.id * mostNames + other.id;

const matches = ({ pattern }: Names, name: string): boolean => pattern?.matches(name) ?? true;

function beginsWithin(
  { prefix }: Names,
  negative: readonly GlobData[],
  positive: readonly GlobData[],
): boolean {
  return (
    negative.length === 0 &&
    positive.some(
      (glob) => glob.middle === 'anything' && glob.suffix === '' && prefix.startsWith(glob.prefix),
    )
  );
}

/** Says whether the longer text begins, or ends, as the shorter one. */
type Agreement = (longer: string, shorter: string) => boolean;
const beginning: Agreement = (longer, shorter) => longer.startsWith(shorter);
const end: Agreement = (longer, shorter) => longer.endsWith(shorter);

const agree = (one: string, other: string, how: Agreement): boolean => how(one, other) || how(other, one);

/** Tells what all of the texts begin, or end, with: the shortest of them, or nothing. */
function shared(texts: readonly string[], how: Agreement): string {
  const shortest = texts.toSorted((one, other) => one.length - other.length)[0] ?? '';
  return texts.every((text) => how(text, shortest)) ? shortest : '';
}
