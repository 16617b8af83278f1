import type { Unparsed } from '../duration.ts';
import {
  type CharSet,
  characters,
  codePoint,
  complement,
  everything,
  pairsOf,
  ranges,
  unionOfSets,
} from './charset.ts';

/**
 * Says what is matched. `key`: `*` and `?` stop at `/`, `**` does not. `text` (bucket names, tag values): `/` is a
 * character like any other. In both, `*` matches nothing too: `a/*` takes the key `a/`.
 */
export type GlobSubject = 'key' | 'text';

/** One part of a glob. Everything that is known about a glob is derived from a list of these. */
export type GlobPart =
  /** Exactly one character of the set. */
  | { readonly kind: 'one'; readonly set: CharSet }
  /** Any number of characters of the set. `deep`: it is `**` in a key, which takes a slash beside it along. */
  | { readonly kind: 'many'; readonly set: CharSet; readonly deep: boolean }
  /** One of the lists. */
  | { readonly kind: 'either'; readonly options: readonly GlobTree[] };

export type GlobTree = readonly GlobPart[];

/** A key has at most 1,023 bytes: no glob that can match one needs more parts, choices apart. */
export const maxParts = 2048;
/** More choices than a person writes into one glob; a rule takes a list of globs. */
export const maxChoices = 128;
const maxDepth = 16;
/** Room for a backslash before each character, and for some classes. */
const maxLength = 3 * maxParts;

/**
 * Reads one glob, without the `!` that excludes. Never throws.
 *
 * Known are `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `[[:alpha:]]`, `{a,b}`, and `\` before any character to mean the
 * character itself. Two or more stars in a row are `**`. Braces without a comma stand for themselves.
 */
export function parseGlob(glob: string, subject: GlobSubject): GlobTree | Unparsed {
  // OSS takes no key with a NUL, and tools would cut the glob there.
  if (glob === '' || glob.includes('\0')) return { problem: 'expected a glob such as "ledger/**"' };
  const text = [...glob];
  if (text.length > maxLength) return { problem: `expected a glob of at most ${maxLength} characters` };
  const reader = new Reader(text, subject);
  const tree = reader.sequence(0);
  return reader.problem === undefined ? tree : { problem: reader.problem };
}

export const slash = codePoint('/');
const slashes: CharSet = [slash, slash];
export const notSlash: CharSet = complement(slashes);

/** Reads characters one after the other; the first problem ends the reading. */
class Reader {
  problem: string | undefined;
  private at = 0;
  private parts = 0;
  private choices = 0;

  constructor(
    private readonly text: readonly string[],
    private readonly subject: GlobSubject,
  ) {}

  /** The parts up to the end of the glob, or of the choice that it is inside of. */
  sequence(depth: number): GlobTree {
    const tree: GlobPart[] = [];
    while (this.problem === undefined) {
      const character = this.text[this.at];
      if (character === undefined || (depth > 0 && (character === ',' || character === '}'))) break;
      tree.push(...this.part(character, depth));
    }
    return tree;
  }

  private part(character: string, depth: number): GlobTree {
    this.parts += 1;
    if (this.parts > maxParts) return this.fail(`expected a glob for at most ${maxParts} characters`);
    switch (character) {
      case '*':
        return this.stars();
      case '?':
        this.at += 1;
        return [{ kind: 'one', set: this.anyInSegment() }];
      case '[':
        return this.bracket();
      case ']':
        return this.fail(unbalanced('opening', '['));
      case '{':
        return this.braces(depth);
      default:
        return [{ kind: 'one', set: characters(this.character()) }];
    }
  }

  private anyInSegment(): CharSet {
    return this.subject === 'key' ? notSlash : everything;
  }

  private stars(): GlobTree {
    const start = this.at;
    while (this.text[this.at] === '*') this.at += 1;
    const deep = this.subject === 'key' && this.at - start > 1;
    return [{ kind: 'many', set: deep ? everything : this.anyInSegment(), deep }];
  }

  /** One character, or the one behind a backslash; a backslash at the end stands for itself. */
  private character(): string {
    const first = this.text[this.at] ?? '';
    const escaped = first === '\\' ? this.text[this.at + 1] : undefined;
    this.at += escaped === undefined ? 1 : 2;
    return escaped ?? first;
  }

  private bracket(): GlobTree {
    this.at += 1;
    const negated = this.text[this.at] === '!' || this.text[this.at] === '^';
    if (negated) this.at += 1;
    const pairs: [number, number][] = [];
    for (let first = true; ; first = false) {
      const character = this.text[this.at];
      if (character === undefined) return this.fail(unbalanced('closing', ']'));
      if (character === ']' && !first) break;
      pairs.push(...pairsOf(this.namedClass() ?? this.range()));
      if (this.problem !== undefined) return [];
    }
    this.at += 1;
    const set = ranges(...pairs);
    // A slash separates segments: only a class that names it takes it.
    if (!negated) return [{ kind: 'one', set }];
    return [{ kind: 'one', set: complement(this.subject === 'key' ? unionOfSets(set, slashes) : set) }];
  }

