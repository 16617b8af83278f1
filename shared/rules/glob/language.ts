import { automatonOf } from './automaton.ts';
import { complement } from './charset.ts';
import type { GlobTree } from './parse.ts';
import { type Automaton, classOf, isAccepting, Stepper } from './run.ts';

/*
 * Sets of names, held exactly. A glob's own automaton, seen as a deterministic one whose states are made when they are
 * looked at, is such a set; so are unions, intersections and differences. "Nothing is left" is then a proof, and
 * "something is left" comes with the shortest example.
 */

/** A set of names. */
export interface Language {
  /** This is where the classes of characters begin: characters between two are alike. */
  readonly cuts: readonly number[];
  readonly start: State;
}

/** This is what is known of a name after its first characters. */
interface State {
  readonly id: number;
  /** The characters so far are a name of the set. */
  readonly accepts: boolean;
  /** No name of the set begins so. */
  readonly dead: boolean;
  /** Every name that begins so is in the set. */
  readonly full: boolean;
  next(point: number): State;
}

/** Thrown where a proof would need more states than are worth it. */
export class TooManyStates extends Error {}

/** Enough for what people write, and a bound on the time: it is a count, so that each machine decides the same. */
const mostStates = 5000;

let ids = 0;
const nextId = (): number => {
  ids += 1;
  return ids;
};

function constant(full: boolean): State {
  return {
    id: nextId(),
    accepts: full,
    dead: !full,
    full,
    next() {
      return this;
    },
  };
}

const dead = constant(false);
const full = constant(true);

export const nothing: Language = { cuts: [0], start: dead };

/** Returns the names that one glob matches. */
export function languageOf(tree: GlobTree): Language {
  const automaton = automatonOf(tree);
  const machine = new Machine(automaton, tree);
  return { cuts: automaton.cuts, start: machine.start() };
}

/** Makes the deterministic states of one automaton, each once. */
class Machine {
  readonly #automaton: Automaton;
  readonly #stepper: Stepper;
  readonly #known = new Map<string, State>();
  /** The state that keeps on accepting, if the glob ends with a star that takes everything. */
  readonly #fullAt: number | undefined;

  constructor(automaton: Automaton, tree: GlobTree) {
    this.#automaton = automaton;
    this.#stepper = new Stepper(automaton);
    const last = tree.at(-1);
    const endless = last?.kind === 'many' && complement(last.set).length === 0;
    this.#fullAt = endless ? automaton.accepting : undefined;
  }

  start(): State {
    return this.#state(Int32Array.from(this.#automaton.start));
  }

  #state(set: Int32Array): State {
    const at = this.#fullAt;
    if (at !== undefined && isAccepting(this.#automaton, set)) return full;
    const key = set.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= mostStates) throw new TooManyStates();
    const made = this.#make(set);
    this.#known.set(key, made);
    return made;
  }

