import { automatonOf } from './automaton.ts';
import { complement } from './charset.ts';
import type { GlobTree } from './parse.ts';
import { type Automaton, classOf, isAccepting, Stepper } from './run.ts';

/*
 * Sets of names, held exactly. A glob's own automaton, seen as a deterministic one whose states are made when they are
 * looked at, is such a set; so are unions, intersections and differences (combine.ts). "Nothing is left" is then a proof, and
 * "something is left" comes with the shortest example (proofs.ts).
 */

/** A set of names. */
export interface Language {
  /** This is where the classes of characters begin: characters between two are alike. */
  readonly cuts: readonly number[];
  readonly start: NameState;
}

/** This is what is known of a name after its first characters. */
export interface NameState {
  readonly id: number;
  /** The characters so far are a name of the set. */
  readonly accepts: boolean;
  /** No name of the set begins so. */
  readonly dead: boolean;
  /** Every name that begins so is in the set. */
  readonly full: boolean;
  next(point: number): NameState;
}

/** Thrown where a proof would need more states than are worth it. */
export class TooManyStates extends Error {}

/** The most states of a set. It is enough for what people write, and a bound on the time: it is a count, so that each machine decides the same. */
export const mostStates = 5000;

let ids = 0;
/** Returns a number that no other state has. */
export const nextStateId = (): number => {
  ids += 1;
  return ids;
};

function constant(full: boolean): NameState {
  return {
    id: nextStateId(),
    accepts: full,
    dead: !full,
    full,
    next() {
      return this;
    },
  };
}

/** The state behind which there is no name of the set. */
export const deadState = constant(false);
/** The state behind which every name is in the set. */
export const fullState = constant(true);

export const nothing: Language = { cuts: [0], start: deadState };

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
  readonly #known = new Map<string, NameState>();
  /** The state that keeps on accepting, if the glob ends with a star that takes everything. */
  readonly #fullAt: number | undefined;

  constructor(automaton: Automaton, tree: GlobTree) {
    this.#automaton = automaton;
    this.#stepper = new Stepper(automaton);
    const last = tree.at(-1);
    const endless = last?.kind === 'many' && complement(last.set).length === 0;
    this.#fullAt = endless ? automaton.accepting : undefined;
  }

  start(): NameState {
    return this.#state(Int32Array.from(this.#automaton.start));
  }

  #state(set: Int32Array): NameState {
    const at = this.#fullAt;
    if (at !== undefined && isAccepting(this.#automaton, set)) return fullState;
    const key = set.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= mostStates) throw new TooManyStates();
    const made = this.#make(set);
    this.#known.set(key, made);
    return made;
  }

  #make(set: Int32Array): NameState {
    const next: (NameState | undefined)[] = [];
    return {
      id: nextStateId(),
      accepts: isAccepting(this.#automaton, set),
      dead: false,
      full: false,
      next: (point) => {
        const kind = classOf(this.#automaton.cuts, point);
        const known = next[kind];
        if (known !== undefined) return known;
        const into = new Int32Array(set.length);
        const found = this.#stepper.step(set, kind, into) ? this.#state(into) : deadState;
        next[kind] = found;
        return found;
      },
    };
  }
}

/** Says whether the set has the name. */
export function accepts(language: Language, name: string): boolean {
  let state = language.start;
  for (const character of name) state = state.next(character.codePointAt(0) ?? 0);
  return state.accepts;
}
