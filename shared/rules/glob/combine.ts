import {
  deadState,
  fullState,
  type Language,
  mostStates,
  type NameState,
  nextStateId,
  nothing,
  TooManyStates,
} from './language.ts';
import { classOf } from './run.ts';

/** This is how the states of several sets make one of a new set. */
interface Combination {
  accepts(parts: readonly NameState[]): boolean;
  /** The parts that still matter; or what has become certain. */
  settle(parts: readonly NameState[]): NameState | readonly NameState[];
}

function combined(languages: readonly Language[], how: Combination): Language {
  const cuts = [...new Set(languages.flatMap((language) => language.cuts))].sort((one, other) => one - other);
  const known = new Map<string, NameState>();
  const stateOf = (all: readonly NameState[]): NameState => {
    const parts = how.settle(all);
    if (!isList(parts)) return parts;
    const key = parts.map(({ id }) => id).join();
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= mostStates) throw new TooManyStates();
    const next: (NameState | undefined)[] = [];
    const made: NameState = {
      id: nextStateId(),
      accepts: how.accepts(parts),
      dead: false,
      full: false,
      next(point) {
        const kind = classOf(cuts, point);
        const there = next[kind] ?? stateOf(parts.map((part) => part.next(point)));
        next[kind] = there;
        return there;
      },
    };
    known.set(key, made);
    return made;
  };
  return { cuts, start: stateOf(languages.map(({ start }) => start)) };
}

/** The one that is left itself, or all that are; undefined when none is. */
const oneOf = (parts: readonly NameState[]): NameState | readonly NameState[] | undefined =>
  parts.length > 1 ? parts : parts[0];

const isList = (settled: NameState | readonly NameState[]): settled is readonly NameState[] =>
  Array.isArray(settled);

const anyOf: Combination = {
  accepts: (parts) => parts.some((part) => part.accepts),
  settle(parts) {
    if (parts.some((part) => part.full)) return fullState;
    const alive = new Map(parts.filter((part) => !part.dead).map((part) => [part.id, part]));
    return oneOf([...alive.values()]) ?? deadState;
  },
};

const allOf: Combination = {
  accepts: (parts) => parts.every((part) => part.accepts),
  settle(parts) {
    if (parts.some((part) => part.dead)) return deadState;
    return oneOf(parts.filter((part) => !part.full)) ?? fullState;
  },
};

const firstOnly: Combination = {
  accepts: ([one, other]) => one?.accepts === true && other?.accepts !== true,
  settle(parts) {
    const [one, other] = parts;
    if (one === undefined || one.dead || other?.full === true) return deadState;
    return other === undefined || other.dead ? one : parts;
  },
};

/** Returns the names that are in any of the sets. */
export const union = (languages: readonly Language[]): Language =>
  languages.length === 0 ? nothing : combined(languages, anyOf);

/** Returns the names that are in both sets. */
export const both = (one: Language, other: Language): Language => combined([one, other], allOf);

/** Returns the names of the one set that the other has not. */
export const without = (one: Language, other: Language): Language => combined([one, other], firstOnly);
