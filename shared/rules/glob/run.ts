/**
 * A glob as a nondeterministic automaton. States are numbered along the glob: a character takes state n to n + 1, a star
 * keeps a state where it is, and free steps, always forward, lead into and out of the choices. All states that a
 * text may have led to are bits of one set, so each character costs a few operations on whole words, and the time
 * is linear in the text whatever the glob is. It is plain data: it can be written as JSON.
 */
export interface Automaton {
  /** This is where the classes of characters begin, ascending from 0: characters between two are alike to the glob. */
  readonly cuts: readonly number[];
  /** For each class, the words of the states that a character of it takes to the next state. */
  readonly forward: readonly (readonly number[])[];
  /** For each class, the words of the states that a character of it leaves as they are. */
  readonly staying: readonly (readonly number[])[];
  /** Free steps, as pairs of states in ascending order of the first. */
  readonly free: readonly (readonly [from: number, to: number])[];
  /** The states before any character. */
  readonly start: readonly number[];
  readonly accepting: number;
}

/** Adds to a set of states what free steps reach from it. They lead forward and are sorted, so one pass is enough. */
export function followFree(set: Int32Array, free: readonly (readonly [number, number])[]): void {
  for (const [from, to] of free) {
    if (((set[from >>> 5] ?? 0) & (1 << (from & 31))) !== 0) {
      set[to >>> 5] = (set[to >>> 5] ?? 0) | (1 << (to & 31));
    }
  }
}

export const isAccepting = ({ accepting }: Automaton, set: Int32Array): boolean =>
  ((set[accepting >>> 5] ?? 0) & (1 << accepting)) !== 0;

/** Returns the class of a character: the last cut that is not above it. */
export function classOf(cuts: readonly number[], point: number): number {
  let [low, high] = [0, cuts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cuts[middle] ?? 0) <= point) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Takes sets of states from character to character. */
export class Stepper {
  readonly #words: number;
  readonly #forward: Int32Array;
  readonly #staying: Int32Array;
  readonly #free: Int32Array;

  constructor({ start, forward, staying, free }: Automaton) {
    this.#words = start.length;
    this.#forward = Int32Array.from(forward.flat());
    this.#staying = Int32Array.from(staying.flat());
    this.#free = Int32Array.from(free.flat());
  }

  /**
   * Finds the states behind a character.
   * @param kind the class of the character
   * @param into receives the states
   * @returns whether there is any
   */
  step(states: Int32Array, kind: number, into: Int32Array): boolean {
    const words = this.#words;
    const base = kind * words;
    let carry = 0;
    let any = 0;
    for (let word = 0; word < words; word += 1) {
      const before = states[word] ?? 0;
      const moving = before & (this.#forward[base + word] ?? 0);
      const after = (moving << 1) | carry | (before & (this.#staying[base + word] ?? 0));
      into[word] = after;
      any |= after;
      carry = moving >>> 31;
    }
    if (any === 0) return false;
    const free = this.#free;
    for (let at = 0; at < free.length; at += 2) {
      const from = free[at] ?? 0;
      if (((into[from >>> 5] ?? 0) & (1 << from)) === 0) continue;
      const to = free[at + 1] ?? 0;
      into[to >>> 5] = (into[to >>> 5] ?? 0) | (1 << to);
    }
    return true;
  }
}
