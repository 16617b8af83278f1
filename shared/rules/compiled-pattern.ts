import { matcher } from './glob/matcher.ts';
import type { Pattern, PatternData } from './types.ts';

export function patternOf(data: PatternData): Pattern {
  return new CompiledPattern(data);
}

class CompiledPattern implements Pattern {
  readonly globs: readonly string[];
  readonly #data: PatternData;
  readonly #positive: readonly ((name: string) => boolean)[];
  readonly #negative: readonly ((name: string) => boolean)[];

  constructor(data: PatternData) {
    this.globs = data.globs;
    this.#data = data;
    this.#positive = data.positive.map(matcher);
    this.#negative = data.negative.map(matcher);
  }

  get data(): PatternData {
    return this.#data;
  }

  matches(name: string): boolean {
    const positive = this.#positive.length === 0 || this.#positive.some((matches) => matches(name));
    return positive && !this.#negative.some((matches) => matches(name));
  }
}

/** The pattern of the glob `*` for text: it matches every name. */
export const everyName: Pattern = patternOf({
  globs: ['*'],
  positive: [{ prefix: '', suffix: '', middle: 'anything' }],
  negative: [],
});