  #make(set: Int32Array): State {
    const next: (State | undefined)[] = [];
    return {
      id: nextId(),
      accepts: isAccepting(this.#automaton, set),
      dead: false,
      full: false,
      next: (point) => {
        const kind = classOf(this.#automaton.cuts, point);
        const known = next[kind];
        if (known !== undefined) return known;
        const into = new Int32Array(set.length);
        const found = this.#stepper.step(set, kind, into) ? this.#state(into) : dead;
        next[kind] = found;
        return found;
      },
    };
  }
}

/** This is how the states of several sets make one of a new set. */
interface Combination {
  accepts(parts: readonly State[]): boolean;
  /** The parts that still matter; or what has become certain. */
  settle(parts: readonly State[]): State | readonly State[];
}

function combined(languages: readonly Language[], how: Combination): Language {
  const cuts = [...new Set(languages.flatMap((language) => language.cuts))].sort((one, other) => one - other);
  const known = new Map<string, State>();
  const stateOf = (all: readonly State[]): State => {
    const parts = how.settle(all);
    if (!isList(parts)) return parts;
    const key = parts.map(({ id }) => id).join();
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= mostStates) throw new TooManyStates();
    const next: (State | undefined)[] = [];
    const made: State = {
      id: nextId(),
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
const oneOf = (parts: readonly State[]): State | readonly State[] | undefined =>
  parts.length > 1 ? parts : parts[0];

const isList = (settled: State | readonly State[]): settled is readonly State[] => Array.isArray(settled);

const anyOf: Combination = {
  accepts: (parts) => parts.some((part) => part.accepts),
  settle(parts) {
    if (parts.some((part) => part.full)) return full;
    const alive = new Map(parts.filter((part) => !part.dead).map((part) => [part.id, part]));
    return oneOf([...alive.values()]) ?? dead;
  },
};

const allOf: Combination = {
  accepts: (parts) => parts.every((part) => part.accepts),
  settle(parts) {
    if (parts.some((part) => part.dead)) return dead;
    return oneOf(parts.filter((part) => !part.full)) ?? full;
  },
};

const firstOnly: Combination = {
  accepts: ([one, other]) => one?.accepts === true && other?.accepts !== true,
  settle(parts) {
    const [one, other] = parts;
    if (one === undefined || one.dead || other?.full === true) return dead;
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

/** This is how many states may still be looked at. Each proof takes from it what it needs. */
export interface Budget {
  states: number;
}

export const freshBudget = (): Budget => ({ states: mostStates });

/** @throws TooManyStates */
export const isEmpty = (language: Language, budget = freshBudget()): boolean =>
  shortest(language, budget) === undefined;

/** @throws TooManyStates */
export const isWithin = (one: Language, other: Language, budget = freshBudget()): boolean =>
  isEmpty(without(one, other), budget);

/** @throws TooManyStates */
export const isDisjoint = (one: Language, other: Language, budget = freshBudget()): boolean =>
  isEmpty(both(one, other), budget);

/** Says whether the set has the name. */
export function accepts(language: Language, name: string): boolean {
  let state = language.start;
  for (const character of name) state = state.next(character.codePointAt(0) ?? 0);
  return state.accepts;
}

const plain = [...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./'].map(
  (letter) => letter.codePointAt(0) ?? 0,
);

/** One character of each class, plain ones where there are, in the order in which examples prefer them. */
function representatives({ cuts }: Language): number[] {
  const found = new Map<number, number>();
  for (const point of plain) {
    const kind = classOf(cuts, point);
    if (!found.has(kind)) found.set(kind, point);
  }
  for (const [kind, first] of cuts.entries()) if (!found.has(kind)) found.set(kind, first);
  return [...found.values()];
}

/** A way from the start, as a list that shares its beginnings. */
interface Way {
  readonly state: State;
  readonly point: number;
  readonly before: Way | undefined;
}

/** The first name in the order of length; each state is looked at once. */
function shortest(language: Language, budget: Budget): string | undefined {
  const { start } = language;
  if (start.dead) return undefined;
  const points = representatives(language);
  const seen = new Set<number>([start.id]);
  const ways: Way[] = [{ state: start, point: -1, before: undefined }];
  for (const way of ways) {
    if (way.state.accepts) return nameOf(way);
    budget.states -= 1;
    if (budget.states < 0 || ways.length > mostStates) throw new TooManyStates();
    for (const point of points) {
      const state = way.state.next(point);
      if (state.dead || seen.has(state.id)) continue;
      seen.add(state.id);
      ways.push({ state, point, before: way });
    }
  }
  return undefined;
}

function nameOf(way: Way): string {
  const points: number[] = [];
  for (let at: Way | undefined = way; at !== undefined && at.point >= 0; at = at.before)
    points.push(at.point);
  return String.fromCodePoint(...points.reverse());
}

/**
 * Returns one of the shortest names, a speaking one where it can be: an empty text or a bare folder says little to a
 * person.
 * @returns undefined when the set is empty
 * @throws TooManyStates
 */
export function example(language: Language): string | undefined {
  const first = shortest(language, freshBudget());
  if (first === undefined || /[^/]$/.test(first)) return first;
  // The set as it is behind the first name: a few characters more may end in a letter.
  const points = representatives(language);
  let state = language.start;
  for (const character of first) state = state.next(character.codePointAt(0) ?? 0);
  for (const point of points) {
    const next = state.next(point);
    if (next.accepts && point !== slash) return first + String.fromCodePoint(point);
  }
  return first;
}

const slash = 0x2f;