  private namedClass(): CharSet | undefined {
    if (this.text[this.at] !== '[' || this.text[this.at + 1] !== ':') return undefined;
    const end = this.text.indexOf(':', this.at + 2);
    if (end === -1 || this.text[end + 1] !== ']') return undefined;
    const name = this.text.slice(this.at + 2, end).join('');
    const set = namedClasses.get(name);
    if (set === undefined) {
      this.fail(
        `expected one of [:${[...namedClasses.keys()].join(':], [:')}:], found ${JSON.stringify(name)}`,
      );
      return [];
    }
    this.at = end + 2;
    return set;
  }

  private range(): CharSet {
    const first = codePoint(this.character());
    const next = this.text[this.at + 1];
    if (this.text[this.at] !== '-' || next === ']' || next === undefined) return [first, first];
    this.at += 1;
    const last = codePoint(this.character());
    if (first <= last) return [first, last];
    const written = `${String.fromCodePoint(first)}-${String.fromCodePoint(last)}`;
    this.fail(`expected a glob with ranges in ascending order (${JSON.stringify(written)} is out of order)`);
    return [];
  }

  private braces(depth: number): GlobTree {
    const choices = this.choicesAhead();
    if (choices === undefined) return this.fail(unbalanced('closing', '}'));
    if (choices.some((choice) => numericRange.test(choice))) {
      return this.fail('expected the choices one by one, such as {01,02,03}');
    }
    if (depth >= maxDepth) return this.fail(`expected braces nested at most ${maxDepth} deep`);
    this.at += 1;
    if (choices.length === 1) {
      const inside = this.sequence(depth + 1);
      this.at += 1;
      return [{ kind: 'one', set: characters('{') }, ...inside, { kind: 'one', set: characters('}') }];
    }
    this.choices += choices.length;
    if (this.choices > maxChoices) {
      return this.fail(`expected a glob of at most ${maxChoices} choices in braces (write a list of globs)`);
    }
    const options: GlobTree[] = [];
    do {
      options.push(this.sequence(depth + 1));
      this.at += 1;
    } while (this.problem === undefined && this.text[this.at - 1] === ',');
    return [{ kind: 'either', options }];
  }

  /** The texts between the braces that open here; undefined when they do not close. */
  private choicesAhead(): string[] | undefined {
    const found: string[] = [];
    let depth = 0;
    let start = this.at + 1;
    for (let at = this.at; at < this.text.length; at += 1) {
      const character = this.text[at];
      if (character === '\\') at += 1;
      else if (character === '[') at = this.endOfBracket(at);
      else if (character === '{') depth += 1;
      else if (character === ',' && depth === 1) {
        found.push(this.text.slice(start, at).join(''));
        start = at + 1;
      } else if (character === '}') {
        depth -= 1;
        if (depth === 0) return [...found, this.text.slice(start, at).join('')];
      }
    }
    return undefined;
  }

  /** Tells where the class that opens here closes; its own place when it does not. */
  private endOfBracket(open: number): number {
    let at = open + 1;
    if (this.text[at] === '!' || this.text[at] === '^') at += 1;
    for (let first = true; at < this.text.length; at += 1, first = false) {
      const character = this.text[at];
      if (character === '\\') at += 1;
      else if (character === '[' && this.text[at + 1] === ':') {
        const end = this.text.indexOf(':', at + 2);
        if (end !== -1 && this.text[end + 1] === ']') at = end + 1;
      } else if (character === ']' && !first) return at;
    }
    return open;
  }

  private fail(problem: string): GlobTree {
    this.problem ??= problem;
    return [];
  }
}

const unbalanced = (which: 'opening' | 'closing', bracket: string): string =>
  `expected a glob with ${which} "${bracket}" (or \\ before a bracket or brace that is meant as such)`;

/** `1..12` and `a..e`, which shells write out and globs do not. */
const numericRange = /^(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?$/;

const between = (first: string, last: string): [number, number] => [codePoint(first), codePoint(last)];
const [lower, upper, digit] = [between('a', 'z'), between('A', 'Z'), between('0', '9')];

/** The classes of POSIX, in ASCII. */
const namedClasses: ReadonlyMap<string, CharSet> = new Map([
  ['alnum', ranges(lower, upper, digit)],
  ['alpha', ranges(lower, upper)],
  ['ascii', ranges([0, 0x7f])],
  ['blank', characters(' \t')],
  ['cntrl', ranges([0, 0x1f], [0x7f, 0x7f])],
  ['digit', ranges(digit)],
  ['graph', ranges([0x21, 0x7e])],
  ['lower', ranges(lower)],
  ['print', ranges([0x20, 0x7e])],
  ['punct', ranges([0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e])],
  ['space', characters(' \t\r\n\v\f')],
  ['upper', ranges(upper)],
  ['word', ranges(lower, upper, digit, between('_', '_'))],
  ['xdigit', ranges(digit, between('A', 'F'), between('a', 'f'))],
]);
