import { type CharSet, maxCodePoint, only, pairsOf } from './charset.ts';
import { type GlobTree, slash } from './parse.ts';
import { type Automaton, followFree } from './run.ts';

const bitsAWord = 32;

export function automatonOf(tree: GlobTree): Automaton {
  const builder = new Builder();
  const accepting = builder.sequence(tree, 0);
  return builder.finish(accepting);
}

class Builder {
  private states = 1;
  private readonly steps: { from: number; set: CharSet }[] = [];
  private readonly loops: { at: number; set: CharSet }[] = [];
  private readonly free: [number, number][] = [];
  private readonly deep: number[] = [];

  /** Adds the parts of a tree behind a state. @returns the state behind them */
  sequence(tree: GlobTree, from: number): number {
    let at = from;
    for (const part of tree) {
      switch (part.kind) {
        case 'one':
          this.steps.push({ from: at, set: part.set });
          at = this.newState();
          break;
        case 'many':
          // A state of its own, where a step that leaves the star out must begin before it.
          if (part.deep || this.loops.some((loop) => loop.at === at)) at = this.freeStep(at);
          this.loops.push({ at, set: part.set });
          if (part.deep) this.deep.push(at);
          break;
        case 'either': {
          const ends = part.options.map((option) => this.sequence(option, this.freeStep(at)));
          const join = this.newState();
          for (const end of ends) this.free.push([end, join]);
          at = join;
          break;
        }
      }
    }
    return at;
  }

  finish(accepting: number): Automaton {
    const cuts = cutsOf([...this.steps, ...this.loops].map(({ set }) => set));
    const free = [...this.free, ...this.stepsOverSegments()].toSorted(([one], [other]) => one - other);
    const words = Math.ceil(this.states / bitsAWord);
    const kindOf = new Map(cuts.map((first, kind) => [first, kind]));
    const masks = (marked: readonly (readonly [state: number, set: CharSet])[]): number[][] => {
      const table = cuts.map(() => new Array<number>(words).fill(0));
      for (const [state, set] of marked) {
        for (const [first, last] of pairsOf(set)) {
          for (let kind = kindOf.get(first) ?? 0; (cuts[kind] ?? last + 1) <= last; kind += 1) {
            mark(table[kind] ?? [], state);
          }
        }
      }
      return table;
    };
    const start = new Int32Array(words);
    mark(start, 0);
    followFree(start, free);
    return {
      cuts,
      forward: masks(this.steps.map(({ from, set }) => [from, set])),
      staying: masks(this.loops.map(({ at, set }) => [at, set])),
      free,
      start: [...start],
      accepting,
    };
  }

  private newState(): number {
    this.states += 1;
    return this.states - 1;
  }

  private freeStep(from: number): number {
    const to = this.newState();
    this.free.push([from, to]);
    return to;
  }

  /**
   * `**` that stands alone between two slashes, or between the beginning and a slash, also takes no segment at all: then
   * the slash behind it is left out. Choices between them count as if they were written out.
   */
  private stepsOverSegments(): [number, number][] {
    if (this.deep.length === 0) return [];
    const stars = new Set(this.loops.map(({ at }) => at));
    const afterSlash = new Map(
      this.steps.flatMap(({ from, set }) => (only(set) === slash ? [[from, from + 1] as const] : [])),
    );
    const targets = new Set([0, ...afterSlash.values()]);
    const ahead = neighbours(this.free);
    const behind = neighbours(this.free.map(([from, to]) => [to, from]));
    return this.deep.flatMap((star) => {
      const before = reached(star, behind, stars).filter((state) => targets.has(state));
      const after = reached(star, ahead, stars).flatMap((state) => afterSlash.get(state) ?? []);
      return before.flatMap((from) => after.map((to): [number, number] => [from, to]));
    });
  }
}

function neighbours(steps: readonly (readonly [number, number])[]): ReadonlyMap<number, number[]> {
  const found = new Map<number, number[]>();
  for (const [from, to] of steps) {
    const known = found.get(from);
    if (known === undefined) found.set(from, [to]);
    else known.push(to);
  }
  return found;
}

/** The states that free steps lead to without another star on the way. */
function reached(
  from: number,
  steps: ReadonlyMap<number, readonly number[]>,
  stars: ReadonlySet<number>,
): number[] {
  const found = new Set<number>([from]);
  for (const state of found) {
    for (const next of steps.get(state) ?? []) if (!stars.has(next)) found.add(next);
  }
  return [...found];
}

/** Tells where sets of characters begin and end: characters between two cuts are in the same sets. */
function cutsOf(sets: readonly CharSet[]): number[] {
  const cuts = new Set([0]);
  for (const [first, last] of sets.flatMap(pairsOf)) {
    cuts.add(first);
    if (last < maxCodePoint) cuts.add(last + 1);
  }
  return [...cuts].sort((one, other) => one - other);
}

/** Sets a state's bit. Words are signed numbers of 32 bits, as in an Int32Array. */
function mark(words: { [index: number]: number }, state: number): void {
  words[state >>> 5] = (words[state >>> 5] ?? 0) | (1 << (state & 31));
}
